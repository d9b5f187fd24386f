"""The days that a span of time touches. The time zone in which the service counts days is not documented."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

_MOST_DAYS = 62
# Offsets of the westernmost and easternmost zones: no zone between them has other days.
_EVERYWHERE = (timedelta(hours=-12), timedelta(hours=14))


def days_between(begin: datetime, end: datetime, zone: str | None) -> list[date]:
    """Return the days from one time to another: those of UTC and those of the account's zone, in order.

    Args:
        begin: The first moment.
        end: The last moment.
        zone: IANA name of the account's zone. Without a usable one, the days of every zone are returned.
    """
    found = _days(begin.astimezone(UTC), end.astimezone(UTC))
    named = _zone(zone)
    if named is not None:
        return sorted(found | _days(begin.astimezone(named), end.astimezone(named)))
    first, last = _EVERYWHERE
    return sorted(found | _days(begin.astimezone(UTC) + first, end.astimezone(UTC) + last))


def _days(begin: datetime, end: datetime) -> set[date]:
    count = min((end.date() - begin.date()).days, _MOST_DAYS)
    return {begin.date() + timedelta(days=after) for after in range(count + 1)}


def _zone(name: str | None) -> tzinfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (LookupError, ValueError, OSError):
        return None
