"""What all workers of a campaign keep to: whether they may send, how fast, and what is held back.

One row of the table `pace`; each method is a short transaction of its own. Nothing in here protects rows:
if the server loses the latest of these changes, requests are a little early or late.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs
from sqlalchemy import and_, case, delete, func, insert, select, update

from smsmanager.campaigns._ledger import schema
from smsmanager.campaigns._ledger.leases import (
    LeaseLostError,
    as_counts,
    locked_campaign,
    now,
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
"""How far ahead requests are given their moments at most, unless the gap between two of them is longer."""


@attrs.frozen
class Control:
    """What the workers of a campaign are to do.

    Attributes:
        phase: `sending`, `paused`, `stopped` or `finished`.
        reason: Why it is paused or was stopped.
        held_s: Seconds for which all requests are held back.
        next_s: In how many seconds the next request may go out, if there is a pace.
        failures: How many requests in a row failed.
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
        database: Where it is.
        campaign: Its id.
    """

    def __init__(self, database: Database, campaign: int) -> None:
        self._database = database
        self._id = campaign
        self._where = _pace.c.campaign == campaign

    def start(self, options: Mapping[str, Any], pending: int, lease: Lease) -> None:
        """Let workers send from the first row on.

        Args:
            options: How.
            pending: How many rows are to be sent.
            lease: The lease on all rows under which they were prepared; it is given up.

        Raises:
            LeaseLostError: If somebody else took over; nothing was started.
        """
        campaign = schema.campaign
        with self._database.writing() as connection:
            # Before the lease, as everybody else locks them.
            locked_campaign(connection, self._id)
            # Here, and not ended as others are: what is to be sent again is asked of the workers.
            given_up = delete(_lease).where(_lease.c.id == lease.id)
            if connection.execute(given_up).rowcount != 1:
                raise LeaseLostError
            # Versions that know no leases must not run it from now on.
            shared = update(campaign).where(campaign.c.id == self._id)
            connection.execute(shared.values(version=schema.SHARED))
            connection.execute(delete(_pace).where(self._where))
            connection.execute(
                insert(_pace).values(
                    campaign=self._id,
                    phase=SENDING,
                    options=json.dumps(options),
                    cursor=0,
                    counts=as_counts(pending),
                    held_until=0.0,
                    next_at=0.0,
                    failures=0,
                )
            )

    def change(self, phase: str, before: tuple[str, ...], reason: str | None = None) -> bool:
        """Change the phase if it is one of some; return whether it was."""
        changed = (
            update(_pace)
            .where(self._where, _pace.c.phase.in_(before))
            .values(phase=phase, reason=reason)
        )
        with self._database.writing() as connection:
            return connection.execute(changed).rowcount == 1

    def control(self) -> Control | None:
        """Return what workers are to do; None if it was never started for them."""
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
        """Reserve the next moment in which a request may go out, if it comes soon.

        Args:
            gap_s: Seconds between two requests of the campaign.
            within_s: In how many seconds it has to come; a later one would be lost, and is not reserved. Nor
                is one that comes after a minute and after the gap.

        Returns:
            In how many seconds it is; None if none was reserved, or nothing may be sent now.
        """
        columns = (_pace.c.phase, _pace.c.held_until, _pace.c.next_at)
        with self._database.writing() as connection:
            present = now(connection).label("present")
            wanted = select(*columns, present).where(self._where).with_for_update()
            found = connection.execute(wanted).one_or_none()
            if found is None or found.phase != SENDING or found.held_until > found.present:
                return None
            ahead_s = max(_AHEAD_S, gap_s)
            # Nothing reserves more than this, unless the clock has been set back since.
            at_s = min(max(0.0, found.next_at - found.present), ahead_s + gap_s)
            is_reserved = at_s <= min(within_s, ahead_s)
            next_at = found.present + at_s + gap_s * is_reserved
            if is_reserved or next_at < found.next_at:
                connection.execute(update(_pace).where(self._where).values(next_at=next_at))
        return float(at_s) if is_reserved else None

    def failed(self, hold_s: float, stop_after: int | None, reason: str, stop: str | None) -> None:
        """Note a failed request: hold all requests back, and stop after too many.

        Args:
            hold_s: Seconds to hold back.
            stop_after: Failed requests in a row after which to stop; None for never.
            reason: Why requests are held back, in words.
            stop: Why no request can succeed; None if others may.
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
        """Count failures from 0 again."""
        again = update(_pace).where(self._where, _pace.c.failures > 0)
        with self._database.writing() as connection:
            connection.execute(again.values(failures=0, reason=None))

    def finish_if_done(self) -> bool:
        """Note that it is finished if no row is left and no lease exists; return whether it is."""
        with self._database.writing() as connection:
            cursor = select(_pace.c.cursor, _pace.c.phase).where(self._where).with_for_update()
            found = connection.execute(cursor).one_or_none()
            if found is None or found.phase in {STOPPED, FINISHED}:
                return found is not None and found.phase == FINISHED
            # Also under a lease that has expired there may be rows that are still to be sent.
            leased = select(_lease.c.id).where(_lease.c.campaign == self._id).limit(1)
            if connection.execute(leased).first() is not None:
                return False
            if next_pending(connection, self._id, found.cursor, 1):
                return False
            done = update(_pace).where(self._where).values(phase=FINISHED, reason=None)
            connection.execute(done)
        return True

    def left(self) -> int:
        """Return how many rows are still to be sent, those in flight included.

        Only rows that workers have a lease on are counted now; those of a run by one process when it ends.
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
        both = select(_pace.c.counts, leased.scalar_subquery().label("leased")).where(self._where)
        with self._database.reading() as connection:
            found = connection.execute(both).one()
        return pending_in(found.counts) + int(found.leased)


def next_pending(
    connection: Connection, campaign: int, after: int, limit: int, held: Iterable[Any] = ()
) -> list[int]:
    """Return the next rows that are to be sent and that nobody has a lease on.

    Args:
        connection: Inside a transaction that lets nobody take a lease meanwhile.
        campaign: Its id.
        after: The row before them.
        limit: How many at most.
        held: All leases on the campaign.
    """
    # The ranges themselves: for a join with the leases, PostgreSQL would read all rows that are left.
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
