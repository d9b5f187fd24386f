"""The plan of one of many workers: like a run, but for a short time, and coordinated with the others."""

from __future__ import annotations

from contextlib import suppress
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs

from smsmanager.campaigns._ledger.shared_pace import FINISHED, PAUSED, SENDING, Control
from smsmanager.campaigns._run.run_plan import Run
from smsmanager.campaigns._run.run_steps import Ended, Pause, Step, Wait, Work
from smsmanager.campaigns._run.verdicts import backoff_s
from smsmanager.campaigns.campaign_errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from smsmanager.campaigns._ledger.batches import Batch
    from smsmanager.campaigns._ledger.ledger import Head
    from smsmanager.campaigns._ledger.shared_pace import SharedPace
    from smsmanager.campaigns._ledger.shared_session import SharedSession
    from smsmanager.campaigns._run.campaign_options import CampaignOptions
    from smsmanager.campaigns._run.drive import Clock

LOOK_S = 0.25
"""How often a worker checks whether to pause or stop."""
_SOON_S, _LATER_S = 1.0, 60.0
_NEVER_S = 1e9


class WorkEnd(StrEnum):
    """Why `work` returned."""

    TIME = "time"
    """The time is up, or will be before the next request may leave, or this process was asked to end; there
    are rows left."""
    NO_WORK = "no_work"
    """There are no rows that this worker may take now."""
    PAUSED = "paused"
    """The campaign is paused, delayed after a failure, or outside its window."""
    STOPPED = "stopped"
    """The campaign was stopped, or never started for workers."""
    LOCKED = "locked"
    """A single process runs the campaign, or settles, cancels or adds rows."""
    LOST = "lost"
    """The lease was taken away, because this worker did not renew it in time. Rows in flight are *unknown*,
    or *accepted* if the answer still came."""


@attrs.frozen
class WorkDone:
    """The result of one permit.

    Attributes:
        end: Why it returned.
        requests: Number of requests that it sent.
        recipients: Number of recipients in them.
        failures: Number of failed requests.
        again_in_s: Seconds until another permit is useful: 0 for at once, None for not before the campaign is
            started again.
        reason: Why the campaign is paused or stopped.
    """

    end: WorkEnd
    requests: int = 0
    recipients: int = 0
    failures: int = 0
    again_in_s: float | None = None
    reason: str | None = None


class WorkerRun(Run):
    """The work of one permit.

    Args:
        session: The worker's hold on the ledger.
        pace: The pace that all workers share.
        control: The latest known state that all workers follow.
        options: How to send the campaign.
        head: The campaign.
        clock: The time.
        stopping: Returns whether this process was asked to stop.
        for_s: Seconds after which no more requests begin.
    """

    _session: SharedSession

    def __init__(
        self,
        session: SharedSession,
        pace: SharedPace,
        control: Control,
        options: CampaignOptions,
        head: Head,
        clock: Clock,
        stopping: Callable[[], bool],
        for_s: float,
    ) -> None:
        # All workers share the pace and the count of failures in a row, and no caller sees updates.
        own = attrs.evolve(options, requests_per_s=None, stop_after=None, update_every_s=_NEVER_S)
        token = head.token if head.options["references"] else None
        super().__init__(session, own, head.options["shared"], token, clock, stopping)
        self._all = pace
        self._control: Control | None = control
        self._gap_s = 0.0 if options.requests_per_s is None else 1 / options.requests_per_s
        self._stop_after = options.stop_after
        self._looked = clock.monotonic()
        self._until = self._looked + for_s
        self._is_finished = self._is_too_far = False
        self._news: list[Ended] = []

    def plan(self, *, resend_unknown: bool = False) -> Generator[Step, Any, None]:
        """Send for a short time. What to send again was decided when the campaign was started."""
        del resend_unknown
        yield Work(self._session.join)
        try:
            yield from self._all_rows()
        except GeneratorExit:
            # If this fails, the lease expires.
            with suppress(LedgerError):
                self._session.leave()
            raise
        except BaseException:
            yield from self._interrupted()
            raise
        yield Work(self._session.leave)
        if self._end() is None and (yield Work(self._all.finish_if_done)):
            self._is_finished = True
        if self._bug is not None:
            raise self._bug

    def done(self, end: WorkEnd | None = None) -> WorkDone:
        """Return what was done.

        Args:
            end: Why it ended; None to derive this from the state of the plan.
        """
        again_in_s: float | None = 0.0
        control, reason = self._control, None
        if end is None:
            end = self._end() or WorkEnd.NO_WORK
        if end is WorkEnd.PAUSED and control is not None:
            reason = control.reason
            held_s = max(super()._held_s(), control.held_s)
            again_in_s = min(held_s, _LATER_S) if held_s > 0 else _SOON_S
        elif end is WorkEnd.STOPPED:
            again_in_s = None
            reason = self._stop_reason or (None if control is None else control.reason)
        elif end is WorkEnd.NO_WORK:
            # Other workers may still return rows.
            is_finished = self._is_finished or control is None or control.phase == FINISHED
            again_in_s = None if is_finished else _SOON_S
        elif end is WorkEnd.LOCKED:
            again_in_s = _SOON_S
        elif self._is_too_far and control is not None:
            again_in_s = min(control.next_s, _LATER_S)
        return WorkDone(end, self._requests, self._recipients, self._failures, again_in_s, reason)

    def _end(self) -> WorkEnd | None:
        """Return why no more requests begin; None while they may."""
        control = self._control
        if control is not None and control.phase == FINISHED:
            return WorkEnd.NO_WORK
        # No request of this client can succeed, even if those of other workers do.
        is_refused = self._stop_reason is not None
        if is_refused or control is None or control.phase not in {SENDING, PAUSED}:
            return WorkEnd.STOPPED
        if control.phase == PAUSED or control.held_s > 0 or super()._held_s() > 0:
            return WorkEnd.PAUSED
        is_over = self._is_too_far or self._clock.monotonic() >= self._until
        return WorkEnd.TIME if is_over or self._stopping() else None

    def _ends(self) -> bool:
        return self._bug is not None or self._end() is not None

    def _held_s(self) -> float:
        # A permit does not wait here: it ends, and another one follows.
        return 0.0

    def _again(self) -> bool:
        # Rows that were put back are in the range of this worker, which returns it.
        return False

    def _keep_lease(self) -> Generator[Step, Any, None]:
        yield from super()._keep_lease()
        for ended in self._news:
            yield Work(partial(self._note, ended))
        if self._news or self._clock.monotonic() - self._looked >= LOOK_S:
            self._looked = self._clock.monotonic()
            self._control = yield Work(self._all.control)
        self._news.clear()

    def _note(self, ended: Ended) -> None:
        error = ended.error
        if error is None:
            self._all.succeeded()
            return
        failures = 1 if self._control is None else self._control.failures + 1
        self._all.failed(
            backoff_s(self._failure, failures) if self._failure is not None else 0.0,
            self._stop_after,
            f"a request failed ({type(error).__name__})",
            self._stop_reason,
        )

    def _take(self, ended: list[Ended]) -> None:
        super()._take(ended)
        failing = self._control is not None and self._control.failures > 0
        # Note only one of them: a failure rather than a success.
        failed = [each for each in ended if each.error is not None]
        self._news += (failed or (ended if failing else []))[-1:]

    def _load(self) -> Generator[Step, Any, None]:
        # Take the next range only when the last one is settled completely.
        if not self._in_flight and not self._ended:
            yield from super()._load()

    def _next(self) -> list[Batch]:
        if not self._gap_s:
            return super()._next()
        # Each request waits for its own slot.
        is_free = self._in_flight < self._options.concurrency
        return [self._queue.popleft()] if self._queue and is_free else []

    def _settle_and_send(self, claims: list[Batch]) -> Generator[Step, Any, None]:
        # Claimed only in its slot: a worker that is killed while it waits leaves no row that looks sent.
        if claims and self._gap_s and not (yield from self._slot()):
            # They are returned with the rest of the range.
            claims = []
        if claims or self._ended:
            yield from super()._settle_and_send(claims)

    def _slot(self) -> Generator[Step, Any, bool]:
        """Wait for a slot that only this worker may use; return whether it may send."""
        now = self._clock.monotonic
        while True:
            slot_s = yield Work(partial(self._all.slot, self._gap_s, self._until - now()))
            if slot_s is None:
                # Delayed or paused, or the slot is too far ahead for this permit.
                self._control, self._is_too_far = (yield Work(self._all.control)), True
                return False
            at = now() + slot_s
            while (left := at - now()) > 0:
                if self._in_flight:
                    self._take((yield Wait(min(left, LOOK_S))))
                else:
                    yield Pause(min(left, LOOK_S))
                yield from self._keep_lease()
                if self._ended:
                    yield from super()._settle_and_send([])
                if self._ends():
                    return False
            # If it is later, the request would leave together with that of the next slot.
            if now() - at < self._gap_s:
                return True
