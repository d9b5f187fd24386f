"""The state shown for a row, derived from the stored one: reading changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, case, or_, select

from smsmanager.campaigns._ledger import schema
from smsmanager.campaigns._ledger.leases import all_leases, live
from smsmanager.campaigns._ledger.row_closing import ENDED, LAST_ROW, is_alone
from smsmanager.campaigns._ledger.shared_pace import PAUSED, SENDING
from smsmanager.campaigns.rows import RowState

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

_row = schema.row


def shown_state(connection: Connection, campaign: int) -> ColumnElement[str]:
    """Return the state that is shown for a row.

    A row that is in flight or to be sent again, but has no live process working on it, is shown in the state
    that the next process will give it. Reading changes nothing.
    """
    ranges = (
        [(each.first, each.last) for each in live(connection, campaign)]
        if schema.has(connection, schema.lease)
        else []
    )
    if (0, LAST_ROW) in ranges:
        return _row.c.state
    held = or_(*(_row.c.row.between(first, last) for first, last in ranges)) if ranges else None
    free = [] if held is None else [~held]
    in_flight = and_(_row.c.state == RowState.IN_FLIGHT.value, *free)
    if _is_for_workers(connection, campaign):
        return case((in_flight, RowState.UNKNOWN.value), else_=_row.c.state)
    again = and_(_row.c.state == RowState.PENDING.value, _row.c.doubt.is_not(None), *free)
    return case((in_flight, RowState.UNKNOWN.value), (again, _row.c.doubt), else_=_row.c.state)


def _is_for_workers(connection: Connection, campaign: int) -> bool:
    """Return whether workers will send the rows under no lease, including those to be sent again."""
    pace = schema.pace
    if not schema.has(connection, pace):
        return False
    phase = connection.scalar(select(pace.c.phase).where(pace.c.campaign == campaign))
    # If a run by one process died, the end of its lease gives these rows their earlier state back.
    return phase in {SENDING, PAUSED} and not any(map(is_alone, all_leases(connection, campaign)))


def shown_reason(shown: ColumnElement[str]) -> ColumnElement[str | None]:
    """Return the reason that is shown for a row; see `shown_state`."""
    in_flight = _row.c.state == RowState.IN_FLIGHT.value
    return case((and_(in_flight, shown == RowState.UNKNOWN.value), ENDED), else_=_row.c.reason)
