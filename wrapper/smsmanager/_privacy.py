"""Keep numbers, texts and the key out of everything that is printed."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LONG_DIGITS = re.compile(r"\+?\d[\d\s().-]{4,}\d")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_SHOWN = 200
SHORTEST_SECRET = 4
"""Shorter texts are not hidden: they stand in every sentence."""
HIDDEN = "[hidden]"
"""Stands where something was left out."""


def mask_number(number: str) -> str:
    """Return a number as it may be shown: its last three digits."""
    return f"…{number[-3:]}" if len(number) > 3 else "…"  # noqa: PLR2004


Error = TypeVar("Error", bound=BaseException)


def without_frames(error: Error) -> Error:
    """Return an error without the frames it passed, and without those of its causes.

    Tools that print tracebacks with local variables would show the key, numbers and texts that stand in the
    frames of preparing and sending.
    """
    seen: set[int] = set()
    pending: list[BaseException | None] = [error]
    while pending:
        item = pending.pop()
        if item is not None and id(item) not in seen:
            seen.add(id(item))
            item.__traceback__ = None
            pending += [item.__cause__, item.__context__]
    return error


def strings_in(value: Any) -> Iterator[str]:
    """Yield every string of a JSON value, keys excluded."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings_in(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from strings_in(item)


def _forms(secret: str) -> Iterator[str]:
    """Yield a text as it is, and as it stands inside quotation marks."""
    yield secret
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield repr(secret)[1:-1]


def printable(text: str, private: Iterable[str] = ()) -> str:
    """Return a foreign text as it may stand in an exception: short, on one line, nothing echoed.

    Args:
        text: What a server or a library said.
        private: Strings of the request and the key; where `text` repeats one, it is hidden. So is every
            run of digits that could be a phone number.
    """
    secrets = {form for s in private if len(s) >= SHORTEST_SECRET for form in _forms(s)}
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    text = _LONG_DIGITS.sub(HIDDEN, _CONTROL.sub(" ", text)).strip()
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
