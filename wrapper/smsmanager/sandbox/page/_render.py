"""Fill the templates. Every value is escaped."""

from __future__ import annotations

import functools
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import attrs
from jinja2 import Environment, PackageLoader, StrictUndefined

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from smsmanager.sandbox.page._frame import Frame


# Names of the channels in the style sheet.
_LOOKS: Mapping[str, str] = {
    "sms": "sms",
    "viber": "viber",
    "whatsapp": "whatsapp",
    "whatsapp_text": "whatsapp",
    "whatsapp_template": "whatsapp",
    "rcs": "rcs",
}
# Without the script, times are in UTC; with it, in the browser's zone.
_TIMES: Mapping[str, str] = {
    "clock": "%H:%M:%S",
    "tick": "%H:%M:%S",
    "near": "%d %b %H:%M",
    "short": "%d %b %H:%M",
    "full": "%a %d %b %Y, %H:%M:%S UTC",
}
_GROUPED = ("420", "421")
_GROUPED_LENGTH = 12


@attrs.frozen
class ErrorPage:
    """What went wrong, and the page to go back to."""

    title: str
    text: str
    back: str


def render(name: str, frame: Frame, page: attrs.AttrsInstance) -> str:
    """Return the HTML of a page.

    Args:
        name: Name of the template.
        frame: What surrounds the content.
        page: The content that the template shows.
    """
    return _environment().get_template(name).render(frame=frame, page=page)


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("smsmanager.sandbox.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    filters: Mapping[str, Callable[..., str]] = {
        "channel": lambda name: _LOOKS.get(name, "other"),
        "number": spaced_number,
        "thousands": thousands,
        "utc": _utc,
    }
    environment.filters.update(filters)
    return environment


def thousands(count: int | str) -> str:
    """Return a count with thousands separators; a text such as `"99+"` stays as it is."""
    return count if isinstance(count, str) else f"{count:,}"


def spaced_number(number: str) -> str:
    """Return a phone number as people read it; anything else stays as it is."""
    if not (number.isascii() and number.isdecimal()):
        return number
    if len(number) == _GROUPED_LENGTH and number.startswith(_GROUPED):
        return "+" + " ".join(number[start : start + 3] for start in range(0, _GROUPED_LENGTH, 3))
    return f"+{number}"


def _utc(moment: str, form: str = "full") -> str:
    return datetime.fromisoformat(moment).astimezone(UTC).strftime(_TIMES[form])
