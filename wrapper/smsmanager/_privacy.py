"""Keep numbers, texts and the key out of everything that is printed."""

from __future__ import annotations

import json
import re
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LONG_DIGITS = re.compile(r"\+?\d[\d\s().-]{4,}\d")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ESCAPED = frozenset("'\"\\")
_SHOWN = 200
_READ = 4 * _SHOWN
_PART_OF_A_NUMBER = 5
_PART_OF_A_TEXT = 8
SHORTEST_SECRET = 4
"""Shorter texts are not hidden: they stand in every sentence."""
_LENGTHS = range(SHORTEST_SECRET, _PART_OF_A_TEXT + 1)
_MOST_SECRETS = 256_000
HIDDEN = "[hidden]"
"""Stands where something was left out."""


def mask_number(number: str) -> str:
    """Return a number as it may be shown: its last three digits."""
    return f"…{number[-3:]}" if len(number) > 3 else "…"  # noqa: PLR2004


Error = TypeVar("Error", bound=BaseException)


def without_frames(error: Error, handled: BaseException | None) -> Error:
    """Return an error without the frames it passed, and without those of its causes.

    Tools that print tracebacks with local variables would show the key, numbers and texts that stand in the
    frames of preparing and sending.

    Args:
        error: The error.
        handled: What the caller was handling when it called, `sys.exception()` then. It stands at the end of
            the error's context, and keeps its frames.
    """
    seen = {id(handled)}
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
    if secret.isascii() and secret.isprintable() and not _ESCAPED.intersection(secret):
        return
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield repr(secret)[1:-1]


def printable(text: str, private: Iterable[str] = ()) -> str:
    """Return a foreign text as it may stand in an exception: short, on one line, nothing echoed.

    Args:
        text: What a server or a library said.
        private: Strings of the request and the key; where `text` repeats one or a good part of one, in
            capitals or with other punctuation too, it is hidden. So is every run of digits that could be a
            phone number.
    """
    text = _CONTROL.sub(" ", text[:_READ])
    secrets = [secret for secret in dict.fromkeys(private) if len(secret) >= SHORTEST_SECRET]
    if sum(map(len, secrets)) > _MOST_SECRETS:
        # Larger than any request that was checked: to compare it all would hold the caller up.
        return ""
    forms = {form for secret in secrets for form in _forms(secret)}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, HIDDEN)
    text = _LONG_DIGITS.sub(HIDDEN, _without_parts(text, secrets)).strip()
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _without_parts(text: str, secrets: Iterable[str]) -> str:
    """Hide what a text has in common with a secret, where that is long enough to be no chance."""
    letters, places = _letters(text)
    # The text is short and the secrets may be many: its parts are looked up in them, not theirs in it.
    parts_of_text = {length: _parts(letters, length) for length in _LENGTHS}
    hidden: set[int] = set()
    for secret in secrets:
        own = "".join(filter(str.isalnum, secret.casefold()))
        length = min(len(own), _PART_OF_A_NUMBER if own.isdigit() else _PART_OF_A_TEXT)
        if length < SHORTEST_SECRET:
            continue
        parts = parts_of_text[length]
        for part in {own[at : at + length] for at in range(len(own) - length + 1)} & parts.keys():
            for at in parts[part]:
                hidden.update(range(places[at], places[at + length - 1] + 1))
    pieces = (
        HIDDEN if is_hidden else "".join(text[place] for place in group)
        for is_hidden, group in groupby(range(len(text)), hidden.__contains__)
    )
    return "".join(pieces)


def _parts(letters: str, length: int) -> dict[str, list[int]]:
    """Return every part of a length, and where each begins."""
    parts: dict[str, list[int]] = {}
    for at in range(len(letters) - length + 1):
        parts.setdefault(letters[at : at + length], []).append(at)
    return parts


def _letters(text: str) -> tuple[str, list[int]]:
    """Return letters and digits alone, alike in capitals and without, and where each stands."""
    found = [
        (letter, place)
        for place, character in enumerate(text)
        for letter in character.casefold()
        if letter.isalnum()
    ]
    return "".join(letter for letter, _ in found), [place for _, place in found]
