"""When the next request may leave. Every method takes the time as an argument."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from datetime import time as wall_time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from smsmanager._message.send_times import WEEKDAYS, window_problems
from smsmanager.errors import ConfigurationError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import tzinfo

_DAYS_AHEAD = 15
"""A window on one day a week opens within a week, or within two if the first one is in a skipped hour."""
_HOUR, _MINUTE = timedelta(hours=1), timedelta(minutes=1)


class SendWindow:
    """Days and hours in which requests may leave, in local time.

    An hour that a clock change skips does not occur; an hour that it repeats occurs twice.

    Args:
        window: `days`, `start`, `end` and `tz`, all optional. The defaults are every day, from 00:00 to
            midnight, in UTC. An `end` that is not after `start` is on the next day.

    Raises:
        ValidationError: If it is not a valid window.
        ConfigurationError: If this system has no time zone data.
    """

    def __init__(self, window: Mapping[str, Any]) -> None:
        problems = list(window_problems(window, "window"))
        unknown = window.keys() - {"days", "start", "end", "tz"}
        if unknown:
            problems.append(("window", "may have days, start, end and tz only"))
        if problems:
            raise ValidationError(problems)
        self._days = frozenset(map(WEEKDAYS.index, window.get("days") or WEEKDAYS))
        self._start = wall_time.fromisoformat(window.get("start") or "00:00")
        self._end = wall_time.fromisoformat(window.get("end") or "00:00")
        self._zone = _zone(window.get("tz") or "UTC")
        # The result of the last search: closed from the first time until the second.
        self._closed = (datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC))

    def opens_at(self, now: datetime) -> datetime:
        """Return when requests may leave: now, or when the window next opens.

        Args:
            now: An aware time.
        """
        now = now.astimezone(UTC)
        since, opens = self._closed
        if since <= now < opens:
            return opens
        if self._is_open(now):
            return now
        last = now + timedelta(days=_DAYS_AHEAD)
        candidates = sorted((*self._starts(now), *self._changes(now, last)))
        # It may never open, such as an hour that is always skipped: then it is checked again later.
        opens = next((at for at in candidates if at > now and self._is_open(at)), last)
        self._closed = (now, opens)
        return opens

    def _is_open(self, at: datetime) -> bool:
        wall = at.astimezone(self._zone)
        shown, today = wall.time(), wall.weekday()
        if self._start < self._end:
            return today in self._days and self._start <= shown < self._end
        began = today if shown >= self._start else (today - 1) % len(WEEKDAYS)
        return began in self._days and (shown >= self._start or shown < self._end)

    def _starts(self, now: datetime) -> Iterator[datetime]:
        """Yield the times at which a local clock shows the start, from the day before on."""
        today = now.astimezone(self._zone).date()
        for ahead in range(-1, _DAYS_AHEAD):
            for fold in (0, 1):
                wall = datetime.combine(today + timedelta(days=ahead), self._start, self._zone)
                # In UTC: within one zone, Python ignores clock changes.
                yield wall.replace(fold=fold).astimezone(UTC)

    def _changes(self, now: datetime, last: datetime) -> Iterator[datetime]:
        """Yield the times of clock changes: one may move the clock into the window."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        while hour < last:
            following = hour + _HOUR
            if self._offset(hour) != self._offset(following):
                minutes = (hour + n * _MINUTE for n in range(1, 61))
                yield next(at for at in minutes if self._offset(at) == self._offset(following))
            hour = following

    def _offset(self, at: datetime) -> timedelta | None:
        return at.astimezone(self._zone).utcoffset()


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:
        msg = (
            "window: this system has no time zone data. Nothing was sent. Install the package tzdata: "
            "pip install tzdata."
        )
        raise ConfigurationError(msg) from None


class Pace:
    """Spaces requests evenly, and delays all of them after a failure.

    Args:
        requests_per_s: Maximum requests per second; None for no limit.
    """

    def __init__(self, requests_per_s: float | None) -> None:
        self._gap_s = 0.0 if requests_per_s is None else 1 / requests_per_s
        self._next_at = -math.inf
        self._held_until = -math.inf

    def took(self, now_s: float) -> None:
        """Count a request that leaves."""
        self._next_at = max(self._next_at, now_s) + self._gap_s

    def hold(self, until_s: float) -> None:
        """Delay all requests until a time."""
        self._held_until = max(self._held_until, until_s)

    def held_s(self, now_s: float) -> float:
        """Return the seconds for which requests are delayed."""
        return max(0.0, self._held_until - now_s)

    def wait_s(self, now_s: float) -> float:
        """Return the seconds until the next request may leave."""
        return max(0.0, self._next_at - now_s, self._held_until - now_s)


class Rate:
    """Recipients per second, over the last updates.

    Args:
        over_s: How many seconds to look back.
    """

    def __init__(self, over_s: float = 30.0) -> None:
        self._over_s = over_s
        self._seen: list[tuple[float, int]] = []

    def seen(self, now_s: float, recipients: int) -> float | None:
        """Add the number of recipients so far; return the rate, or None if there is none yet."""
        self._seen.append((now_s, recipients))
        while len(self._seen) > 2 and now_s - self._seen[1][0] >= self._over_s:  # noqa: PLR2004 - two points make a rate
            self._seen.pop(0)
        began_s, before = self._seen[0]
        passed_s = now_s - began_s
        return (recipients - before) / passed_s if passed_s > 0 else None
