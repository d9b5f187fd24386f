"""What a run writes into the ledger, on the connection that holds the lock."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import attrs
from sqlalchemy import and_, delete, exists, insert, select, update

from smsmanager.campaigns._ledger import schema
from smsmanager.campaigns._ledger.batches import Batch, Page, Parcel, Pending
from smsmanager.campaigns._ledger.bulk_update import change_many
from smsmanager.campaigns._ledger.contents import packed
from smsmanager.campaigns._ledger.database import ledger_errors
from smsmanager.campaigns._ledger.ledger import CHUNK
from smsmanager.campaigns.campaign_errors import CampaignTargetError, LedgerError
from smsmanager.campaigns.rows import OPEN, UNSENT, RowState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import Connection

    from smsmanager.campaigns._ledger.batches import Settled
    from smsmanager.campaigns._ledger.ledger import Ledger

_row, _content, _delivery, _campaign = schema.row, schema.content, schema.delivery, schema.campaign
_CLAIMED = ("message", "place")
_SETTLED = ("state", "message_id", "tried", "doubt", "reason")
_ENDED = "the process ended while it was in flight"


class Session:
    """A run's hold on its ledger; used by one thread at a time.

    Args:
        ledger: The ledger.
        connection: The connection that holds the lock.
        target: The service that requests go to; None if none are sent.
        clock: Returns Unix seconds.
    """

    def __init__(
        self,
        ledger: Ledger,
        connection: Connection,
        target: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._ledger = ledger
        self._connection = connection
        self._target = target
        self._clock = clock
        self._id = ledger.head.id
        self._messages = 0

    def begin(self, *, resend_unknown: bool) -> dict[RowState, int]:
        """Prepare the rows for a run; return how many are in each state.

        Args:
            resend_unknown: Whether rows that may have been taken are sent again.

        Raises:
            CampaignTargetError: If the campaign is for another service.
        """
        with ledger_errors(), self._connection.begin():
            self._bind()
            schema.add_missing(self._connection)
            self._close_out()
            if resend_unknown:
                self._remember_messages()
                self._change(_in(OPEN), state=RowState.PENDING.value, doubt=_row.c.state)
            self._change(_in(UNSENT), state=RowState.PENDING.value)
            # A row that was interrupted between two tries gets all of them again.
            self._change(_in({RowState.PENDING}), _row.c.tried > 0, tried=0)
            self._messages = self._connection.execute(
                select(_campaign.c.messages).where(_campaign.c.id == self._id)
            ).scalar_one()
            return self._ledger.counts(self._connection)

    def _bind(self) -> None:
        """Check which service the campaign is for; the first run decides if nobody has."""
        where = _campaign.c.id == self._id
        options = json.loads(
            self._connection.execute(select(_campaign.c.options).where(where)).scalar_one()
        )
        known = options.get("target")
        if self._target is None or known == self._target:
            return
        if known is not None:
            raise CampaignTargetError(
                f"This campaign is for {known}, and requests would go to {self._target}. Nothing was sent: "
                "its rows would count as sent. Make a campaign with a ledger of its own."
            )
        self._ledger.head.options["target"] = options["target"] = self._target
        change = update(_campaign).where(where).values(options=packed(options))
        self._connection.execute(change)

    def finish(self) -> dict[RowState, int]:
        """Make what is still in flight *unknown*, because nobody waits for its answer any more.

        Returns:
            How many rows are in each state.
        """
        with ledger_errors(), self._connection.begin():
            self._close_out()
            return self._ledger.counts(self._connection)

    def _remember_messages(self) -> None:
        """Keep which message may have carried a row that is about to be sent again; forget what was found."""
        known, again = schema.earlier, (_row.c.campaign == self._id, _in(OPEN))
        kept = exists().where(
            and_(*(known.c[name] == _row.c[name] for name in ("campaign", "row", "message")))
        )
        carried = select(_row.c.campaign, _row.c.row, _row.c.message).where(
            *again, _row.c.message.is_not(None), ~kept
        )
        names = ["campaign", "row", "message"]
        self._connection.execute(insert(known).from_select(names, carried))
        rows = select(_row.c.row).where(*again)
        asked = schema.asked
        gone = delete(asked).where(asked.c.campaign == self._id, asked.c.row.in_(rows))
        self._connection.execute(gone)

    def put_back(self, batches: Sequence[Batch]) -> None:
        """Make rows *pending* again that were recorded as in flight and never left."""
        rows = [(self._id, row.row) for batch in batches for row in batch.rows()]
        with ledger_errors(), self._connection.begin():
            change_many(self._connection, RowState.IN_FLIGHT, (), rows, RowState.PENDING)

    def _close_out(self) -> None:
        self._change(_in({RowState.IN_FLIGHT}), state=RowState.UNKNOWN.value, reason=_ENDED)
        # Rows that were to be sent again and were not: what was known of them still holds.
        self._change(_in({RowState.PENDING}), _row.c.doubt.is_not(None), state=_row.c.doubt)
        self._change(_row.c.doubt.is_not(None), doubt=None)
        self._accept_reported()

    def _change(self, *where: Any, **values: Any) -> None:
        change = update(_row).where(_row.c.campaign == self._id, *where).values(**values)
        self._connection.execute(change)

    def _accept_reported(self, rows: Sequence[int] | None = None) -> set[int]:
        """Make rows *accepted* that may have been taken and that a delivery report names.

        Returns:
            Which of `rows` were.
        """
        of_row = (_delivery.c.campaign == self._id, _delivery.c.row == _row.c.row)
        where = [_in(OPEN), exists().where(*of_row)]
        named: set[int] = set()
        if rows is not None:
            where.append(_row.c.row.in_(rows))
            found = select(_row.c.row).where(_row.c.campaign == self._id, *where)
            named = set(self._connection.execute(found).scalars())
            if not named:
                return named
        own_id = select(_delivery.c.message_id).where(*of_row).limit(1).scalar_subquery()
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
            .where(_row.c.campaign == self._id, _row.c.row > after, _in({RowState.PENDING}))
            .order_by(_row.c.row)
            .limit(CHUNK)
        )
        with ledger_errors(), self._connection.begin():
            rows = [
                Pending(row, number, key, tried, RowState(doubt) if doubt else None)
                for row, number, key, tried, doubt in self._connection.execute(wanted)
            ]
            keys = list({row.content for row in rows})
            found = self._connection.execute(
                select(_content.c.id, _content.c.fields, _content.c.size).where(
                    _content.c.campaign == self._id, _content.c.id.in_(keys)
                )
            ).all()
        return Page(
            rows,
            {key: json.loads(fields) for key, fields, _ in found},
            {key: size for key, _, size in found},
        )

    def settle_and_claim(
        self, settled: Iterable[Settled], claimed: Sequence[Batch]
    ) -> tuple[list[Batch], set[int]]:
        """Record what came back and, durably, what is about to go out; one transaction.

        Args:
            settled: What became of rows in flight.
            claimed: Requests that are about to be sent.

        Returns:
            The requests with their messages numbered, without rows that a delivery report has settled
            meanwhile; and which of the settled rows a report has shown to be accepted.
        """
        ended = list(settled)
        with ledger_errors(), self._connection.begin():
            if ended:
                values = [_values(self._id, each) for each in ended]
                change_many(self._connection, RowState.IN_FLIGHT, _SETTLED, values)
                self._note_request_ids(ended)
            doubtful = [each.pending.row for each in ended if each.state in OPEN]
            reported = self._accept_reported(doubtful) if doubtful else set()
            batches = [each for each in map(self._numbered, claimed) if len(each)]
            if batches:
                self._claim(batches)
        return batches, reported

    def _note_request_ids(self, ended: Sequence[Settled]) -> None:
        """Keep the ids of requests whose answer did not mention every row: they settle these rows."""
        known = schema.request
        for each in ended:
            if each.state is RowState.UNCONFIRMED and each.request_id is not None:
                message = (
                    select(_row.c.message)
                    .where(_row.c.campaign == self._id, _row.c.row == each.pending.row)
                    .scalar_subquery()
                )
                carried = (known.c.first <= message, known.c.last >= message)
                self._connection.execute(
                    update(known)
                    .where(known.c.campaign == self._id, *carried)
                    .values(request_id=storable(each.request_id))
                )

    def _numbered(self, batch: Batch) -> Batch:
        # While the lock is held, only a report can change a pending row, and only one that may be out.
        doubtful = [row.row for row in batch.rows() if row.doubt is not None]
        gone: set[int] = set()
        if doubtful:
            still = select(_row.c.row).where(
                _row.c.campaign == self._id, _row.c.row.in_(doubtful), _in({RowState.PENDING})
            )
            gone = set(doubtful) - set(self._connection.execute(still).scalars())
        parcels: list[Parcel] = []
        for parcel in batch.parcels:
            rows = tuple(row for row in parcel.rows if row.row not in gone)
            if rows:
                self._messages += 1
                parcels.append(attrs.evolve(parcel, rows=rows, number=self._messages))
        return Batch(tuple(parcels))

    def _claim(self, batches: Sequence[Batch]) -> None:
        claims = [
            (self._id, row.row, parcel.number, place)
            for batch in batches
            for parcel in batch.parcels
            for place, row in enumerate(parcel.rows)
        ]
        changed = change_many(
            self._connection, RowState.PENDING, _CLAIMED, claims, RowState.IN_FLIGHT
        )
        if changed != len(claims):
            raise LedgerError(
                "Somebody else changed the ledger while it was locked. What was about to go out was not sent."
            )
        self._connection.execute(
            update(_campaign).where(_campaign.c.id == self._id).values(messages=self._messages)
        )
        requests = [
            {
                "campaign": self._id,
                "first": batch.parcels[0].number,
                "last": batch.parcels[-1].number,
                "at": self._clock(),
            }
            for batch in batches
        ]
        self._connection.execute(insert(schema.request), requests)


def _in(states: Iterable[RowState]) -> Any:
    return _row.c.state.in_([state.value for state in states])


def _values(campaign: int, each: Settled) -> tuple[Any, ...]:
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
    """Return a text of the service as every database can keep it: no NUL, no half surrogate pairs."""
    if text.isascii() and text.isprintable():
        return text
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
