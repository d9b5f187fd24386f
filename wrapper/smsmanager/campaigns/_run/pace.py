"""When the next request may go out; every method takes the time as an argument."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from datetime import time as wall_time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from smsmanager._message.send_times import window_problems
from smsmanager.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS_AHEAD = 8


class SendWindow:
    """Days and hours in which requests may go out.

    Args:
        window: `days`, `start`, `end` and `tz`, all optional: every day, from 00:00, to midnight, UTC. An
            `end` that is not after `start` is on the next day.

    Raises:
        ValidationError: If it is not a valid window.
    """

    def __init__(self, window: Mapping[str, Any]) -> None:
        problems = list(window_problems(window, "window"))
        unknown = window.keys() - {"days", "start", "end", "tz"}
        if unknown:
            problems.append(("window", "takes days, start, end and tz"))
        if problems:
            raise ValidationError(problems)
        self._days = frozenset(map(_DAYS.index, window.get("days") or _DAYS))
        self._start = wall_time.fromisoformat(window.get("start") or "00:00")
        self._end = wall_time.fromisoformat(window.get("end") or "00:00")
        self._zone = ZoneInfo(window.get("tz") or "UTC")

    def opens_at(self, now: datetime) -> datetime:
        """Return when requests may go out: now, or when the window opens next.

        Args:
            now: An aware time.
        """
        today = now.astimezone(self._zone).date()
        # From yesterday on, whose window may reach into today.
        for ahead in range(-1, _DAYS_AHEAD):
            day = today + timedelta(days=ahead)
            if day.weekday() not in self._days:
                continue
            last = day if self._end > self._start else day + timedelta(days=1)
            # Compared in UTC: within one zone, Python ignores changes to and from summer time.
            opens = datetime.combine(day, self._start, self._zone).astimezone(UTC)
            closes = datetime.combine(last, self._end, self._zone).astimezone(UTC)
            if now < closes:
                return max(opens, now.astimezone(UTC))
        return now.astimezone(UTC)


class Pace:
    """Spaces requests evenly, and holds all of them back after a failure.

    Args:
        requests_per_s: Most requests per second; None for no limit.
    """

    def __init__(self, requests_per_s: float | None) -> None:
        self._gap_s = 0.0 if requests_per_s is None else 1 / requests_per_s
        self._next_at = -math.inf
        self._held_until = -math.inf

    def took(self, now_s: float) -> None:
        """Count a request that goes out."""
        self._next_at = max(self._next_at, now_s) + self._gap_s

    def hold(self, until_s: float) -> None:
        """Hold all requests back."""
        self._held_until = max(self._held_until, until_s)

    def held_s(self, now_s: float) -> float:
        """Return the seconds for which requests are held back."""
        return max(0.0, self._held_until - now_s)

    def wait_s(self, now_s: float) -> float:
        """Return the seconds until the next request may go out."""
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
        """Add how many recipients were reached by now; return the rate, None before there is one."""
        self._seen.append((now_s, recipients))
        while len(self._seen) > 2 and now_s - self._seen[1][0] >= self._over_s:  # noqa: PLR2004 - two points make a rate
            self._seen.pop(0)
        began_s, before = self._seen[0]
        passed_s = now_s - began_s
        return (recipients - before) / passed_s if passed_s > 0 else None
