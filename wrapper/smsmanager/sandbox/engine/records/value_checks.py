"""Check the values of rules, outcomes and faults: JSON can hold any type."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


def check_choice(name: str, value: object, choices: Sequence[str]) -> None:
    """Raise ValueError unless a value is one of the choices."""
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}.")


def check_whole(name: str, value: object, allowed: range) -> None:
    """Raise TypeError unless a value is a whole number, ValueError unless it is in range."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} must be a whole number.")
    if value not in allowed:
        raise ValueError(f"{name} must be between {allowed.start} and {allowed.stop - 1}.")


def check_number(name: str, value: object, most: float, *, zero: bool = False) -> None:
    """Raise TypeError unless a value is a number, ValueError unless it is in range.

    Args:
        name: Its name in the error.
        value: The value.
        most: The highest allowed value.
        zero: Whether 0 is allowed; a negative value never is.
    """
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError(f"{name} must be a number.")
    if not (0 < value <= most or (zero and value == 0)):
        allowed = f"between 0 and {most}" if zero else f"above 0 and at most {most}"
        raise ValueError(f"{name} must be {allowed}.")


def amount(name: str, value: Decimal | int | str) -> Decimal:
    """Return an amount of money; raise ValueError unless it is a number of at least 0."""
    try:
        found = Decimal(value)
    except ArithmeticError:
        found = Decimal(-1)
    if not (found.is_finite() and found >= 0):
        raise ValueError(f"{name} must be an amount of at least 0.")
    return found


def check_text(name: str, value: object, most: int) -> None:
    """Raise TypeError unless a value is a text, ValueError if it is too long."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string.")
    if len(value) > most:
        raise ValueError(f"{name} must have at most {most} characters.")


def json_fields(value: object, what: str, example: str, names: Sequence[str]) -> dict[str, Any]:
    """Return the fields of a JSON object.

    Args:
        value: The value.
        what: Its name in the error, such as `"A rule"`.
        example: A correct one.
        names: The fields that it can have.

    Raises:
        TypeError: If it is not an object.
        ValueError: If it has another field.
    """
    if not isinstance(value, dict):
        raise TypeError(f"{what} must be a JSON object, such as {example}.")
    fields: dict[str, Any] = dict(value)
    if not fields.keys() <= {*names}:
        raise ValueError(f"{what} can only have the fields {', '.join(names)}.")
    return fields
