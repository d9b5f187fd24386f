"""The writes of a run to the ledger: each transaction first renews the lease, or fails."""

from __future__ import annotations

import json
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, delete, exists, insert, select, update

from smsmanager.campaigns._ledger import schema
from smsmanager.campaigns._ledger.batches import Batch, Page, Pending, batches, sharing
from smsmanager.campaigns._ledger.bulk_update import CARRIED, change_many, contents_of
from smsmanager.campaigns._ledger.database import ledger_errors
from smsmanager.campaigns._ledger.leases import LeaseLostError, hold_still, writing_under
from smsmanager.campaigns._ledger.ledger import CHUNK
from smsmanager.campaigns._ledger.prepared_statement import PreparedStatement
from smsmanager.campaigns._ledger.remaining_rows import settling
from smsmanager.campaigns._ledger.row_closing import (
    LAST_ROW,
    accept_reported,
    close_out_alone,
    is_in,
)
from smsmanager.campaigns._ledger.turn_statement import (
    ACCEPTED,
    CLAIMED,
    REQUEST,
    SETTLED,
    accepted_values,
    fits_one_statement,
    request_values,
    settled_values,
    storable,
    turn_at_once,
)
from smsmanager.campaigns.campaign_errors import LedgerError
from smsmanager.campaigns.rows import OPEN, UNSENT, RowState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection

    from smsmanager.campaigns._ledger.batches import Settled
    from smsmanager.campaigns._ledger.leases import Lease
    from smsmanager.campaigns._ledger.ledger import Ledger

_row, _campaign = schema.row, schema.campaign
_REQUESTS = PreparedStatement(insert(schema.request))
_PENDING = PreparedStatement(
    select(_row.c.row, _row.c.phone_number, _row.c.content, _row.c.tried, _row.c.doubt)
    .where(
        _row.c.campaign == bindparam("campaign"),
        _row.c.row > bindparam("after"),
        _row.c.row <= bindparam("last"),
        _row.c.state == RowState.PENDING.value,
    )
    .order_by(_row.c.row)
    .limit(bindparam("most"))
)
_NUMBERED = PreparedStatement(
    update(_campaign)
    .where(_campaign.c.id == bindparam("campaign"))
    .values(messages=_campaign.c.messages + bindparam("new"))
    .returning(_campaign.c.messages)
)
_FOREIGN = "Another process changed the ledger. The messages about to be sent were not sent."


class Session:
    """A run's hold on its ledger; used by one thread at a time.

    Args:
        ledger: The ledger.
        connection: The connection to write on.
        lease: The lease on the rows that the run may send; None before it has one.
        target: The service that requests go to; None if none are sent.
        clock: Returns Unix seconds.
    """

    def __init__(
        self,
        ledger: Ledger,
        connection: Connection,
        lease: Lease | None,
        target: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._ledger = ledger
        self._connection = connection
        self._lease = lease
        self._target = target
        self._clock = clock
        self._id = ledger.head.id

    def begin(self, *, resend_unknown: bool) -> dict[RowState, int]:
        """Prepare the rows for a run; return how many are in each state.

        Args:
            resend_unknown: Whether rows that may have been accepted are sent again.

        Raises:
            CampaignTargetError: If the campaign is for another service.
        """
        with ledger_errors(), self._connection.begin():
            self._ledger.bind_target(self._connection, self._target)
        with self._writing():
            self._close_out()
            if resend_unknown:
                self._remember_messages()
                self._change(is_in(OPEN), state=RowState.PENDING.value, doubt=_row.c.state)
            self._change(is_in(UNSENT), state=RowState.PENDING.value)
            # A row that was interrupted between two attempts gets all attempts again.
            self._change(is_in({RowState.PENDING}), _row.c.tried > 0, tried=0)
            return self._ledger.counts(self._connection, _row.c.state)

    def renew(self) -> None:
        """Renew the lease while nothing else is written."""
        with self._writing():
            pass

    def finish(self) -> dict[RowState, int]:
        """Make rows still in flight *unknown*, because no process expects their answers any more.

        Returns:
            How many rows are in each state.
        """
        with self._writing():
            self._close_out()
            return self._ledger.counts(self._connection, _row.c.state)

    def _writing(self) -> AbstractContextManager[None]:
        if self._lease is None:
            raise LeaseLostError
        return writing_under(self._connection, self._lease)

    def _remember_messages(self) -> None:
        """Store the message that may have carried each row to be sent again; delete earlier findings."""
        known, again = schema.earlier, (_row.c.campaign == self._id, is_in(OPEN))
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

    def _close_out(self) -> None:
        close_out_alone(self._connection, self._id)

    def _change(self, *where: Any, **values: Any) -> None:
        change = update(_row).where(_row.c.campaign == self._id, *where).values(**values)
        self._connection.execute(change)

    def page(self, after: int) -> Page:
        """Return the next requests to be sent; each of their messages gets a new number.

        Args:
            after: Return rows after this one.
        """
        last = LAST_ROW if self._lease is None else self._lease.last
        values = {"campaign": self._id, "after": after, "last": last, "most": CHUNK}
        with ledger_errors(), self._connection.begin():
            rows = list(map(Pending._make, _PENDING(self._connection, values).all()))
            if not rows:
                return Page(())
            sizes, fields = self._contents({row.content for row in rows})
            messages = sharing(rows)
            # These numbers are never reused, even if this run fails: reports identify rows by them.
            count = {"campaign": self._id, "new": len(messages)}
            first = _NUMBERED(self._connection, count).scalar_one() - len(messages) + 1
        return Page(batches(messages, sizes, first), rows[-1].row, fields)

    def _contents(self, keys: set[int]) -> tuple[dict[int, int], dict[int, dict[str, Any]]]:
        found = contents_of(self._connection, self._id, keys)
        # Parsed together, which takes a quarter of the time.
        fields = json.loads(f"[{','.join([each.fields for each in found])}]")
        keys_found = [each.id for each in found]
        return {each.id: each.size for each in found}, dict(zip(keys_found, fields, strict=True))

    def settle_and_claim(
        self, settled: Sequence[Settled], claimed: Sequence[Batch]
    ) -> tuple[list[Batch], set[int]]:
        """Record outcomes and, durably, the requests about to be sent, in one transaction.

        Args:
            settled: The outcomes of rows in flight.
            claimed: The requests about to be sent.

        Returns:
            The requests, without rows that a delivery report has settled meanwhile; and those of the settled
            rows that a report has shown to be accepted.

        Raises:
            LeaseLostError: If another process took over; nothing was recorded.
            LedgerError: If another process changed these rows; outcomes are recorded, nothing may be sent.
        """
        if fits_one_statement(self._connection, claimed) and self._is_done_at_once(
            settled, claimed
        ):
            return list(claimed), set()
        with self._writing():
            is_foreign = not self._settle(settled)
            doubtful = [each.pending.row for each in settled if each.state in OPEN]
            reported = self._accepted_of(doubtful) if doubtful else set()
            left = (
                []
                if is_foreign
                else [each for each in map(self._still_due, claimed) if each.parcels]
            )
            if left:
                self._claim(left)
        if is_foreign:
            self.note_late(settled)
            raise LedgerError(_FOREIGN)
        return left, reported

    def _is_done_at_once(self, settled: Sequence[Settled], claimed: Sequence[Batch]) -> bool:
        """Record a turn in one statement; return False if that recorded nothing.

        Several statements then do it, and show the reason: a lost lease, or rows changed by another process.
        """
        if self._lease is None or any(each.state is not RowState.ACCEPTED for each in settled):
            return False
        at = self._clock()
        values = list(map(accepted_values, settled))
        claims = _claims(claimed)
        requests = [request_values(self._id, batch, at) for batch in claimed]
        with ledger_errors(), self._connection.begin() as transaction:
            done = turn_at_once(self._connection, self._lease, values, claims, requests)
            if not done:
                transaction.rollback()
        return done

    def _settle(self, settled: Sequence[Settled]) -> bool:
        """Record outcomes; return whether each row was in flight in the message that its outcome is for."""
        others = [each for each in settled if each.state is not RowState.ACCEPTED]
        accepted = [accepted_values(each) for each in settled if each.state is RowState.ACCEPTED]
        change = partial(change_many, self._connection, self._id, RowState.IN_FLIGHT, same=CARRIED)
        changed = change(ACCEPTED, accepted, RowState.ACCEPTED)
        changed += change(SETTLED, list(map(settled_values, others)))
        self._note_request_ids(others)
        return changed == len(settled)

    def _note_request_ids(self, ended: Sequence[Settled]) -> None:
        """Store the ids of requests whose answers left out rows; the ids serve to settle these rows."""
        known = schema.request
        for each in ended:
            if each.state is RowState.UNCONFIRMED and each.request_id is not None:
                carried = (known.c.first <= each.number, known.c.last >= each.number)
                self._connection.execute(
                    update(known)
                    .where(known.c.campaign == self._id, *carried)
                    .values(request_id=storable(each.request_id))
                )

    def _accepted_of(self, rows: Sequence[int]) -> set[int]:
        """Make open rows *accepted* that a delivery report names; return them."""
        these = (_row.c.campaign == self._id, _row.c.row.in_(rows))
        if not accept_reported(self._connection, *these):
            return set()
        accepted = select(_row.c.row).where(*these, is_in({RowState.ACCEPTED}))
        return set(self._connection.execute(accepted).scalars())

    def _still_due(self, batch: Batch) -> Batch:
        # Under a lease, only a report can change a pending row, and only a row that may have been accepted.
        doubtful = [row.row for row in batch.rows() if row.doubt is not None]
        if not doubtful:
            return batch
        still = (
            select(_row.c.row)
            .where(_row.c.campaign == self._id, _row.c.row.in_(doubtful), is_in({RowState.PENDING}))
            .with_for_update()
        )
        gone = set(doubtful) - set(self._connection.execute(still).scalars())
        return batch.without(gone) if gone else batch

    def _claim(self, claimed: Sequence[Batch]) -> None:
        claims = _claims(claimed)
        changed = change_many(
            self._connection, self._id, RowState.PENDING, CLAIMED, claims, RowState.IN_FLIGHT
        )
        if changed != len(claims):
            raise LedgerError(_FOREIGN)
        at = self._clock()
        requests = [
            dict(zip(REQUEST, request_values(self._id, batch, at), strict=True), request_id=None)
            for batch in claimed
        ]
        _REQUESTS(self._connection, requests)

    def close(self, unsent: Sequence[Batch], settled: Sequence[Settled]) -> None:
        """End a run that was interrupted and sends nothing more.

        Args:
            unsent: Requests that may have been recorded as in flight but were never sent.
            settled: The known outcomes of rows in flight; all others are unknown.
        """
        try:
            with self._writing():
                self._put_back(unsent)
                self._settle(settled)
                self._close_out()
        except LeaseLostError:
            self.note_late(settled)

    def _put_back(self, unsent: Sequence[Batch]) -> int:
        """Make rows that were never sent *pending* again; return how many were in flight."""
        back = [(row, number) for batch in unsent for row, number, _ in batch.carried()]
        return change_many(
            self._connection, self._id, RowState.IN_FLIGHT, (), back, RowState.PENDING, CARRIED
        )

    def note_late(self, settled: Sequence[Settled]) -> None:
        """Record accepted rows after another process took over and made them *unknown*.

        Rows that are in flight again, or in another message than the one answered, are left alone.
        """
        accepted = [accepted_values(each) for each in settled if each.state is RowState.ACCEPTED]
        if not accepted:
            return
        rows = [row for row, *_ in accepted]
        with ledger_errors(), self._connection.begin():
            hold_still(self._connection, self._id)
            with settling(self._connection, self._id, rows):
                for state in (*sorted(OPEN), RowState.PENDING):
                    change = (ACCEPTED, accepted, RowState.ACCEPTED, CARRIED)
                    change_many(self._connection, self._id, state, *change)


def _claims(claimed: Sequence[Batch]) -> list[tuple[int, int, int]]:
    """Return each row and its `CLAIMED`."""
    return [carried for batch in claimed for carried in batch.carried()]
