"""Leases: who may send which rows of a campaign, and until when.

A lease is a row of the table `lease`. Its id, which is never reused, is the holder's *fence*. Every
transaction that writes for a holder first renews the lease, and fails if it is gone. To take over, a process
deletes the lease. From that commit on, the previous holder can write nothing, even if it was suspended or
lost its session and has not noticed. The time in a lease only says when others may delete it.
"""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import attrs
from sqlalchemy import (
    Double,
    and_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from smsmanager.campaigns._ledger import schema
from smsmanager.campaigns._ledger.database import ledger_errors
from smsmanager.campaigns._ledger.prepared_statement import PreparedStatement
from smsmanager.campaigns._ledger.remaining_rows import give_back
from smsmanager.campaigns._ledger.row_closing import (
    LAST_ROW,
    close_out,
    close_out_alone,
    is_alone,
)
from smsmanager.campaigns._ledger.sqlite_files import refuse_second_name
from smsmanager.campaigns._ledger.worker_process import is_gone, this_worker
from smsmanager.campaigns.campaign_errors import CampaignLockedError, LedgerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement, Connection, Update

    from smsmanager.campaigns._ledger.database import Database

LEASE_S = 90.0
"""How long a lease lasts unless it is renewed."""
RENEW_S = 20.0
"""The longest time between renewals while nothing else is written."""
_campaign, _lease = schema.campaign, schema.lease
_RUNNING = "Another process, or another run in this process, is working on this campaign. Nothing was sent."


class LeaseLostError(LedgerError):
    """Another process took over: the lease was not renewed in time, or its holder seemed dead."""

    def __init__(self) -> None:
        """Say what happens to the rows."""
        super().__init__(
            "Another process has taken over this campaign, because this one seemed dead. This process "
            "sends nothing more; rows that it had in flight are unknown unless their answers arrived."
        )


@attrs.frozen
class Lease:
    """A hold on some rows of a campaign.

    Attributes:
        id: The fence.
        campaign: Id of the campaign.
        first: The first row.
        last: The last row.
    """

    id: int
    campaign: int
    first: int = 0
    last: int = LAST_ROW

    def renew(self, connection: Connection) -> None:
        """Renew the lease; the first step of each transaction that writes for its holder.

        Args:
            connection: A connection inside that transaction.

        Raises:
            LeaseLostError: If another process took over; the transaction must not be committed.
        """
        values = {"fence": self.id, "by": time.time() + LEASE_S}
        renewed = _RENEWED[connection.dialect.name == "sqlite"]
        if renewed(connection, values).rowcount != 1:
            raise LeaseLostError

    def end(self, connection: Connection) -> None:
        """Give the lease up, and close its rows in flight; do nothing if the lease is lost."""
        _end(connection, select(_lease).where(_lease.c.id == self.id))


_SERVER_TIME: Any = cast(func.extract("epoch", func.clock_timestamp()), Double)


def renewal(dialect: str) -> Update:
    """Return the statement that renews the lease `:fence`; see `Lease.renew`."""
    until: Any = bindparam("by") if dialect == "sqlite" else _SERVER_TIME + LEASE_S
    return update(_lease).where(_lease.c.id == bindparam("fence")).values(until=until)


_RENEWED = [PreparedStatement(renewal(dialect)) for dialect in ("postgresql", "sqlite")]


def now(connection: Connection) -> ColumnElement[float]:
    """Return the time in Unix seconds: from PostgreSQL's clock, or this machine's for SQLite."""
    return literal(time.time()) if connection.dialect.name == "sqlite" else _SERVER_TIME


@contextmanager
def writing_under(connection: Connection, lease: Lease) -> Iterator[None]:
    """Run one transaction that writes for the holder of a lease; see `Lease.renew`."""
    with ledger_errors(), connection.begin():
        lease.renew(connection)
        yield


@contextmanager
def alone(database: Database, campaign: int) -> Iterator[tuple[Connection, Lease]]:
    """Hold all rows of a campaign, for a run that works alone.

    Args:
        database: The database with the campaign.
        campaign: Id of the campaign.

    Yields:
        The connection to write on, and the lease.

    Raises:
        CampaignLockedError: If another process is working on the campaign.
    """
    with (
        ledger_errors(),
        database.engine.connect() as connection,
        database.evidence(connection, campaign) as lock,
    ):
        if database.path is not None:
            refuse_second_name(database.path)
        with connection.begin():
            schema.add_missing(connection)
        with connection.begin():
            lease = take_alone(connection, campaign, lock)
        try:
            yield connection, lease
        finally:
            give_up(connection, lease)


def give_up(connection: Connection, lease: Lease) -> None:
    """End a lease in its own transaction; if that fails, the lease expires by itself."""
    with suppress(LedgerError), ledger_errors():
        connection.rollback()
        with connection.begin():
            lease.end(connection)


def take_alone(connection: Connection, campaign: int, lock: str | None) -> Lease:
    """Take a lease on all rows, in a transaction; see `alone`.

    Args:
        connection: A connection inside the transaction.
        campaign: Id of the campaign.
        lock: The lock that shows that no other run works alone (on this machine, or with a session); or None.
    """
    version = locked_campaign(connection, campaign).version
    # Earlier versions know no leases: while one of them may run, only the lock keeps it out.
    if lock is None and version < schema.SHARED:
        raise CampaignLockedError(_RUNNING)
    end_dead(connection, campaign, lock)
    if all_leases(connection, campaign):
        raise CampaignLockedError(_RUNNING)
    return take(connection, campaign, 0, LAST_ROW, "", lock)


def locked_campaign(connection: Connection, campaign: int) -> Any:
    """Return the record of a campaign, locked: no other lease can be taken until the transaction ends."""
    return connection.execute(
        select(_campaign).where(_campaign.c.id == campaign).with_for_update()
    ).one()


def hold_still(connection: Connection, campaign: int) -> None:
    """Until this transaction ends, keep lease holders from changing rows, and others from taking a lease.

    A row then cannot get its id while its report is being looked up, and two recorders of the same reports
    cannot lock the same rows in different orders.
    """
    locked_campaign(connection, campaign)
    held = select(_lease.c.id).where(_lease.c.campaign == campaign).order_by(_lease.c.id)
    connection.execute(held.with_for_update(read=True)).all()


def take(
    connection: Connection, campaign: int, first: int, last: int, worker: str, lock: str | None
) -> Lease:
    """Take a lease on a range of rows that no other lease covers."""
    taken = insert(_lease).values(
        campaign=campaign,
        worker=this_worker(worker),
        first=first,
        last=last,
        until=now(connection) + LEASE_S,
        lock=lock,
    )
    key = connection.execute(taken).inserted_primary_key
    return Lease(key[0] if key else 0, campaign, first, last)


def all_leases(connection: Connection, campaign: int) -> list[Any]:
    """Return all leases on a campaign.

    After `end_dead`, heed every lease that is left: the holder of one that expired since may still renew it.
    """
    held = select(_lease).where(_lease.c.campaign == campaign)
    return list(connection.execute(held.order_by(_lease.c.id)).all())


def live(connection: Connection, campaign: int) -> list[Any]:
    """Return the unexpired leases on a campaign whose holders are not known to be gone."""
    alive = select(_lease).where(_lease.c.campaign == campaign, _lease.c.until > now(connection))
    found = connection.execute(alive.order_by(_lease.c.id)).all()
    return [each for each in found if not is_gone(each.worker)]


def end_leases_of_the_dead(database: Database, campaign: int) -> list[Any]:
    """End leases that have expired or whose holders are gone, in a separate transaction; see `end_dead`.

    The lease of a run by one process is kept while its process may be alive: it may have been asleep.
    """
    with database.reading() as connection:
        dead = [each for each in _dead(connection, campaign, None) if not _may_be_asleep(each)]
    if not dead:
        return []
    with database.writing() as connection:
        locked_campaign(connection, campaign)
        return _end_each(connection, dead)


def end_abandoned(database: Database, connection: Connection, campaign: int) -> None:
    """End the lease of a run by one process if its lock is free: the process is then not just asleep."""
    with database.evidence(connection, campaign) as lock:
        if lock is not None:
            with connection.begin():
                locked_campaign(connection, campaign)
                end_dead(connection, campaign, lock)


def end_dead(
    connection: Connection, campaign: int, lock: str | None = None, *, spares_sleepers: bool = False
) -> list[Any]:
    """End leases that have expired or whose holders are gone; their rows in flight become *unknown*.

    Args:
        connection: A connection inside a transaction that has locked the campaign.
        campaign: Id of the campaign.
        lock: The lock that this process holds; its previous holder is dead.
        spares_sleepers: Whether the lease of a run by one process is kept while its process may be alive.

    Returns:
        The leases that were ended.
    """
    dead = _dead(connection, campaign, lock)
    return _end_each(
        connection, [each for each in dead if not (spares_sleepers and _may_be_asleep(each))]
    )


def _may_be_asleep(lease: Any) -> bool:
    return lease.lock is not None and not is_gone(lease.worker)


def _end_each(connection: Connection, dead: list[Any]) -> list[Any]:
    # A lease that is renewed at this moment is kept. All leases are locked before the counts: a holder that
    # gives up its lease takes the locks in the same order.
    seen = [and_(_lease.c.id == each.id, _lease.c.until == each.until) for each in dead]
    return _end(connection, select(_lease).where(or_(*seen)).order_by(_lease.c.id)) if seen else []


def _dead(connection: Connection, campaign: int, lock: str | None) -> list[Any]:
    is_over = (_lease.c.until <= now(connection)).label("is_over")
    found = select(_lease, is_over).where(_lease.c.campaign == campaign).order_by(_lease.c.id)
    return [
        each
        for each in connection.execute(found)
        if each.is_over or is_gone(each.worker) or (lock is not None and each.lock == lock)
    ]


def _end(connection: Connection, wanted: Any) -> list[Any]:
    ended = connection.execute(wanted.with_for_update()).all()
    for each in ended:
        if is_alone(each):
            # A request to send rows again holds for that run only, not for later ones.
            close_out_alone(connection, each.campaign)
        else:
            close_out(connection, each.campaign, each.first, each.last)
        connection.execute(delete(_lease).where(_lease.c.id == each.id))
        give_back(connection, each)
    return list(ended)
