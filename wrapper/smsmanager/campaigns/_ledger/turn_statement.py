"""A whole turn of a run as one statement, for PostgreSQL.

Each statement is a round trip to the server, after which the plan's thread waits for the interpreter behind
the threads that send. One statement therefore renews the lease, records outcomes, claims rows and records
their requests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, func, insert, select

from smsmanager.campaigns._ledger import schema
from smsmanager.campaigns._ledger.bulk_update import (
    CARRIED,
    KEY,
    as_given,
    changing,
    given_rows,
)
from smsmanager.campaigns._ledger.leases import renewal
from smsmanager.campaigns._ledger.prepared_statement import PreparedStatement
from smsmanager.campaigns.rows import RowState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from smsmanager.campaigns._ledger.batches import Batch, Settled
    from smsmanager.campaigns._ledger.leases import Lease

CLAIMED = ("message", "place")
ACCEPTED = ("message_id",)
SETTLED = (*ACCEPTED, "state", "tried", "doubt", "reason")
REQUEST = ("campaign", "first", "last", "at")
"""Columns that change when a row is claimed, accepted, or settled in any way; columns of a request."""
_row, _request = schema.row, schema.request


def fits_one_statement(connection: Connection, claimed: Sequence[Batch]) -> bool:
    """Return whether a turn can be one statement: no report can have settled any of its rows meanwhile."""
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
    """Renew the lease, record outcomes, claim rows; return whether all of that was done.

    Args:
        connection: A connection inside a transaction, which must be rolled back if this returns False.
        lease: The lease.
        settled: For each row that was accepted: row, message and `ACCEPTED`.
        claims: For each row about to be sent: row, message and place.
        requests: Results of `request_values`.
    """
    given = {
        name: as_given(rows)
        for name, rows in (("settled", settled), ("claims", claims), ("requests", requests))
    }
    values = {"fence": lease.id, "campaign": lease.campaign, **given}
    [done] = _turn(connection, values).all()
    return tuple(done) == (1, len(settled), len(claims), len(requests))


def _made() -> PreparedStatement:
    """Return the statement of a turn.

    `EXISTS` is evaluated before any row is looked up, so the lease is locked first, as in every other
    transaction, and two transactions cannot deadlock.
    """
    server = "postgresql"
    renewed = renewal(server).returning(schema.lease.c.id).cte("renewed")
    held = exists(select(renewed.c.id))
    in_flight, accepted = RowState.IN_FLIGHT.value, RowState.ACCEPTED.value
    results = given_rows(server, (*CARRIED, *ACCEPTED), "settled")
    noting = changing(server, results, in_flight, ACCEPTED, accepted, CARRIED)
    noted = noting.where(held).returning(_row.c.row).cte("noted")
    claims = given_rows(server, (*KEY, *CLAIMED), "claims")
    claiming = changing(server, claims, RowState.PENDING.value, CLAIMED, in_flight, KEY)
    claimed = claiming.where(held).returning(_row.c.row).cte("claimed")
    leaving = given_rows(server, REQUEST, "requests", _request)
    requested = (
        insert(_request)
        .from_select(REQUEST, select(*(leaving.c[name] for name in REQUEST)).where(held))
        .returning(_request.c.first)
        .cte("requested")
    )
    parts = (renewed, noted, claimed, requested)
    counted = (select(func.count()).select_from(part).scalar_subquery() for part in parts)
    return PreparedStatement(select(*counted))


_turn = _made()


def accepted_values(each: Settled) -> tuple[int, int, str | None]:
    """Return the row, the message that carried it, and the value for `ACCEPTED`."""
    message_id = each.message_id
    return each.pending.row, each.number, None if message_id is None else storable(message_id)


def settled_values(each: Settled) -> tuple[Any, ...]:
    """Return the row, the message that carried it, and the values for `SETTLED`."""
    again, pending = each.state is RowState.PENDING, each.pending
    tried, doubt = pending.tried + again, pending.doubt if again else None
    return *accepted_values(each), each.state.value, tried, doubt, each.reason


def request_values(campaign: int, batch: Batch, at: float) -> tuple[int, int, int, float]:
    """Return the campaign, first and last message, and sending time of a request."""
    return campaign, batch.parcels[0].number, batch.parcels[-1].number, at


def storable(text: str) -> str:
    """Return a text from the service in a form that every database can store: no NUL, no lone surrogates."""
    if text.isascii() and text.isprintable():
        return text
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
