"""A small service in memory that accepts and lists messages, and workers whose answers are lost.

Everything is drawn from a seed: delays until a message is listed, equal texts, several workers with their own
clocks, midnight and zones, messages that are never listed, missing fields, page sizes.
"""

from __future__ import annotations

import json
import random
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import anyio
import attrs
import httpx

from smsmanager import AsyncSmsManager, SendResult, SmsManager, SmsManagerError, Status, compose
from smsmanager._config import Settings
from smsmanager.asking._questions import Question
from smsmanager.asking._settling import settle

KEY = "a-key-of-the-world"
NUMBERS = ("420601000001", "420601000002", "420601000003")
TEXTS = ("Your parcel is here.", "Žluťoučký kůň.", "Привет", "Call us.")
TAGS = (None, "transactional", "sale")
ZONES = ("UTC", "Europe/Prague", "Asia/Tokyo", "America/Los_Angeles")
OFFSETS_S = (0, 0, 0, 45, -90, 1800, -5400, 86_400)
FATES = ("answered", "lost after", "lost after", "lost before", "unconfirmed")
DAY = datetime(2026, 11, 2, tzinfo=UTC)


class WrongError(AssertionError):
    """A recipient was matched with the wrong message."""


@dataclass
class Taken:
    """A message to one recipient that the service accepted."""

    message_id: str
    request_id: str
    number: str
    body: str
    tag: str
    created_at: datetime
    visible_at: datetime
    listed: bool
    owner: tuple[int, int] | None = None


@dataclass
class Call:
    """A call of a worker, what the caller learned, and what really happened to each recipient."""

    worker: int
    result: SendResult
    truth: list[set[str]] = field(default_factory=list)


class World:
    """The service and its workers.

    Attributes:
        now: The service's time.
        taken: Every message that was taken.
        posts: How many requests reached the sending API.
        counts: How many open recipients had each result.
    """

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)  # noqa: S311 - a seed must draw the same world again
        draw = self.draw
        # Often shortly before midnight in some time zone.
        minutes = draw.choice((0, 600, 1319, 1375, 1379, 1438, draw.randrange(1440)))
        self.now = DAY + timedelta(minutes=minutes)
        self.zone = draw.choice(ZONES)
        self.lists_in_zone = draw.random() < 0.5
        self.knows_zone = draw.random() < 0.8
        self.page_size = draw.choice((1, 2, 50))
        self.delays_s = draw.choice(((0,), (0, 5), (0, 60, 300), (0, 10_000)))
        self.share_listed = draw.choice((1.0, 1.0, 0.7))
        self.says_created = draw.choice((1.0, 1.0, 1.0, 0.5))
        self.says_request = draw.choice((1.0, 1.0, 1.0, 0.5))
        self.rewrites = draw.random() < 0.5
        self.by_tag = draw.random() < 0.2
        # Often all have the same text, as in a campaign.
        self.texts = draw.sample(TEXTS, draw.choice((1, 1, 2, 4)))
        self.tags = draw.sample(TAGS, draw.choice((1, 1, 3)))
        self.taken: list[Taken] = []
        self.posts = 0
        self.counts = {"settled": 0, "open": 0, "questions": 0}
        self.fate = "answered"
        self._last: list[list[Taken]] = []

    # The service

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        path = request.url.path
        if path.startswith("/v1/"):
            assert request.method == "GET", "settling may only ask"
            return httpx.Response(200, json=self.asked(path, dict(request.url.params)))
        self.posts += 1
        if self.fate == "lost before":
            raise httpx.ReadTimeout("late")
        answer = self._take(path, request)
        if self.fate == "lost after":
            raise httpx.ReadTimeout("late")
        return httpx.Response(200, json=answer)

    def _take(self, path: str, request: httpx.Request) -> dict[str, Any]:
        draw, request_id = self.draw, f"r{len(self.taken)}-{self.posts}"
        if path.endswith("/simple/message"):
            form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
            message = {"body": form["message"], "to": [{"phone_number": form["phone_number"]}]}
            [[taken]] = [self._taken(request_id, message, batch=False)]
            self._last = [[taken]]
            return {"request_id": request_id, "message_id": taken.message_id, "accepted": True}
        body = json.loads(request.content)
        batch = isinstance(body, list)
        self._last = [self._taken(request_id, m, batch=batch) for m in (body if batch else [body])]
        rows = [group[0] for group in self._last] if batch else self._last[0]
        ids = [row.message_id.rpartition("-")[0] if batch else row.message_id for row in rows]
        accepted = [{"key": str(k), "message_id": id_} for k, id_ in enumerate(ids)]
        if self.fate == "unconfirmed":
            accepted = [item for item in accepted if draw.random() < 0.5]
        return {"request_id": request_id, "accepted": accepted, "rejected": []}

    def _taken(self, request_id: str, message: dict[str, Any], *, batch: bool) -> list[Taken]:
        draw = self.draw
        base = f"m{len(self.taken)}x{self.posts}"
        created = self.now + timedelta(seconds=draw.choice((0, 0, 1, 30)))
        found = []
        for index, to in enumerate(message["to"]):
            found.append(
                Taken(
                    f"{base}-{index}" if batch else f"{base}u{index}",
                    request_id,
                    to["phone_number"],
                    message["body"],
                    message.get("tag") or "promotional",
                    created,
                    created + timedelta(seconds=draw.choice(self.delays_s)),
                    draw.random() < self.share_listed,
                )
            )
        self.taken += found
        return found

    def _visible(self) -> list[Taken]:
        return [one for one in self.taken if one.listed and one.visible_at <= self.now]

    def asked(self, path: str, given: Mapping[str, str]) -> dict[str, Any]:
        """Answer a question."""
        self.counts["questions"] += 1
        if path == "/v1/credit":
            return {"success": True, "credit": {"tz": self.zone if self.knows_zone else None}}
        if path == "/v1/message":
            found = [one for one in self._visible() if one.message_id == given["id"]]
            return {"success": True, "message": self._state(found[0]) if found else None}
        assert path == "/v1/messages"
        zone = ZoneInfo(self.zone) if self.lists_in_zone else UTC
        rows = [
            {"message_id": one.message_id, "phone_number": one.number, "body": self._body(one)}
            for one in self._visible()
            if one.number == given["phone_number"]
            and one.created_at.astimezone(zone).date().isoformat() == given["date"]
        ]
        start = int(given.get("cursor", 0))
        end = start + self.page_size
        return {
            "success": True,
            "messages": rows[start:end],
            "next_cursor": str(end) if end < len(rows) else None,
        }

    def _body(self, one: Taken) -> str:
        if not self.rewrites:
            return one.body
        folded = unicodedata.normalize("NFKD", one.body)
        return "".join(c for c in folded if c.isascii()) if one.body != "Привет" else "Privet"

    def _state(self, one: Taken) -> dict[str, Any]:
        says = random.Random(one.message_id).random()  # noqa: S311 - the same whenever it is asked
        return {
            "status_code": "200",
            "tag": one.tag,
            "body": self._body(one),
            "to": {"phone_number": one.number},
            "ts_created": one.created_at.isoformat() if says < self.says_created else None,
            "request_id": one.request_id if says < self.says_request else None,
        }

    # The workers

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)

    def client(self, **options: Any) -> SmsManager:
        """Return a client of a worker."""
        client = SmsManager(
            KEY,
            transport=httpx.MockTransport(self),
            retries=0,
            base_url="http://127.0.0.1/v2",
            **options,
        )
        client._sleep = self.wait
        return client

    def calls(self) -> list[Call]:
        """Make the calls of every worker, interleaved."""
        draw = self.draw
        offsets = [draw.choice(OFFSETS_S) for _ in range(draw.randint(1, 3))]
        made: list[Call] = []
        with self.client(settle_by_tag=self.by_tag) as client:
            for _ in range(draw.randint(1, 5)):
                worker = draw.randrange(len(offsets))
                self.fate = draw.choice(FATES)
                made.append(self._call(client, worker, offsets[worker]))
                self.wait(draw.choice((0, 1, 60, 1800)))
            if draw.random() < 0.3:
                # An unrelated sender, with another text.
                self.fate = "answered"
                client.send("Something else.", to=list(NUMBERS))
        self.offsets = offsets
        return made

    def _call(self, client: SmsManager, worker: int, offset_s: float) -> Call:
        draw = self.draw
        numbers = draw.sample(NUMBERS, draw.randint(1, 3))
        if draw.random() < 0.1:
            numbers = [numbers[0], *numbers]
        text, tag = draw.choice(self.texts), draw.choice(self.tags)
        began = self.now.timestamp() + offset_s
        first: list[list[Taken]] = []
        self._last = []
        kind = draw.choice(("send", "batch", "simple"))
        outcome: Any
        try:
            if kind == "send":
                outcome = client.send(text, to=numbers, tag=tag)
            elif kind == "simple":
                outcome = client.send_simple(text, to=numbers[0], sender="Shop")
            else:
                messages = [
                    compose(text, to=numbers, tag=tag),
                    compose(draw.choice(self.texts), to=numbers[:1]),
                ]
                outcome = client.send_batch(messages)
        except SmsManagerError as error:
            outcome = error.result
            if draw.random() < 0.3:
                # The caller risks a second message: the first may have been accepted too.
                self.fate = draw.choice(FATES)
                first, self._last = self._last, []
                try:
                    outcome = client.resume(error, resend_unknown=True)
                except SmsManagerError as again:
                    outcome = again.result
        self.wait(draw.choice((0, 2, 30)))
        ended = self.now.timestamp() + offset_s
        result = attrs.evolve(outcome, called=(began, ended))
        truth: list[set[str]] = [set() for _ in result]
        for attempt in (first, self._last):
            for found, one in zip(truth, (one for group in attempt for one in group), strict=False):
                found.add(one.message_id)
        return Call(worker, result, truth)

    def options(self, call: Call, made: list[Call]) -> dict[str, Any]:
        """Draw the patience of the caller, and name the other calls."""
        return {
            "patience_s": self.draw.choice((0, 0, 0, 10, 300)),
            "others": [other.result for other in made if other is not call],
        }

    def check(self, call: Call, settled: SendResult) -> None:
        """Compare what the caller learned with the truth.

        Raises:
            WrongError: If a recipient is matched with a wrong message.
        """
        for before, after, truth in zip(call.result, settled, call.truth, strict=True):
            if before.status not in {Status.UNKNOWN, Status.UNCONFIRMED}:
                if after != before:
                    raise WrongError(f"what was known changed: {before} {after}")
                continue
            assert after.evidence is not None
            if after.status is Status.ACCEPTED:
                self.counts["settled"] += 1
                if after.message_id not in truth:
                    raise WrongError(f"{after} is {truth}; {after.evidence}")
            else:
                self.counts["open"] += 1
                assert (after.status, after.message_id) == (before.status, None)


def play(kind: str, seed: int) -> World:
    """Draw a world, make the calls, settle what is open in each, and check it.

    Args:
        kind: `sync`, or the asynchronous library; `plan` leaves out clients and HTTP, which takes a tenth.
        seed: What to draw from.

    Raises:
        WrongError: If a recipient is said to be a message that it is not.
    """
    world = World(seed)
    made = world.calls()
    posts = world.posts
    for call in made:
        world.fate = "answered"
        options = world.options(call, made)
        offset_s = world.offsets[call.worker]
        settled = _settle(kind, world, call, offset_s, options)
        world.check(call, settled)
        # The findings of one worker are known to the next.
        call.result = settled
    if world.posts != posts:
        raise WrongError("something was sent again")
    return world


def _settle(
    kind: str, world: World, call: Call, offset_s: float, options: dict[str, Any]
) -> SendResult:
    def wall() -> float:
        return world.now.timestamp() + offset_s

    if kind == "plan":
        given: Any = options
        return _follow(
            settle(SETTINGS, lambda: datetime.fromtimestamp(wall(), UTC), call.result, given),
            world,
        )
    if kind == "sync":
        with world.client() as client:
            service = client.service
            service._wall = wall
            return service.settle(call.result, **options)

    async def main() -> SendResult:
        async def wait(seconds: float) -> None:
            world.wait(seconds)

        transport = httpx.MockTransport(world)
        async with AsyncSmsManager(
            KEY, transport=transport, retries=0, base_url="http://127.0.0.1/v2"
        ) as client:
            client._sleep = wait  # type: ignore[method-assign]
            asynchronous = client.service
            asynchronous._wall = wall
            return await asynchronous.settle(call.result, **options)

    return anyio.run(main, backend=kind)


SETTINGS = Settings(api_key=KEY, base_url="http://127.0.0.1/v1")


def _follow(steps: Any, world: World) -> SendResult:
    try:
        step = next(steps)
        while True:
            if isinstance(step, Question):
                request = step.request()
                assert request["method"] == "get", "settling may only ask"
                step = steps.send(world.asked(f"/v1{request['url']}", request.get("params", {})))
            else:
                world.wait(step)
                step = steps.send(None)
    except StopIteration as end:
        result: SendResult = end.value
        return result
