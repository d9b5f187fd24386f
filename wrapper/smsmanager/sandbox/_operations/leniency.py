"""Choose what is let pass: `spec` is `openapi.yaml` to the letter, `docs` what the guides allow.

The real service checks little before it answers. `docs` refuses what could not be processed, and lets
pass with a note what the service ignores or cuts. A note is a JSON pointer and what was done.

Source: SmsManager API reference, field `body` (cut at 1000 characters). That unknown fields are ignored
is our reading: the service checks no fields before it answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from smsmanager.sandbox._operations.violations import describe, pointer

if TYPE_CHECKING:
    import jsonschema_rs

    from smsmanager.sandbox._operations.contract import Operation

RuleSet: TypeAlias = Literal["docs", "spec"]

RULE_SETS: tuple[RuleSet, ...] = get_args(RuleSet)

MAX_TEXT = 1000

_TEXTS = frozenset({"body", "message"})
_FLOW_STEP = 2


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
    notes: list[str] = []
    understood = value
    for error in operation.validator.iter_errors(value):
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
