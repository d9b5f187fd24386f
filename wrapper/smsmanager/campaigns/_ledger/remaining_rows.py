"""How many rows of a campaign that workers share are still to be sent.

The table `pace` stores the number of those under no lease. Rows under a lease are counted by their states
on request: see `SharedPace.left`.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, func, select, update

from smsmanager.campaigns._ledger import schema
from smsmanager.campaigns._ledger.row_closing import is_alone, is_in
from smsmanager.campaigns.rows import RowState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import ColumnElement, Connection

_row, _lease, _pace = schema.row, schema.lease, schema.pace
_LEASED = exists().where(
    _lease.c.campaign == _row.c.campaign, _row.c.row.between(_lease.c.first, _lease.c.last)
)
IN_DOUBT = and_(_row.c.doubt.is_not(None), ~_LEASED)
"""The condition that a row is sent again though it may have been accepted, and is under no lease."""


def as_counts(pending: int) -> str:
    """Return the counts that the table `pace` stores: how many rows are to be sent and under no lease.

    Earlier versions also counted other states.
    """
    return json.dumps({RowState.PENDING.value: pending})


def pending_in(counts: str) -> int:
    """Return how many rows are still to be sent and under no lease; see `as_counts`."""
    return int(json.loads(counts)[RowState.PENDING.value])


def count_pending(connection: Connection, campaign: int, *where: ColumnElement[bool]) -> int:
    """Return how many rows of a campaign are to be sent and meet the given conditions."""
    pending = (_row.c.campaign == campaign, is_in({RowState.PENDING}), *where)
    return int(connection.execute(select(func.count()).where(*pending)).scalar_one())


def give_back(connection: Connection, lease: Any) -> None:
    """Give the remaining rows of a lease back to the other workers, in the transaction that ends it."""
    where = _pace.c.campaign == lease.campaign
    kept = select(_pace.c.counts, _pace.c.cursor).where(where).with_for_update()
    shared = connection.execute(kept).one_or_none()
    if shared is None:
        return
    left = count_pending(connection, lease.campaign, _row.c.row.between(lease.first, lease.last))
    cursor = min(shared.cursor, lease.first - 1) if left else shared.cursor
    if not is_alone(lease):
        left += pending_in(shared.counts)
    connection.execute(update(_pace).where(where).values(counts=as_counts(left), cursor=cursor))


@contextmanager
def settling(connection: Connection, campaign: int, rows: Sequence[int]) -> Iterator[None]:
    """Subtract from the count the rows to be sent again that the block settles instead.

    Args:
        connection: A connection inside a transaction that has called `leases.hold_still`.
        campaign: Id of the campaign.
        rows: The rows that the block may change.
    """
    before = count_pending(connection, campaign, _row.c.row.in_(rows), IN_DOUBT)
    yield
    if not before:
        return
    if gone := before - count_pending(connection, campaign, _row.c.row.in_(rows), IN_DOUBT):
        where = _pace.c.campaign == campaign
        counts = connection.execute(select(_pace.c.counts).where(where).with_for_update())
        if (kept := counts.scalar_one_or_none()) is not None:
            left = as_counts(pending_in(kept) - gone)
            connection.execute(update(_pace).where(where).values(counts=left))
