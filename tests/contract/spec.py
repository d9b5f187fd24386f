"""Read a description of the service: its operations, its schemas, and every example in it."""

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
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_REFERENCE = "#/components/schemas/"
_ONE = ("additionalProperties", "items", "not")
_SEVERAL = ("allOf", "anyOf", "oneOf", "prefixItems")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A loader that refuses a duplicate key; YAML would keep the last one."""


def _mapping(loader: Any, node: yaml.MappingNode) -> dict[str, Json]:
    pairs = [(loader.construct_object(key), value) for key, value in node.value]
    keys = [key for key, _ in pairs]
    repeated = {key for key in keys if keys.count(key) > 1}
    assert not repeated, f"written twice at {node.start_mark}: {repeated}"
    return {key: loader.construct_object(value, deep=True) for key, value in pairs}


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


class Operation(NamedTuple):
    """An operation of `paths`."""

    method: str
    path: str
    definition: dict[str, Json]
    description: Description

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
        """Return the described answer for a status."""
        return self.description.resolved(self.definition["responses"][status])

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
    description: Description

    @property
    def model(self) -> str | None:
        """Name of the component that describes it, or each item of it."""
        if self.pointer.startswith(_REFERENCE):
            return self.pointer.removeprefix(_REFERENCE).split("/")[0]
        return component_of(self.schema.get("items", self.schema))


def component_of(schema: Schema) -> str | None:
    """Return the name of the component that a schema refers to."""
    reference: str = schema.get("$ref", "")
    return reference.removeprefix(_REFERENCE) if reference.startswith(_REFERENCE) else None


class Description:
    """One of the descriptions, and what can be found in it.

    Attributes:
        path: Its file.
        package: The generated package.
        document: The whole of it.
        components: Its schemas by name.
    """

    def __init__(self, name: str, package: str) -> None:
        """Read the file at the root of the repository."""
        self.path = ROOT / name
        self.package = package
        text = self.path.read_text(encoding="utf-8")
        self.document: dict[str, Json] = yaml.load(text, Loader=_Loader)  # noqa: S506
        self.components: dict[str, Schema] = self.document["components"]["schemas"]

    def __repr__(self) -> str:
        """Name the file: tests are named after it."""
        return self.path.name

    def operations(self) -> list[Operation]:
        """Return the operations of `paths`, in their order."""
        return self._operations(self.document["paths"])

    def webhooks(self) -> list[Operation]:
        """Return the operations of `webhooks`; `path` is the name of the event."""
        return self._operations(self.document.get("webhooks", {}))

    def _operations(self, items: dict[str, Json]) -> list[Operation]:
        return [
            Operation(method, path, definition, self)
            for path, item in items.items()
            for method, definition in item.items()
            if method in METHODS
        ]

    def resolved(self, node: dict[str, Json]) -> dict[str, Json]:
        """Follow a reference inside the document."""
        while "$ref" in node:
            target: Any = self.document
            for token in node["$ref"].removeprefix("#/").split("/"):
                target = target[token]
            node = target
        return node

    def request_schemas(self) -> list[Schema]:
        """Return the schemas of all bodies and parameters: what a client sends."""
        return [
            place["schema"]
            for operation in self.operations()
            for place in (
                *operation.request_content.values(),
                *map(self.resolved, operation.definition.get("parameters", [])),
            )
        ]

    def with_subschemas(self, schema: Schema, seen: set[int] | None = None) -> Iterator[Schema]:
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
            below.append(self.components[name])
        for child in below:
            yield from self.with_subschemas(child, seen)

    def examples(self) -> Iterator[Example]:
        """Yield every example of the document, wherever OpenAPI or JSON Schema allows one."""
        return self._examples(self.document, "#")

    def _examples(self, node: Json, pointer: str) -> Iterator[Example]:
        if isinstance(node, list):
            for index, child in enumerate(node):
                yield from self._examples(child, f"{pointer}/{index}")
        elif isinstance(node, dict):
            yield from self._own_examples(node, pointer)
            for key, child in node.items():
                if key not in {"example", "examples"}:
                    yield from self._examples(child, f"{pointer}/{key.replace('/', '~1')}")

    def _own_examples(self, node: dict[str, Json], pointer: str) -> Iterator[Example]:
        found = node.get("examples", {})
        if isinstance(found, list):
            for index, value in enumerate(found):
                yield Example(f"{pointer}/examples/{index}", node, value, self)
        elif "schema" in node:
            schema = node["schema"]
            if "example" in node:
                yield Example(f"{pointer}/example", schema, node["example"], self)
            for name, example in found.items():
                yield Example(f"{pointer}/examples/{name}", schema, example["value"], self)

    def validator(self, schema: Schema) -> jsonschema_rs.Draft202012Validator:
        """Return a validator for a schema of the document, references and formats included."""
        return jsonschema_rs.Draft202012Validator(
            {**schema, "components": {"schemas": self.components}}, validate_formats=True
        )


SENDING = Description("openapi.yaml", "smsmanager_jsonapi")
REST = Description("openapi-rest.yaml", "smsmanager_rest")
BOTH = [SENDING, REST]
# Most tests are about sending.
PATH, DOCUMENT, COMPONENTS = SENDING.path, SENDING.document, SENDING.components
operations, webhooks, resolved = SENDING.operations, SENDING.webhooks, SENDING.resolved
examples, validator = SENDING.examples, SENDING.validator
