"""Runs of a campaign in each of the three ways, over a service that answers as a test scripts it."""

from __future__ import annotations

import itertools
import json
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from smsmanager import AsyncSmsManager, SmsManager
from smsmanager.campaigns import Campaign, CampaignOptions, RefusedRow, Row, RowState, Update
from smsmanager.campaigns._ledger import leases, sqlite_files
from smsmanager.campaigns._ledger.batches import Batch, Settled
from smsmanager.campaigns._ledger.leases import alone
from smsmanager.campaigns._ledger.session import Session
from smsmanager.campaigns._ledger.worker_process import this_worker
from smsmanager.campaigns._run.drive import Clock

# No test simulates a power failure, and waiting for the disk would take most of their time.
sqlite_files.SYNCHRONOUS = "synchronous=OFF"
BASE_URL = "http://127.0.0.1:9/v2"
START = datetime(2030, 1, 7, 12, 0, tzinfo=UTC)
AT = 1_893_492_000


def number(row: int) -> str:
    """Return the number of a row."""
    return f"420{row + 700_000_000}"


def rows(count: int, text: str | Callable[[int], str] = "Hello") -> Iterator[Row]:
    """Yield rows from 1 on."""
    for row in range(1, count + 1):
        yield Row(row, number(row), text if isinstance(text, str) else text(row))


def delivery_report(message_id: str, result: str = "delivered", **fields: Any) -> dict[str, Any]:
    """Return a delivery report as the service sends it."""
    return {
        "type": "outgoing",
        "request_id": "r",
        "message_id": message_id,
        "gateway": "sms",
        "timestamp": AT,
        "payload": {},
        "to": {"phone_number": number(1)},
        "result": result,
        "result_info": "",
        **fields,
    }


class Time(Clock):
    """A clock that stands still except during waits.

    Attributes:
        pauses: The seconds of each wait.
        on_pause: Called before each wait.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self.pauses: list[float] = []
        self.on_pause: Callable[[], object] = lambda: None

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def pause(self, stop: threading.Event, seconds: float) -> None:
        self.on_pause()
        self.pauses.append(seconds)
        self.seconds += seconds

    async def apause(self, stop: threading.Event, seconds: float) -> None:
        self.pause(stop, seconds)


Answer = httpx.Response | Exception | Callable[[Any], httpx.Response]


class Service:
    """Accepts batches and records them.

    Attributes:
        requests: The JSON value of every request.
        taken: How often each number was accepted.
        script: The next answers.
    """

    def __init__(self) -> None:
        self.requests: list[Any] = []
        self.taken: Counter[str] = Counter()
        self.script: list[Answer] = []
        self._turn = threading.Lock()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/v2/messages"
        body = json.loads(request.content)
        with self._turn:
            self.requests.append(body)
            step = self.script.pop(0) if self.script else self.accept
        if isinstance(step, Exception):
            raise step
        return step if isinstance(step, httpx.Response) else step(body)

    def accept(self, body: Any) -> httpx.Response:
        """Accept all messages."""
        return self.answer(body, range(len(body)))

    def answer(
        self, body: Any, accepted: Iterable[int], rejected: Iterable[int] = ()
    ) -> httpx.Response:
        """Accept some messages."""
        keys = list(accepted)
        with self._turn:
            for key in keys:
                self.taken.update(to["phone_number"] for to in body[key]["to"])
        first = body[0]["to"][0]["phone_number"]
        return httpx.Response(
            200,
            json={
                "request_id": f"r{first}",
                "accepted": [{"key": str(key), "message_id": f"m{first}.{key}"} for key in keys],
                "rejected": [{"key": str(key)} for key in rejected],
            },
        )

    @property
    def sizes(self) -> list[list[int]]:
        """Recipients of each message of each request."""
        return [[len(message["to"]) for message in request] for request in self.requests]


def client_of(handler: Callable[[httpx.Request], httpx.Response], **options: Any) -> SmsManager:
    """Return a blocking client of a service."""
    transport = httpx.MockTransport(handler)
    given: Any = {"base_url": BASE_URL, "transport": transport, **options}
    return SmsManager("key", **given)


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def client(service: Service) -> Iterator[SmsManager]:
    with client_of(service) as client:
        yield client


@pytest.fixture(params=["sync", "asyncio", "trio"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class Runner:
    """One client of a kind, and the campaigns that it runs.

    Attributes:
        time: The clock of the campaigns.
    """

    def __init__(self, kind: str, service: Service, folder: Path) -> None:
        self.kind = kind
        self.service = service
        self.path = folder / "ledger.sqlite3"
        self.time = Time()
        self._open: list[Campaign] = []

    def create(self, given: Iterable[Row | RefusedRow], **options: Any) -> Campaign:
        """Create a campaign."""
        return self._kept(Campaign.create(self.path, given, CampaignOptions(**options)))

    def sent(self, given: Iterable[Row | RefusedRow], **options: Any) -> Campaign:
        """Create a campaign and run it."""
        campaign = self.create(given, **options)
        self.run(campaign)
        return campaign

    def open(self) -> Campaign:
        """Open it again."""
        return self._kept(Campaign.open(self.path))

    def _kept(self, campaign: Campaign) -> Campaign:
        campaign._clock = self.time
        self._open.append(campaign)
        return campaign

    def run(
        self,
        campaign: Campaign,
        look: Callable[[Update], object] = lambda _: None,
        *,
        options: dict[str, Any] | None = None,
        **fields: Any,
    ) -> list[Update]:
        """Run it; return the updates. `look` sees each, and ends the loop by returning True."""
        updates: list[Update] = []

        def seen(update: Update) -> bool:
            updates.append(update)
            return look(update) is True

        if self.kind == "sync":
            with client_of(self.service, **(options or {})) as client:
                for update in campaign.run(client, **fields):
                    if seen(update):
                        break
            return updates

        async def main() -> None:
            transport = httpx.MockTransport(self.service)
            given: Any = {"base_url": BASE_URL, "transport": transport, **(options or {})}
            async with AsyncSmsManager("key", **given) as client:
                steps: AsyncIterator[Update] = campaign.run(client, **fields)
                async for update in steps:
                    if seen(update):
                        await steps.aclose()  # type: ignore[attr-defined]
                        break

        anyio.run(main, backend=self.kind)
        return updates

    def close(self) -> None:
        for campaign in self._open:
            campaign.close()


@pytest.fixture
def runner(kind: str, service: Service, tmp_path: Path) -> Iterator[Runner]:
    runner = Runner(kind, service, tmp_path)
    yield runner
    runner.close()


def play(
    steps: Generator[Any, Any, None], perform: Callable[[Any], Any], most: int | None = None
) -> None:
    """Drive a plan by hand.

    Args:
        steps: The plan.
        perform: Performs a step and returns the reply; its exceptions are raised in the plan.
        most: Number of steps after which the process dies; None for never.
    """
    try:
        step = next(steps)
        for _ in itertools.count() if most is None else range(most):
            try:
                reply = perform(step)
            except BaseException as error:  # noqa: BLE001 - the plan decides what it means
                step = steps.throw(error)
            else:
                step = steps.send(reply)
    except StopIteration:
        return
    steps.close()


@contextmanager
def working(campaign: Campaign) -> Iterator[Session]:
    """Work on a campaign as the only process."""
    ledger = campaign._ledger
    with alone(ledger.database, ledger.head.id) as (connection, lease):
        yield Session(ledger, connection, lease)


def claim_one(session: Session) -> Batch:
    """Record the first request as in flight."""
    session.begin(resend_unknown=False)
    [claimed], _ = session.settle_and_claim([], session.page(0).batches[:1])
    return claimed


def results(batch: Batch, state: RowState, some: int | None = None) -> list[Settled]:
    """Return the same result for the rows of a request."""
    found = [(row, number) for _, rows, number in batch.parcels for row in rows]
    own = "late" if state is RowState.ACCEPTED else None
    return [
        Settled(row, message, state, own and f"{own}-{row.row}") for row, message in found[:some]
    ]


@contextmanager
def dying() -> Iterator[None]:
    """Kill the worker of this block at its end: it gives up no lease, and the process is gone."""
    host, process, born, *_ = this_worker().split(" ")
    gone = f"{host} {process} {born.rpartition('.')[0]}.1"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(leases, "this_worker", lambda _="": gone)
        patch.setattr(leases, "give_up", lambda *_: None)
        yield


def crash(campaign: Campaign) -> None:
    """Leave the first request in flight, like a process that is killed."""
    with dying(), working(campaign) as session:
        claim_one(session)


def expire_leases(campaign: Campaign) -> None:
    """Let all leases expire, in a campaign that workers share: there, no lock keeps others out."""
    with campaign._ledger.database.writing() as connection:
        connection.exec_driver_sql("UPDATE smsmanager_campaign_lease SET until = 0")
        connection.exec_driver_sql("UPDATE smsmanager_campaign SET version = 2")


def counts(campaign: Campaign) -> dict[str, int]:
    """Return the counts that are not 0."""
    return {state.value: count for state, count in campaign.status().counts.items() if count}


def states(campaign: Campaign) -> list[RowState]:
    """Return the state of each row."""
    return [row.state for row in campaign.rows()]
