"""Phone numbers from spreadsheets: repair damaged ones, and refuse those that lost digits."""

from __future__ import annotations

import re
from typing import Any

from smsmanager.campaigns._input.cell_values import EXACT, is_error
from smsmanager.phone import (
    CANONICAL,
    MAX_DIGITS,
    WITH_COUNTRY,
    InvalidNumberError,
    is_possible_length,
    normalise_number,
    phone_metadata,
)

_SPACE = re.compile(r"\s+")
_SCIENTIFIC = re.compile(r"([1-9])(?:[.,]([0-9]+))?[eE]\+?([0-9]{1,3})", re.ASCII)
_DECIMAL = re.compile(r"(\+?[0-9]{9,15})[.,]0+", re.ASCII)
_GROUPED = re.compile(r"\+?[1-9][0-9]{0,2}(?:,[0-9]{3}){2,4}(?:\.0+)?", re.ASCII)
_MOST_NATIONAL_DIGITS = 9


def repair_number(cell: Any) -> str:
    """Return the number in a cell as a person would write it, with the damage of spreadsheets undone.

    Accepted: numeric cells, `420777123456.0`, `'420777123456`, `="420777123456"`, `420,777,123,456`, `tel:`.

    Args:
        cell: A string, a number, or any other value of a spreadsheet cell.

    Raises:
        InvalidNumberError: If digits were lost (`4.20777E+11`), or it is neither text nor a whole number.
    """
    if not isinstance(cell, str):
        return _of_typed_cell(cell)
    text = cell.strip()
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1].strip()
    text = text.lstrip("'\N{RIGHT SINGLE QUOTATION MARK}`").strip()
    if text[:4].lower() == "tel:":
        text = text[4:].strip()
    if not text:
        raise InvalidNumberError("is missing")
    compact = _SPACE.sub("", text)
    if found := _SCIENTIFIC.fullmatch(compact):
        return _from_scientific(found[1] + (found[2] or ""), int(found[3]))
    if found := _DECIMAL.fullmatch(compact):
        return found[1]
    if _GROUPED.fullmatch(compact):
        return compact.partition(".")[0].replace(",", "")
    if is_error(text):
        raise InvalidNumberError("is an error value of a spreadsheet")
    return text


def _of_typed_cell(cell: Any) -> str:
    if cell is None:
        raise InvalidNumberError("is missing")
    if isinstance(cell, bool):
        raise InvalidNumberError("is TRUE or FALSE, not a number")
    if isinstance(cell, float):
        if not cell.is_integer():
            raise InvalidNumberError("is a fraction, not a phone number")
        if abs(cell) > EXACT:
            raise InvalidNumberError("is too long: a spreadsheet rounded away its last digits")
        cell = int(cell)
    if isinstance(cell, int):
        if cell < 0:
            msg = "is negative: a spreadsheet read its separators as a subtraction"
            raise InvalidNumberError(msg)
        return str(cell)
    raise InvalidNumberError("is a date or a time: a spreadsheet converted the number")


def _from_scientific(digits: str, exponent: int) -> str:
    # No digit is lost only if the mantissa shows all of them.
    if len(digits) == exponent + 1:
        return digits
    msg = (
        f"was shortened by a spreadsheet to {len(digits)} digits and E+{exponent}, and the others are "
        "lost: format the column as text and enter the numbers again"
    )
    raise InvalidNumberError(msg)


class NumberReader:
    """Turns cells into canonical numbers. Use one per file: it caches the metadata.

    Args:
        default_region: Two letters such as `"CZ"`: the country of numbers without `+` or `00` (needs
            `smsmanager[phone]`). None leaves short national numbers to the service, which assumes the
            account's country, and refuses those with a leading 0.

    Raises:
        ConfigurationError: If there is no such region, or the metadata is not installed.
    """

    def __init__(self, default_region: str | None = None) -> None:
        self._region = default_region
        self._own = _OwnNumbers(default_region) if default_region is not None else None

    def __call__(self, cell: Any) -> str:
        """Return the canonical number of a cell: digits only.

        Raises:
            InvalidNumberError: If the cell has no phone number, or a damaged one.
        """
        # The usual forms, without the slow metadata.
        if isinstance(cell, str):
            if self._own is not None and (known := self._own.canonical(cell)) is not None:
                return known
            bare = cell[1:] if cell[:1] == "+" else cell if self._own is None else ""
            if CANONICAL.fullmatch(bare) and is_possible_length(bare):
                return bare
        text = repair_number(cell)
        if self._own is not None and (known := self._own.canonical(text)) is not None:
            return known
        number = normalise_number(text, self._region)
        # Files lose digits, so a number with a country code must be complete even without a plus.
        if len(number) >= WITH_COUNTRY and not is_possible_length(number):
            raise InvalidNumberError(f"has {len(number)} digits, as no number of its country does")
        return number

    def is_national(self, number: str) -> bool:
        """Return whether the service must add a country code to a canonical number.

        Never with a default region. Otherwise a number of at most nine digits is a national one.
        """
        return self._region is None and len(number) <= _MOST_NATIONAL_DIGITS


class _OwnNumbers:
    """Recognises the mobile and fixed numbers of a region by two regular expressions.

    `normalise_number` gives the same answer at about fifty times the cost. It still decides
    doubtful cases: numbers of other kinds, and those that may start with a national or international prefix.
    """

    def __init__(self, region: str) -> None:
        phonenumbers = phone_metadata(region)
        found: Any = phonenumbers.PhoneMetadata.metadata_for_region(region)
        self._code = str(found.country_code)
        prefixes = (found.national_prefix_for_parsing, found.international_prefix)
        doubtful = "".join(f"(?!{prefix})" for prefix in prefixes if prefix)
        kinds = [kind for kind in (found.mobile, found.fixed_line) if kind is not None]
        known = "|".join(map(_pattern, kinds)) or "(?!)"
        national = f"{doubtful}(?=(?:{_pattern(found.general_desc)})$)(?:{known})"
        self._national = re.compile(rf"(?!{self._code}|0){national}", re.ASCII)
        self._international = re.compile(rf"{self._code}(?:{national})", re.ASCII)

    def canonical(self, text: str) -> str | None:
        """Return the canonical number, or None if only the metadata can decide."""
        digits = _SPACE.sub("", text)
        if self._national.fullmatch(digits):
            digits = self._code + digits
        elif not self._international.fullmatch(digits):
            return None
        return digits if len(digits) <= MAX_DIGITS else None


def _pattern(kind: Any) -> str:
    """Return one pattern for the numbers of a kind in the metadata."""
    lengths = "|".join(f"[0-9]{{{length}}}" for length in kind.possible_length)
    return f"(?=(?:{lengths})$)(?:{kind.national_number_pattern or '(?!)'})"
