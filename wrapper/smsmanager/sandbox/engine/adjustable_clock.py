"""Tell the time: as it is, faster, or as a test sets it.

Times are Unix seconds, as in the service's reports. Only this module looks at the machine's clock.
"""

from __future__ import annotations

import math
import threading
import time
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

import attrs

from smsmanager.sandbox.engine.records.unix_time import LAST_MOMENT, moment, unix

ClockMode: TypeAlias = Literal["real", "accelerated", "manual"]

MAX_SPEED = 1_000_000.0


@attrs.frozen
class ClockState:
    """The clock at one moment.

    Attributes:
        now: Its time, UTC.
        mode: `"real"`, `"accelerated"`, or `"manual"`, which stands still until it is moved.
        speed: Seconds of this clock in one real second; 0 for a manual one.
    """

    now: datetime
    mode: ClockMode
    speed: float


class Clock:
    """A clock that runs at a speed, from a start, and jumps ahead. Only `restart` goes back.

    Can be used from any thread.

    Args:
        speed: Seconds of this clock in one real second: 1 is real time, 0 stands still.
        start: Its first time; `None` for the machine's time.

    Raises:
        ValueError: If the speed is negative or too high, or the start has no time zone.
    """

    def __init__(self, *, speed: float = 1.0, start: datetime | None = None) -> None:
        if not 0 <= speed <= MAX_SPEED:
            raise ValueError(
                f"speed must be between 0 (a clock that stands still) and {MAX_SPEED:.0f}."
            )
        if start is not None and start.tzinfo is None:
            raise ValueError("The start of the clock needs a time zone, such as datetime.UTC.")
        self._lock = threading.Lock()
        self._speed = speed
        # A real clock without a start follows the machine's, also when that one is set.
        self._follows = speed == 1 and start is None
        self._start = start
        self.restart()

    def restart(self) -> None:
        """Go back to the start, or to the machine's time."""
        with self._lock:
            self._base = time.time() if self._start is None else self._start.timestamp()
            self._ahead = 0.0
            self._since = time.monotonic()

    @property
    def speed(self) -> float:
        """Seconds of this clock in one real second."""
        return self._speed

    def now(self) -> float:
        """Return the time in Unix seconds."""
        if self._follows:
            return time.time() + self._ahead
        if self._speed == 0:
            return self._base
        return self._base + (time.monotonic() - self._since) * self._speed

    def jump(self, moment: float) -> None:
        """Jump ahead; a moment that has passed changes nothing.

        Args:
            moment: Unix seconds.
        """
        with self._lock:
            ahead = min(moment, LAST_MOMENT) - self.now()
            if ahead > 0:
                self._ahead += ahead
                self._base += ahead

    def real_seconds_until(self, moment: float) -> float:
        """Return how long the machine has to wait; endless for a clock that stands still.

        Args:
            moment: Unix seconds.
        """
        ahead = moment - self.now()
        if ahead <= 0:
            return 0.0
        return ahead / self._speed if self._speed else math.inf

    def state(self) -> ClockState:
        """Return the time of the clock, and how it runs."""
        mode: ClockMode = "manual" if self._speed == 0 else "accelerated"
        return ClockState(moment(self.now()), "real" if self._speed == 1 else mode, self._speed)


def read_jump(value: object, now: float, next_due: float | None) -> float:
    """Return where the clock jumps to, in Unix seconds.

    Args:
        value: JSON object with `seconds`, or `to`, a time with its zone; empty for what is due next.
        now: Time of the clock, in Unix seconds.
        next_due: When the next thing happens.

    Raises:
        TypeError: If it is not an object, or a value has the wrong type.
        ValueError: If a field is unknown, both are given, or the clock would go back.
    """
    fields = value if isinstance(value, dict) else None
    if fields is None or not fields.keys() <= {"seconds", "to"} or len(fields) > 1:
        raise ValueError('A jump is an object with seconds or to, such as {"seconds": 60}.')
    if "seconds" in fields:
        seconds = fields["seconds"]
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise TypeError("seconds must be a number.")
        if not 0 <= seconds <= LAST_MOMENT:
            raise ValueError("seconds must be at least 0: the clock only goes ahead.")
        return min(now + seconds, LAST_MOMENT)
    if "to" in fields:
        if not isinstance(fields["to"], str):
            raise TypeError("to must be a time with its zone, such as 2027-01-04T07:00:00Z.")
        try:
            wanted = datetime.fromisoformat(fields["to"])
        except ValueError:
            wanted = None
        if wanted is None or wanted.tzinfo is None:
            raise ValueError("to must be a time with its zone, such as 2027-01-04T07:00:00Z.")
        return max(now, unix(wanted))
    return now if next_due is None else max(now, next_due)


def seconds_of(span: float | timedelta) -> float:
    """Return a span of time in seconds.

    Raises:
        ValueError: If it is negative: a clock never goes back.
    """
    seconds = span.total_seconds() if isinstance(span, timedelta) else float(span)
    if not seconds >= 0:
        raise ValueError("The clock only goes ahead: give a span of at least 0 seconds.")
    return seconds


def unix_of(when: datetime) -> float:
    """Return a moment in Unix seconds.

    Raises:
        ValueError: If it has no time zone.
    """
    if when.tzinfo is None:
        raise ValueError("The moment needs a time zone, such as datetime.UTC.")
    return when.timestamp()
