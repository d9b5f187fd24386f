"""A send window as one writes it: `monday-friday 08:00-20:00 Europe/Prague`."""

from __future__ import annotations

import re
from typing import Any

import click

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HOURS = re.compile(r"([0-2]?[0-9]:[0-5][0-9])-([0-2]?[0-9]:[0-5][0-9])")


def read_window(text: str) -> dict[str, Any]:
    """Return a window as campaigns take it.

    Args:
        text: Days (`monday-friday`, `sat,sun`), hours (`08:00-20:00`) and a time zone, in any order; each
            part may be left out.

    Raises:
        click.UsageError: If a part is none of these.
    """
    window: dict[str, Any] = {}
    for part in text.split():
        if found := _HOURS.fullmatch(part):
            window["start"], window["end"] = (hour.zfill(len("08:00")) for hour in found.groups())
        elif (days := _days(part.lower())) is not None:
            window["days"] = days
        elif "/" in part or part == "UTC":
            window["tz"] = part
        else:
            msg = (
                f"{part} is no part of a window such as 'monday-friday 08:00-20:00 Europe/Prague'."
            )
            raise click.UsageError(msg)
    return window


def _days(text: str) -> list[str] | None:
    found: list[str] = []
    for piece in text.split(","):
        first, dash, last = piece.partition("-")
        ends = [_day(name) for name in ((first, last) if dash else (first,))]
        if None in ends:
            return None
        numbers = [day for day in ends if day is not None]
        span = (numbers[-1] - numbers[0]) % len(_DAYS)
        found += [_DAYS[(numbers[0] + step) % len(_DAYS)] for step in range(span + 1)]
    return list(dict.fromkeys(found))


def _day(name: str) -> int | None:
    matches = [index for index, day in enumerate(_DAYS) if len(name) > 2 and day.startswith(name)]  # noqa: PLR2004 - three letters tell the days apart
    return matches[0] if matches else None
