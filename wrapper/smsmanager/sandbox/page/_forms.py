"""Read a form that a page posts, and check that a page of the sandbox posted it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from smsmanager.sandbox._operations.request_content import media_type
from smsmanager.sandbox.engine.delivery_window import read_moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

_MAX_BYTES = 65_536
_MAX_FIELDS = 20
_MAX_TEXT = 1000
_MAX_DIGITS = 18
_MAX_ADVANCE_S = 366 * 24 * 3600.0


class FormError(Exception):
    """What is wrong with a form, described for the person who filled it in.

    Args:
        detail: One sentence.
        status_code: HTTP status to answer.
    """

    def __init__(self, detail: str, status_code: int = 400) -> None:
        super().__init__(detail)
        self.detail = detail
        self.status_code = status_code


async def read_form(request: Request) -> dict[str, str]:
    """Return the fields of a form.

    Raises:
        FormError: If it is too large, or not a form.
    """
    if media_type(request.headers.get("content-type", "")) != "application/x-www-form-urlencoded":
        raise FormError("This takes a form of the page.", 415)
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > _MAX_BYTES:
            raise FormError("The form is too large.", 413)
    try:
        pairs = parse_qsl(
            content.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS
        )
    except ValueError:
        raise FormError("The form cannot be read.") from None
    return dict(pairs)


def text_of(form: Mapping[str, str], name: str = "body") -> str:
    """Return a text that someone wrote.

    Raises:
        FormError: If it is missing, empty or too long.
    """
    # Browsers send line ends as CR LF.
    text = form.get(name, "").replace("\r\n", "\n")
    if not text.strip():
        raise FormError("Enter a text first.")
    if len(text) > _MAX_TEXT:
        raise FormError(f"A text can have at most {_MAX_TEXT} characters.")
    return text


def json_of(form: Mapping[str, str], name: str) -> object:
    """Return a JSON value that someone wrote.

    Raises:
        FormError: If it is not JSON.
    """
    try:
        value: object = json.loads(form.get(name, ""))
    except (ValueError, RecursionError) as error:
        raise FormError(f"This is not JSON: {error}.") from None
    return value


def moment_of(form: Mapping[str, str], now: float, next_due: float | None) -> float:
    """Return the time to which the clock should jump, in Unix seconds.

    Args:
        form: `advance` in seconds, or `to`: `"next"` or a time.
        now: What the clock shows.
        next_due: When the next thing is due; `None` if nothing waits.

    Raises:
        FormError: If it is not a time, or has passed.
    """
    try:
        if "advance" in form:
            seconds = float(form["advance"])
            if not 0 <= seconds <= _MAX_ADVANCE_S:
                raise FormError("The clock can jump ahead by at most a year at a time.")
            return now + seconds
        if form.get("to") == "next":
            if next_due is None:
                raise FormError("Nothing is waiting.")
            return max(now, next_due)
        wanted = read_moment(form.get("to", ""))
    except ValueError:
        raise FormError("Enter a time such as 2030-01-07T07:00:00Z.") from None
    if wanted < now:
        raise FormError("This time has passed, and the clock never goes back.")
    return wanted


def whole_number(text: str) -> int:
    """Return a text as a number; 0 if it is not one."""
    if not (text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS):
        return 0
    return int(text)


def is_own(request: Request) -> bool:
    """Return whether a write comes from a page of the sandbox.

    Browsers say so in `Sec-Fetch-Site`, or in `Origin` if the address is neither loopback nor https.
    A request with neither header does not come from a browser; programs have the JSON API.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        # `Origin` is "null" in this case: forms on a page without a referrer have none.
        return site == "same-origin"
    origin = urlsplit(request.headers.get("origin", ""))
    return bool(origin.netloc) and origin.netloc == request.headers.get("host")


def own_path(address: str) -> str:
    """Return the address to go to next, or the start page if it leads elsewhere."""
    # Browsers read `//host` and `/\host` as other hosts; control characters could split the header.
    is_own_path = address.startswith("/") and not address.startswith("//")
    return address if is_own_path and "\\" not in address and address.isprintable() else "/"
