"""Turn the body of a request into JSON values, from JSON or the fields of a form."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl

from smsmanager._message.checks import MAX_DEPTH
from smsmanager._privacy import strings_in
from smsmanager.webhooks._webhook_errors import WebhookParseError

if TYPE_CHECKING:
    from collections.abc import Iterator

FORM = "application/x-www-form-urlencoded"
"""The media type of a form."""
_BYTE_ORDER_MARK = "\ufeff"
# Deeper than any accepted element, and far from the limit of the decoder.
_DEEPEST = MAX_DEPTH + 8
# Python may refuse to read a whole number with this many digits.
_TOO_LONG = sys.int_info.str_digits_check_threshold
_TOKENS = re.compile(
    rf'"(?:[^"\\]++|\\.)*+"|[\[\]{{}}]|(?<![\d.eE+-])-?\d{{{_TOO_LONG},}}+(?![.eE])', re.DOTALL
)
# Replaces a part that cannot be decoded. A sender who writes this into an event spoils only that event.
_CUT = "\udfff\udffe\udffd"
_MAX_FIELDS = 100_000
_NAME = re.compile(r"([^\[\]]*)((?:\[[^\[\]]*\])*)")
# Fields whose value stays a string, even if it looks like JSON.
_TEXTS = frozenset(
    ("body", "gateway", "message_id", "recipient", "result", "result_info", "sender")
)


class Decoded(NamedTuple):
    """The JSON of a body.

    Attributes:
        value: The JSON.
        is_cut: Whether parts could not be decoded; see `was_cut`.
    """

    value: Any
    is_cut: bool = False


def decode(body: bytes | str, max_bytes: int, content_type: str | None = None) -> Decoded:
    """Return a body as JSON.

    Args:
        body: The bytes or the text.
        max_bytes: Maximum bytes of the body, or characters of a string.
        content_type: The media type. A form is still read as JSON if it looks like it: `curl -d` always
            claims to post a form.

    Raises:
        WebhookParseError: If the body is too long or cannot be read; it quotes nothing from the body.
    """
    if len(body) > max_bytes:
        raise WebhookParseError(f"The body is longer than {max_bytes} bytes.")
    if (content_type or "").partition(";")[0].strip().lower() == FORM:
        text = body if isinstance(body, str) else body.decode("utf-8", "replace")
        if not text.lstrip().startswith(("[", "{")):
            return Decoded(_form(text))
    try:
        if isinstance(body, bytes):
            body = body.decode(json.detect_encoding(body), "surrogatepass")
        return _json(body.removeprefix(_BYTE_ORDER_MARK))
    except RecursionError:
        problem = "The body is nested too deeply."
    except (ValueError, MemoryError):
        problem = "The body is not JSON."
    # Outside the handler: the cause contains the whole body.
    raise WebhookParseError(problem)


def was_cut(element: Any) -> bool:
    """Return whether part of an element could not be decoded and is missing."""
    return any(_CUT in text for text in strings_in(element))


def _json(text: str) -> Decoded:
    try:
        return Decoded(json.loads(text))
    except json.JSONDecodeError:
        raise
    except (ValueError, RecursionError):
        # One element with thousands of digits or levels of nesting must not spoil the others.
        return Decoded(json.loads("".join(_readable(text))), is_cut=True)


def _readable(text: str) -> Iterator[str]:
    """Yield the parts of JSON that can be decoded, and a mark for each part that cannot."""
    mark = json.dumps(_CUT)
    depth = kept_to = 0
    for token in _TOKENS.finditer(text):
        character = token[0][0]
        if character in "[{":
            depth += 1
            if depth == _DEEPEST + 1:
                yield text[kept_to : token.start()]
        elif character in "]}":
            depth -= 1
            if depth == _DEEPEST:
                yield mark
                kept_to = token.end()
        elif character != '"' and depth <= _DEEPEST:
            yield text[kept_to : token.start()]
            yield mark
            kept_to = token.end()
    if depth <= _DEEPEST:
        yield text[kept_to:]


class _Nested(dict[str, Any]):
    """Fields whose names have the same beginning, such as `to[phone_number]`."""


def _form(text: str) -> Any:
    """Return the fields of a form as JSON: nested by brackets, or with values that are JSON.

    It is not documented how the service writes a form; both ways are common.
    """
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError:
        pairs = []
    if not pairs:
        raise WebhookParseError(f"The body is not a form of 1 to {_MAX_FIELDS} fields.")
    fields = _Nested()
    for name, value in pairs:
        # A form has no null: an empty field is missing from the event.
        if value or name == "body":
            _put(fields, _path(name), value)
    numbered = _Nested(
        (name, item)
        for name, item in fields.items()
        if isinstance(item, _Nested) and _is_number(name)
    )
    # If there are numbered events, all other fields come from the URL.
    return _listed(numbered or fields)


def _path(name: str) -> list[str]:
    found = _NAME.fullmatch(name)
    if found is None or not found[2] or found[2].count("[") > MAX_DEPTH:
        return [name]
    inner = found[2][1:-1].split("][")
    return [found[1], *inner] if found[1] else inner


def _put(fields: _Nested, path: list[str], text: str) -> None:
    for name in path[:-1]:
        inner = fields.setdefault(name or str(len(fields)), _Nested())
        if not isinstance(inner, _Nested):
            return
        fields = inner
    last = path[-1]
    # Of two fields with the same name, the first counts.
    fields.setdefault(last or str(len(fields)), text if last in _TEXTS else _value(text))


def _value(text: str) -> Any:
    if text.startswith(("[", "{")):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    return text


def _listed(value: Any) -> Any:
    """Return fields; turn those that are named by numbers into a list."""
    if not isinstance(value, _Nested):
        return value
    inner = {name: _listed(item) for name, item in value.items()}
    if inner and all(map(_is_number, inner)):
        return [inner[name] for name in sorted(inner, key=lambda one: (len(one), one))]
    return inner


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdigit()
