"""Values of cells as text: unchanged, in a format, or refused."""

from __future__ import annotations

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable

    Moment = dt.datetime | dt.date | dt.time

EXACT: Final = 2**53
"""Whole numbers up to this are exact in the floating point of spreadsheets."""
_SHOWN_DIGITS = 15
"""Digits that spreadsheets show; further digits come only from their storage format."""
_ARTEFACT = re.compile(r"-?[0-9]+\.[0-9]{10,}", re.ASCII)
_SHORTENED = re.compile(r"[-+]?[0-9](?:[.,][0-9]+)?[eE][-+][0-9]{2,3}", re.ASCII)
# In any language: with a mark, without one, a value wider than its column, and LibreOffice's.
_ERROR = re.compile(
    r"#[^\W\d_][\w/]*[!?]|#N/A|#N/D|#NV|#NENÍ_K_DISPOZICI|#NEDOSTUPNÝ|#HIÁNYZIK|#GETTING_DATA|#{3,}|Err:[0-9]{3}"
)
# What programs write for a missing value.
_NOTHING = frozenset(
    ("nan", "NaN", "NaT", "<NA>", "null", "NULL", "(null)", "undefined", "[object Object]")
)


class UnfitValueError(ValueError):
    """A value cannot be sent; the text says why, worded to follow the name of its column."""


def cell_text(cell: Any) -> str:
    """Return a cell as text: numbers with the digits that are shown, times in ISO form, `""` if empty."""
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and abs(cell) <= EXACT:
        return f"{_decimal(cell):f}"
    return str(cell)


def value_text(cell: Any) -> str:
    """Return a value as it appears in a text, without surrounding white space; `""` if it is empty.

    Raises:
        UnfitValueError: If a spreadsheet or a program damaged it.
    """
    if isinstance(cell, (dict, list)):
        return ""
    # A spreadsheet stores numbers as floats: a number typed with more digits ends in zeros.
    most = 10**_SHOWN_DIGITS - 1 if isinstance(cell, float) else EXACT
    if isinstance(cell, (int, float)) and not abs(cell) <= most:
        raise UnfitValueError("is a number with too many digits: its last digits were rounded away")
    text = cell_text(cell).strip()
    if not isinstance(cell, str):
        return text
    if _ERROR.fullmatch(text):
        raise UnfitValueError("is an error value of a spreadsheet")
    if _SHORTENED.fullmatch(text):
        raise UnfitValueError("was shortened by a spreadsheet, so digits are lost")
    if text in _NOTHING:
        raise UnfitValueError("is a mark that a program wrote for a missing value")
    if _ARTEFACT.fullmatch(text) and len(text) > _SHOWN_DIGITS:
        return f"{_decimal(float(text)):f}"
    return text


def is_error(text: str) -> bool:
    """Return whether a text is an error value of a spreadsheet, such as `#REF!`."""
    return _ERROR.fullmatch(text) is not None


def _decimal(number: float) -> Decimal:
    shown = Decimal(f"{number:.{_SHOWN_DIGITS}g}") if number % 1 else Decimal(int(number))
    return shown or Decimal(0)


@attrs.frozen
class Format:
    """The format of a value, written after a colon in a variable.

    | format | of | writes |
    | --- | --- | --- |
    | `%d. %m. %Y`, `%-d. %-m.`, `%H:%M` | a date or a time | `01. 12. 2026`, `1. 12.`, `08:30` |
    | `0`, `0,00`, `0.0` | a number | `1235`, `1234,50`, `1234.5` |
    | `# ##0,00`, `#,##0` | a number | `1 234,50`, `1,235` |

    Attributes:
        text: The format.
    """

    text: str
    _number: re.Match[str] | None = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        """Check the format.

        Raises:
            ValueError: If it is not a format.
        """
        number = _NUMBER_FORMAT.fullmatch(self.text)
        if number is None and not (
            "%" in self.text and all(found in _FIELDS for found in _FIELD.findall(self.text))
        ):
            raise ValueError(self.text)
        object.__setattr__(self, "_number", number)

    def __call__(self, cell: Any) -> str:
        """Return a value in this format; `""` if it is empty.

        Raises:
            UnfitValueError: If it is not a value for this format.
        """
        text = value_text(cell)
        if not text:
            return ""
        return (
            self._of_number(cell, text, self._number)
            if self._number
            else self._of_moment(cell, text)
        )

    def _of_number(self, cell: Any, text: str, how: re.Match[str]) -> str:
        if isinstance(cell, bool) or not isinstance(cell, (int, float, str)):
            raise UnfitValueError(f"is not a number, but the format {self.text} is for numbers")
        plain = text if not _GROUPED.fullmatch(text) else _SPACES.sub("", text)
        is_plain = not isinstance(cell, str) or _PLAIN_NUMBER.fullmatch(plain)
        if not is_plain or len(plain) > _MOST_NUMBER:
            raise UnfitValueError(f"may not be a number, but the format {self.text} is for numbers")
        step = Decimal(1).scaleb(-len(how["places"] or ""))
        amount = Decimal(plain.replace(",", ".")).quantize(step, ROUND_HALF_UP)
        written = f"{amount:,f}" if how["group"] else f"{amount:f}"
        marks = {",": how["group"] or "", ".": how["point"] or ""}
        return "".join(marks.get(character, character) for character in written)

    def _of_moment(self, cell: Any, text: str) -> str:
        moment = cell if isinstance(cell, (dt.date, dt.time)) else _moment(text)
        if moment is None:
            raise UnfitValueError(f"is not a date or time, but the format {self.text} is for those")

        def field(found: re.Match[str]) -> str:
            unit, write = _FIELDS[found[0]]
            value = getattr(moment, unit, None)
            if value is None:
                raise UnfitValueError(f"has no {unit}, which the format {self.text} needs")
            return write(value)

        return _FIELD.sub(field, self.text)


_GROUPED = re.compile(r"-?[0-9]{1,3}(?:[ \xa0\u202f][0-9]{3})+(?:[.,][0-9]+)?", re.ASCII)
_SPACES = re.compile(r"[ \xa0\u202f]")
# 1,234 may have a thousands separator or a decimal comma, so it is left out.
_PLAIN_NUMBER = re.compile(r"-?[0-9]+(?:[.,](?:[0-9]{1,2}|[0-9]{4,}))?", re.ASCII)
_MOST_NUMBER = 25
_NUMBER_FORMAT = re.compile(
    r"(?:#(?P<group>[ \xa0\u202f,.'\u2019])##)?0(?:(?P<point>[.,])(?P<places>0{1,9}))?"
)
_FIELD = re.compile(r"%-?.?", re.DOTALL)


def _two(value: int) -> str:
    return f"{value:02}"


_FIELDS: Final[dict[str, tuple[str, Callable[[int], str]]]] = {
    "%d": ("day", _two),
    "%-d": ("day", str),
    "%m": ("month", _two),
    "%-m": ("month", str),
    "%Y": ("year", lambda year: f"{year:04}"),
    "%y": ("year", lambda year: f"{year % 100:02}"),
    "%H": ("hour", _two),
    "%-H": ("hour", str),
    "%M": ("minute", _two),
    "%S": ("second", _two),
}
_CZECH_DATE = re.compile(r"([0-9]{1,2})\.\s?([0-9]{1,2})\.\s?([0-9]{4})", re.ASCII)
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}.*)?|[0-9]{2}:[0-9]{2}(?::[0-9]{2})?",
    re.ASCII,
)


def _moment(text: str) -> Moment | None:
    try:
        if found := _CZECH_DATE.fullmatch(text):
            return dt.date(int(found[3]), int(found[2]), int(found[1]))
        if not _ISO.fullmatch(text):
            return None
        kind = (
            dt.time
            if text[2] == ":"
            else dt.date
            if len(text) == len("2026-12-01")
            else dt.datetime
        )
        return kind.fromisoformat(text)
    except ValueError:
        return None
