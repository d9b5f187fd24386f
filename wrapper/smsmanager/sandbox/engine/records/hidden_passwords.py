"""Hide users and passwords of callbacks wherever the sandbox shows them: page, JSON API, export.

Python code sees each message as it was received, and webhooks are sent with users and passwords.
"""

from __future__ import annotations

import re
from typing import Any

HIDDEN = "***"
"""What is shown instead."""

_USER = re.compile(r"^([^/?#]*//)[^/?#]*@")
# In JSON, a slash may be escaped.
_USER_IN_TEXT = re.compile(r"((?:\\?/){2})[^/?#\s\"]*@")
_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie"})


def address(url: str) -> str:
    """Return an address without its user and password."""
    return _USER.sub(rf"\1{HIDDEN}@", url.strip())


def text(content: str) -> str:
    """Return a text, such as the body of a request, without the users and passwords in its addresses."""
    return _USER_IN_TEXT.sub(rf"\1{HIDDEN}@", content)


def header(name: str, value: str) -> str:
    """Return the value of a header; hidden if the header authenticates its sender."""
    return HIDDEN if name.lower() in _SECRET_HEADERS else value


def callback(given: Any) -> Any:
    """Return a `callback` of a message, of any type, without user, password and such headers."""
    if isinstance(given, str):
        return address(given)
    if not isinstance(given, dict):
        return given
    shown = dict(given)
    if isinstance(url := given.get("url"), str):
        shown["url"] = address(url)
    if isinstance(headers := given.get("headers"), dict):
        shown["headers"] = {name: header(name, value) for name, value in headers.items()}
    return shown


def message(given: dict[str, Any]) -> dict[str, Any]:
    """Return a message as it was received, with the same parts of its callback hidden."""
    return {**given, "callback": callback(given["callback"])} if "callback" in given else given
