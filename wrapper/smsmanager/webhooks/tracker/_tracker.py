"""`DeliveryTracker`: reports and sends in, the current state of each recipient out."""

from __future__ import annotations

import time
from functools import reduce
from typing import TYPE_CHECKING

from smsmanager.errors import SmsManagerError
from smsmanager.webhooks._events import DeliveryReport
from smsmanager.webhooks.tracker._delivery_state import fold, join, state_of, storable
from smsmanager.webhooks.tracker._matching import ids_of, match
from smsmanager.webhooks.tracker._memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from typing import Self

    from smsmanager.results import RecipientOutcome, SendResult
    from smsmanager.webhooks._events import Event
    from smsmanager.webhooks.tracker._delivery_state import DeliveryState
    from smsmanager.webhooks.tracker._matching import RecipientStatus
    from smsmanager.webhooks.tracker._store_protocol import Claims, Store

LEASE_S = 300.0
"""Seconds after which an event that is delivered again is handled again, if its handler never ended."""


class DeliveryTracker:
    """Folds events, in any order and delivered any number of times, into the state of each message.

    Safe to share between threads; with an `SqlStore`, between processes and machines.

    Args:
        store: Where to keep the states; None keeps them in this process.
        clock: Returns Unix seconds.
    """

    def __init__(
        self, store: Store | None = None, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._store: Store = MemoryStore() if store is None else store
        self._clock = clock

    @classmethod
    def open(cls, url: str) -> Self:
        """Return a tracker on a database; missing tables are created.

        Args:
            url: `"sqlite:///reports.db"`, `"postgresql+psycopg://user@host/name"`: an SQLAlchemy URL.

        Raises:
            ImportError: If `smsmanager[tracker]` is not installed.
            ConfigurationError: If database or URL cannot be used, or the driver is missing.
        """
        from smsmanager.webhooks.tracker.sql import SqlStore  # noqa: PLC0415 - needs an extra

        return cls(SqlStore(url))

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
            self._store.fold([folded[one] for one in sorted(folded)], self._clock())

    def record(self, result: SendResult) -> None:
        """Keep the outcomes of a send, for `status` by reference.

        Pass it to a client as `on_result=tracker.record`: it is then called with every result.
        """
        self._store.record(result.outcomes, self._clock())

    def state(self, message_id: str) -> DeliveryState | None:
        """Return the state of one message by its id, in either form; None until a report comes."""
        states = self._store.find(message_ids=ids_of(message_id))
        return reduce(join, states) if states else None

    def status(self, of: SendResult | SmsManagerError | str) -> tuple[RecipientStatus, ...]:
        """Return what became of each recipient, in the order given.

        Args:
            of: The result of a call, the error that carries one, or the reference of a recorded send.

        Recipients whose outcome is unknown or unconfirmed after the call are found by number and reference or
        request id; the first such report settles them.
        """
        if isinstance(of, str):
            outcomes = self._store.recorded(of)
        else:
            result = of.result if isinstance(of, SmsManagerError) else of
            outcomes = [] if result is None else list(result)
        return match(outcomes, self._candidates(outcomes))

    def _candidates(self, outcomes: Collection[RecipientOutcome]) -> list[DeliveryState]:
        nameless = [outcome for outcome in outcomes if outcome.message_id is None]
        return self._store.find(
            message_ids=dict.fromkeys(
                form
                for outcome in outcomes
                if outcome.message_id is not None
                for form in ids_of(outcome.message_id)
            ),
            references={storable(o.reference) for o in nameless if o.reference},
            request_ids={o.request_id for o in nameless if o.request_id},
        )

    def claim(self, keys: Iterable[str], lease_s: float = LEASE_S) -> Claims:
        """Claim events for one handler, so that it runs once for each, even if other processes get them too.

        Args:
            keys: `dedup_key` of each event, with the name of the handler if there are several.
            lease_s: Seconds after which others may claim what is neither settled nor released.
        """
        now_s = self._clock()
        return self._store.claim(sorted(set(keys)), now_s, now_s + lease_s)

    def settle(self, keys: Iterable[str]) -> None:
        """Mark claimed events as handled: nobody gets them again."""
        self._store.settle(sorted(set(keys)))

    def release(self, keys: Iterable[str]) -> None:
        """Give claims back after a failure, so that the next delivery is handled."""
        self._store.release(sorted(set(keys)))

    def forget(self, *, older_than_days: float) -> int:
        """Delete states, sends and claims that were last changed that long ago.

        They hold phone numbers and references. Keep them longer than a message can take.

        Returns:
            How many records were deleted.
        """
        return self._store.forget(self._clock() - older_than_days * 86_400)
