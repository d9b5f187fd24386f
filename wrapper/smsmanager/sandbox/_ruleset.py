"""Choose what is let pass: `spec` is `openapi.yaml` to the letter, `docs` what the guides allow.

The real service checks little before it answers. `docs` refuses what could not be processed, and lets
pass with a note what the service ignores, renames or cuts. A note is a JSON pointer and what was done.

Sources: SmsManager guide, on WhatsApp templates (older names), on the text (cut at 1000 characters).
"""

from collections.abc import Iterator
from typing import Any, Final, Literal, TypeAlias, get_args

import jsonschema_rs

from smsmanager.sandbox._contract import Operation
from smsmanager.sandbox._received import JsonObject
from smsmanager.sandbox._violations import describe, pointer

RuleSet: TypeAlias = Literal["docs", "spec"]

RULE_SETS: Final[tuple[RuleSet, ...]] = get_args(RuleSet)

MAX_TEXT: Final = 1000

_TEMPLATE: Final = "whatsapp_template"
_OLDER_NAMES: Final = {
    "parameters_body": "params",
    "parameters_header": "params_header",
    "parameters_buttons": "params_buttons",
}
_TEXTS: Final = frozenset({"body", "message"})
_FLOW_STEP: Final = 2


def violation_and_notes(
    operation: Operation, value: Any, rules: RuleSet
) -> tuple[str | None, tuple[str, ...], Any]:
    """Check a request against its schema.

    Args:
        operation: Operation that was called.
        value: The JSON of the request, or the fields of its form.
        rules: Which rule set.

    Returns:
        Why the request is refused, or `None`; what was let pass; and the request as the service
        understands it, which is the same object if nothing had to be done.
    """
    if operation.validator.is_valid(value):
        return None, (), value
    if rules == "spec":
        return operation.violation(value), (), value
    renamed, notes = _renamed(value)
    understood = renamed
    for error in operation.validator.iter_errors(renamed):
        note = _note(error)
        if note is None:
            return describe(error), (), value
        notes.extend(note)
        if error.kind.name == "maxLength":
            understood = _cut(understood, error.instance_path)
    return None, tuple(notes), understood


def _note(error: jsonschema_rs.ValidationError) -> list[str] | None:
    """Return what is noted of a violation that is let pass; `None` for any other."""
    path = error.instance_path
    if error.kind.name == "additionalProperties" and not _is_flow_step(path):
        names: list[str] = error.kind.value
        return [f"{pointer([*path, name])}: unknown field, ignored" for name in names]
    if error.kind.name == "maxLength" and path and path[-1] in _TEXTS:
        return [f"{pointer(path)}: longer than {MAX_TEXT} characters, cut"]
    return None


def _is_flow_step(path: list[str | int]) -> bool:
    """Tell whether a path leads to an item of `flow`: what is unknown there is a channel."""
    return len(path) >= _FLOW_STEP and path[-2] == "flow" and isinstance(path[-1], int)


def _cut(value: Any, path: list[str | int]) -> Any:
    """Return a copy in which the text at a path is cut; what is not on the way is shared."""
    if not path:
        return value[:MAX_TEXT]
    copy = value.copy()
    copy[path[0]] = _cut(value[path[0]], path[1:])
    return copy


def _renamed(value: Any) -> tuple[Any, list[str]]:
    """Return a request with the older names replaced, and what is noted of that."""
    notes: list[str] = []
    for path, found in _templates(value):
        step = found
        names = [name for name in _OLDER_NAMES if name in step]
        taken = [name for name in names if _OLDER_NAMES[name] not in step]
        if taken:
            new_names = {name: _OLDER_NAMES[name] for name in taken}
            step = {new_names.get(name, name): content for name, content in step.items()}
            value = _with(value, path, step)
            notes += [
                f"{pointer([*path, name])}: older name, taken as {_OLDER_NAMES[name]}"
                for name in taken
            ]
    return value, notes


def _templates(value: Any) -> Iterator[tuple[list[str | int], JsonObject]]:
    messages: list[tuple[list[str | int], Any]] = [([], value)]
    if isinstance(value, list):
        messages = [([index], item) for index, item in enumerate(value)]
    for path, message in messages:
        if not isinstance(message, dict):
            continue
        flow = message.get("flow")
        for index, item in enumerate(flow if isinstance(flow, list) else ()):
            step = item.get(_TEMPLATE) if isinstance(item, dict) else None
            if isinstance(step, dict):
                yield [*path, "flow", index, _TEMPLATE], step


def _with(value: Any, path: list[str | int], replacement: Any) -> Any:
    """Return a copy with something else at a path."""
    if not path:
        return replacement
    copy = value.copy()
    copy[path[0]] = _with(value[path[0]], path[1:], replacement)
    return copy
