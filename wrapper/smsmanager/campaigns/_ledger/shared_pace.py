"""The pace that all workers of a campaign share: whether they may send, how fast, and until when they wait.

It is one row of the table `pace`; each method is a short, separate transaction. Nothing here protects rows:
if the server loses the latest of these changes, requests are merely sent a little early or late.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs
from sqlalchemy import and_, case, delete, func, insert, select, update

from smsmanager.campaigns._ledger import schema
from smsmanager.campaigns._ledger.leases import (
    LeaseLostError,
    locked_campaign,
    now,
)
from smsmanager.campaigns._ledger.remaining_rows import (
    IN_DOUBT,
    as_counts,
    count_pending,
    pending_in,
)
from smsmanager.campaigns._ledger.row_closing import LAST_ROW, is_in
from smsmanager.campaigns.rows import RowState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import ColumnElement, Connection

    from smsmanager.campaigns._ledger.database import Database
    from smsmanager.campaigns._ledger.leases import Lease

_pace, _lease, _row = schema.pace, schema.lease, schema.row
SENDING, PAUSED, STOPPED, FINISHED = "sending", "paused", "stopped", "finished"
_AHEAD_S = 60.0
"""How far ahead a request can reserve its moment, unless the gap between two requests is longer."""


@attrs.frozen
class Control:
    """What the workers of a campaign should do.

    Attributes:
        phase: `sending`, `paused`, `stopped` or `finished`.
        reason: Why it is paused or was stopped.
        held_s: Seconds for which all requests are held back.
        next_s: Seconds until the next request may be sent, if there is a pace.
        failures: How many requests in a row have failed.
        options: The options of this start.
    """

    phase: str
    reason: str | None
    held_s: float
    next_s: float
    failures: int
    options: Mapping[str, Any]


class SharedPace:
    """The pace of one campaign, for all of its workers.

    Args:
        database: The database with the campaign.
        campaign: Id of the campaign.
    """

    def __init__(self, database: Database, campaign: int) -> None:
        self._database = database
        self._id = campaign
        self._where = _pace.c.campaign == campaign

    def start(self, options: Mapping[str, Any], lease: Lease) -> None:
        """Let workers send from the first row on.

        Args:
            options: The options of this start.
            lease: The lease on all rows under which they were prepared; it is given up.

        Raises:
            LeaseLostError: If another process took over; nothing was started.
        """
        campaign = schema.campaign
        with self._database.writing() as connection:
            # Before the lease: all other code locks them in this order too.
            locked_campaign(connection, self._id)
            # Deleted here, not ended like others: the workers must still send rows that are to be sent again.
            given_up = delete(_lease).where(_lease.c.id == lease.id)
            if connection.execute(given_up).rowcount != 1:
                raise LeaseLostError
            # From now on, versions without leases must not run it.
            shared = update(campaign).where(campaign.c.id == self._id)
            connection.execute(shared.values(version=schema.SHARED))
            connection.execute(delete(_pace).where(self._where))
            connection.execute(
                insert(_pace).values(
                    campaign=self._id,
                    phase=SENDING,
                    options=json.dumps(options),
                    cursor=0,
                    counts=as_counts(count_pending(connection, self._id)),
                    held_until=0.0,
                    next_at=0.0,
                    failures=0,
                )
            )

    def change(self, phase: str, before: tuple[str, ...], reason: str | None = None) -> bool:
        """Change the phase if it is one of `before`; return whether it was."""
        changed = (
            update(_pace)
            .where(self._where, _pace.c.phase.in_(before))
            .values(phase=phase, reason=reason)
        )
        with self._database.writing() as connection:
            return connection.execute(changed).rowcount == 1

    def control(self) -> Control | None:
        """Return what workers should do; None if the campaign was never started for workers."""
        with self._database.reading() as connection:
            return self._control(connection)

    def _control(self, connection: Connection) -> Control | None:
        if not schema.has(connection, _pace):
            return None
        columns = (_pace.c.phase, _pace.c.reason, _pace.c.failures, _pace.c.options)
        held_s = (_pace.c.held_until - now(connection)).label("held_s")
        next_s = (_pace.c.next_at - now(connection)).label("next_s")
        found = connection.execute(select(*columns, held_s, next_s).where(self._where))
        if (record := found.one_or_none()) is None:
            return None
        return Control(
            record.phase,
            record.reason,
            max(0.0, record.held_s),
            max(0.0, record.next_s),
            record.failures,
            json.loads(record.options),
        )

    def slot(self, gap_s: float, within_s: float) -> float | None:
        """Reserve the next moment at which a request may be sent, if it comes soon.

        Args:
            gap_s: Seconds between two requests of the campaign.
            within_s: The longest acceptable wait in seconds. A later moment is not reserved, since it would
                be lost; nor is one that is further away than both a minute and the gap.

        Returns:
            Seconds until that moment; None if none was reserved, or nothing may be sent now.
        """
        columns = (_pace.c.phase, _pace.c.held_until, _pace.c.next_at)
        with self._database.writing() as connection:
            present = now(connection).label("present")
            wanted = select(*columns, present).where(self._where).with_for_update()
            found = connection.execute(wanted).one_or_none()
            if found is None or found.phase != SENDING or found.held_until > found.present:
                return None
            ahead_s = max(_AHEAD_S, gap_s)
            # No reservation is further away than this, unless the clock was set back since.
            at_s = min(max(0.0, found.next_at - found.present), ahead_s + gap_s)
            is_reserved = at_s <= min(within_s, ahead_s)
            next_at = found.present + at_s + gap_s * is_reserved
            if is_reserved or next_at < found.next_at:
                connection.execute(update(_pace).where(self._where).values(next_at=next_at))
        return float(at_s) if is_reserved else None

    def failed(self, hold_s: float, stop_after: int | None, reason: str, stop: str | None) -> None:
        """Record a failed request: hold all requests back, and stop after too many failures.

        Args:
            hold_s: Seconds to hold back.
            stop_after: Failed requests in a row after which to stop; None for never.
            reason: Why requests are held back, in words.
            stop: Why no request can succeed; None if other requests may.
        """
        failures = _pace.c.failures + 1
        values: dict[str, Any] = {"failures": failures, "reason": reason}
        if stop is not None:
            values |= {"phase": STOPPED, "reason": stop}
        elif stop_after is not None:
            too_many = failures >= stop_after
            said = f"{stop_after} requests in a row failed"
            values["phase"] = case((too_many, STOPPED), else_=_pace.c.phase)
            values["reason"] = case((too_many, said), else_=reason)
        with self._database.writing() as connection:
            held_until = _greatest(_pace.c.held_until, now(connection) + hold_s)
            change = update(_pace).where(self._where, _pace.c.phase.in_((SENDING, PAUSED)))
            connection.execute(change.values(**values, held_until=held_until))

    def succeeded(self) -> None:
        """Reset the count of failures."""
        again = update(_pace).where(self._where, _pace.c.failures > 0)
        with self._database.writing() as connection:
            connection.execute(again.values(failures=0, reason=None))

    def finish_if_done(self) -> bool:
        """Mark the campaign finished if no row is left and no lease exists; return whether it is finished."""
        with self._database.writing() as connection:
            cursor = select(_pace.c.cursor, _pace.c.phase).where(self._where).with_for_update()
            found = connection.execute(cursor).one_or_none()
            if found is None or found.phase in {STOPPED, FINISHED}:
                return found is not None and found.phase == FINISHED
            # Even an expired lease may cover rows that are still to be sent.
            leased = select(_lease.c.id).where(_lease.c.campaign == self._id).limit(1)
            if connection.execute(leased).first() is not None:
                return False
            if next_pending(connection, self._id, found.cursor, 1):
                return False
            done = update(_pace).where(self._where).values(phase=FINISHED, reason=None)
            connection.execute(done)
        return True

    def left(self) -> int:
        """Return how many rows are still to be sent, including those in flight.

        Only rows under a worker's lease are counted at this moment; those of a run by one process count when
        it ends. Once workers are stopped, no row is sent again unless the next start says so.
        """
        within = _row.c.row.between(_lease.c.first, _lease.c.last)
        leased = (
            select(func.count())
            .select_from(_lease)
            .join(_row, and_(_row.c.campaign == _lease.c.campaign, within))
            .where(
                _lease.c.campaign == self._id,
                _lease.c.last < LAST_ROW,
                is_in({RowState.PENDING, RowState.IN_FLIGHT}),
            )
        )
        both = select(_pace.c.phase, _pace.c.counts, leased.scalar_subquery().label("leased"))
        with self._database.reading() as connection:
            found = connection.execute(both.where(self._where)).one()
            is_over = found.phase == STOPPED
            doubtful = count_pending(connection, self._id, IN_DOUBT) if is_over else 0
        return pending_in(found.counts) + int(found.leased) - doubtful


def next_pending(
    connection: Connection, campaign: int, after: int, limit: int, held: Iterable[Any] = ()
) -> list[int]:
    """Return the next rows that are to be sent and under no lease.

    Args:
        connection: A connection inside a transaction that keeps others from taking a lease meanwhile.
        campaign: Id of the campaign.
        after: Return rows after this one.
        limit: The maximum number of rows.
        held: All leases on the campaign.
    """
    # The ranges as constants: for a join with the leases, PostgreSQL would read all remaining rows.
    free = [~_row.c.row.between(each.first, each.last) for each in held]
    wanted = (
        select(_row.c.row)
        .where(_row.c.campaign == campaign, _row.c.row > after, _row.c.state == "pending", *free)
        .order_by(_row.c.row)
        .limit(limit)
    )
    return list(connection.execute(wanted).scalars())


def _greatest(one: Any, other: Any) -> ColumnElement[float]:
    return case((one > other, one), else_=other)
