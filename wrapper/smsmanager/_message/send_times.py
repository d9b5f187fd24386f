"""Times and delivery windows."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from smsmanager.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""As the service spells them, in the order of `datetime.weekday()`."""
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_NAIVE = (
    "has no time zone. Write datetime(..., tzinfo=ZoneInfo('Europe/Prague')), or end the text with an offset "
    "such as +01:00. Of zone names only UTC, GMT and Z are read: CET and others are ambiguous"
)
_NAME_WITH_OFFSET = re.compile(r"\b([A-Za-z]{1,5})\s*[+-]\s*[0-9]", re.ASCII)
_NO_ZONE = re.compile(
    r"AM|PM|T|JAN|FEB|MAR|MARCH|APR|APRIL|MAY|JUN|JUNE|JUL|JULY|AUG|SEP|SEPT|OCT|NOV|DEC",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(r"\s*[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}", re.ASCII)
_AMBIGUOUS = "can be read in several ways, or lacks part of the date. Write it like 2027-01-04T08:00:00+01:00"


def to_utc(at: datetime | str, field: str = "at") -> datetime:
    """Return a time in UTC: an aware datetime, or a text that `dateutil` can read and that names its zone.

    Raises:
        ValidationError: If the time, at the path `field`, has no zone or cannot be read.
    """
    moment = _read(at, field) if isinstance(at, str) else at
    if not isinstance(moment, datetime):
        raise ValidationError([(field, "must be an aware datetime or a text")])
    if moment.utcoffset() is None:
        raise ValidationError([(field, _NAIVE)])
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValidationError([(field, "is outside the years 1 to 9999 in UTC")]) from None


def wire_time(at: datetime | str, field: str = "at") -> str:
    """Return a time as it is sent: UTC with `Z`; see `to_utc`."""
    return to_utc(at, field).replace(tzinfo=None).isoformat() + "Z"


def _read(text: str, field: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    from dateutil import parser  # noqa: PLC0415 - slow to import, and ISO texts do without it

    # dateutil reads GMT+1 the POSIX way, as one hour behind GMT, which nobody means.
    if any(not _NO_ZONE.fullmatch(name) for name in _NAME_WITH_OFFSET.findall(text)):
        raise ValidationError([(field, _AMBIGUOUS)])
    orders = [(False, False)]
    if not _YEAR_FIRST.match(text):
        orders += [(True, False), (False, True)]
    # dateutil takes what is missing from a default, and guesses the order of day, month and year. A text that
    # another default or another guess reads differently is ambiguous.
    readings: set[datetime] = set()
    for default in (datetime(2001, 2, 3), datetime(2004, 5, 6)):  # noqa: DTZ001 - only the date counts
        for day_first, year_first in orders:
            options: Any = {"dayfirst": day_first, "yearfirst": year_first, "tzinfos": _zone}
            try:
                readings.add(parser.parse(text, default=default, **options))
            except (ValueError, OverflowError):
                raise ValidationError([(field, "is not a time that can be read")]) from None
    if len(readings) > 1:
        raise ValidationError([(field, _AMBIGUOUS)])
    return readings.pop()


def _zone(name: str | None, offset_s: int | None) -> tzinfo | None:
    # Without this, dateutil takes the zone names of this machine and warns about others.
    if offset_s is not None:
        return timezone(timedelta(seconds=offset_s))
    return UTC if name in {"Z", "UTC", "GMT"} else None


def window_problems(window: Mapping[str, Any], field: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a delivery window, given as JSON.

    Source: SmsManager API reference, "Send a message", field `delivery_time`.
    """
    if not window:
        yield field, "is empty: set days, start or end"
    days = window.get("days")
    if days is not None:
        if not isinstance(days, list) or not days:
            yield f"{field}.days", "must list at least one day"
        elif not all(isinstance(day, str) and day in WEEKDAYS for day in days):
            yield f"{field}.days", "must be monday to sunday, in English and lower case"
        elif len(set(days)) != len(days):
            yield f"{field}.days", "names a day twice"
    for end in ("start", "end"):
        value = window.get(end)
        if value is not None and not (isinstance(value, str) and _CLOCK.fullmatch(value)):
            yield f"{field}.{end}", "must be HH:MM between 00:00 and 23:59"
    zone = window.get("tz")
    if zone is not None and not _is_zone(zone):
        yield f"{field}.tz", "must be an IANA time zone such as Europe/Prague"


def _is_zone(name: object) -> bool:
    if not isinstance(name, str) or not name:
        return False
    try:
        ZoneInfo(name)
    except (ValueError, OSError):
        return False
    except LookupError:
        # A machine without zone data knows no zone at all, so it cannot tell that this one is wrong.
        return not _has_zone_data()
    return True


def _has_zone_data() -> bool:
    try:
        return bool(ZoneInfo("Europe/London"))
    except LookupError:
        return False
