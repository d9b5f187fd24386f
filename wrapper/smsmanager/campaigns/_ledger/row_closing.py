"""Close rows whose answers no process expects any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, select, update

from smsmanager.campaigns._ledger import schema
from smsmanager.campaigns.rows import OPEN, RowState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement, Connection

LAST_ROW = 2**62
"""The last row in the range of a run that works alone."""
ENDED = "the process ended while it was in flight"
_row, _delivery = schema.row, schema.delivery


def is_alone(lease: Any) -> bool:
    """Return whether a lease belongs to a run by one process."""
    return bool(lease.last == LAST_ROW)


def close_out(connection: Connection, campaign: int, first: int = 0, last: int = LAST_ROW) -> None:
    """Make rows in flight *unknown*, because no process expects their answers any more.

    Rows named by a delivery report become *accepted*.
    """
    within = (_row.c.campaign == campaign, _row.c.row.between(first, last))
    closed = (
        update(_row)
        .where(*within, _row.c.state == RowState.IN_FLIGHT.value)
        .values(state=RowState.UNKNOWN.value, reason=ENDED, doubt=None)
    )
    if connection.execute(closed).rowcount:
        accept_reported(connection, *within)


def close_out_alone(connection: Connection, campaign: int) -> None:
    """Close out all rows; those that were to be sent again but were not get their earlier state back."""
    close_out(connection, campaign)
    of_campaign = _row.c.campaign == campaign
    doubtful = update(_row).where(of_campaign, _row.c.doubt.is_not(None))
    connection.execute(doubtful.where(is_in({RowState.PENDING})).values(state=_row.c.doubt))
    connection.execute(doubtful.values(doubt=None))
    accept_reported(connection, of_campaign)


def accept_reported(connection: Connection, *where: ColumnElement[bool]) -> int:
    """Make open rows *accepted* that a delivery report names; return how many."""
    of_row = and_(_delivery.c.campaign == _row.c.campaign, _delivery.c.row == _row.c.row)
    own_id = select(_delivery.c.message_id).where(of_row).limit(1).scalar_subquery()
    named = select(_delivery.c.row).where(of_row).exists()
    found = (
        update(_row)
        .where(*where, is_in(OPEN), named)
        .values(state=RowState.ACCEPTED.value, message_id=own_id, reason=None)
    )
    return int(connection.execute(found).rowcount)


def is_in(states: Iterable[RowState]) -> ColumnElement[bool]:
    """Return the condition that a row is in one of the given states."""
    return _row.c.state.in_([state.value for state in states])
