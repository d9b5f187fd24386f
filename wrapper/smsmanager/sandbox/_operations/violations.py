"""Say in one line which schema rule a request breaks, and where, without personal data.

The values of a request never appear. Names that the request itself brings along appear only if
they look like the name of a field: a phone number or a text used as a name does not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jsonschema_rs import ValidationError

_FIELD_NAME = re.compile("[A-Za-z_][A-Za-z0-9_.-]{0,39}")


def describe(error: ValidationError) -> str:
    """Return `"<JSON pointer>: <what is wrong> (<keyword>)"`."""
    error = _closest(error)
    kind = error.kind.name
    if kind in {"additionalProperties", "unevaluatedProperties"}:
        names = ", ".join(_shown(name) for name in error.kind.value)
        text = f"unknown field {names}"
    elif kind == "required":
        text = f"{error.kind.value} is missing"
    elif kind == "enum":
        text = f"this value is none of {', '.join(map(str, error.kind.value))}"
    else:
        text = error.message
    return f"{pointer(error.instance_path)}: {text} ({kind})"


def pointer(path: Iterable[str | int]) -> str:
    """Return a JSON pointer; `"/"` stands for the whole document.

    Source: RFC 6901, but for the pointer to the whole document, which is empty there.
    """
    return "".join(f"/{_shown(token)}" for token in path) or "/"


def _shown(name: str | int) -> str:
    if isinstance(name, int) or _FIELD_NAME.fullmatch(name):
        return str(name)
    return "(a name)"


def _closest(error: ValidationError) -> ValidationError:
    """Return the violation in the one alternative that has the right type, if there is just one."""
    while error.kind.name == "anyOf":
        branches = [
            branch
            for branch in error.kind.as_dict()["context"]
            if not _wrong_type(branch[0], error.instance_path)
        ]
        if len(branches) != 1:
            break
        error = branches[0][0]
    return error


def _wrong_type(error: ValidationError, path: list[str | int]) -> bool:
    return error.kind.name == "type" and error.instance_path == path
