"""Work briefly on a campaign that many workers share, and tend it: the functions that an engine's tasks call.

A task of an engine is a *permit* to work for a short time. Only the ledger decides what is sent: a permit
that is delivered twice is harmless, and a lost one is replaced by the next `tend`.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import attrs

from smsmanager.asking.service_target import target_of
from smsmanager.campaigns._ledger.database import ledger_errors
from smsmanager.campaigns._ledger.leases import (
    LeaseLostError,
    end_leases_of_the_dead,
    live,
)
from smsmanager.campaigns._ledger.ledger import CHUNK, opened
from smsmanager.campaigns._ledger.shared_pace import STOPPED, SharedPace
from smsmanager.campaigns._ledger.shared_session import SharedSession
from smsmanager.campaigns._run.campaign_options import options_of
from smsmanager.campaigns._run.drive import Clock, arun, run
from smsmanager.campaigns._run.run_steps import Work
from smsmanager.campaigns._run.updates import Phase
from smsmanager.campaigns._run.worker_plan import WorkDone, WorkEnd, WorkerRun
from smsmanager.campaigns.campaign_errors import CampaignLockedError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from smsmanager.aio import AsyncSmsManager
    from smsmanager.campaigns._ledger.shared_pace import Control
    from smsmanager.campaigns._run.run_steps import Step
    from smsmanager.client import SmsManager

_TEND_S, _LATER_S = 2.0, 60.0
_ENDS: dict[type[Exception], WorkEnd] = {
    CampaignLockedError: WorkEnd.LOCKED,
    LeaseLostError: WorkEnd.LOST,
}


@attrs.frozen
class Tended:
    """The state of a campaign that many workers share.

    Attributes:
        phase: *sending*, *paused*, *stopped* or *finished*.
        left: Number of rows still to be sent, including those in flight. It does not change while a process
            runs the campaign alone. None if the campaign was never started for workers.
        ended: Number of leases that this call ended because their workers are dead.
        workers: Number of workers that hold a lease now.
        permits: Number of further permits that would be useful now.
        again_in_s: Seconds until the campaign should be tended again; None if there is nothing to tend.
    """

    phase: Phase
    left: int | None
    ended: int = 0
    workers: int = 0
    permits: int = 0
    again_in_s: float | None = None


def work(
    ledger: str | Path,
    name: str | None,
    client: SmsManager,
    *,
    for_s: float = 30.0,
    worker: str = "",
) -> WorkDone:
    """Send for a short time as one of many workers.

    Takes leases on rows and sends them until the time is up, nothing is left, or the campaign is paused or
    stopped. Then it waits for the requests in flight, records them, and returns the rest of its lease. It is
    safe to call from any number of threads, processes and machines, even if a permit is delivered twice.

    Args:
        ledger: As given to `Campaign.create`.
        name: Name of the campaign; None if the database contains only one.
        client: Sends the requests. Its retries are not used.
        for_s: Seconds after which no more requests begin.
        worker: A label, such as the engine's name; `Campaign.workers` shows it with host and process.

    Raises:
        CampaignNotFoundError: If there is no such campaign.
        CampaignTargetError: If the campaign is for another service than the client's.
        LedgerError: If the ledger fails; rows that were in flight then are *unknown*.
    """
    with _Permit(ledger, name, client, for_s, worker) as permit:
        if (control := permit.control) is None:
            return permit.done()
        blocking = client.with_options(retries=0, default_region=None, auto_reference=False)
        pause = partial(permit.clock.pause, permit.stop)
        try:
            for _ in run(
                permit.steps(control), blocking, permit.concurrency, pause, permit.stop.set
            ):
                pass
        except (CampaignLockedError, LeaseLostError) as error:
            return permit.done(error)
        return permit.done()


async def work_async(
    ledger: str | Path,
    name: str | None,
    client: AsyncSmsManager,
    *,
    for_s: float = 30.0,
    worker: str = "",
) -> WorkDone:
    """Send for a short time as one of many workers, with an asynchronous client; see `work`."""
    from anyio import to_thread  # noqa: PLC0415 - httpx loads it as late

    permit = await to_thread.run_sync(_Permit, ledger, name, client, for_s, worker)
    with permit:
        if (control := permit.control) is None:
            return permit.done()
        own = client.with_options(retries=0, default_region=None, auto_reference=False)
        pause = partial(permit.clock.apause, permit.stop)
        try:
            async for _ in arun(permit.steps(control), own, pause, permit.stop.set):
                pass
        except (CampaignLockedError, LeaseLostError) as error:
            return permit.done(error)
        return permit.done()


class _Permit:
    """The ledger, options and plan of one call of `work`.

    Attributes:
        control: The state that all workers follow; None if there is nothing to do.
        concurrency: Maximum requests in flight at once.
        clock: The time.
        stop: Set to stop early.
    """

    def __init__(
        self,
        ledger: str | Path,
        name: str | None,
        client: SmsManager | AsyncSmsManager,
        for_s: float,
        worker: str,
    ) -> None:
        self.clock = Clock()
        self.stop = threading.Event()
        self._target = target_of(client.base_url)
        self._for_s = for_s
        self._worker = worker
        self._plan: WorkerRun | None = None
        with ExitStack() as held:
            self._found = found = opened(ledger, name, held)
            self._pace = SharedPace(found.database, found.head.id)
            control = self._pace.control()
            self.control = None if control is None or control.phase == STOPPED else control
            own = {} if control is None else control.options
            self._options = attrs.evolve(options_of(found.head.options), **own)
            self.concurrency = self._options.concurrency
            self._held = held.pop_all()

    def steps(self, control: Control) -> Generator[Step, Any, None]:
        """Work. Nothing else may close the connection, or a lost commit would look like a success."""
        with ExitStack() as held:
            plan: WorkerRun = yield Work(partial(self._begin, control, held))
            yield from plan.plan()

    def _begin(self, control: Control, held: ExitStack) -> WorkerRun:
        found = self._found
        found.database.refuse_second_name()
        with ledger_errors():
            connection = held.enter_context(found.database.engine.connect())
        session = SharedSession(
            found,
            connection,
            self._worker,
            self._target,
            lambda: self.clock.now().timestamp(),
        )
        self._plan = WorkerRun(
            session,
            self._pace,
            control,
            self._options,
            found.head,
            self.clock,
            self.stop.is_set,
            self._for_s,
        )
        return self._plan

    def done(self, error: Exception | None = None) -> WorkDone:
        """Return what was done, and how it ended."""
        if self._plan is None:
            return WorkDone(WorkEnd.STOPPED)
        return self._plan.done(None if error is None else _ENDS[type(error)])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._held.close()


def tend(ledger: str | Path, name: str | None = None) -> Tended:
    """End the leases of dead workers; return how many rows are left and how many permits would be useful.

    Call it when a campaign is started, then every few seconds until `again_in_s` is None. It sends nothing,
    and is safe to call from several processes at once.

    Args:
        ledger: As given to `Campaign.create`.
        name: Name of the campaign; None if the database contains only one.

    Raises:
        CampaignNotFoundError: If there is no such campaign.
        LedgerError: If the ledger cannot be read or written.
    """
    with ExitStack() as held:
        found = opened(ledger, name, held)
        database, campaign = found.database, found.head.id
        pace = SharedPace(database, campaign)
        if (control := pace.control()) is None:
            return Tended(Phase.STOPPED, None)
        ended = len(end_leases_of_the_dead(database, campaign))
        is_finished = pace.finish_if_done()
        left = 0 if is_finished else pace.left()
        with database.reading() as connection:
            workers = len(live(connection, campaign))
    phase = Phase.FINISHED if is_finished else Phase(control.phase)
    # One per range that is left, and at least one, to find out whether all is done.
    permits = max(1, -(-left // CHUNK)) if phase is Phase.SENDING and control.held_s <= 0 else 0
    again = phase in {Phase.SENDING, Phase.PAUSED}
    return Tended(
        phase,
        left,
        ended,
        workers,
        max(0, permits - workers) or int(permits > 0 and not workers),
        max(_TEND_S, min(control.held_s, _LATER_S)) if again else None,
    )
