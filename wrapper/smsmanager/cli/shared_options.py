"""Options that several commands have."""

from __future__ import annotations

import contextlib
import math
import sys
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

Function = TypeVar("Function", bound="Callable[..., Any]")

JSON = "smsmanager.json"
"""Key in a context's meta that tells whether `--json` was given; the root command prints errors by it."""


def _remember(context: click.Context, _parameter: click.Parameter, value: bool) -> bool:  # noqa: FBT001 - click's signature
    context.meta[JSON] = value
    return value


json_option = click.option(
    "--json",
    "as_json",
    is_flag=True,
    callback=_remember,
    help="Print JSON for programs instead of text.",
)
place_option = click.option(
    "--base-url",
    metavar="URL",
    envvar="SMSMANAGER_BASE_URL",
    help="As in 'run': 'sandbox' means the rehearsal.  [env: SMSMANAGER_BASE_URL]",
)
sms_type_option = click.option(
    "--type",
    "sms_type",
    type=click.Choice(["utf", "sms"]),
    help="Type of the SMS: sms lets the service transliterate to GSM-7; default: the service's.",
)


def base_url_option(purpose: str) -> Callable[[Function], Function]:
    """Return `--base-url`.

    Args:
        purpose: What happens at that address.
    """
    return click.option(
        "--base-url",
        metavar="URL",
        envvar="SMSMANAGER_BASE_URL",
        help=f"{purpose}; 'sandbox' finds the local stand-in or starts one.  [env: SMSMANAGER_BASE_URL]",
    )


def yes_option(verb: str) -> Callable[[Function], Function]:
    """Return `--yes`.

    Args:
        verb: What is done without asking.
    """
    return click.option("--yes", "-y", is_flag=True, help=f"{verb} without asking.")


def sender_option(text: str) -> Callable[[Function], Function]:
    """Return `--sender`, with a help text that says what it is for."""
    return click.option(
        "--sender",
        "-s",
        metavar="NAME",
        envvar="SMSMANAGER_SENDER",
        help=f"{text}  [env: SMSMANAGER_SENDER]",
    )


def region_option(text: str) -> Callable[[Function], Function]:
    """Return `--region`, with a help text that says what it is for."""
    return click.option("--region", metavar="CC", type=_region, help=text)


def _region(text: str) -> str:
    """Return a region in the metadata's spelling.

    Raises:
        click.BadParameter: If there is none of that name.
    """
    from phonenumbers import SUPPORTED_REGIONS  # noqa: PLC0415 - an extra

    region = text.strip().upper()
    if region not in SUPPORTED_REGIONS:
        msg = f"{text} is not a two-letter country code (ISO 3166), such as CZ, SK or DE."
        raise click.BadParameter(msg)
    return region


def add_options(
    *options: Callable[[Callable[..., Any]], Callable[..., Any]],
) -> Callable[[Function], Function]:
    """Return one decorator that adds several options, listed in this order by `--help`."""

    def decorate(function: Function) -> Function:
        for option in reversed(options):
            option(function)
        return function

    return decorate


def positive(kind: type[int | float]) -> Callable[[str], float]:
    """Return the type of an option that takes a finite number above 0."""

    def read(text: str) -> float:
        with contextlib.suppress(ValueError):
            if 0 < (number := kind(text)) < math.inf:
                return number
        limit = "a whole number, at least 1" if kind is int else "a number above 0"
        raise click.BadParameter(f"must be {limit}.")

    return read


_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def read_age(text: str) -> float:
    """Return seconds: the type of an option that takes an age with its unit, such as `30d`."""
    with contextlib.suppress(ValueError, KeyError):
        if 0 <= (seconds := float(text[:-1]) * _UNITS_S[text[-1:]]) < math.inf:
            return seconds
    raise click.BadParameter("must be a number with its unit: 30d, 12h, 10m or 45s.")


def read_time(text: str) -> str:
    """Return a time as it was given, after checking it: the type of an option.

    Raises:
        click.BadParameter: If it cannot be read, or has no zone.
    """
    from smsmanager._message.send_times import to_utc  # noqa: PLC0415 - loads the package
    from smsmanager.errors import ValidationError  # noqa: PLC0415

    try:
        to_utc(text)
    except ValidationError:
        raise click.BadParameter(
            f"{text} is not a time with its zone. Write the date, the time and the offset from UTC, such as "
            "2030-01-07T08:00+01:00, or 2030-01-07T07:00Z."
        ) from None
    return text


def read_moment(text: str) -> datetime:
    """Return a time with its zone: the type of an option; see `read_time`."""
    from smsmanager._message.send_times import to_utc  # noqa: PLC0415 - loads the package

    return to_utc(read_time(text))


def between_option(text: str, *, required: bool = False) -> Callable[[Function], Function]:
    """Return `--between`, with a help text that says what it is for."""
    return click.option(
        "--between",
        nargs=2,
        type=read_moment,
        callback=_in_order,
        required=required,
        metavar="TIME TIME",
        help=text,
    )


def _in_order(
    _context: click.Context,
    _parameter: click.Parameter,
    value: tuple[datetime, datetime] | None,
) -> tuple[datetime, datetime] | None:
    if value and value[0] > value[1]:
        raise click.BadParameter("the first time must not be after the second.")
    return value


def patience_option(text: str) -> Callable[[Function], Function]:
    """Return `--patience`, with a help text that says what it is for."""
    return click.option(
        "--patience",
        "patience_s",
        type=click.FloatRange(min=0),
        metavar="SECONDS",
        help=text,
    )


def text_or_stdin(text: str) -> str:
    """Return a text argument; `-` reads standard input, without the line break at its end."""
    return sys.stdin.read().rstrip("\r\n") if text == "-" else text
