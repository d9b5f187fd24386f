"""`DeliveryTracker`: from reports and sends to the current state of each recipient."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from smsmanager.errors import ConfigurationError, SmsManagerError
from smsmanager.webhooks._events import DeliveryReport, Reply
from smsmanager.webhooks.tracker._delivery_state import (
    fold,
    is_of,
    kept_reference,
    outcome_of,
    state_of,
    storable,
)
from smsmanager.webhooks.tracker._matching import ids_of, match
from smsmanager.webhooks.tracker._memory import MemoryStore
from smsmanager.webhooks.tracker._store_protocol import Claims, scoped

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from typing import Self

    from smsmanager.results import RecipientOutcome, SendResult
    from smsmanager.webhooks._events import Event
    from smsmanager.webhooks.tracker._delivery_state import DeliveryState, StepState
    from smsmanager.webhooks.tracker._matching import RecipientStatus
    from smsmanager.webhooks.tracker._store_protocol import Store

LEASE_S = 300.0
"""Seconds after which a repeated event is handled again, if its handler never ended."""
MOST_IDS = 10_000
"""Default of `max_ids`."""
MOST_CLAIMS_PER_ID = 10
"""Maximum events of one message for one handler, on average over the ids of a reference."""


class DeliveryTracker:
    """Folds events, in any order and delivered any number of times, into the state of each message.

    Safe to share between threads; with an `SqlStore`, between processes and machines.

    Args:
        store: Stores the states; None keeps them in memory.
        clock: Returns Unix seconds.
        max_ids: Maximum message ids that one callback token can report, in addition to those of recorded
            sends, so that a callback URL cannot fill the store.

    Raises:
        ConfigurationError: If `max_ids` is not positive.
    """

    def __init__(
        self,
        store: Store | None = None,
        *,
        clock: Callable[[], float] = time.time,
        max_ids: int = MOST_IDS,
    ) -> None:
        if max_ids < 1:
            raise ConfigurationError("max_ids must be a positive number of message ids")
        self._store: Store = MemoryStore() if store is None else store
        self._clock = clock
        self._max_ids = max_ids

    @classmethod
    def open(cls, url: str, *, max_ids: int = MOST_IDS) -> Self:
        """Return a tracker on a database; missing tables are created.

        Args:
            url: `"sqlite:///reports.db"`, `"postgresql+psycopg://user@host/name"`: an SQLAlchemy URL.
            max_ids: See the class.

        Raises:
            ImportError: If `smsmanager[tracker]` is not installed.
            ConfigurationError: If the database or URL is not supported, or the driver is missing.
        """
        from smsmanager.webhooks.tracker.sql import SqlStore  # noqa: PLC0415 - needs an extra

        return cls(SqlStore(url), max_ids=max_ids)

    def __enter__(self) -> Self:
        """Return the tracker itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the store."""
        self.close()

    def close(self) -> None:
        """Close the store's connections."""
        self._store.close()

    def apply(self, *events: Event) -> None:
        """Record events; a repeated event changes nothing. Only delivery reports have an effect."""
        folded = fold(state_of(event) for event in events if isinstance(event, DeliveryReport))
        if folded:
            self._store.fold([*folded.values()], self._clock())

    def record(self, result: SendResult) -> None:
        """Store the outcomes of a send, for `status` by reference.

        Pass it to a client as `on_result=tracker.record`: it is then called with every result.
        """
        self._store.record(result.outcomes, self._clock())

    def state(self, message_id: str, *, reference: str | None = None) -> DeliveryState | None:
        """Return the state of one message by its id, in either form; None until a report comes.

        Args:
            message_id: The id.
            reference: The caller's id for the message. Without it, the reference of the recorded send with
                this id is used, or else the one that was reported first.
        """
        forms = ids_of(message_id)
        steps = self._store.find(message_ids=forms)
        if reference is None:
            sent_as = _first(forms, self._store.sent_as(forms))
            reference = sent_as[0] if sent_as else None
            named = [step for step in steps if step.reference is not None]
            if sent_as is None and named:
                first = min(named, key=lambda step: (step.known_since_s, step.key))
                return outcome_of(s for s in steps if s.reference in {None, first.reference})
        return outcome_of(step for step in steps if is_of(step, reference))

    def status(self, of: SendResult | SmsManagerError | str) -> tuple[RecipientStatus, ...]:
        """Return the status of each recipient, in the order given.

        Args:
            of: The result of a call, an error with a result, or the reference of a recorded send.

        Recipients whose outcome is unknown or unconfirmed after the call are found by number and reference or
        request id; the first such report settles them.
        """
        if isinstance(of, str):
            outcomes = self._store.recorded(of)
        else:
            result = of.result if isinstance(of, SmsManagerError) else of
            outcomes = [] if result is None else list(result)
        return match(outcomes, self._candidates(outcomes))

    def _candidates(self, outcomes: Collection[RecipientOutcome]) -> list[StepState]:
        nameless = [outcome for outcome in outcomes if outcome.message_id is None]
        return self._store.find(
            message_ids=dict.fromkeys(
                form
                for outcome in outcomes
                if outcome.message_id is not None
                for form in ids_of(outcome.message_id)
            ),
            references={
                form
                for outcome in nameless
                if outcome.reference
                for form in (kept_reference(outcome.reference), storable(outcome.reference))
            },
            request_ids={o.request_id for o in nameless if o.request_id},
        )

    def objection(self, reference: str, events: Iterable[Event], *, handlers: int) -> str | None:
        """Return why a token for one reference may not report these events; None if it may.

        Args:
            reference: The reference.
            events: The reported events, all under this reference.
            handlers: Number of handlers that claim events.
        """
        about = [event for event in events if isinstance(event, (DeliveryReport, Reply))]
        named = {event.message_id for event in about}
        forms = {one: ids_of(one) for one in named}
        sent_as = self._store.sent_as({form for several in forms.values() for form in several})
        owners = {one: _first(several, sent_as) for one, several in forms.items()}
        if any(owner is not None and owner[0] != reference for owner in owners.values()):
            return "an event is about a message that was sent with another reference"
        sizes = self._store.sizes(reference)
        most = self._max_ids + sizes.sends
        new = {one for one, owner in owners.items() if owner is None}
        if new and sizes.ids + len(new) > most:
            kept = self._store.find(message_ids=new)
            new -= {step.message_id for step in kept if is_of(step, reference)}
            if new and sizes.ids + len(new) > most:
                return f"its callback token has reported {most} messages, the maximum that max_ids allows"
        if handlers and sizes.claims >= most * MOST_CLAIMS_PER_ID * handlers:
            return "its callback token has reported too many different events"
        return None

    def claim(
        self, keys: Iterable[str], lease_s: float = LEASE_S, *, reference: str | None = None
    ) -> Claims:
        """Claim events for one handler, so that it runs once for each even if other processes get them too.

        Args:
            keys: `dedup_key` of each event, with the name of the handler if there are several.
            lease_s: Seconds after which others may claim events that are neither settled nor released.
            reference: The reference under which to claim them; claims under two references are separate.
        """
        named = {scoped(key, reference): key for key in keys}
        now_s = self._clock()
        claims = self._store.claim(named, now_s, now_s + lease_s)
        return Claims(
            frozenset(named[key] for key in claims.won),
            frozenset(named[key] for key in claims.busy),
        )

    def settled(self, keys: Iterable[str]) -> set[str]:
        """Return the keys that are marked as handled."""
        return self._store.settled(set(keys))

    def settle(self, keys: Iterable[str], *, reference: str | None = None) -> None:
        """Mark claimed events as handled: no one can claim them again."""
        self._store.settle({scoped(key, reference) for key in keys})

    def release(self, keys: Iterable[str], *, reference: str | None = None) -> None:
        """Release claims after a failure, so that the next delivery is handled."""
        self._store.release({scoped(key, reference) for key in keys})

    def forget(self, *, older_than_days: float) -> int:
        """Delete states, sends and claims that have not changed for this long.

        They contain phone numbers and references. Keep them for longer than a delivery can take.

        Returns:
            The number of deleted records.
        """
        return self._store.forget(self._clock() - older_than_days * 86_400)


def _first(forms: Sequence[str], sent_as: Mapping[str, str | None]) -> tuple[str | None] | None:
    """Return the reference of the first form that was sent, in a tuple; None if none was."""
    return next(((sent_as[form],) for form in forms if form in sent_as), None)
