"""Say in one line which schema rule a request breaks, and which violations are tolerated.

The real service checks little before it answers. The rule set `docs` refuses what could not be processed,
and tolerates with a note what the service ignores or cuts; `spec` is `openapi.yaml` to the letter. A note
is a JSON pointer and what was done.

The values of a request never appear. Names that the request itself contains appear only if
they look like the name of a field: a phone number or a text used as a name does not.

Source: SmsManager API reference, field `body` (cut at 1000 characters). That unknown fields are ignored
is our interpretation: the service checks no fields before it answers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jsonschema_rs import Draft202012Validator as Validator
    from jsonschema_rs import ValidationError

RuleSet: TypeAlias = Literal["docs", "spec"]

RULE_SETS: tuple[RuleSet, ...] = get_args(RuleSet)

MAX_TEXT = 1000

_TEXTS = frozenset({"body", "message"})
_FLOW_STEP = 2
_FIELD_NAME = re.compile("[A-Za-z_][A-Za-z0-9_.-]{0,39}")


def violation(validator: Validator, value: object) -> str | None:
    """Return why a value does not follow a schema, without personal data; `None` if it does."""
    if validator.is_valid(value):
        return None
    return describe(next(validator.iter_errors(value)))


def violations(validator: Validator, value: object) -> Iterator[str]:
    """Yield all that is wrong with a value, without personal data."""
    return map(describe, validator.iter_errors(value))


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
    """Return a JSON pointer; `"/"` is the whole document.

    Source: RFC 6901, except for the pointer to the whole document, which is empty there.
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


def violation_and_notes(
    validator: Validator, value: Any, rules: RuleSet
) -> tuple[str | None, tuple[str, ...], Any]:
    """Check a request against its schema.

    Args:
        validator: Check of the request against its schema.
        value: The JSON of the request, or the fields of its form.
        rules: Which rule set.

    Returns:
        Why the request is refused, or `None`; what was tolerated; and the request as the service
        understands it, which is the same object if nothing had to be done.
    """
    if validator.is_valid(value):
        return None, (), value
    if rules == "spec":
        return violation(validator, value), (), value
    notes: list[str] = []
    understood = value
    for error in validator.iter_errors(value):
        note = _note(error)
        if note is None:
            return describe(error), (), value
        notes.extend(note)
        if error.kind.name == "maxLength":
            understood = _cut(understood, error.instance_path)
    return None, tuple(notes), understood


def _note(error: ValidationError) -> list[str] | None:
    """Return what is noted of a tolerated violation; `None` for any other."""
    path = error.instance_path
    if error.kind.name == "additionalProperties" and not _is_flow_step(path):
        names: list[str] = error.kind.value
        return [f"{pointer([*path, name])}: unknown field, ignored" for name in names]
    if error.kind.name == "maxLength" and path and path[-1] in _TEXTS:
        return [f"{pointer(path)}: longer than {MAX_TEXT} characters, cut"]
    if (
        error.kind.name == "enum"
        and path
        and path[-1] == "gateway"
        and isinstance(error.instance, str)
    ):
        return [f"{pointer(path)}: not a gateway that the description knows, taken as it is"]
    if path and path[-1] == "callback" and error.instance == "":
        return [f"{pointer(path)}: empty, ignored"]
    return None


def _is_flow_step(path: list[str | int]) -> bool:
    """Return whether a path leads to an item of `flow`: what is unknown there is a channel."""
    return len(path) >= _FLOW_STEP and path[-2] == "flow" and isinstance(path[-1], int)


def _cut(value: Any, path: list[str | int]) -> Any:
    """Return a copy in which the text at a path is cut; what is not on the way is shared."""
    if not path:
        return value[:MAX_TEXT]
    copy = value.copy()
    copy[path[0]] = _cut(value[path[0]], path[1:])
    return copy
