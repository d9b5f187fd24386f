"""Read `openapi.yaml` and `openapi-rest.yaml` into operations that can check a request.

The JSON schemas of the description are used as they are, so that a field which is added there is
accepted without any change here.
"""

from __future__ import annotations

import functools
import os
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs
import jsonschema_rs
import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from smsmanager.sandbox.engine.records import JsonObject


Validator: TypeAlias = jsonschema_rs.Draft202012Validator

# The limit that the service states for a request, for a description that states none.
DEFAULT_MAX_BYTES = 131_072

_MAIN = ("POST", "/message")
_USUAL_KEY: JsonObject = {"type": "apiKey", "in": "header", "name": "x-api-key"}
_KEY_IN_QUERY = "apikey"
_USUAL_TEXT_CHANNELS = frozenset({"sms", "viber", "whatsapp_text", "rcs"})
# Of several media types, the one that is known.
_TAKEN = ("application/json", "application/x-www-form-urlencoded")
_UNREADABLE = (
    AttributeError,
    LookupError,
    RecursionError,
    StopIteration,
    TypeError,
    ValueError,
    jsonschema_rs.ReferencingError,
)
_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_TIMESTAMP = "tag:yaml.org,2002:timestamp"


@attrs.frozen
class Api:
    """One of the two APIs of the service.

    Attributes:
        file_name: Its description.
        prefix: Beginning of its paths.
    """

    file_name: str
    prefix: str


SENDING = Api("openapi.yaml", "/v2")
REST = Api("openapi-rest.yaml", "/v1")


@attrs.frozen(eq=False)
class Operation:
    """One operation of the service.

    Attributes:
        api: The API that it is part of.
        operation_id: Its `operationId`.
        method: HTTP method, upper case.
        path: Path after the base URL.
        key_location: `"header"` or `"query"`: where the API key is.
        key_name: Name of the header, lower case, or of the query parameter.
        takes: Media type of the body; `None` if the fields are in the query string.
        max_bytes: How many bytes the body may have.
        field_types: JSON type of each form field or query parameter that has one.
        validator: Check of the request against its schema.
    """

    api: Api
    operation_id: str
    method: str
    path: str
    key_location: str
    key_name: str
    takes: str | None
    max_bytes: int
    field_types: Mapping[str, str]
    validator: Validator


@attrs.frozen(eq=False)
class Contract:
    """What the description says about the service.

    Attributes:
        operations: By method, upper case, and path.
        unserved: Why an operation cannot be served, by `"METHOD /path"`.
        text_channels: Steps of `flow` that show a text; none for the REST API.
    """

    operations: Mapping[tuple[str, str], Operation]
    unserved: Mapping[str, str]
    text_channels: frozenset[str]


def load_contract(path: str | os.PathLike[str] | None = None, api: Api = SENDING) -> Contract:
    """Return the contract of a description, compiled once for each content.

    Args:
        path: YAML or JSON file; `None` for the description that is part of this package.
        api: The API that it describes.

    Raises:
        OSError: If the file cannot be read.
        ValueError: If it is not a description that the sandbox can work with.
    """
    content = _own_description(api.file_name) if path is None else Path(path).read_bytes()
    try:
        return _compile(content, api)
    except (*_UNREADABLE, yaml.YAMLError) as error:
        name = api.file_name if path is None else os.fspath(path)
        raise ValueError(
            f"{name} does not describe the service: {error}. The sandbox was not started."
        ) from error


def _own_description(file_name: str) -> bytes:
    packaged = resources.files("smsmanager") / file_name
    if packaged.is_file():
        return packaged.read_bytes()
    # The source tree has one copy, at its root; the build puts it into the package.
    return (Path(__file__).parents[4] / file_name).read_bytes()


@functools.lru_cache(maxsize=4)
def _compile(content: bytes, api: Api) -> Contract:
    description = yaml.load(content, Loader=_loader())  # noqa: S506 - a SafeLoader
    operations: dict[tuple[str, str], Operation] = {}
    unserved: dict[str, str] = {}
    for path, item in description["paths"].items():
        for method, definition in resolved(description, item).items():
            if method not in _METHODS:
                continue
            place = (method.upper(), path)
            try:
                operations[place] = _operation(
                    api, description, path, method, resolved(description, definition)
                )
            except _UNREADABLE as error:
                unserved[" ".join(place)] = f"it cannot be read ({type(error).__name__} {error})"
    if api is SENDING and _MAIN not in operations:
        name = " ".join(_MAIN)
        raise ValueError(f"{name} {unserved.get(name, 'is missing')}")
    return Contract(
        operations=operations,
        unserved=unserved,
        text_channels=_text_channels(description) if api is SENDING else frozenset(),
    )


def _loader() -> Any:
    base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    # A time in an example stays the text that it is in JSON.
    resolvers = {
        first: [resolver for resolver in found if resolver[0] != _TIMESTAMP]
        for first, found in base.yaml_implicit_resolvers.items()
    }
    return type("_Loader", (base,), {"yaml_implicit_resolvers": resolvers})


def _operation(
    api: Api,
    description: JsonObject,
    path: str,
    method: str,
    definition: JsonObject,
) -> Operation:
    key = _security_scheme(description, definition)
    takes, schema = _request_schema(description, definition, key["name"])
    properties = _properties(description, schema)
    return Operation(
        api=api,
        operation_id=definition.get("operationId", f"{method} {path}"),
        method=method.upper(),
        path=path,
        key_location=key["in"],
        key_name=key["name"].lower() if key["in"] == "header" else key["name"],
        takes=takes,
        max_bytes=definition.get("x-max-request-bytes", DEFAULT_MAX_BYTES),
        field_types={
            name: found["type"]
            for name, found in properties.items()
            if isinstance(found.get("type"), str)
        },
        validator=schema_validator(description, schema),
    )


def _security_scheme(description: JsonObject, definition: JsonObject) -> JsonObject:
    """Return where the API key is: as the operation says, else the description, else the service's guide."""
    parameters = [resolved(description, found) for found in definition.get("parameters", ())]
    if "security" not in definition and any(p["name"] == _KEY_IN_QUERY for p in parameters):
        return {"in": "query", "name": _KEY_IN_QUERY}
    known: JsonObject = description.get("components", {}).get("securitySchemes", {})
    for requirement in definition.get("security", description.get("security")) or ():
        for name in requirement:
            scheme = resolved(description, known.get(name, {}))
            if scheme.get("type") == "apiKey":
                return scheme
    return _USUAL_KEY


def _request_schema(
    description: JsonObject,
    definition: JsonObject,
    key_name: str,
) -> tuple[str | None, JsonObject]:
    """Return media type and schema of the body, or the schema of the query without the key."""
    if "requestBody" in definition:
        body = resolved(description, definition["requestBody"])
        contents: JsonObject = body["content"]
        media_type = next(name for name in (*_TAKEN, *contents) if name in contents)
        return media_type, contents[media_type].get("schema", {})
    parameters = [resolved(description, found) for found in definition.get("parameters", ())]
    fields = [found for found in parameters if found["in"] == "query" and found["name"] != key_name]
    return None, {
        "type": "object",
        "additionalProperties": False,
        "required": [field["name"] for field in fields if field.get("required")],
        "properties": {field["name"]: field["schema"] for field in fields},
    }


def _text_channels(description: JsonObject) -> frozenset[str]:
    method, path = _MAIN
    definition = resolved(
        description, resolved(description, description["paths"][path])[method.lower()]
    )
    _, message = _request_schema(description, definition, "")
    flow = _properties(description, message).get("flow", {})
    steps = _properties(description, flow.get("items", {}))
    found = frozenset(
        name for name, step in steps.items() if "body" in _properties(description, step)
    )
    return found or _USUAL_TEXT_CHANNELS


def _properties(description: JsonObject, schema: JsonObject) -> dict[str, JsonObject]:
    """Return the properties of a schema, and of those that it is composed of."""
    schema = resolved(description, schema)
    own: JsonObject = schema.get("properties", {})
    found = {name: resolved(description, definition) for name, definition in own.items()}
    for keyword in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(keyword, ()):
            found = {**_properties(description, part), **found}
    return found


def schema_validator(description: JsonObject, schema: JsonObject) -> Validator:
    """Return a validator for a schema of a description, which shows nothing of the value."""
    # References in the schemas start at the root of the description.
    whole = {
        **schema,
        "components": {"schemas": description.get("components", {}).get("schemas", {})},
    }
    return Validator(whole, validate_formats=True, mask="this value")


def resolved(description: JsonObject, node: JsonObject) -> JsonObject:
    """Follow a local reference."""
    while "$ref" in node:
        node = _at(description, node["$ref"].removeprefix("#/").split("/"))
    return node


def _at(node: JsonObject, tokens: Iterable[str]) -> JsonObject:
    for token in tokens:
        node = node[token.replace("~1", "/").replace("~0", "~")]
    return node
