"""Options of a single run, for `campaign run` and `campaign resume`: concurrency, rate, send window."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

import click

from smsmanager._message.send_times import WEEKDAYS
from smsmanager.cli.shared_options import Function, add_options, patience_option, positive

if TYPE_CHECKING:
    from collections.abc import Callable

    from smsmanager.campaigns._run.campaign_options import RunChanges

_HOURS = re.compile(r"([0-2]?[0-9]:[0-5][0-9])-([0-2]?[0-9]:[0-5][0-9])")
_NAMES = ("concurrency", "requests_per_s", "stop_after", "window")


def read_window(text: str) -> dict[str, Any]:
    """Return a send window as `window=` takes it.

    Args:
        text: A time zone, and days (`monday-friday`, `sat,sun`), hours (`08:00-20:00`) or both, in any order.

    Raises:
        click.BadParameter: If a part is none of these, or the zone of the hours is missing.
        ConfigurationError: If this system has no time zone data.
    """
    from smsmanager.campaigns._run.pace import SendWindow  # noqa: PLC0415 - an extra
    from smsmanager.errors import ValidationError  # noqa: PLC0415

    example = "'monday-friday 08:00-20:00 Europe/Prague'"

    window: dict[str, Any] = {}
    for part in text.split():
        if found := _HOURS.fullmatch(part):
            window["start"], window["end"] = (hour.zfill(len("08:00")) for hour in found.groups())
        elif (days := _days(part.lower())) is not None:
            window["days"] = days
        elif "/" in part or part == "UTC":
            window["tz"] = part
        else:
            raise click.BadParameter(f"{part} is not a part of a window such as {example}.")
    if "tz" not in window:
        msg = f"names no time zone. Write one, or UTC, as in {example}."
        raise click.BadParameter(msg)
    try:
        SendWindow(window)
    except ValidationError as error:
        raise click.BadParameter(f"{error}. It should look like {example}.") from None
    return window


def _days(text: str) -> list[str] | None:
    """Return the days that a part names, such as `mon-wed,sunday`; None if it names none."""
    found: list[str] = []
    for piece in text.split(","):
        first, dash, last = piece.partition("-")
        begin = _day(first)
        end = _day(last) if dash else begin
        if begin is None or end is None:
            return None
        span = (end - begin) % len(WEEKDAYS)
        found += [WEEKDAYS[(begin + step) % len(WEEKDAYS)] for step in range(span + 1)]
    return list(dict.fromkeys(found))


def _day(name: str) -> int | None:
    # Three letters tell the days apart.
    matches = (index for index, day in enumerate(WEEKDAYS) if name[2:] and day.startswith(name))
    return next(matches, None)


run_options = add_options(
    click.option(
        "--concurrency",
        type=positive(int),
        metavar="N",
        help="Maximum number of requests at once.  [4]",
    ),
    click.option(
        "--rate",
        "requests_per_s",
        type=positive(float),
        metavar="N",
        help="Maximum requests per second, each for up to 100 recipients.",
    ),
    click.option(
        "--stop-after",
        type=positive(int),
        metavar="N",
        help="Stop after this many failed requests in a row.  [10]",
    ),
    click.option(
        "--window",
        type=read_window,
        metavar="WHEN",
        help="Days and hours in which to send, with their time zone.",
    ),
)


def rows_patience_option(default: str) -> Callable[[Function], Function]:
    """Return `--patience`.

    Args:
        default: The default as the help text shows it.
    """
    return patience_option(
        f"How long to go on asking about rows that are not listed yet.  [{default}]"
    )


def pop_run_changes(options: dict[str, Any]) -> RunChanges:
    """Remove the options of a run from a command's options; return those that the user set."""
    given = {name: options.pop(name) for name in _NAMES}
    return cast("RunChanges", {name: value for name, value in given.items() if value is not None})
