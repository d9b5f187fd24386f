"""Decide when a message goes out: `datetime`, `delivery_time`, hours of promotional messages.

Source: SmsManager API reference, fields `datetime` and `delivery_time`; SmsManager guide, on tags.
"""

from __future__ import annotations

import functools
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal, TypeAlias
from zoneinfo import ZoneInfo

from smsmanager.sandbox.engine.records.unix_time import LAST_MOMENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from smsmanager.sandbox.engine.records import JsonObject

WaitReason: TypeAlias = Literal["datetime", "delivery_time", "promotional_hours"]

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PROMOTIONAL_HOURS: JsonObject = {"start": "08:00", "end": "19:59"}

_SCHEDULED_FROM_S = 60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE_S = 60


def read_moment(text: str) -> float:
    """Return an RFC 3339 time in Unix seconds.

    Raises:
        ValueError: If the calendar has no such time.
    """
    # A leap second is valid there, and unknown to Python.
    plain = text.upper().replace(":60", ":59")
    found = datetime.fromisoformat(plain)
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    return min((found - _EPOCH).total_seconds(), LAST_MOMENT)


@functools.lru_cache(maxsize=256)
def zone(name: str) -> ZoneInfo | None:
    """Return a time zone by its IANA name; `None` if there is none."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return None


def first_moment(
    message: JsonObject,
    now: float,
    promotional_zone: str | None,
) -> tuple[float, WaitReason | None]:
    """Return when a message may go out, and what it waits for.

    Args:
        message: A message that was checked.
        now: Time of its arrival, in Unix seconds.
        promotional_zone: Time zone in which it only goes out from 8:00 to 20:00; `None` if any
            hour will do.

    Returns:
        Unix seconds, and `None` if that is now.
    """
    due = now
    why: WaitReason | None = None
    given = message.get("datetime")
    if given is not None and (asked := read_moment(given)) > now + _SCHEDULED_FROM_S:
        due, why = asked, "datetime"
    windows: list[tuple[WaitReason, JsonObject]] = []
    if "delivery_time" in message:
        windows.append(("delivery_time", message["delivery_time"]))
    if promotional_zone is not None:
        windows.append(("promotional_hours", {**PROMOTIONAL_HOURS, "tz": promotional_zone}))
    # Twice, as a moment that suits the second window may lie outside the first.
    for reason, window in windows * 2:
        moved = next_in_window(window, due)
        if moved > due:
            due, why = moved, reason
    return due, why


def next_in_window(window: Mapping[str, object], moment: float) -> float:
    """Return the first moment from `moment` on that lies in a window, in Unix seconds.

    `end` is the last minute in which messages go out. A window whose `end` is before its `start`
    goes over midnight, and belongs to the day on which it starts. A `start` that the change to
    summer time skips moves by as much as the clocks do; of an hour that comes twice, the window has
    both.
    """
    tz = zone(str(window.get("tz", "UTC"))) or ZoneInfo("UTC")
    try:
        today = (_EPOCH + timedelta(seconds=moment)).astimezone(tz).date()
        for start, end in _intervals(window, tz, today):
            if end > moment:
                return max(moment, start)
    except OverflowError:
        # The end of the calendar.
        return moment
    return moment


def _intervals(
    window: Mapping[str, object], tz: ZoneInfo, today: date
) -> Iterator[tuple[float, float]]:
    start = time.fromisoformat(str(window.get("start", "00:00")))
    end = time.fromisoformat(str(window.get("end", "23:59")))
    days: object = window.get("days")
    allowed = frozenset(days) if isinstance(days, list) else frozenset(DAYS)
    # From yesterday, whose window may go over midnight, to the same weekday of next week.
    for offset in range(-1, 9):
        day = today + timedelta(days=offset)
        if DAYS[day.weekday()] not in allowed:
            continue
        last_day = day if start <= end else day + timedelta(days=1)
        last = datetime.combine(last_day, end, tz)
        # The later reading of an hour that comes twice, or that is skipped.
        ends = max(_unix(last), _unix(last.replace(fold=1)))
        yield _unix(datetime.combine(day, start, tz)), ends + _MINUTE_S


def _unix(local: datetime) -> float:
    return (local.astimezone(UTC) - _EPOCH).total_seconds()
