"""The protocol of a tracker's store, and the keys of recipients and claims."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Protocol

import attrs

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from smsmanager.results import RecipientOutcome
    from smsmanager.webhooks.tracker._delivery_state import StepState

_SCOPED = re.compile(r"scope:[0-9a-f]{64}")


@attrs.frozen
class Claims:
    """The outcome of claiming events.

    Attributes:
        won: Keys that the caller must handle now.
        busy: Keys that another process or thread is handling; all others are handled.
    """

    won: frozenset[str]
    busy: frozenset[str]


@attrs.frozen
class Sizes:
    """How much is stored under one reference.

    Attributes:
        ids: Number of different message ids in the states of steps.
        sends: Number of recorded recipients.
        claims: Number of claims made under it; see `scoped`.
    """

    ids: int
    sends: int
    claims: int


class Store(Protocol):
    """Stores states, sends and claims. Every method is atomic and can be called from any thread.

    Times are Unix seconds.
    """

    def fold(self, states: Sequence[StepState], now_s: float) -> None:
        """Join states of steps, each with a different `key`, into the stored ones with the same `key`."""
        ...

    def find(
        self,
        *,
        message_ids: Collection[str] = (),
        references: Collection[str] = (),
        request_ids: Collection[str] = (),
    ) -> list[StepState]:
        """Return the states of steps with one of these values, each once."""
        ...

    def sent_as(self, message_ids: Collection[str]) -> Mapping[str, str | None]:
        """Return the reference with which each id was first recorded; ids never recorded are left out."""
        ...

    def sizes(self, reference: str) -> Sizes:
        """Return how much is stored under a reference."""
        ...

    def record(self, outcomes: Sequence[RecipientOutcome], now_s: float) -> None:
        """Store the outcomes of a send; a later record of the same recipient replaces an earlier one.

        An id stays with the reference with which it was first recorded.
        """
        ...

    def recorded(self, reference: str) -> list[RecipientOutcome]:
        """Return the recipients that were recorded under a reference, in order."""
        ...

    def claim(self, keys: Collection[str], now_s: float, until_s: float) -> Claims:
        """Claim events for one handler; a claim that was neither settled nor released ends at `until_s`."""
        ...

    def settled(self, keys: Collection[str]) -> set[str]:
        """Return the keys that are marked as handled."""
        ...

    def settle(self, keys: Collection[str]) -> None:
        """Mark claimed events as handled."""
        ...

    def release(self, keys: Collection[str]) -> None:
        """Release claims, so that the next delivery of the event is handled."""
        ...

    def forget(self, before_s: float) -> int:
        """Delete records that were last changed before a time; return how many."""
        ...

    def close(self) -> None:
        """Close connections."""
        ...


def outcome_key(outcome: RecipientOutcome) -> str:
    """Return the key under which a recipient is stored: its message id, if it has one."""
    return replaced_key(outcome) if outcome.message_id is None else f"id:{outcome.message_id}"


def replaced_key(outcome: RecipientOutcome) -> str:
    """Return the key under which a recipient was stored before it had a message id.

    A recipient whose outcome was unknown and who was sent to again is the same recipient.
    """
    names = (outcome.reference, outcome.request_id if outcome.reference is None else None)
    told = repr((*names, outcome.message_index, outcome.index, outcome.phone_number))
    return "at:" + hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:40]


def scope_of(reference: str) -> str:
    """Return the prefix of the keys of all claims under a reference."""
    return hashlib.sha256(reference.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def scoped(key: str, reference: str | None) -> str:
    """Return the key of a claim under a reference, from which stores can count such claims."""
    if reference is None:
        return key
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    return f"scope:{scope_of(reference)}{digest[:40]}"


def scope_in(key: str) -> str:
    """Return the scope of a claim's key; empty if it has none."""
    return key[6:30] if _SCOPED.fullmatch(key) else ""
