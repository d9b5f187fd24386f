"""What one of many workers writes into a ledger: it takes one range of rows after the other."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from smsmanager.campaigns._ledger import schema
from smsmanager.campaigns._ledger.batches import Page
from smsmanager.campaigns._ledger.database import ledger_errors
from smsmanager.campaigns._ledger.leases import (
    LeaseLostError,
    all_leases,
    end_abandoned,
    end_dead,
    give_up,
    locked_campaign,
    take,
)
from smsmanager.campaigns._ledger.ledger import CHUNK
from smsmanager.campaigns._ledger.row_closing import LAST_ROW, close_out
from smsmanager.campaigns._ledger.session import Session
from smsmanager.campaigns._ledger.shared_pace import SENDING, next_pending
from smsmanager.campaigns.campaign_errors import CampaignLockedError
from smsmanager.campaigns.rows import RowState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from smsmanager.campaigns._ledger.batches import Batch, Settled
    from smsmanager.campaigns._ledger.ledger import Ledger

_row, _pace = schema.row, schema.pace
_FEWEST = 100
"""Rows of a range at least: as many as a request can carry."""
_RANGES = 16
"""Into how many ranges what is left is divided at least, so that all workers end at about the same time."""


class SharedSession(Session):
    """A worker's hold on some rows of a ledger; used by one thread at a time.

    Args:
        ledger: The ledger.
        connection: The connection to write on.
        worker: Says who works.
        target: The service that requests go to.
        clock: Returns Unix seconds.
    """

    def __init__(
        self,
        ledger: Ledger,
        connection: Connection,
        worker: str,
        target: str | None,
        clock: Callable[[], float],
    ) -> None:
        super().__init__(ledger, connection, None, target, clock)
        self._worker = worker
        # How many rows this lease has brought into which state.
        self._changed: Counter[str] = Counter()

    def join(self) -> None:
        """Check that requests go to the service that the campaign is for.

        Raises:
            CampaignTargetError: If they do not.
        """
        with ledger_errors(), self._connection.begin():
            self._ledger.bind_target(self._connection, self._target)

    def renew(self) -> None:
        """Keep the lease, if there is one, while nothing else is written."""
        if self._lease is not None:
            super().renew()

    def page(self, after: int) -> Page:
        """Return the next requests of this range, or of another one. Nothing may be in flight.

        Raises:
            CampaignLockedError: If somebody works on the campaign alone.
        """
        if self._lease is not None:
            page = super().page(after)
            if page.last is not None:
                return page
            self.leave()
        try:
            self._take_range()
        except CampaignLockedError:
            with ledger_errors():
                end_abandoned(self._ledger.database, self._connection, self._id)
            raise
        return Page(()) if self._lease is None else super().page(self._lease.first - 1)

    def _take_range(self) -> None:
        where = _pace.c.campaign == self._id
        with ledger_errors(), self._connection.begin():
            locked_campaign(self._connection, self._id)
            end_dead(self._connection, self._id, spares_sleepers=True)
            held = all_leases(self._connection, self._id)
            if any((each.first, each.last) == (0, LAST_ROW) for each in held):
                raise CampaignLockedError("Another process runs this campaign alone.")
            kept = select(_pace.c.cursor, _pace.c.counts).where(where, _pace.c.phase == SENDING)
            # Whoever gives rows back now waits, or the cursor would move on from where it was before.
            found = self._connection.execute(kept.with_for_update()).one_or_none()
            if found is None:
                return
            left = json.loads(found.counts).get(RowState.PENDING.value, 0)
            size = min(CHUNK, max(_FEWEST, left // _RANGES))
            rows = next_pending(self._connection, self._id, found.cursor, size, held)
            if not rows:
                return
            # Rows of others can lie in between: a range ends before the first of them.
            last = min([each.first - 1 for each in held if each.first > rows[0]] + rows[-1:])
            self._lease = take(self._connection, self._id, rows[0], last, self._worker, None)
            moved = update(_pace).where(where).values(cursor=last)
            self._connection.execute(moved)

    def settle_and_claim(
        self, settled: Sequence[Settled], claimed: Sequence[Batch]
    ) -> tuple[list[Batch], set[int]]:
        """Record what came back and what is about to go out, and how many rows that changed."""
        before = self._changed.copy()
        taken = sum(batch.recipients for batch in claimed)
        self._changed["pending"] -= taken
        self._changed["in_flight"] += taken - len(settled)
        self._changed.update(each.state.value for each in settled)
        try:
            left, reported = super().settle_and_claim(settled, claimed)
        except BaseException:
            self._changed = before
            raise
        dropped = taken - sum(batch.recipients for batch in left)
        self._changed["in_flight"] -= dropped
        self._changed["accepted"] += dropped + len(reported)
        for each in settled:
            self._changed[each.state.value] -= each.pending.row in reported
        return left, reported

    def leave(self) -> None:
        """Give the lease up, and what is left of its rows back."""
        lease, self._lease = self._lease, None
        if lease is None:
            return
        changes, self._changed = self._changed, Counter()
        with ledger_errors(), self._connection.begin():
            try:
                lease.renew(self._connection, json.dumps(changes))
            except LeaseLostError:
                # Whoever took over gave back what was left.
                return
        give_up(self._connection, lease)

    def close(self, unsent: Sequence[Batch], settled: Sequence[Settled]) -> None:
        """End work that was interrupted: nothing is sent any more."""
        super().close(unsent, settled)
        self.leave()

    def _close_out(self) -> None:
        if self._lease is not None:
            close_out(self._connection, self._id, self._lease.first, self._lease.last)
