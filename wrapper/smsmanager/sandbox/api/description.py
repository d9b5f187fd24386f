"""Read the description of this API into operations that can check a request.

What the description does not allow is refused before a handler sees it, so that it cannot
disagree with what is done.
"""

from __future__ import annotations

import functools
from importlib import resources
from typing import TYPE_CHECKING

import attrs
import yaml

from smsmanager.sandbox._operations.contract import resolved, schema_validator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smsmanager.sandbox._operations.contract import Validator
    from smsmanager.sandbox.engine.records import JsonObject

_METHODS = frozenset({"get", "post", "patch", "delete"})


@attrs.frozen(eq=False)
class ApiOperation:
    """One operation of this API.

    Attributes:
        operation_id: Its `operationId`.
        method: HTTP method, upper case.
        path: Path after `/sandbox`, with `{name}` for the variable parts.
        parameter_types: JSON type of each parameter of path and query.
        parameters: Check of path and query, taken together.
        body: Check of the body; `None` if the operation takes none.
        whole_numbers: Fields of the body that are whole numbers, which `1.0` is as well.
    """

    operation_id: str
    method: str
    path: str
    parameter_types: Mapping[str, str]
    parameters: Validator
    body: Validator | None
    whole_numbers: frozenset[str]


@functools.cache
def description() -> JsonObject:
    """Return the description as JSON."""
    file = resources.files("smsmanager.sandbox.api") / "sandbox-api.yaml"
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content: JsonObject = yaml.load(file.read_bytes(), Loader=loader)  # noqa: S506 - a SafeLoader
    return content


@functools.cache
def operations() -> tuple[ApiOperation, ...]:
    """Return the operations that are described."""
    content = description()
    return tuple(
        _operation(content, path, method, item[method])
        for path, item in content["paths"].items()
        for method in item
        if method in _METHODS
    )


def _operation(content: JsonObject, path: str, method: str, definition: JsonObject) -> ApiOperation:
    found = [resolved(content, item) for item in definition.get("parameters", ())]
    parameters = [item for item in found if item["in"] in {"path", "query"}]
    body: JsonObject | None = None
    if "requestBody" in definition:
        body = definition["requestBody"]["content"]["application/json"]["schema"]
    return ApiOperation(
        operation_id=definition["operationId"],
        method=method.upper(),
        path=path,
        parameter_types={item["name"]: item["schema"]["type"] for item in parameters},
        parameters=schema_validator(
            content,
            {
                "type": "object",
                "additionalProperties": False,
                "required": [item["name"] for item in parameters if item.get("required")],
                "properties": {item["name"]: item["schema"] for item in parameters},
            },
        ),
        body=None if body is None else schema_validator(content, body),
        whole_numbers=_whole_numbers(content, body or {}),
    )


def _whole_numbers(content: JsonObject, schema: JsonObject) -> frozenset[str]:
    properties: JsonObject = resolved(content, schema).get("properties", {})
    return frozenset(n for n, found in properties.items() if found.get("type") == "integer")
