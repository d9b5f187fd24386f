"""Read the bytes of a request: JSON, form or query string."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, NoReturn, cast
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smsmanager.sandbox._operations.answers import Call
    from smsmanager.sandbox._operations.contract import Operation

_MAX_DEPTH = 100
_MAX_FIELDS = 100
_BOOLEANS = {"true": True, "false": False}


class RefusedError(Exception):
    """A request is refused; says why, without any of its content.

    Args:
        reason: JSON pointer and what is wrong there.
        status_code: HTTP status to answer.
    """

    def __init__(self, reason: str, status_code: int = 400) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status_code = status_code


def media_type(content_type: str) -> str:
    """Return the media type of a `Content-Type`, without parameters and in lower case."""
    return content_type.partition(";")[0].strip().lower()


def read_json(content: bytes) -> Any:
    """Return the value of a JSON text.

    Raises:
        RefusedError: If it is not valid JSON in UTF-8, is nested too deep, or has a string with
            a lone surrogate, which no encoding can carry.
    """
    try:
        text = content.decode()
        value = _DECODER.decode(text)
    except (ValueError, RecursionError):
        # Without the cause: its text can quote the content.
        raise RefusedError("/: the body is not valid JSON in UTF-8") from None
    # Cheap looks first: most messages need not be walked through.
    if text.count("{") + text.count("[") > _MAX_DEPTH and _is_too_deep(value):
        raise RefusedError(f"/: the body is nested deeper than {_MAX_DEPTH} levels")
    if r"\ud" in text.lower() and not _is_encodable(value):
        raise RefusedError("/: a string of the body has a lone surrogate")
    return value


def read_fields(content: bytes, types: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of a form or a query string.

    Args:
        content: Text in the format `application/x-www-form-urlencoded`.
        types: JSON types of the fields. Numbers and booleans are converted if they can be;
            anything else stays text, for the schema to judge.

    Raises:
        RefusedError: If it is not valid, or a field is there more than once.
    """
    try:
        pairs = parse_qsl(
            content.decode(),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MAX_FIELDS,
        )
    except ValueError:
        raise RefusedError("/: the fields cannot be read") from None
    fields = {name: _converted(value, types.get(name)) for name, value in pairs}
    if len(fields) < len(pairs):
        raise RefusedError("/: a field is given more than once")
    return fields


def json_of(call: Call, operation: Operation) -> Any:
    """Return the JSON of a request.

    Raises:
        RefusedError: If it is too large, of another media type, or not valid.
    """
    content = _body(call, operation)
    if media_type(call.content_type) != operation.takes:
        raise RefusedError(f"/: the content type is not {operation.takes}")
    return read_json(content)


def fields_of(call: Call, operation: Operation) -> dict[str, Any]:
    """Return the fields of a form, or of the query without the API key.

    Raises:
        RefusedError: If they are too large, of another media type, or not valid.
    """
    if operation.takes is None:
        fields = read_fields(call.query, operation.field_types)
        return {name: value for name, value in fields.items() if name != operation.key_name}
    content = _body(call, operation)
    if media_type(call.content_type) != operation.takes:
        raise RefusedError(f"/: the content type is not {operation.takes}", status_code=415)
    return read_fields(content, operation.field_types)


def _body(call: Call, operation: Operation) -> bytes:
    if call.body is None:
        raise RefusedError(f"/: the body has more than {operation.max_bytes} bytes")
    return call.body


def _converted(value: str, json_type: str | None) -> str | float | bool:
    try:
        if json_type == "integer":
            return int(value)
        if json_type == "number":
            return _finite(value)
    except ValueError:
        return value
    return _BOOLEANS.get(value, value) if json_type == "boolean" else value


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("out of range")
    return number


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")


def _is_encodable(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_too_deep(value: object) -> bool:
    level = [value]
    for _ in range(_MAX_DEPTH + 1):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return False
    return True


def _children(value: object) -> list[object]:
    if isinstance(value, dict):
        return [*cast("dict[str, object]", value).values()]
    return cast("list[object]", value) if isinstance(value, list) else []


_DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=_refuse_constant)
