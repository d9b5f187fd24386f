"""A whole turn of a run as one statement, for PostgreSQL.

Each statement is a trip to the server, and on the way back the thread of the plan waits for the interpreter
behind the threads that send. So one statement renews the lease, notes results, claims rows and notes their
requests.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, func, insert, select

from smsmanager.campaigns._ledger import schema
from smsmanager.campaigns._ledger.bulk_update import CARRIED, changing, given_rows
from smsmanager.campaigns._ledger.leases import renewal
from smsmanager.campaigns._ledger.prepared_statement import PreparedStatement
from smsmanager.campaigns.rows import RowState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from smsmanager.campaigns._ledger.batches import Batch, Settled
    from smsmanager.campaigns._ledger.leases import Lease

CLAIMED = ("message", "place")
SETTLED = ("state", "message_id", "tried", "doubt", "reason")
_REQUEST = ("campaign", "first", "last", "at")
_KEY = ("campaign", "row")
_row, _request = schema.row, schema.request


def is_plain(connection: Connection, claimed: Sequence[Batch]) -> bool:
    """Return whether a turn can be one statement: a report can have settled none of the rows meanwhile."""
    return connection.dialect.name == "postgresql" and all(
        row.doubt is None for batch in claimed for row in batch.rows()
    )


def turn_at_once(
    connection: Connection,
    lease: Lease,
    settled: Sequence[Sequence[Any]],
    claims: Sequence[Sequence[Any]],
    requests: Sequence[Sequence[Any]],
) -> bool:
    """Renew the lease, note results, claim rows; return whether all of that was done.

    Args:
        connection: Inside a transaction, which must not be committed where this returns False.
        lease: The lease.
        settled: As `settled_values` returns them.
        claims: For each row that is about to go out: campaign, row, message and place.
        requests: As `request_values` returns them.
    """
    given = {
        name: json.dumps(rows, separators=(",", ":"))
        for name, rows in (("settled", settled), ("claims", claims), ("requests", requests))
    }
    values = {"fence": lease.id, "campaign": lease.campaign, **given}
    [done] = _turn(connection, values).all()
    return tuple(done) == (1, len(settled), len(claims), len(requests))


def _made() -> PreparedStatement:
    """Return the statement.

    `EXISTS` comes before any row is looked for, so that the lease is locked first, as in every other
    transaction: two of them cannot wait for each other.
    """
    server = "postgresql"
    renewed = renewal(server).returning(schema.lease.c.id).cte("renewed")
    held = exists(select(renewed.c.id))
    results = given_rows(server, (*CARRIED, *SETTLED), "settled")
    noting = changing(server, results, RowState.IN_FLIGHT.value, SETTLED, None, CARRIED)
    noted = noting.where(held).returning(_row.c.row).cte("noted")
    claims = given_rows(server, (*_KEY, *CLAIMED), "claims")
    in_flight = RowState.IN_FLIGHT.value
    claiming = changing(server, claims, RowState.PENDING.value, CLAIMED, in_flight, _KEY)
    claimed = claiming.where(held).returning(_row.c.row).cte("claimed")
    leaving = given_rows(server, _REQUEST, "requests", _request)
    requested = (
        insert(_request)
        .from_select(_REQUEST, select(*(leaving.c[name] for name in _REQUEST)).where(held))
        .returning(_request.c.first)
        .cte("requested")
    )
    parts = (renewed, noted, claimed, requested)
    counted = (select(func.count()).select_from(part).scalar_subquery() for part in parts)
    return PreparedStatement(select(*counted))


_turn = _made()


def settled_values(campaign: int, each: Settled) -> tuple[Any, ...]:
    """Return which row it is, the message that carried it, and the values of `SETTLED`."""
    again = each.state is RowState.PENDING
    pending, message_id = each.pending, each.message_id
    return (
        campaign,
        pending.row,
        each.number,
        each.state.value,
        None if message_id is None else storable(message_id),
        pending.tried + again,
        pending.doubt if again else None,
        each.reason,
    )


def request_values(campaign: int, batch: Batch, at: float) -> tuple[int, int, int, float]:
    """Return campaign, first and last message of a request, and when it leaves."""
    return campaign, batch.parcels[0].number, batch.parcels[-1].number, at


def storable(text: str) -> str:
    """Return a text of the service as every database can keep it: no NUL, no lone surrogates."""
    if text.isascii() and text.isprintable():
        return text
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
