"""What a store of the tracker does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import attrs

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from smsmanager.results import RecipientOutcome
    from smsmanager.webhooks.tracker._states import DeliveryState


@attrs.frozen
class Claims:
    """Who handles which event.

    Attributes:
        won: Keys that are the caller's to handle now.
        busy: Keys that another one is handling; the others were handled before.
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
        """Keep what a send is known to have done; a later record of the same recipient replaces it."""
        ...

    def recorded(self, reference: str) -> list[RecipientOutcome]:
        """Return the recipients that were recorded under a reference, in order."""
        ...

    def claim(self, keys: Collection[str], now_s: float, until_s: float) -> Claims:
        """Claim events for one handler; a claim that was neither settled nor released ends at `until_s`."""
        ...

    def settle(self, keys: Collection[str]) -> None:
        """Note that claimed events were handled."""
        ...

    def release(self, keys: Collection[str]) -> None:
        """Give claims back, so that the next delivery of the event is handled."""
        ...

    def forget(self, before_s: float) -> int:
        """Delete what was last touched before a time; return how much."""
        ...

    def close(self) -> None:
        """Close connections."""
        ...
