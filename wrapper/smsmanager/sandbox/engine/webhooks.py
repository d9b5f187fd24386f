"""Decide which webhook is due when, and keep what became of it. Nothing is sent here.

Source: SmsManager guide, on webhooks; the limits of time and attempts are the notes of an independent
client.
"""

import functools
import hashlib
import hmac
import itertools
import random
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from typing import Final, Literal, TypeAlias

import attrs

from smsmanager.sandbox._ids import IdSource
from smsmanager.sandbox._received import JsonObject, ReceivedMessage
from smsmanager.sandbox.engine import events
from smsmanager.sandbox.engine.accounts import Account
from smsmanager.sandbox.engine.clock import iso, moment
from smsmanager.sandbox.engine.feed import Feed
from smsmanager.sandbox.engine.incoming import IncomingMessage
from smsmanager.sandbox.engine.journey import Entry
from smsmanager.sandbox.engine.schedule import Schedule
from smsmanager.sandbox.engine.settings import RETRY_AFTER_S, WEBHOOK_TIMEOUT_S, Settings

DeliveryState: TypeAlias = Literal["waiting", "delivered", "given_up", "blocked"]
Subject: TypeAlias = ReceivedMessage | IncomingMessage

ATTEMPT: Final = "attempt"
USER_AGENT: Final = "SmsManager-Webhook/1.0"

_HELD_UP_S: Final = 60
# Headers of the connection, which a callback cannot set.
_KEPT_HEADERS: Final = frozenset({"connection", "content-length", "host", "transfer-encoding"})
_SUCCESSES: Final = range(200, 300)


@attrs.frozen
class Target:
    """Say where and how webhooks go.

    Attributes:
        url: Address.
        method: HTTP method.
        content_type: `"json"` or `"form"`; with GET, the fields of the form are in the query.
        headers: Further headers.
        batch_size: How many events one request may carry.
        timeout_s: How long an answer may take.
        notes: Settings that the sandbox does not follow.
    """

    url: str = attrs.field(repr=False)
    method: str = "POST"
    content_type: events.ContentType = "json"
    headers: tuple[tuple[str, str], ...] = attrs.field(default=(), repr=False)
    batch_size: int = 1
    timeout_s: float = WEBHOOK_TIMEOUT_S
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, callback: str | JsonObject) -> "Target":
        """Return the target of a `callback`, as text or as an object."""
        if isinstance(callback, str):
            return _plain(callback)
        method = callback.get("method", "POST")
        form = method == "GET" or callback.get("content_type") == "form"
        headers: dict[str, str] = callback.get("headers", {})
        notes = [
            f"/callback/{name}: the sandbox does not render templates"
            for name in ("item", "body")
            if name in callback
        ]
        return cls(
            url=callback["url"],
            method=method,
            content_type="form" if form else "json",
            headers=tuple(headers.items()),
            # The fields of two events would have the same names.
            batch_size=1 if form else callback.get("batch_size", 1),
            timeout_s=callback.get("timeout_ms", WEBHOOK_TIMEOUT_S * 1000) / 1000,
            notes=tuple(notes),
        )


@functools.lru_cache(maxsize=256)
def _plain(url: str) -> Target:
    return Target(url)


@attrs.frozen
class Attempt:
    """Hold one attempt to deliver a webhook.

    Attributes:
        at: Unix seconds.
        status: HTTP status of the answer; `None` without one.
        error: Why there was none; `None` if there was one.
        latency_ms: How long it took, in real time.
        by_hand: Whether somebody asked for it.
    """

    at: float
    status: int | None
    error: str | None
    latency_ms: float
    by_hand: bool = False

    def as_json(self) -> JsonObject:
        """Return the attempt as the JSON API shows it."""
        return {**attrs.asdict(self), "at": iso(moment(self.at))}


class Delivery:
    """Hold one webhook and its attempts.

    Attributes:
        id: Number by which it is sent again.
        key_fingerprint: Inbox that it belongs to.
        request_id: `X-Request-Id`, the same in all attempts.
        target: Where it goes.
        items: What it is about: the message with the entry of its timeline, or the incoming message.
        attempts: Those that were made.
        state: `"waiting"` for an attempt, `"delivered"` (a 2xx), `"given_up"` after the last attempt,
            or `"blocked"`, as its host is not allowed.
        due: When the next attempt is, in Unix seconds; `None` without one.
        retries: How many of the retries were used.
    """

    __slots__ = (
        "attempts",
        "due",
        "id",
        "items",
        "key_fingerprint",
        "request_id",
        "retries",
        "state",
        "target",
    )

    def __init__(self, number: int, key: str, request_id: str, target: Target, due: float) -> None:
        """Start as waiting, without items."""
        self.id = number
        self.key_fingerprint = key
        self.request_id = request_id
        self.target = target
        self.items: list[tuple[Subject, Entry | None]] = []
        self.attempts: list[Attempt] = []
        self.state: DeliveryState = "waiting"
        self.due: float | None = due
        self.retries = 0

    @property
    def sequence(self) -> int:
        """Position in the order in which webhooks were made: the `id`."""
        return self.id

    @property
    def events(self) -> list[JsonObject]:
        """The events that it carries."""
        return [
            events.incoming(subject)
            if isinstance(subject, IncomingMessage)
            else events.report(subject, entry or Entry(0, "report", 0))
            for subject, entry in tuple(self.items)
        ]

    def content(self) -> tuple[str, bytes]:
        """Return media type and bytes of its body."""
        return events.encode(self.events, self.target.content_type)

    def headers(self, secret: str | None) -> dict[str, str]:
        """Return its headers.

        Args:
            secret: Secret of the account, for the signature.
        """
        media_type, content = self.content()
        own = {
            "User-Agent": USER_AGENT,
            "X-Request-Id": self.request_id,
            "Content-Type": media_type,
        }
        if secret is not None:
            own["X-Request-Signature"] = signature(secret, content)
        kept = _KEPT_HEADERS | {name.lower() for name in own}
        further = {n: value for n, value in self.target.headers if n.lower() not in kept}
        return {**further, **own}

    def as_json(self) -> JsonObject:
        """Return the webhook as the JSON API shows it."""
        return {
            "id": self.id,
            "key_fingerprint": self.key_fingerprint,
            "request_id": self.request_id,
            "url": self.target.url,
            "method": self.target.method,
            "state": self.state,
            "next_attempt_at": None if self.due is None else iso(moment(self.due)),
            "attempts": [attempt.as_json() for attempt in tuple(self.attempts)],
            "events": self.events,
            "notes": self.target.notes,
        }


def signature(secret: str, content: bytes) -> str:
    """Return `X-Request-Signature`: lower-case hex HMAC-SHA256 of the raw body.

    Not that of `smsmanager.webhooks`: what stands in for the service is to check the receiver, not to
    agree with it.
    """
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


class Webhooks:
    """Queue webhooks. The engine guards it.

    Args:
        settings: Returns how the sandbox behaves now.
        schedule: Takes the attempts.
        feed: Told of each change.
        seed: Start of the draws for duplicates, disorder and request ids.
        max_deliveries: How many are kept; the oldest go first.
    """

    def __init__(
        self,
        *,
        settings: Callable[[], Settings],
        schedule: Schedule,
        feed: Feed,
        seed: int | str | None,
        max_deliveries: int,
    ) -> None:
        """Start without any."""
        self._settings = settings
        self._schedule = schedule
        self._feed = feed
        self._seed = seed
        self._random = random.Random(seed)  # noqa: S311  chance, not security
        self._ids = IdSource(None if seed is None else f"webhooks {seed}")
        self._numbers = itertools.count(1)
        self._max_deliveries = max_deliveries
        self._kept: OrderedDict[int, Delivery] = OrderedDict()
        self._open: dict[tuple[str, Target], Delivery] = {}
        self.due: deque[tuple[Delivery, bool]] = deque()
        self.in_flight = 0

    def __iter__(self) -> Iterator[Delivery]:
        """Yield what is kept, oldest first."""
        return iter(tuple(self._kept.values()))

    def find(self, number: int) -> Delivery | None:
        """Return a webhook by its id."""
        return self._kept.get(number)

    def add(
        self,
        account: Account,
        callback: str | JsonObject | None,
        subject: Subject,
        entry: Entry | None,
        now: float,
    ) -> None:
        """Queue an event, if there is somewhere to send it."""
        callback = account.callback if callback is None else callback
        if callback is None:
            return
        target = Target.of(callback)
        settings = self._settings()
        late = 0.0
        if settings.disorder and self._random.random() < settings.disorder:
            late = self._random.uniform(1, _HELD_UP_S)
        self._queue(account, target, subject, entry, now + late)
        if settings.duplicates and self._random.random() < settings.duplicates:
            self._queue(account, target, subject, entry, now + late)

    def _queue(
        self, account: Account, target: Target, subject: Subject, entry: Entry | None, due: float
    ) -> None:
        place = (account.fingerprint, target)
        delivery = self._open.get(place) if target.batch_size > 1 else None
        if (
            delivery is None
            or delivery.due != due
            or delivery.attempts
            or len(delivery.items) >= target.batch_size
            or (subject, entry) in delivery.items
        ):
            number = next(self._numbers)
            delivery = Delivery(number, account.fingerprint, self._ids.draw(), target, due)
            self._kept[number] = delivery
            self._schedule.add(due, ATTEMPT, delivery)
            if target.batch_size > 1:
                self._open[place] = delivery
            while len(self._kept) > self._max_deliveries:
                self._kept.popitem(last=False)
        delivery.items.append((subject, entry))
        if isinstance(subject, IncomingMessage):
            subject.deliveries.append(delivery)
        else:
            subject.journey.add_delivery(delivery)
        self._feed.publish("webhook", account.fingerprint, delivery.id)

    def attempt(self, delivery: Delivery, *, by_hand: bool) -> None:
        """Hand a webhook to whoever sends it: it is due now."""
        # A retry that was planned before somebody sent it by hand.
        if delivery.state != "waiting" and not by_hand:
            return
        self._open.pop((delivery.key_fingerprint, delivery.target), None)
        self.due.append((delivery, by_hand))

    def take_due(self) -> list[tuple[Delivery, bool]]:
        """Return what is to be sent now, and whether somebody asked for it; each has to be settled."""
        taken = list(self.due)
        self.due.clear()
        self.in_flight += len(taken)
        return taken

    def settle(self, delivery: Delivery, attempt: Attempt, *, blocked: bool = False) -> None:
        """Record what became of an attempt, and plan the next one if it is needed."""
        self.in_flight -= 1
        if not blocked:
            delivery.attempts.append(attempt)
        if attempt.status in _SUCCESSES:
            delivery.state, delivery.due = "delivered", None
        elif blocked:
            delivery.state, delivery.due = "blocked", None
        elif not attempt.by_hand:
            self._retry(delivery, attempt.at)
        self._feed.publish("webhook", delivery.key_fingerprint, delivery.id)

    def _retry(self, delivery: Delivery, now: float) -> None:
        if delivery.retries >= len(RETRY_AFTER_S):
            delivery.state, delivery.due = "given_up", None
            return
        delivery.state = "waiting"
        delivery.due = now + RETRY_AFTER_S[delivery.retries]
        delivery.retries += 1
        self._schedule.add(delivery.due, ATTEMPT, delivery)

    def resend(self, delivery: Delivery, now: float) -> None:
        """Plan an attempt now, whatever became of the webhook."""
        self._schedule.add(now, ATTEMPT, delivery, detail=True)

    def clear(self) -> None:
        """Forget all webhooks; those that are being sent go on."""
        self._kept.clear()
        self._open.clear()
        self.due.clear()
        if self._seed is not None:
            self._random.seed(self._seed)
        self._ids.restart()
