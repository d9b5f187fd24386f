"""JSON values of a description, and the checks that turn a malformed one into a clear error."""

from __future__ import annotations

import json
from typing import TypeAlias

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"


class SpecError(Exception):
    """An input cannot be read or compared; the text says which one and why."""


def mapping(value: Json, where: str) -> dict[str, Json]:
    """Return `value` as a mapping; an absent one is empty.

    Raises:
        SpecError: if `value` is something else; `where` names the place for the reader.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        msg = f"{where}: expected a mapping, found {describe(value)}"
        raise SpecError(msg)
    return value


def sequence(value: Json, where: str) -> list[Json]:
    """Return `value` as a list; an absent one is empty.

    Raises:
        SpecError: if `value` is something else; `where` names the place for the reader.
    """
    if value is None:
        return []
    if not isinstance(value, list):
        msg = f"{where}: expected a list, found {describe(value)}"
        raise SpecError(msg)
    return value


def word(value: Json, where: str) -> str:
    """Return `value` as a string.

    Raises:
        SpecError: if `value` is absent or not a string; `where` names the place for the reader.
    """
    if not isinstance(value, str):
        msg = f"{where}: expected a string, found {describe(value)}"
        raise SpecError(msg)
    return value


def number(value: Json, where: str) -> float:
    """Return `value` as a number; a quoted number, seen in hand-written YAML, counts.

    Raises:
        SpecError: if `value` is not a number; `where` names the place for the reader.
    """
    if isinstance(value, (int, float, str)) and not isinstance(value, bool):
        try:
            return float(value)
        except (ValueError, OverflowError):
            pass
    msg = f"{where}: expected a number, found {describe(value)}"
    raise SpecError(msg)


def describe(value: Json) -> str:
    """Return the JSON name of the type of `value`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    return "array" if isinstance(value, list) else "object"


def canonical(value: Json) -> str:
    """Return one text for all spellings of a value: keys sorted, `1.0` written `1`."""
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False)


def _plain(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
