"""Processes that share an outbox and die, or lose their database or an answer, at any step.

`play` draws a world from a seed: what is added and sent, where each process fails, and what others do
meanwhile. The service here remembers what it took. In the end every message is accounted for.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import anyio
import httpx
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from smsmanager import AsyncSmsManager, SmsManager, SmsManagerError
from smsmanager.outbox import KeyConflictError, Outbox, add
from smsmanager.outbox._adding import outbox_errors
from smsmanager.outbox._outbox_steps import Clocks
from smsmanager.outbox._outbox_store import OutboxStore
from smsmanager.outbox.outbox_table import table

BASE_URL = "http://127.0.0.1:9/v2"
LEASE_S = 300.0
NUMBER = "420777123456"
KEYS = ("a", "b", "c", "d")
# Where a process can fail: in each transaction, and around the moment when the service takes a request.
STEPS = ("begin", "before commit", "after commit", "before taking", "after taking")
DOUBTFUL = {"unknown", "unconfirmed"}


class DeadError(BaseException):
    """The process is killed."""


class WrongError(AssertionError):
    """A message is lost, sent twice, or recorded wrongly."""


class Process:
    """One process: its outbox, its client, and the step at which something happens to it.

    Attributes:
        at: Steps left until the event; it counts down.
        happens: The event.
    """

    def __init__(self, world: World, at: int | None, happens: str) -> None:
        self.world, self.at, self.happens = world, at, happens
        self.is_dead = False
        self.outbox = Outbox.__new__(Outbox)
        self.outbox._store = _Store(self)
        self.outbox._clocks = Clocks(world.now, world.now)
        self.outbox._call_s, self.outbox._is_own = LEASE_S * 0.8, False

    def step(self, name: str) -> None:
        """Complete a step, or fail in it."""
        if self.is_dead:
            raise DeadError
        if self.at is None:
            return
        self.at -= 1
        if self.at > 0:
            return
        is_request = name.endswith("taking")
        self.at = None
        self.world.hit(name)
        if self.happens == "crash":
            self.is_dead = True
            raise DeadError
        if self.happens == "loss":
            if is_request:
                raise httpx.ReadError("lost")
            raise OperationalError("lost", {}, Exception())
        if self.happens == "meanwhile" and (is_request or name == "after commit"):
            self.world.meanwhile()

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer as the service does."""
        texts = texts_of(request)
        try:
            self.world.out.update(texts)
            try:
                self.step("before taking")
            finally:
                self.world.out.subtract(texts)
            answer = self.world.answered(request)
            self.step("after taking")
        except BaseException:
            self.world.doubted.update(text.partition("/")[0] for text in texts)
            raise
        return answer

    def run(self, name: str, *arguments: Any, **more: Any) -> Any:
        """Call a method that takes a client."""
        method = getattr(self.outbox, name)
        given: Any = {
            "base_url": BASE_URL,
            "transport": httpx.MockTransport(self.answer),
            "retries": 0,
        }
        if self.world.kind == "sync":
            with SmsManager("key", **given) as client:
                return method(client, *arguments, **more)

        async def main() -> Any:
            async with AsyncSmsManager("key", **given) as client:
                return await method(client, *arguments, **more)

        return anyio.run(main, backend=self.world.kind)


class _Store(OutboxStore):
    """A store whose process can fail in each transaction."""

    def __init__(self, process: Process) -> None:
        super().__init__(process.world.engine, LEASE_S)
        self._process = process

    @contextmanager
    def transaction(self, consequence: str = "") -> Iterator[Any]:
        with outbox_errors(consequence):
            self._process.step("begin")
            with self.engine.begin() as connection:
                yield connection
                self._process.step("before commit")
            self._process.step("after commit")


class World:
    """What really happens.

    Attributes:
        taken: How often the service took each text.
        most: How often each text may be taken: once, and once more for each explicit request to send it
            again although it may have been taken.
        added: Keys whose transaction committed, and whether they are certainly in the outbox.
        hits: How often each step was hit.
        out: Texts in requests that the service has not taken yet.
        wrong: What went wrong.
    """

    def __init__(self, seed: int, kind: str, engine: sa.Engine) -> None:
        self.kind, self.engine = kind, engine
        self.draw = random.Random(seed)  # noqa: S311 - no secret
        self.seconds = 1_893_492_000.0
        self.taken: Counter[str] = Counter()
        self.most: dict[str, int] = {}
        self.added: dict[str, bool] = {}
        self.doubted: set[str] = set()
        self.hits: Counter[str] = Counter()
        self.out: Counter[str] = Counter()
        self.wrong: str | None = None
        self._is_nested = False
        with engine.begin() as connection:
            connection.execute(table.delete())

    def now(self) -> float:
        return self.seconds

    def hit(self, name: str) -> None:
        self.hits[name] += 1

    def answered(self, request: httpx.Request) -> httpx.Response:
        """Accept a request, some of its messages, or nothing."""
        body = json.loads(request.content)
        messages = body if isinstance(body, list) else [body]
        what = self.draw.choices(("accept", "busy", "refuse", "some", "lose"), (60, 12, 6, 12, 10))[
            0
        ]
        if what == "busy":
            return httpx.Response(self.draw.choice((429, 500, 503)))
        if what == "refuse" and any(message["body"].startswith("d") for message in messages):
            return httpx.Response(400, json={"Message": "no"})
        accepted, rejected = [], []
        for place, message in enumerate(messages):
            fate = self.draw.random() if what == "some" else 0
            if fate < 0.5:
                self._take(message["body"])
                accepted.append({"key": str(place), "message_id": f"m{self.draw.random()}"})
            elif fate < 0.8:
                rejected.append({"key": str(place)})
            else:
                # Not mentioned: it may have been accepted.
                if fate < 0.9:
                    self._take(message["body"])
                self.doubted.add(message["body"].partition("/")[0])
        if what == "lose":
            raise httpx.ReadTimeout("lost")
        return httpx.Response(
            200, json={"request_id": "r", "accepted": accepted, "rejected": rejected}
        )

    def _take(self, text: str) -> None:
        self.taken[text] += 1
        if self.taken[text] > self.most.get(text, 1):
            # Raised here, it would be a lost answer.
            self.wrong = f"{text} was sent twice"

    def rows(self) -> dict[str, Any]:
        """Return the current rows."""
        with self.engine.connect().execution_options(smsmanager_reads=True) as connection:
            found = connection.exec_driver_sql("SELECT * FROM smsmanager_outbox")
            return {row.key: row for row in found}

    def process(self) -> Process:
        """Return a new process, with or without an event."""
        happens = self.draw.choice(("crash", "loss", "meanwhile", "nothing"))
        at = self.draw.randint(1, 12) if happens != "nothing" else None
        return Process(self, at, happens)

    def meanwhile(self) -> None:
        """Do something in other processes while one is paused."""
        if self._is_nested:
            return
        self._is_nested = True
        self.look_for_doubt()
        if self.draw.random() < 0.7:
            self.seconds += LEASE_S + 1
        if self.draw.random() < 0.5:
            # The message that is now in doubt is requested again, and the next process dies while sending it.
            Process(self, None, "nothing").run("drain")
            for key in KEYS:
                self.again(Process(self, None, "nothing"), key)
            dying = Process(self, self.draw.randint(6, 8), "crash")
            with suppress(DeadError, SmsManagerError):
                dying.run("drain")
            self.look_for_doubt()
        for _ in range(self.draw.randint(0, 2)):
            self.act(self.draw.choice((self.drain, self.drain, self.again, self.once)))
        self._is_nested = False

    def act(self, action: Callable[[Process], None]) -> None:
        """Do something in a separate process, whatever the outcome."""
        with suppress(DeadError, SmsManagerError, OperationalError):
            action(self.process())
        self.look_for_doubt()

    def look_for_doubt(self) -> None:
        """Record what is in flight and may stay in flight."""
        found = self.rows().values()
        self.doubted |= {row.key for row in found if row.state == "in_flight"}

    def text(self, key: str) -> str:
        return f"{key}/{self.draw.choice('0001')}"

    def add(self, process: Process) -> None:
        """Add a message in a transaction that commits, or not."""
        key = self.draw.choice(KEYS)
        text = self.text(key)
        fields: Any = {"priority": self.draw.random() < 0.3, "to": NUMBER}
        if self.draw.random() < 0.2:
            fields["expires_at"] = _time(self.seconds + self.draw.choice((0.5, 400)))
        before = self.rows().get(key)
        with suppress(ZeroDivisionError), self.engine.begin() as connection:
            process.step("begin")
            try:
                self.outcome_of_adding(process, connection, text, key, before, fields)
            finally:
                process.step("before commit")
            if self.draw.random() < 0.3:
                raise ZeroDivisionError
        committed = self.rows().get(key)
        if committed is not None:
            self.added[key] = True
        process.step("after commit")

    def outcome_of_adding(
        self, process: Process, connection: Any, text: str, key: str, before: Any, fields: Any
    ) -> None:
        conflicts = before is not None and text not in before.message
        try:
            add(connection, text, key=key, **fields)
        except KeyConflictError:
            if before is None:
                raise WrongError("a new key is refused") from None
            raise
        if conflicts:
            raise WrongError("another message was taken for the one of its key")
        # Rows are due by the world's clock.
        own = sa.and_(table.c.key == key, table.c.state == "pending", table.c.tries == 0)
        connection.execute(sa.update(table).where(own).values(due_s=self.seconds))

    def once(self, process: Process) -> None:
        """Send a message once."""
        key = self.draw.choice(KEYS)
        text = self.text(key)
        before = self.rows().get(key)
        if before is not None and text not in before.message:
            with suppress(KeyConflictError):
                process.run("send_once", text, key=key, to=NUMBER)
                raise WrongError("another message was taken for the one of its key")
            return
        result = process.run("send_once", text, key=key, to=NUMBER)
        if result.ok and not self.taken[text]:
            raise WrongError("accepted, and never taken")
        if self.taken[text] and (result.not_sent or result.rejected):
            raise WrongError("called not taken, and was")

    def drain(self, process: Process) -> None:
        """Drain the outbox."""
        process.run("drain")

    def again(self, process: Process, key: str | None = None) -> None:
        """Ask for a message to be sent again although it may have been taken."""
        key = key or self.draw.choice(KEYS)
        row = self.rows().get(key)
        if row is not None and process.outbox.send_again(key, resend_unknown=True):
            text = json.loads(row.message)["content"]["body"]
            # A request that is delayed on its way is accepted later.
            self.most[text] = self.taken[text] + 1 + self.out[text]

    def wait(self, _: Process) -> None:
        """Let time pass."""
        self.seconds += self.draw.choice((3, 30, LEASE_S, LEASE_S + 301))

    def finish(self) -> None:
        """Finish everything, with processes that do not fail."""
        for _ in range(40):
            if self.wrong is not None:
                raise WrongError(self.wrong)
            self.seconds += LEASE_S + 301
            with suppress(SmsManagerError):
                Process(self, None, "nothing").run("drain")
            if not {"pending", "in_flight"} & {row.state for row in self.rows().values()}:
                return
        raise WrongError("the outbox is never empty")

    def account(self) -> Counter[str]:
        """Check that every message is recorded correctly; return how many are in each state."""
        if self.wrong is not None:
            raise WrongError(self.wrong)
        rows = self.rows()
        for key in self.added.keys() - rows.keys():
            raise WrongError(f"{key} is lost")
        sent = {text.partition("/")[0] for text in self.taken}
        for key in sent - rows.keys():
            raise WrongError(f"{key} was rolled back, and sent")
        for key, row in rows.items():
            text = json.loads(row.message)["content"]["body"]
            others = [each for each in self.taken if each.startswith(key) and each != text]
            if others:
                raise WrongError("two messages went out under one key")
            if row.state == "accepted" and not self.taken[text]:
                raise WrongError(f"{key} is accepted, and was never taken")
            if row.state not in {"accepted", *DOUBTFUL} and self.taken[text] >= self.most.get(
                text, 1
            ):
                raise WrongError(f"{key} is {row.state}, and was taken")
            if row.state in DOUBTFUL and key not in self.doubted:
                raise WrongError(f"{key} is {row.state}, although nothing happened to it")
        return Counter(row.state for row in rows.values())


def texts_of(request: httpx.Request) -> list[str]:
    """Return the texts of a request."""
    body = json.loads(request.content)
    return [message["body"] for message in (body if isinstance(body, list) else [body])]


def _time(seconds: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).isoformat()


def play(kind: str, seed: int, engine: sa.Engine) -> tuple[Counter[str], Counter[str]]:
    """Play a world; return how many messages are in each state at the end, and which steps were hit.

    Raises:
        WrongError: If a message is lost, sent twice, or recorded wrongly.
    """
    world = World(seed, kind, engine)
    for _ in range(world.draw.randint(3, 7)):
        world.act(
            world.draw.choices(
                (world.add, world.once, world.drain, world.wait, world.again), (35, 20, 30, 10, 5)
            )[0]
        )
    world.finish()
    return world.account(), world.hits
