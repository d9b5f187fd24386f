"""Match delivery reports with keys, and store their contents."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select, update

from smsmanager.ids import split_message_id
from smsmanager.outbox._due_messages import IS_MARKED
from smsmanager.outbox._kept_message import id_of_first, is_marked, prepared_from
from smsmanager.outbox._outbox_store import locked_rows
from smsmanager.outbox.outbox_entry import PERHAPS_TAKEN, OutboxState
from smsmanager.outbox.outbox_table import table
from smsmanager.webhooks.tracker._delivery_state import (
    fold,
    is_of,
    kept_reference,
    outcome_of,
    state_of,
    storable,
)
from smsmanager.webhooks.tracker._matching import ids_of
from smsmanager.webhooks.tracker._sql_schema import row_of, state_from

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from smsmanager.outbox._outbox_store import OutboxStore
    from smsmanager.webhooks import DeliveryReport, DeliveryState
    from smsmanager.webhooks.tracker._delivery_state import StepState

_c = table.c
# Including in flight: a report can arrive before the answer, or before the answer is recorded.
_OPEN = tuple(state.value for state in (OutboxState.IN_FLIGHT, *PERHAPS_TAKEN))
# Possible lengths of a number without country code.
_NATIONAL = range(7, 11)


class _Row:
    """A row while reports are recorded."""

    def __init__(self, row: Any) -> None:
        self.key, self.message_id, self.reference = row.key, row.message_id, row.reference
        is_sent_again = row.state == OutboxState.PENDING.value and is_marked(row.sent)
        self.is_open = row.state in _OPEN or is_sent_again
        self.request_id = row.request_id
        self.numbers = prepared_from(row.sent).numbers
        self.steps = steps_of(row)
        self.is_changed = False
        self.is_accepted = False

    def recipient_by_id(self, state: StepState) -> int | None:
        """Return the recipient with the id of a report."""
        if self.message_id is None or not self._may_report(state):
            return None
        if len(self.numbers) == 1:
            return 0 if self.message_id in ids_of(state.message_id) else None
        # Without a suffix, the id of a message with several recipients names none of them.
        base, index = split_message_id(state.message_id)
        if index is None or base != split_message_id(self.message_id)[0]:
            return None
        return index if index < len(self.numbers) else None

    def recipient_by_reference(self, state: StepState) -> int | None:
        """Return the recipient of a report, by number and position, for a message without an id."""
        if not self.is_open or self.message_id is not None or not self.reference:
            return None
        if state.reference != self.reference or state.phone_number is None:
            return None
        fits = [
            at for at, sent in enumerate(self.numbers) if _same_number(sent, state.phone_number)
        ]
        _, place = split_message_id(state.message_id)
        return place if place in fits else next(iter(fits), None)

    def _may_report(self, state: StepState) -> bool:
        # The id is only the reporter's claim; the callback URL limits it to one reference.
        return self.reference is None or is_of(state, self.reference)

    def take(self, recipient: int, state: StepState) -> None:
        """Store the contents of a report."""
        known = self.steps.get(recipient, [])
        folded = list(fold([*known, state]).values())
        self.is_changed = self.is_changed or folded != known
        self.steps[recipient] = folded
        if self.is_open:
            # Any report proves that the message was accepted.
            self.is_open, self.is_accepted, self.is_changed = False, True, True
            if self.message_id is None:
                first = id_of_first(state.message_id, recipient)
                self.message_id = None if first is None else storable(first)
            self.request_id = self.request_id or state.request_id


def record(store: OutboxStore, reports: Sequence[DeliveryReport], now_s: float) -> int:
    """Record reports in one transaction; return the number of reports about rows."""
    states = [state_of(report) for report in reports]
    with store.transaction("Nothing was recorded.") as connection:
        rows = [_Row(row) for row in locked_rows(connection, _candidates(states))]
        count = 0
        for state in states:
            found = _row_of(state, rows)
            if found is not None:
                count += 1
                row, recipient = found
                row.take(recipient, state)
        for row in rows:
            if row.is_changed:
                values: dict[str, Any] = {"deliveries": _text(row.steps, now_s)}
                if row.is_accepted:
                    values |= {
                        "state": OutboxState.ACCEPTED.value,
                        "message_id": row.message_id,
                        "request_id": None if row.request_id is None else storable(row.request_id),
                        "settled_s": now_s,
                        "reason": None,
                    }
                connection.execute(update(table).where(_c.key == row.key).values(values))
    return count


def _candidates(states: Iterable[StepState]) -> Any:
    ids: set[str] = set()
    references: set[str] = set()
    for state in states:
        base, _ = split_message_id(state.message_id)
        ids.update((*ids_of(state.message_id), base, f"{base}-0"))
        if state.reference:
            references.add(kept_reference(state.reference))
    is_open = or_(_c.state.in_(_OPEN), and_(_c.state == OutboxState.PENDING.value, IS_MARKED))
    by_reference = and_(_c.reference.in_(sorted(references)), is_open)
    return select(table).where(or_(_c.message_id.in_(sorted(ids)), by_reference))


def _row_of(state: StepState, rows: Sequence[_Row]) -> tuple[_Row, int] | None:
    exact = sorted(rows, key=lambda row: row.message_id != state.message_id)
    for row in exact:
        if (recipient := row.recipient_by_id(state)) is not None:
            return row, recipient
    fits = [
        (row, recipient)
        for row in rows
        if (recipient := row.recipient_by_reference(state)) is not None
    ]
    # If several rows match, none is chosen.
    return fits[0] if len(fits) == 1 else None


def _same_number(sent: str, reported: str) -> bool:
    digits = "".join(filter(str.isdigit, reported)).lstrip("0")
    # The service adds the account's country code to a number without one.
    return digits == sent or (len(sent) in _NATIONAL and digits.endswith(sent))


def steps_of(row: Any) -> dict[int, list[StepState]]:
    """Return the states of the steps of each recipient with reports."""
    if row.deliveries is None:
        return {}
    kept = json.loads(row.deliveries)
    return {int(index): [state_from(step) for step in steps] for index, steps in kept.items()}


def deliveries_of(row: Any, recipients: int) -> tuple[DeliveryState | None, ...]:
    """Return the delivery state of each recipient, or None without a report."""
    steps = steps_of(row)
    return tuple(outcome_of(steps.get(index, ())) for index in range(recipients))


def _text(steps: dict[int, list[StepState]], now_s: float) -> str:
    kept = {index: [row_of(step, now_s) for step in several] for index, several in steps.items()}
    return json.dumps(kept, ensure_ascii=False)
