"""What a store of the tracker does, and the keys under which stores keep recipients."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Protocol

import attrs

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from smsmanager.results import RecipientOutcome
    from smsmanager.webhooks.tracker._delivery_state import DeliveryState


@attrs.frozen
class Claims:
    """Who handles which event.

    Attributes:
        won: Keys that the caller must handle now.
        busy: Keys that another process or thread is handling; all others are handled.
    """

    won: frozenset[str]
    busy: frozenset[str]


class Store(Protocol):
    """Keeps states, sends and claims; every method is atomic and can be called from any thread.

    Times are Unix seconds.
    """

    def fold(self, states: Sequence[DeliveryState], now_s: float) -> None:
        """Join states into those that are kept."""
        ...

    def find(
        self,
        *,
        message_ids: Collection[str] = (),
        references: Collection[str] = (),
        request_ids: Collection[str] = (),
    ) -> list[DeliveryState]:
        """Return the states that have one of these, each once."""
        ...

    def record(self, outcomes: Sequence[RecipientOutcome], now_s: float) -> None:
        """Keep the outcomes of a send; a later record of the same recipient replaces an earlier one."""
        ...

    def recorded(self, reference: str) -> list[RecipientOutcome]:
        """Return the recipients that were recorded under a reference, in order."""
        ...

    def claim(self, keys: Collection[str], now_s: float, until_s: float) -> Claims:
        """Claim events for one handler; a claim that was neither settled nor released ends at `until_s`."""
        ...

    def settle(self, keys: Collection[str]) -> None:
        """Mark claimed events as handled."""
        ...

    def release(self, keys: Collection[str]) -> None:
        """Give claims back, so that the next delivery of the event is handled."""
        ...

    def forget(self, before_s: float) -> int:
        """Delete records that were last changed before a time; return how many."""
        ...

    def close(self) -> None:
        """Close connections."""
        ...


def outcome_key(outcome: RecipientOutcome) -> str:
    """Return the key under which a recipient is kept: its message id, where it has one."""
    return replaced_key(outcome) if outcome.message_id is None else f"id:{outcome.message_id}"


def replaced_key(outcome: RecipientOutcome) -> str:
    """Return the key under which the same recipient was kept before it had a message id.

    A recipient whose outcome was unknown, and who was sent to again, is one recipient.
    """
    names = (outcome.reference, outcome.request_id if outcome.reference is None else None)
    told = repr((*names, outcome.message_index, outcome.index, outcome.phone_number))
    return "at:" + hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:40]
