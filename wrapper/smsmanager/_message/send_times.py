"""Times and delivery windows."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from smsmanager.errors import ValidationError

logger = logging.getLogger("smsmanager")

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""Spelled as in the API, in the order of `datetime.weekday()`."""
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_ADVICE = "Write datetime(..., tzinfo=ZoneInfo('Europe/Prague')), or a string like 2027-01-04T08:00:00+01:00"


def to_utc(at: datetime | str, field: str = "at") -> datetime:
    """Return a time in UTC: an aware datetime, or an ISO 8601 string with an offset.

    Other strings are refused: the order of day and month, and names of zones such as CST, are ambiguous.

    Raises:
        ValidationError: If the time, at the path `field`, has no zone or cannot be read.
    """
    moment = at
    if isinstance(at, str):
        from dateutil.parser import isoparse  # noqa: PLC0415 - slow to import

        try:
            moment = isoparse(at.strip())
        except (ValueError, OverflowError):
            raise ValidationError([(field, f"is not a time in ISO 8601. {_ADVICE}")]) from None
    if not isinstance(moment, datetime):
        raise ValidationError([(field, f"must be an aware datetime or a string. {_ADVICE}")])
    try:
        offset, in_utc = moment.utcoffset(), moment.astimezone(UTC)
    except OverflowError:
        raise ValidationError([(field, "is outside the years 1 to 9999 in UTC")]) from None
    except ValueError:
        # Subclasses of datetime have values that are not a time, such as pandas.NaT.
        raise ValidationError([(field, f"is not a time. {_ADVICE}")]) from None
    if offset is None:
        raise ValidationError([(field, f"has no time zone. {_ADVICE}")])
    return in_utc


def scheduled(at: datetime | str) -> datetime:
    """Return the time of `at=` in UTC; log one that has passed, because the service then sends at once."""
    moment = to_utc(at)
    if moment < datetime.now(UTC):
        logger.warning("the time in at= has passed: the service sends such a message at once")
    return moment


def wire_time(at: datetime | str, field: str = "at") -> str:
    """Return a time as it is sent: UTC with `Z`; see `to_utc`."""
    return to_utc(at, field).replace(tzinfo=None).isoformat() + "Z"


def window_problems(window: Mapping[str, Any], field: str) -> Iterator[tuple[str, str]]:
    """Yield the problems of a delivery window, given as JSON.

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
        # A machine without time zone data knows no zone at all, so it cannot tell whether this one is wrong.
        return not available_timezones()
    return True
