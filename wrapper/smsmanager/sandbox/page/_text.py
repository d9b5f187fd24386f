"""Split an untrusted text into pieces that can be shown as they are.

Nothing here makes HTML: a template shows each piece according to its kind, and escapes its text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, TypeAlias

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PieceKind: TypeAlias = Literal["text", "link", "wide", "break"]

# No quotes, no control characters and nothing that changes the direction of writing: a link shows where
# it goes. Only http and https, because a browser runs `javascript:`.
_LINK = re.compile(
    "https?://[^\\s<>\"'\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069]+",
    re.IGNORECASE,
)
_NOT_AT_THE_END = ".,;:!?)]}\N{HORIZONTAL ELLIPSIS}"
# In a text that is all Arabic or emoji there are no exceptions to mark.
_MAX_MARKS = 24


@attrs.frozen
class Piece:
    """One piece of a text.

    Attributes:
        kind: `"text"`; `"link"`, of which the text is the address; `"wide"`, a character that makes
            an SMS UCS-2; `"break"`, where the next part of an SMS begins.
        text: What is shown; for a break the number of the part that begins.
    """

    kind: PieceKind
    text: str = attrs.field(repr=False)


def pieces(
    text: str,
    *,
    parts: Sequence[str] = (),
    wide: Sequence[str] = (),
) -> tuple[Piece, ...]:
    """Return the pieces of a text, in order.

    Args:
        text: The text.
        parts: Texts of the parts that it is sent as; they are marked if there are several.
        wide: Characters to mark; none are marked if they make up most of the text.
    """
    pattern = _marks(text, wide)
    found: list[Piece] = []
    for number, part in enumerate(parts if len(parts) > 1 else (text,), start=1):
        if number > 1:
            found.append(Piece("break", str(number)))
        found += _linked(part, pattern)
    return tuple(found)


def is_link(text: str) -> bool:
    """Return whether a text is a web address and nothing else."""
    return _LINK.fullmatch(text) is not None


def _marks(text: str, wide: Sequence[str]) -> re.Pattern[str] | None:
    if not wide:
        return None
    # The longest first: a letter with its accent is one mark.
    by_length = sorted(wide, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, by_length)))
    return pattern if len(pattern.findall(text)) <= _MAX_MARKS else None


def _linked(text: str, marks: re.Pattern[str] | None) -> Iterator[Piece]:
    end = 0
    for match in _LINK.finditer(text):
        address = match[0].rstrip(_NOT_AT_THE_END)
        yield from _marked(text[end : match.start()], marks)
        yield Piece("link", address)
        end = match.start() + len(address)
    yield from _marked(text[end:], marks)


def _marked(text: str, marks: re.Pattern[str] | None) -> Iterator[Piece]:
    end = 0
    for match in marks.finditer(text) if marks else ():
        if match.start() > end:
            yield Piece("text", text[end : match.start()])
        yield Piece("wide", match[0])
        end = match.end()
    if end < len(text):
        yield Piece("text", text[end:])
