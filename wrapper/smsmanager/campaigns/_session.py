"""What a run writes into the ledger, on the connection that holds the lock."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs
from sqlalchemy import exists, select, update

from smsmanager.campaigns import _tables
from smsmanager.campaigns._bulk import changing, packed_values
from smsmanager.campaigns._database import told
from smsmanager.campaigns._grouping import Batch, Parcel, Pending
from smsmanager.campaigns.errors import LedgerError
from smsmanager.campaigns.ledger import CHUNK
from smsmanager.campaigns.states import OPEN, UNSENT, RowState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from smsmanager.campaigns._contents import Fields
    from smsmanager.campaigns.ledger import Ledger

_row = _tables.row
_CLAIMED = ("message", "place")
_SETTLED = ("state", "message_id", "tried", "doubt", "reason")
_ENDED = "the process ended while it was in flight"


@attrs.frozen(slots=True)
class Settled:
    """What became of one row.

    Attributes:
        pending: The row as it was sent.
        state: Its state now.
        message_id: Its id.
        reason: The kind of error, when it was not accepted because of one.
    """

    pending: Pending
    state: RowState
    message_id: str | None = None
    reason: str | None = None


@attrs.frozen
class Page:
    """Rows to be sent, and what they get.

    Attributes:
        rows: The rows.
        fields: For each content what it adds to the shared fields.
        sizes: For each content the most bytes that a message of it takes without its recipients.
    """

    rows: Sequence[Pending]
    fields: dict[int, Fields] = attrs.field(repr=False)
    sizes: dict[int, int]


class Session:
    """A run's hold on its ledger; used by one thread at a time.

    Args:
        ledger: The ledger.
        connection: The connection that holds the lock.
    """

    def __init__(self, ledger: Ledger, connection: Connection) -> None:
        self._ledger = ledger
        self._connection = connection
        self._id = ledger.head.id
        self._messages = 0

    def begin(self, *, resend_unknown: bool) -> dict[RowState, int]:
        """Prepare the rows for a run; return how many are in each state.

        Args:
            resend_unknown: Whether rows that may have been taken are sent again.
        """
        with told(), self._connection.begin():
            self._close_out()
            if resend_unknown:
                open_states = [state.value for state in OPEN]
                self._change(
                    _row.c.state.in_(open_states), state=RowState.PENDING.value, doubt=_row.c.state
                )
            unsent = [state.value for state in UNSENT]
            self._change(_row.c.state.in_(unsent), state=RowState.PENDING.value)
            # A row that was interrupted between two tries gets all of them again.
            self._change(_row.c.state == RowState.PENDING.value, _row.c.tried > 0, tried=0)
            self._messages = self._connection.execute(
                select(_tables.campaign.c.messages).where(_tables.campaign.c.id == self._id)
            ).scalar_one()
            return self._ledger.counts(self._connection)

    def finish(self) -> dict[RowState, int]:
        """Make *unknown* of what is still in flight: nobody waits for its answer any more.

        Returns:
            How many rows are in each state.
        """
        with told(), self._connection.begin():
            self._close_out()
            return self._ledger.counts(self._connection)

    def put_back(self, batches: Sequence[Batch]) -> None:
        """Make *pending* again of rows that were noted as in flight and never left."""
        rows = [(self._id, row.row) for batch in batches for row in batch.rows()]
        with told(), self._connection.begin():
            self._change_many(RowState.IN_FLIGHT, (), RowState.PENDING, rows)

    def _close_out(self) -> None:
        self._change(
            _row.c.state == RowState.IN_FLIGHT.value, state=RowState.UNKNOWN.value, reason=_ENDED
        )
        # Rows that were to be sent again, and were not: what was known of them holds.
        self._change(
            _row.c.state == RowState.PENDING.value,
            _row.c.doubt.is_not(None),
            state=_row.c.doubt,
        )
        self._change(_row.c.doubt.is_not(None), doubt=None)
        self._believe_reports()

    def _change(self, *where: Any, **values: Any) -> None:
        change = update(_row).where(_row.c.campaign == self._id, *where).values(**values)
        self._connection.execute(change)

    def _believe_reports(self, rows: Sequence[int] | None = None) -> set[int]:
        """Make *accepted* of rows that may have been taken and that a delivery report names.

        Returns:
            Which of `rows` were.
        """
        table = _tables.delivery
        reported = exists().where(table.c.campaign == self._id, table.c.row == _row.c.row)
        where = [_row.c.state.in_([state.value for state in OPEN]), reported]
        named: set[int] = set()
        if rows is not None:
            where.append(_row.c.row.in_(rows))
            found = select(_row.c.row).where(_row.c.campaign == self._id, *where)
            named = set(self._connection.execute(found).scalars())
            if not named:
                return named
        own_id = (
            select(table.c.message_id)
            .where(table.c.campaign == self._id, table.c.row == _row.c.row)
            .limit(1)
            .scalar_subquery()
        )
        self._change(*where, state=RowState.ACCEPTED.value, message_id=own_id, reason=None)
        return named

    def page(self, after: int) -> Page:
        """Return the next rows that are to be sent.

        Args:
            after: The row before them.
        """
        columns = (_row.c.row, _row.c.phone_number, _row.c.content, _row.c.tried, _row.c.doubt)
        wanted = (
            select(*columns)
            .where(
                _row.c.campaign == self._id,
                _row.c.row > after,
                _row.c.state == RowState.PENDING.value,
            )
            .order_by(_row.c.row)
            .limit(CHUNK)
        )
        content = _tables.content
        with told(), self._connection.begin():
            rows = [
                Pending(row, number, key, tried, RowState(doubt) if doubt else None)
                for row, number, key, tried, doubt in self._connection.execute(wanted)
            ]
            keys = list({row.content for row in rows})
            found = self._connection.execute(
                select(content.c.id, content.c.fields, content.c.size).where(
                    content.c.campaign == self._id, content.c.id.in_(keys)
                )
            ).all()
        return Page(
            rows,
            {key: json.loads(fields) for key, fields, _ in found},
            {key: size for key, _, size in found},
        )

    def turn(
        self, settled: Iterable[Settled], claimed: Sequence[Batch]
    ) -> tuple[list[Batch], set[int]]:
        """Note what came back and, durably, what is about to go out; one transaction.

        Args:
            settled: What became of rows in flight.
            claimed: Requests that are about to be sent.

        Returns:
            The requests with their messages numbered, less the rows that a delivery report has settled
            meanwhile; and which of the settled rows a report has shown to be accepted.
        """
        noted = list(settled)
        with told(), self._connection.begin():
            if noted:
                self._change_many(
                    RowState.IN_FLIGHT,
                    _SETTLED,
                    None,
                    [_settling(self._id, each) for each in noted],
                )
            doubtful = [each.pending.row for each in noted if each.state in OPEN]
            believed = self._believe_reports(doubtful) if doubtful else set()
            batches = [each for each in map(self._numbered, claimed) if len(each)]
            if batches:
                self._claim(batches)
        return batches, believed

    def _change_many(
        self,
        before: RowState,
        columns: tuple[str, ...],
        after: RowState | None,
        values: Sequence[Sequence[Any]],
    ) -> int:
        """Change rows that are in one state; return how many were."""
        statement = changing(
            self._connection.dialect.name,
            before.value,
            columns,
            None if after is None else after.value,
        )
        given = {"given": packed_values(values)}
        return self._connection.execute(statement, given).rowcount

    def _numbered(self, batch: Batch) -> Batch:
        # Only a report can change a pending row while the lock is held, and only one that may be out.
        doubtful = [row.row for row in batch.rows() if row.doubt is not None]
        gone: set[int] = set()
        if doubtful:
            still = select(_row.c.row).where(
                _row.c.campaign == self._id,
                _row.c.row.in_(doubtful),
                _row.c.state == RowState.PENDING.value,
            )
            gone = set(doubtful) - set(self._connection.execute(still).scalars())
        parcels: list[Parcel] = []
        for parcel in batch.parcels:
            rows = tuple(row for row in parcel.rows if row.row not in gone)
            if rows:
                self._messages += 1
                parcels.append(Parcel(parcel.content, rows, self._messages))
        return Batch(tuple(parcels))

    def _claim(self, batches: Sequence[Batch]) -> None:
        parcels = [parcel for batch in batches for parcel in batch.parcels]
        claims = [
            (self._id, row.row, parcel.number, place)
            for parcel in parcels
            for place, row in enumerate(parcel.rows)
        ]
        changed = self._change_many(RowState.PENDING, _CLAIMED, RowState.IN_FLIGHT, claims)
        if changed != len(claims):
            raise LedgerError(
                "The ledger was changed by somebody else while it was locked. What was about to go out was "
                "not sent."
            )
        self._connection.execute(
            update(_tables.campaign)
            .where(_tables.campaign.c.id == self._id)
            .values(messages=self._messages)
        )


def _settling(campaign: int, each: Settled) -> tuple[Any, ...]:
    """Return which row it is and the values of `_SETTLED`."""
    again = each.state is RowState.PENDING
    doubt = each.pending.doubt
    return (
        campaign,
        each.pending.row,
        each.state.value,
        None if each.message_id is None else storable(each.message_id),
        each.pending.tried + again,
        doubt.value if again and doubt else None,
        each.reason,
    )


def storable(text: str) -> str:
    """Return a text that came from the service as every database can keep it: no NUL, no half pairs."""
    if text.isascii() and text.isprintable():
        return text
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
