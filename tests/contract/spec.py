"""Read `openapi.yaml`: its operations, its schemas, and every example in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import jsonschema_rs
import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

Json: TypeAlias = Any
Schema: TypeAlias = dict[str, Any]

ROOT = Path(__file__).resolve().parents[2]
PATH = ROOT / "openapi.yaml"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_REFERENCE = "#/components/schemas/"
_ONE = ("additionalProperties", "items", "not")
_SEVERAL = ("allOf", "anyOf", "oneOf", "prefixItems")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A loader that refuses a key that is written twice, where YAML would keep the last one."""


def _mapping(loader: Any, node: yaml.MappingNode) -> dict[str, Json]:
    pairs = [(loader.construct_object(key), value) for key, value in node.value]
    keys = [key for key, _ in pairs]
    repeated = {key for key in keys if keys.count(key) > 1}
    assert not repeated, f"written twice at {node.start_mark}: {repeated}"
    return {key: loader.construct_object(value, deep=True) for key, value in pairs}


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
DOCUMENT: dict[str, Json] = yaml.load(PATH.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506
COMPONENTS: dict[str, Schema] = DOCUMENT["components"]["schemas"]


class Operation(NamedTuple):
    """An operation of `paths`."""

    method: str
    path: str
    definition: dict[str, Json]

    @property
    def id(self) -> str:
        """Its `operationId`."""
        return str(self.definition["operationId"])

    @property
    def request_content(self) -> dict[str, Json]:
        """Media types of the body; none for an operation without one."""
        content: dict[str, Json] = self.definition.get("requestBody", {}).get("content", {})
        return content

    def answer(self, status: str) -> dict[str, Json]:
        """Return the answer that is described for a status."""
        return resolved(self.definition["responses"][status])

    def request_examples(self) -> Iterator[tuple[str, Json]]:
        """Yield the name and the value of each example of the body."""
        for media in self.request_content.values():
            for name, example in media["examples"].items():
                yield name, example["value"]


class Example(NamedTuple):
    """An example: where it stands, the schema it belongs to, and its value."""

    pointer: str
    schema: Schema
    value: Json

    @property
    def model(self) -> str | None:
        """Name of the component that describes it, or each item of it."""
        if self.pointer.startswith(_REFERENCE):
            return self.pointer.removeprefix(_REFERENCE).split("/")[0]
        return component_of(self.schema.get("items", self.schema))


def operations() -> list[Operation]:
    """Return the operations of `paths`, in their order."""
    return _operations(DOCUMENT["paths"])


def webhooks() -> list[Operation]:
    """Return the operations of `webhooks`; `path` is the name of the event."""
    return _operations(DOCUMENT["webhooks"])


def _operations(items: dict[str, Json]) -> list[Operation]:
    return [
        Operation(method, path, definition)
        for path, item in items.items()
        for method, definition in item.items()
        if method in METHODS
    ]


def component_of(schema: Schema) -> str | None:
    """Return the name of the component that a schema refers to."""
    reference: str = schema.get("$ref", "")
    return reference.removeprefix(_REFERENCE) if reference.startswith(_REFERENCE) else None


def resolved(node: dict[str, Json]) -> dict[str, Json]:
    """Follow a reference inside the document."""
    while "$ref" in node:
        target: Any = DOCUMENT
        for token in node["$ref"].removeprefix("#/").split("/"):
            target = target[token]
        node = target
    return node


def request_schemas() -> list[Schema]:
    """Return the schemas of all bodies and parameters: what a client sends."""
    return [
        place["schema"]
        for operation in operations()
        for place in (
            *operation.request_content.values(),
            *map(resolved, operation.definition.get("parameters", [])),
        )
    ]


def with_subschemas(schema: Schema, seen: set[int] | None = None) -> Iterator[Schema]:
    """Yield a schema and every schema below it, references followed, each once."""
    seen = set() if seen is None else seen
    if id(schema) in seen:
        return
    seen.add(id(schema))
    yield schema
    below = [
        *schema.get("properties", {}).values(),
        *(schema[keyword] for keyword in _ONE if isinstance(schema.get(keyword), dict)),
        *(branch for keyword in _SEVERAL for branch in schema.get(keyword, ())),
    ]
    if name := component_of(schema):
        below.append(COMPONENTS[name])
    for child in below:
        yield from with_subschemas(child, seen)


def examples(node: Json = DOCUMENT, pointer: str = "#") -> Iterator[Example]:
    """Yield every example of the document, wherever OpenAPI or JSON Schema allows one."""
    if isinstance(node, list):
        for index, child in enumerate(node):
            yield from examples(child, f"{pointer}/{index}")
    elif isinstance(node, dict):
        yield from _own_examples(node, pointer)
        for key, child in node.items():
            if key not in {"example", "examples"}:
                yield from examples(child, f"{pointer}/{key.replace('/', '~1')}")


def _own_examples(node: dict[str, Json], pointer: str) -> Iterator[Example]:
    found = node.get("examples", {})
    if isinstance(found, list):
        for index, value in enumerate(found):
            yield Example(f"{pointer}/examples/{index}", node, value)
    elif "schema" in node:
        schema = node["schema"]
        if "example" in node:
            yield Example(f"{pointer}/example", schema, node["example"])
        for name, example in found.items():
            yield Example(f"{pointer}/examples/{name}", schema, example["value"])


def validator(schema: Schema) -> jsonschema_rs.Draft202012Validator:
    """Return a validator for a schema of the document, references and formats included."""
    return jsonschema_rs.Draft202012Validator(
        {**schema, "components": {"schemas": COMPONENTS}}, validate_formats=True
    )
