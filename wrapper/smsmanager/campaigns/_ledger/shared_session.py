"""The writes of one worker among many: it takes one range of rows after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from smsmanager.campaigns._ledger import schema
from smsmanager.campaigns._ledger.batches import Page
from smsmanager.campaigns._ledger.database import ledger_errors
from smsmanager.campaigns._ledger.leases import (
    all_leases,
    end_abandoned,
    end_dead,
    locked_campaign,
    take,
)
from smsmanager.campaigns._ledger.ledger import CHUNK
from smsmanager.campaigns._ledger.remaining_rows import as_counts, pending_in
from smsmanager.campaigns._ledger.row_closing import is_alone
from smsmanager.campaigns._ledger.session import Session
from smsmanager.campaigns._ledger.shared_pace import SENDING, next_pending
from smsmanager.campaigns.campaign_errors import CampaignLockedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from smsmanager.campaigns._ledger.batches import Batch, Settled
    from smsmanager.campaigns._ledger.ledger import Ledger

_row, _pace = schema.row, schema.pace
_FEWEST = 100
"""The smallest range of rows: as many as a request can carry."""
_RANGES = 3
"""Into how many ranges each worker's share of the remaining rows is cut, so that all finish at about the same
time. A range costs a database as much as several requests."""
_MOST_RANGES = 16
"""The most ranges into which the remaining rows are cut, however many workers there are."""


class SharedSession(Session):
    """A worker's hold on some rows of a ledger; used by one thread at a time.

    Args:
        ledger: The ledger.
        connection: The connection to write on.
        worker: Identifies the worker.
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

    def join(self) -> None:
        """Check that the campaign is for the service that requests go to.

        Raises:
            CampaignTargetError: If it is for another.
        """
        with ledger_errors(), self._connection.begin():
            self._ledger.bind_target(self._connection, self._target)

    def renew(self) -> None:
        """Renew the lease, if there is one, while nothing else is written."""
        if self._lease is not None:
            super().renew()

    def page(self, after: int) -> Page:
        """Return the requests of the next range. Nothing may be in flight.

        Args:
            after: Not used: a page holds a whole range.

        Raises:
            CampaignLockedError: If another process runs the campaign alone.
        """
        del after
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
            kept = select(_pace.c.cursor, _pace.c.counts).where(where, _pace.c.phase == SENDING)
            # Locked, so that a worker that returns rows now waits: otherwise this would overwrite its cursor.
            # And before the leases are read: the cursor would pass the rows of one that ends meanwhile.
            found = self._connection.execute(kept.with_for_update()).one_or_none()
            held = all_leases(self._connection, self._id)
            if any(map(is_alone, held)):
                raise CampaignLockedError("Another process runs this campaign alone.")
            if found is None:
                return
            left = pending_in(found.counts)
            ranges = min(_RANGES * (len(held) + 1), _MOST_RANGES)
            size = min(CHUNK, max(_FEWEST, left // ranges))
            rows = next_pending(self._connection, self._id, found.cursor, size, held)
            if not rows:
                return
            # Rows of other workers can lie in between: a range ends before the first of them.
            last = min([each.first - 1 for each in held if each.first > rows[0]] + rows[-1:])
            self._lease = take(self._connection, self._id, rows[0], last, self._worker, None)
            left -= sum(row <= last for row in rows)
            moved = update(_pace).where(where).values(cursor=last, counts=as_counts(left))
            self._connection.execute(moved)

    def leave(self) -> None:
        """Give up the lease and return its remaining rows; if it is lost, another process already did."""
        lease, self._lease = self._lease, None
        if lease is not None:
            with ledger_errors(), self._connection.begin():
                lease.end(self._connection)

    def close(self, unsent: Sequence[Batch], settled: Sequence[Settled]) -> None:
        """End work that was interrupted; nothing more is sent."""
        super().close(unsent, settled)
        self.leave()

    def _close_out(self) -> None:
        """Do nothing: the end of the lease closes its rows, and the others belong to other workers."""
