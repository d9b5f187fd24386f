"""A store for one process and for tests: nothing survives the process."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from smsmanager.webhooks.tracker._delivery_state import join, names_of
from smsmanager.webhooks.tracker._store_protocol import Claims, outcome_key, replaced_key

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from smsmanager.results import RecipientOutcome
    from smsmanager.webhooks.tracker._delivery_state import DeliveryState

_SETTLED = float("inf")


class MemoryStore:
    """Keeps everything in this process; call `forget`, or it grows forever."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._states: dict[str, DeliveryState] = {}
        self._touched: dict[str, float] = {}
        self._by_name: dict[tuple[str, str], set[str]] = {}
        self._sends: dict[str, tuple[RecipientOutcome, float]] = {}
        self._claims: dict[str, tuple[float, float]] = {}

    def fold(self, states: Sequence[DeliveryState], now_s: float) -> None:
        """Join states into those that are kept."""
        with self._lock:
            for state in states:
                before = self._states.get(state.message_id)
                after = state if before is None else join(before, state)
                self._states[state.message_id] = after
                self._touched[state.message_id] = now_s
                for name in names_of(after.reference, after.request_id):
                    self._by_name.setdefault(name, set()).add(state.message_id)

    def find(
        self,
        *,
        message_ids: Collection[str] = (),
        references: Collection[str] = (),
        request_ids: Collection[str] = (),
    ) -> list[DeliveryState]:
        """Return the states that have one of these, each once."""
        names = [("reference", text) for text in references]
        names += [("request_id", text) for text in request_ids]
        with self._lock:
            found = dict.fromkeys(message_ids)
            for name in names:
                found.update(dict.fromkeys(self._by_name.get(name, ())))
            return [self._states[one] for one in found if one in self._states]

    def record(self, outcomes: Sequence[RecipientOutcome], now_s: float) -> None:
        """Keep the outcomes of a send."""
        with self._lock:
            for outcome in outcomes:
                self._sends.pop(replaced_key(outcome), None)
                self._sends[outcome_key(outcome)] = (outcome, now_s)

    def recorded(self, reference: str) -> list[RecipientOutcome]:
        """Return the recipients that were recorded under a reference, in order."""
        with self._lock:
            found = [kept for kept, _ in self._sends.values() if kept.reference == reference]
        return sorted(found, key=lambda outcome: (outcome.index, outcome.message_id or ""))

    def claim(self, keys: Collection[str], now_s: float, until_s: float) -> Claims:
        """Claim events for one handler."""
        won, busy = set(), set()
        with self._lock:
            for key in keys:
                ends, _ = self._claims.get(key, (0.0, 0.0))
                if ends <= now_s:
                    self._claims[key] = (until_s, now_s)
                    won.add(key)
                elif ends != _SETTLED:
                    busy.add(key)
        return Claims(frozenset(won), frozenset(busy))

    def settle(self, keys: Collection[str]) -> None:
        """Mark claimed events as handled."""
        with self._lock:
            for key in keys:
                self._claims[key] = (_SETTLED, self._claims.get(key, (0.0, 0.0))[1])

    def release(self, keys: Collection[str]) -> None:
        """Give claims back."""
        with self._lock:
            for key in keys:
                self._claims.pop(key, None)

    def forget(self, before_s: float) -> int:
        """Delete records that were last changed before a time."""
        with self._lock:
            ids = [one for one, touched_s in self._touched.items() if touched_s < before_s]
            for message_id in ids:
                state = self._states.pop(message_id)
                for name in names_of(state.reference, state.request_id):
                    self._by_name[name].discard(message_id)
                    if not self._by_name[name]:
                        del self._by_name[name]
                del self._touched[message_id]
            sends = [key for key, (_, recorded_s) in self._sends.items() if recorded_s < before_s]
            for key in sends:
                del self._sends[key]
            claims = [key for key, (_, claimed_s) in self._claims.items() if claimed_s < before_s]
            for key in claims:
                del self._claims[key]
        return len(ids) + len(sends) + len(claims)

    def close(self) -> None:
        """Do nothing: there is nothing to close."""
