"""The plan of one of many workers: like a run, but for a moment, and in step with the others."""

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
    """The moment is over, or will be before the next request may go out, or this process was asked to end;
    there is more to do."""
    NO_WORK = "no_work"
    """Nothing is left that this worker may take now."""
    PAUSED = "paused"
    """The campaign is paused, held back after a failure, or outside its window."""
    STOPPED = "stopped"
    """The campaign was stopped, or never started for workers."""
    LOCKED = "locked"
    """A single process runs the campaign, or it settles, cancels or adds rows."""
    LOST = "lost"
    """The lease was taken away, because this worker did not renew it in time. What was in flight is unknown,
    or accepted if the answer still came."""


@attrs.frozen
class WorkDone:
    """The result of one permit.

    Attributes:
        end: Why it returned.
        requests: Requests that it sent.
        recipients: Recipients in them.
        failures: How many of them failed.
        again_in_s: In how many seconds another permit can do something: 0 for at once, None for not before
            the campaign is started again.
        reason: Why it is paused or was stopped, in words.
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
        pace: What all workers keep to.
        control: What they were to do a moment ago.
        options: How the campaign is sent.
        head: The campaign.
        clock: The time.
        stopping: Returns whether this process was asked to stop.
        for_s: Seconds until no more requests begin.
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
        # The pace and the failures in a row are those of all workers together, and no caller sees updates.
        own = attrs.evolve(options, requests_per_s=None, stop_after=None, update_every_s=_NEVER_S)
        token = head.token if head.options["references"] else None
        super().__init__(session, own, head.options["shared"], token, clock, stopping)
        self._all = pace
        self._control: Control | None = control
        self._gap_s = 0.0 if options.requests_per_s is None else 1 / options.requests_per_s
        self._stop_after = options.stop_after
        self._looked = clock.monotonic()
        self._until = self._looked + for_s
        self._is_fatal = self._is_finished = self._is_too_far = False
        self._news: list[Ended] = []

    def plan(self, *, resend_unknown: bool = False) -> Generator[Step, Any, None]:
        """Send for a moment. What is sent again was decided when the campaign was started."""
        del resend_unknown
        yield Work(self._session.join)
        try:
            yield from self._all_rows()
        except GeneratorExit:
            # Where that fails the lease ends by itself.
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
            end: Why it ended; None to take it from how the plan ended.
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
            # Others may still give rows back.
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
        if self._is_fatal or control is None or control.phase not in {SENDING, PAUSED}:
            return WorkEnd.STOPPED
        if control.phase == PAUSED or control.held_s > 0 or super()._held_s() > 0:
            return WorkEnd.PAUSED
        is_over = self._is_too_far or self._clock.monotonic() >= self._until
        return WorkEnd.TIME if is_over or self._stopping() else None

    def _ends(self) -> bool:
        return self._bug is not None or self._end() is not None

    def _held_s(self) -> float:
        # Nobody waits in here: the permit ends, and another one comes.
        return 0.0

    def _again(self) -> bool:
        # What was put back is in the range of this worker, which gives it back.
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
        self._is_fatal = self._is_fatal or self._stop_reason is not None
        failing = self._control is not None and self._control.failures > 0
        # One of them is noted: a failure rather than a success.
        failed = [each for each in ended if each.error is not None]
        self._news += (failed or (ended if failing else []))[-1:]

    def _load(self) -> Generator[Step, Any, None]:
        # The next range comes only when all of the last one is settled.
        if not self._in_flight and not self._ended:
            yield from super()._load()

    def _next(self) -> list[Batch]:
        if not self._gap_s:
            return super()._next()
        # Each request waits for a moment of its own.
        is_free = self._in_flight < self._options.concurrency
        return [self._queue.popleft()] if self._queue and is_free else []

    def _settle_and_send(self, claims: list[Batch]) -> Generator[Step, Any, None]:
        # Claimed only in its moment: whoever is killed while it waits leaves nothing that looks sent.
        if claims and self._gap_s and not (yield from self._slot()):
            self._queue.extendleft(claims)
            claims = []
        if claims or self._ended:
            yield from super()._settle_and_send(claims)

    def _slot(self) -> Generator[Step, Any, bool]:
        """Wait for a moment that is this worker's alone; return whether it may send in it."""
        now = self._clock.monotonic
        while True:
            slot_s = yield Work(partial(self._all.slot, self._gap_s, self._until - now()))
            if slot_s is None:
                # Held back or paused, or too far ahead for this permit.
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
            # Too late, and the request would go out together with that of the next slot.
            if now() - at < self._gap_s:
                return True
