"""A store for one process and for tests; nothing survives the process."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import attrs

from smsmanager.webhooks.tracker._delivery_state import join, kept_reference
from smsmanager.webhooks.tracker._store_protocol import (
    Claims,
    Sizes,
    outcome_key,
    replaced_key,
    scope_in,
    scope_of,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from smsmanager.results import RecipientOutcome
    from smsmanager.webhooks.tracker._delivery_state import StepState

    Key = tuple[str, str, str]

_SETTLED = float("inf")


class MemoryStore:
    """Keeps everything in memory, and grows without limit unless you call `forget`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._states: dict[Key, StepState] = {}
        self._touched: dict[Key, float] = {}
        self._by_name: defaultdict[tuple[str, str], set[Key]] = defaultdict(set)
        self._sends: dict[str, tuple[RecipientOutcome, float]] = {}
        self._sent: defaultdict[str | None, set[str]] = defaultdict(set)
        self._claims: dict[str, tuple[float, float]] = {}
        self._scopes: Counter[str] = Counter()

    def fold(self, states: Sequence[StepState], now_s: float) -> None:
        """Join states of steps into the stored ones."""
        with self._lock:
            for state in states:
                new = attrs.evolve(state, known_since_s=now_s)
                before = self._states.get(state.key)
                after = new if before is None else join(before, new)
                self._states[state.key] = after
                self._touched[state.key] = now_s
                for name in _names(after):
                    self._by_name[name].add(state.key)

    def find(
        self,
        *,
        message_ids: Collection[str] = (),
        references: Collection[str] = (),
        request_ids: Collection[str] = (),
    ) -> list[StepState]:
        """Return the states of steps with one of these values, each once."""
        wanted = (
            ("message_id", message_ids),
            ("reference", references),
            ("request_id", request_ids),
        )
        with self._lock:
            found: dict[Key, None] = {}
            for kind, texts in wanted:
                for text in texts:
                    found.update(dict.fromkeys(self._by_name.get((kind, text), ())))
            return [self._states[key] for key in found]

    def sent_as(self, message_ids: Collection[str]) -> dict[str, str | None]:
        """Return the reference with which each id was first recorded."""
        with self._lock:
            found = {one: self._sends.get(f"id:{one}") for one in message_ids}
        return {one: kept[0].reference for one, kept in found.items() if kept is not None}

    def sizes(self, reference: str) -> Sizes:
        """Return how much is stored under a reference."""
        with self._lock:
            keys = self._by_name.get(("reference", kept_reference(reference)), ())
            return Sizes(
                len({message_id for message_id, _, _ in keys}),
                len(self._sent.get(reference, ())),
                self._scopes[scope_of(reference)],
            )

    def record(self, outcomes: Sequence[RecipientOutcome], now_s: float) -> None:
        """Store the outcomes of a send."""
        with self._lock:
            for outcome in outcomes:
                self._forget_send(replaced_key(outcome))
                key = outcome_key(outcome)
                before, _ = self._sends.get(key, (outcome, now_s))
                if before.reference == outcome.reference:
                    self._sends[key] = (outcome, now_s)
                    self._sent[outcome.reference].add(key)

    def _forget_send(self, key: str) -> None:
        if key in self._sends:
            outcome, _ = self._sends.pop(key)
            self._sent[outcome.reference].discard(key)
            if not self._sent[outcome.reference]:
                del self._sent[outcome.reference]

    def recorded(self, reference: str) -> list[RecipientOutcome]:
        """Return the recipients that were recorded under a reference, in order."""
        with self._lock:
            found = [self._sends[key][0] for key in self._sent.get(reference, ())]
        return sorted(found, key=lambda outcome: (outcome.index, outcome.message_id or ""))

    def claim(self, keys: Collection[str], now_s: float, until_s: float) -> Claims:
        """Claim events for one handler."""
        won, busy = set(), set()
        with self._lock:
            for key in keys:
                ends, _ = self._claims.get(key, (0.0, 0.0))
                if ends <= now_s:
                    self._scopes[scope_in(key)] += key not in self._claims
                    self._claims[key] = (until_s, now_s)
                    won.add(key)
                elif ends != _SETTLED:
                    busy.add(key)
        return Claims(frozenset(won), frozenset(busy))

    def settled(self, keys: Collection[str]) -> set[str]:
        """Return the keys that are marked as handled."""
        with self._lock:
            return {key for key in keys if self._claims.get(key, (0.0, 0.0))[0] == _SETTLED}

    def settle(self, keys: Collection[str]) -> None:
        """Mark claimed events as handled."""
        with self._lock:
            for key in keys:
                self._scopes[scope_in(key)] += key not in self._claims
                self._claims[key] = (_SETTLED, self._claims.get(key, (0.0, 0.0))[1])

    def release(self, keys: Collection[str]) -> None:
        """Release claims."""
        with self._lock:
            for key in keys:
                self._forget_claim(key)

    def _forget_claim(self, key: str) -> None:
        if self._claims.pop(key, None) is not None:
            self._scopes[scope_in(key)] -= 1
            if not self._scopes[scope_in(key)]:
                del self._scopes[scope_in(key)]

    def forget(self, before_s: float) -> int:
        """Delete records that were last changed before a time."""
        with self._lock:
            steps = [step for step, touched_s in self._touched.items() if touched_s < before_s]
            for step in steps:
                for name in _names(self._states.pop(step)):
                    self._by_name[name].discard(step)
                    if not self._by_name[name]:
                        del self._by_name[name]
                del self._touched[step]
            sends = [key for key, (_, recorded_s) in self._sends.items() if recorded_s < before_s]
            for key in sends:
                self._forget_send(key)
            claims = [key for key, (_, claimed_s) in self._claims.items() if claimed_s < before_s]
            for key in claims:
                self._forget_claim(key)
        return len(steps) + len(sends) + len(claims)

    def close(self) -> None:
        """Do nothing: there is nothing to close."""


def _names(state: StepState) -> list[tuple[str, str]]:
    """Return the names by which a step can be found."""
    pairs = (
        ("message_id", state.message_id),
        ("reference", state.reference),
        ("request_id", state.request_id),
    )
    return [(kind, name) for kind, name in pairs if name]
