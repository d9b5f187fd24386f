"""Single values, read leniently: strings from numbers, numbers from strings, None for anything else."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

LONGEST_ID = 200
"""Maximum characters of an id; the service's ids have 36 and a suffix."""
_LONGEST_NUMBER = 40
_MOST_BITS = 256
_MOST_DIGITS = 12
_TOO_MUCH = 10**_MOST_DIGITS
_from_timestamp = datetime.fromtimestamp


def text_of(value: object) -> str | None:
    """Return a string, or a number as a string; None for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        # Python refuses to write out integers with thousands of digits.
        return str(value) if value.bit_length() <= _MOST_BITS else None
    if isinstance(value, float) and math.isfinite(value):
        return str(int(value)) if value.is_integer() else repr(value)
    return None


def id_of(value: object) -> str | None:
    """Return an id; None if it is empty, longer than `LONGEST_ID`, or not printable."""
    text = text_of(value)
    if text and len(text) <= LONGEST_ID and text.isprintable():
        return text
    return None


def moment_of(value: object) -> datetime | None:
    """Return a time in UTC from Unix seconds, as a number or text; None for anything else."""
    if isinstance(value, str):
        if len(value) > _LONGEST_NUMBER:
            return None
        try:
            value = float(value)
        except ValueError:
            return None
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    try:
        return _from_timestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def money_of(value: object) -> Decimal | None:
    """Return an amount, exact up to 15 digits; None for anything else."""
    if type(value) is float:
        return Decimal(repr(value)) if -_TOO_MUCH < value < _TOO_MUCH else None
    text = text_of(value)
    if text is None or len(text) > _LONGEST_NUMBER:
        return None
    try:
        amount = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return None
    # Do not compare: this would write out all digits of 1e999999.
    return amount if amount.is_finite() and amount.adjusted() < _MOST_DIGITS else None


def whole_of(value: object) -> int | None:
    """Return a non-negative whole number, from a number or a string; None for anything else."""
    if type(value) is int:
        return value if 0 <= value < _TOO_MUCH else None
    amount = money_of(value)
    if amount is None or amount < 0 or amount != amount.to_integral_value():
        return None
    return int(amount)
