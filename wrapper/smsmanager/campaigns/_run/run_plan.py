"""The order of the steps of a run; no I/O and no clock.

`plan` is a generator, like that of a send: it yields a step and receives its outcome. The blocking and the
asynchronous run differ only in how they perform the steps.
"""

from __future__ import annotations

from collections import Counter, deque
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from smsmanager.campaigns._ledger.contents import message_of, template_of
from smsmanager.campaigns._ledger.leases import RENEW_S
from smsmanager.campaigns._run.pace import Pace, Rate, SendWindow
from smsmanager.campaigns._run.run_steps import Ended, Pause, Send, Step, Tell, Wait, Work
from smsmanager.campaigns._run.updates import Phase, Update
from smsmanager.campaigns._run.verdicts import backoff_s, verdict
from smsmanager.campaigns.rows import RowState

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from smsmanager.campaigns._ledger.batches import Batch, Page, Settled
    from smsmanager.campaigns._ledger.contents import Fields
    from smsmanager.campaigns._ledger.session import Session
    from smsmanager.campaigns._run.campaign_options import CampaignOptions
    from smsmanager.campaigns._run.drive import Clock
    from smsmanager.errors import SmsManagerError

GRACE_S = 60.0
"""How long an interrupted run waits for requests in flight; the client's time limits are shorter."""
LONGEST_PAUSE_S = 60.0
_WINDOW = "outside the send window"
_STOPPED = "a stop was requested"


class Run:
    """One run of a campaign.

    Args:
        session: Its hold on the ledger.
        options: How to send it.
        shared: The fields of every message.
        token: Prefix of the references; None for no references.
        clock: The time.
        stopping: Returns whether the run was asked to stop.
    """

    def __init__(
        self,
        session: Session,
        options: CampaignOptions,
        shared: Fields,
        token: str | None,
        clock: Clock,
        stopping: Callable[[], bool],
    ) -> None:
        self._session = session
        self._options = options
        self._template = template_of(shared)
        self._token = token
        self._clock = clock
        self._stopping = stopping
        self._window = None if options.window is None else SendWindow(options.window)
        self._pace = Pace(options.requests_per_s)
        self._rate = Rate()
        self._began = self._renewed = clock.monotonic()
        self._counts: dict[RowState, int] = dict.fromkeys(RowState, 0)
        self._queue: deque[Batch] = deque()
        self._fields: dict[int, Fields] = {}
        self._cursor = 0
        self._exhausted = False
        self._put_back = False
        self._in_flight = 0
        self._ended: list[Settled] = []
        # Recorded as in flight, or about to be, but certainly not sent yet.
        self._unsent: list[Batch] = []
        self._requests = self._recipients = self._failures = self._in_a_row = 0
        self._failure: SmsManagerError | None = None
        self._stop_reason: str | None = None
        self._bug: BaseException | None = None

    def plan(self, *, resend_unknown: bool) -> Generator[Step, Any, None]:
        """Send the remaining rows.

        Args:
            resend_unknown: Whether to send again rows that may have been accepted.

        Yields:
            The steps for the driver.
        """
        self._counts = yield Work(partial(self._session.begin, resend_unknown=resend_unknown))
        try:
            yield Tell(self._update(Phase.SENDING))
            yield from self._all_rows()
        except GeneratorExit:
            # The caller left the loop at an update, when nothing is in flight.
            raise
        except BaseException:
            yield from self._interrupted()
            raise
        self._counts = yield Work(self._session.finish)
        if self._bug is not None:
            raise self._bug
        phase = Phase.FINISHED if self._stop_reason is None else Phase.STOPPED
        yield Tell(self._update(phase, self._stop_reason))

    def _all_rows(self) -> Generator[Step, Any, None]:
        update_at = self._clock.monotonic() + self._options.update_every_s
        while True:
            yield from self._keep_lease()
            due = self._clock.monotonic() >= update_at
            held_s = self._held_s()
            draining = due or held_s > 0 or self._ends()
            if not draining and not self._queue and not self._exhausted:
                yield from self._load()
            claims = [] if draining else self._next()
            if claims or self._ended:
                yield from self._settle_and_send(claims)
            if self._in_flight:
                wait_s = None if draining else self._until_next_s()
                self._take((yield Wait(RENEW_S if wait_s is None else min(wait_s, RENEW_S))))
            elif self._ends():
                return
            elif held_s > 0:
                yield from self._pause(held_s)
            elif due:
                yield Tell(self._update(Phase.SENDING))
                update_at = self._clock.monotonic() + self._options.update_every_s
            elif self._queue:
                yield Pause(min(self._pace.wait_s(self._clock.monotonic()), LONGEST_PAUSE_S))
            elif self._exhausted and not self._again():
                return

    def _ends(self) -> bool:
        if self._stop_reason is None and self._stopping():
            self._stop_reason = _STOPPED
        return self._stop_reason is not None or self._bug is not None

    def _held_s(self) -> float:
        held_s = self._pace.held_s(self._clock.monotonic())
        if self._window is not None:
            now = self._clock.now()
            held_s = max(held_s, (self._window.opens_at(now) - now).total_seconds())
        return held_s

    def _load(self) -> Generator[Step, Any, None]:
        page: Page = yield Work(partial(self._session.page, self._cursor))
        if page.last is None:
            self._exhausted = True
        else:
            self._cursor, self._fields = page.last, page.fields
            self._queue.extend(page.batches)

    def _again(self) -> bool:
        """Return whether to go through the rows again, because some were put back."""
        again, self._put_back = self._put_back, False
        if again:
            self._cursor, self._exhausted = 0, False
        return again

    def _next(self) -> list[Batch]:
        """Return the requests that may leave now."""
        claims: list[Batch] = []
        now = self._clock.monotonic()
        while (
            self._queue
            and self._in_flight + len(claims) < self._options.concurrency
            and self._pace.wait_s(now) <= 0
        ):
            claims.append(self._queue.popleft())
            self._pace.took(now)
        return claims

    def _until_next_s(self) -> float | None:
        """Return the seconds until a free slot may be used; None if no slot is free."""
        if self._queue and self._in_flight < self._options.concurrency:
            return self._pace.wait_s(self._clock.monotonic())
        return None

    def _settle_and_send(self, claims: list[Batch]) -> Generator[Step, Any, None]:
        """Record the requests that ended and those that are about to leave; send the latter."""
        ended = list(self._ended)
        self._unsent = claims
        claimed: list[Batch]
        claimed, reported = yield Work(partial(self._session.settle_and_claim, ended, claims))
        self._renewed = self._clock.monotonic()
        # Not earlier: if the transaction is interrupted, the outcomes must not be lost.
        del self._ended[: len(ended)]
        taken, left = (sum(each.recipients for each in some) for some in (claims, claimed))
        self._counts[RowState.PENDING] -= taken
        # The others were settled by a report before they were sent again.
        self._counts[RowState.ACCEPTED] += taken - left
        self._counts[RowState.IN_FLIGHT] += left - len(ended)
        for state, count in Counter([each.state for each in ended]).items():
            self._counts[state] += count
        for each in ended if reported else ():
            if each.pending.row in reported:
                self._counts[each.state] -= 1
                self._counts[RowState.ACCEPTED] += 1
        self._unsent = list(claimed)
        for batch in claimed:
            yield self._sending(batch)

    def _sending(self, batch: Batch) -> Send:
        messages = [
            message_of(parcel, self._template, self._fields, self._token)
            for parcel in batch.parcels
        ]
        self._in_flight += 1
        self._requests += 1
        del self._unsent[0]
        return Send(batch, messages)

    def _take(self, ended: list[Ended]) -> None:
        for each in ended:
            self._in_flight -= 1
            found = verdict(each, self._options.attempts)
            self._recipients += len(found.rows)
            self._ended.extend(found.rows)
            self._bug = self._bug or found.bug
            if found.failure is None:
                self._in_a_row = 0
                continue
            self._put_back |= any(row.state is RowState.PENDING for row in found.rows)
            self._failures += 1
            self._in_a_row += 1
            self._failure = found.failure
            self._pace.hold(self._clock.monotonic() + backoff_s(found.failure, self._in_a_row))
            most = self._options.stop_after
            if found.fatal:
                self._stop_reason = (
                    "the client or the key was refused; every other request would fail too"
                )
            elif most is not None and self._in_a_row >= most:
                self._stop_reason = f"{self._in_a_row} requests in a row failed"

    def _pause(self, held_s: float) -> Generator[Step, Any, None]:
        failed = self._pace.held_s(self._clock.monotonic()) > 0
        reason = f"a request failed ({type(self._failure).__name__})" if failed else _WINDOW
        yield Tell(self._update(Phase.PAUSED, reason, held_s))
        # Check again soon: the clock may be changed, or the machine may sleep.
        yield Pause(min(held_s, LONGEST_PAUSE_S))

    def _keep_lease(self) -> Generator[Step, Any, None]:
        now = self._clock.monotonic()
        if now - self._renewed >= RENEW_S:
            self._renewed = now
            yield Work(self._session.renew)

    def _interrupted(self) -> Generator[Step, Any, None]:
        """Wait for the requests in flight and record them; those without an answer become *unknown*."""
        try:
            until = self._clock.monotonic() + GRACE_S
            while self._in_flight and (left := until - self._clock.monotonic()) > 0:
                self._take((yield Wait(left)))
        finally:
            yield Work(self._close)

    def _close(self) -> None:
        self._session.close(self._unsent, self._ended)

    def _update(
        self, phase: Phase, reason: str | None = None, held_s: float | None = None
    ) -> Update:
        now = self._clock.monotonic()
        rate = self._rate.seen(now, self._recipients)
        left = self._counts[RowState.PENDING]
        return Update(
            phase,
            dict(self._counts),
            requests=self._requests,
            recipients=self._recipients,
            failures=self._failures,
            elapsed_s=now - self._began,
            rate=rate,
            remaining_s=left / rate if rate else None,
            reason=reason,
            resumes_at=None if held_s is None else self._clock.now() + timedelta(seconds=held_s),
            error=self._failure if phase in {Phase.PAUSED, Phase.STOPPED} else None,
        )
