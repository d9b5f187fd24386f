"""Decide when each webhook is due, and record the result. Nothing is sent here.

Source: SmsManager guide, on webhooks; the limits of time and attempts come from the notes of an independent
client.
"""

from __future__ import annotations

import itertools
from collections import OrderedDict, deque
from typing import TYPE_CHECKING

from smsmanager.sandbox.engine.draws import Draws
from smsmanager.sandbox.engine.records.incoming_message import IncomingMessage
from smsmanager.sandbox.engine.records.webhook_delivery import Attempt, Delivery, Target

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Iterator

    from smsmanager.sandbox.engine.accounts import Account
    from smsmanager.sandbox.engine.feed import Feed
    from smsmanager.sandbox.engine.records import JsonObject
    from smsmanager.sandbox.engine.records.journey import Entry
    from smsmanager.sandbox.engine.records.webhook_delivery import Subject
    from smsmanager.sandbox.engine.schedule import Schedule
    from smsmanager.sandbox.engine.settings import Settings

ATTEMPT = "attempt"

# What the service does according to the notes of an independent client: see `docs/sandbox.md`.
_RETRY_AFTER_S = (30.0, 60.0, 120.0, 240.0)
_HELD_UP_S = 60
_SUCCESSES = range(200, 300)


class Webhooks:
    """The webhooks: those that are due, and those that are kept.

    The engine guards it; `take_due`, `give_back` and `settle` can be called from any thread.

    Args:
        lock: Lock of the engine.
        settings: Returns the current settings.
        schedule: Takes the attempts.
        feed: Notified of each change.
        seed: Seed for duplicates, disorder and request ids.
        max_deliveries: How many are kept; the oldest are dropped first.
    """

    def __init__(
        self,
        *,
        lock: threading.RLock,
        settings: Callable[[], Settings],
        schedule: Schedule,
        feed: Feed,
        seed: int | str | None,
        max_deliveries: int,
    ) -> None:
        self._lock = lock
        self._settings = settings
        self._schedule = schedule
        self._feed = feed
        self._draws = Draws(seed)
        self._ids = Draws(None if seed is None else f"webhooks {seed}")
        self._numbers = itertools.count(1)
        self._max_deliveries = max_deliveries
        self._kept: OrderedDict[int, Delivery] = OrderedDict()
        self._open: dict[tuple[str, Target], Delivery] = {}
        self.due: deque[tuple[Delivery, bool]] = deque()

    def __iter__(self) -> Iterator[Delivery]:
        """Yield the kept webhooks, oldest first."""
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
        # Some programs without a callback send an empty one.
        callback = callback or account.callback
        if not callback:
            return
        target = Target.of(callback)
        settings = self._settings()
        late = 0.0
        if settings.disorder and self._draws.random() < settings.disorder:
            late = self._draws.uniform(1, _HELD_UP_S)
        self._queue(account, target, subject, entry, now + late)
        if settings.duplicates and self._draws.random() < settings.duplicates:
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
            delivery = Delivery(number, account.fingerprint, self._ids.uuid(), target, due)
            self._keep(delivery)
            self._schedule.add(due, ATTEMPT, delivery)
            if target.batch_size > 1:
                self._open[place] = delivery
        delivery.items.append((subject, entry))
        _attach(delivery, subject)
        self._feed.publish("webhook", account.fingerprint, delivery.id)

    def _keep(self, delivery: Delivery) -> None:
        self._kept[delivery.id] = delivery
        while len(self._kept) > self._max_deliveries:
            self._kept.popitem(last=False)

    def restore(self, delivery: Delivery) -> None:
        """Put back a webhook that was read from a file, and plan its attempt if it waits for one."""
        self._keep(delivery)
        self._numbers = itertools.count(delivery.id + 1)
        for subject, _ in delivery.items:
            _attach(delivery, subject)
        if delivery.state == "waiting" and delivery.due is not None:
            self._schedule.add(delivery.due, ATTEMPT, delivery)

    def attempt(self, delivery: Delivery, *, by_hand: bool) -> None:
        """Hand a webhook over for sending: it is due now."""
        # A retry that was planned before someone sent the webhook by hand.
        if delivery.state != "waiting" and not by_hand:
            return
        self._open.pop((delivery.key_fingerprint, delivery.target), None)
        self.due.append((delivery, by_hand))

    def take_due(self) -> list[tuple[Delivery, bool]]:
        """Return what to send now, and whether someone requested it; each must be settled."""
        with self._lock:
            taken = list(self.due)
            self.due.clear()
            return taken

    def give_back(self, deliveries: Iterable[tuple[Delivery, bool]]) -> None:
        """Take back webhooks that were taken and not sent: they are due as before."""
        with self._lock:
            self.due.extendleft(reversed([*deliveries]))

    def settle(self, delivery: Delivery, attempt: Attempt, *, blocked: bool = False) -> None:
        """Record the result of an attempt, and plan the next one if it is needed."""
        with self._lock:
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
        if delivery.retries >= len(_RETRY_AFTER_S):
            delivery.state, delivery.due = "given_up", None
            return
        delivery.state = "waiting"
        delivery.due = now + _RETRY_AFTER_S[delivery.retries]
        delivery.retries += 1
        self._schedule.add(delivery.due, ATTEMPT, delivery)

    def resend(self, delivery: Delivery, now: float) -> None:
        """Plan an attempt now, whatever happened to the webhook before."""
        self._schedule.add(now, ATTEMPT, delivery, detail=True)

    def clear_key(self, key: str) -> list[Delivery]:
        """Forget the webhooks of one API key, and return them; those being sent continue."""
        gone = [delivery for delivery in self if delivery.key_fingerprint == key]
        for delivery in gone:
            del self._kept[delivery.id]
        self._open = {place: d for place, d in self._open.items() if place[0] != key}
        self.due = deque(item for item in self.due if item[0].key_fingerprint != key)
        return gone

    def clear(self) -> None:
        """Forget all webhooks; those being sent continue."""
        self._kept.clear()
        self._open.clear()
        self.due.clear()
        self._draws.restart()
        self._ids.restart()


def _attach(delivery: Delivery, subject: Subject) -> None:
    if isinstance(subject, IncomingMessage):
        subject.deliveries.append(delivery)
    else:
        subject.journey.add_delivery(delivery)
