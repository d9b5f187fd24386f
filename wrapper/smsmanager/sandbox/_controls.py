"""Control a sandbox: outcomes of messages, the clock, faults."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import anyio.to_thread

from smsmanager.sandbox._operations.faults import PendingFault
from smsmanager.sandbox.engine.adjustable_clock import seconds_of, unix_of
from smsmanager.sandbox.engine.records.unix_time import moment

if TYPE_CHECKING:
    from smsmanager.sandbox._operations.faults import Fault
    from smsmanager.sandbox._operations.service import Service
    from smsmanager.sandbox._server.driver import Driver
    from smsmanager.sandbox.engine.adjustable_clock import ClockState
    from smsmanager.sandbox.engine.outcome_rules import Rules

# `datetime` rounds: a moment made of seconds may lie just before them.
_TICK = timedelta(microseconds=1)


class Controls:
    """The controls of a sandbox. All methods can be called from any thread.

    Attributes:
        rules: Outcomes by rule: `sandbox.rules.add(Rule("undelivered", to="777123456"))`.
    """

    def __init__(self, service: Service, driver: Driver) -> None:
        self._service = service
        self._driver = driver
        self._engine = service.engine
        self.rules: Rules = service.engine.rules

    @property
    def clock(self) -> ClockState:
        """The sandbox's clock: its time, and how it runs."""
        return self._engine.clock.state()

    def advance(
        self, span: float | timedelta | None = None, *, to: datetime | None = None
    ) -> ClockState:
        """Jump ahead, and return when everything due on the way has happened.

        Steps, reports, fallbacks and replies happen in their order, each at its time, and the
        webhooks are sent in between. Without a span or a moment the clock jumps to what is due next.

        Args:
            span: How far, in seconds or as a span of time.
            to: The moment; one that has passed changes nothing.

        Returns:
            What the clock shows then.

        Raises:
            ValueError: If the span is negative, the moment has no time zone, or both are given.
        """
        if span is not None and to is not None:
            raise ValueError("Give a span or a moment, not both.")
        now = self._engine.clock.now()
        if span is not None:
            until = now + seconds_of(span)
        elif to is not None:
            until = unix_of(to)
        else:
            until = self._engine.next_due or now
        if self._driver.is_running:
            self._driver.call(self._driver.advance(max(until, now)))
        else:
            while not self._engine.run_to(max(until, now)):
                ...
        return self.clock

    def settle(self, within: float | timedelta = 30 * 24 * 3600) -> ClockState:
        """Jump ahead until nothing is waiting, and return what it shows then.

        Args:
            within: How far at most, in seconds or as a span of time; by default 30 days.
        """
        last = self._engine.clock.now() + seconds_of(within)
        # A webhook that is on its way decides whether there is something to wait for.
        self.flush()
        while (due := self._engine.next_due) is not None and due <= last:
            self.advance(to=moment(due) + _TICK)
        return self.clock

    async def advance_async(
        self, span: float | timedelta | None = None, *, to: datetime | None = None
    ) -> ClockState:
        """Do what `advance` does without blocking the event loop, which may have to receive the webhooks."""
        return await anyio.to_thread.run_sync(partial(self.advance, span, to=to))

    async def settle_async(self, within: float | timedelta = 30 * 24 * 3600) -> ClockState:
        """Do what `settle` does without blocking the event loop, which may have to receive the webhooks."""
        return await anyio.to_thread.run_sync(partial(self.settle, within))

    def flush(self) -> None:
        """Wait until every due webhook was tried."""
        self._driver.call(self._driver.flush())

    def inject(
        self,
        fault: Fault,
        *,
        times: int | None = 1,
        probability: float = 1.0,
        path: str | None = None,
    ) -> None:
        """Inject a fault into the next requests to the service.

        Faults are used up in the order in which they were injected, by every request to one of the
        operations.

        Args:
            fault: What goes wrong.
            times: For how many requests; `None` for all until it is cleared.
            probability: Share of the requests that are hit, drawn with the sandbox's seed; the others
                do not count.
            path: Path of the requests that are hit, such as `"/v1/messages"`; `"/v1/"` stands for all below
                it. The others do not count.

        Raises:
            TypeError: If `times` is not a whole number, `probability` not a number or `path` not a text.
            ValueError: If `times` is less than 1, `probability` is not above 0 and at most 1, or `path` does
                not begin with a slash.
        """
        self._service.faults.inject(PendingFault(fault, times, probability, path))

    def clear_faults(self) -> None:
        """Forget the waiting faults; those at work, such as a hanging request, go on."""
        self._service.faults.clear()
