"""Read a description, lay known differences over it, and bring each schema into one form."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import attrs
import httpx
import yaml

_TIMEOUT_S: Final = 30
_MOST_REFERENCES: Final = 50
# What says something to people, and nothing about what is sent.
_TEXTS: Final = frozenset(
    {"description", "title", "summary", "example", "examples", "externalDocs", "xml", "$comment"}
)
_STRUCTURE: Final = frozenset(
    {"$ref", "allOf", "anyOf", "oneOf", "type", "nullable", "enum", "const", "properties"}
    | {"required", "items", "additionalProperties"}
)


class SpecError(Exception):
    """A description or a list of known differences cannot be read; the text says which and why."""


def load(source: str) -> Any:
    """Return the content of a YAML or JSON file, or of what is at an http(s) address.

    Raises:
        SpecError: If it cannot be read.
    """
    try:
        if urlsplit(source).scheme in {"http", "https"}:
            answer = httpx.get(source, follow_redirects=True, timeout=_TIMEOUT_S)
            text = answer.raise_for_status().text
        else:
            text = Path(source).read_text(encoding="utf-8")
        return yaml.safe_load(text)
    except (OSError, ValueError, RecursionError, httpx.HTTPError, yaml.YAMLError) as error:
        raise SpecError(f"{source} cannot be read: {error}") from None


def laid_over(root: Any, known: Any) -> Any:
    """Return a description with what is known to be published in place of what it says itself.

    Args:
        root: The description; left as it is.
        known: Entries of `at`, `published` and `why`.

    Raises:
        SpecError: If an entry has another form, leads nowhere, or makes no difference.
    """
    if not isinstance(known, list):
        raise SpecError("The known differences are not a list.")
    published = copy.deepcopy(root)
    for entry in known:
        if not isinstance(entry, dict) or entry.keys() != {"at", "published", "why"}:
            raise SpecError(f"A known difference needs at, published and why: {entry}")
        before = copy.deepcopy(published)
        _lay_over(published, entry["at"].split("/"), entry["published"])
        if published == before:
            raise SpecError(f"A known difference makes none: {entry['at']}")
    return published


def _lay_over(node: Any, steps: list[str], patch: dict[str, Any]) -> None:
    if not steps:
        _merge(node, patch)
        return
    step = steps[0].replace("~1", "/").replace("~0", "~")
    for key in list(node) if step == "*" else [step] if step in node else []:
        if isinstance(node[key], dict):
            _lay_over(node[key], steps[1:], patch)


def _merge(node: dict[str, Any], patch: dict[str, Any]) -> None:
    """Apply a JSON merge patch (RFC 7396)."""
    for key, value in patch.items():
        if value is None:
            node.pop(key, None)
        elif isinstance(value, dict):
            below = node.get(key)
            node[key] = below = below if isinstance(below, dict) else {}
            _merge(below, value)
        else:
            node[key] = value


@attrs.define
class Form:
    """What a schema says, however it is written.

    Attributes:
        types: Names of the JSON types, without null; empty for any.
        nullable: Whether null is allowed as well.
        values: The values of an enum, as JSON; `None` without one.
        is_open: Whether other values are allowed as well: alternatives of an enum and its type.
        fields: Schemas of the fields.
        required: Which of them must be there.
        items: Schema of the items; `None` without one.
        others: Schema of the other fields; `True` for any.
        options: Schemas of the alternatives.
        facets: The other keywords.
    """

    types: frozenset[str] = frozenset()
    nullable: bool = False
    values: frozenset[str] | None = None
    is_open: bool = False
    fields: dict[str, Any] = attrs.field(factory=dict)
    required: frozenset[str] = frozenset()
    items: Any = None
    others: Any = True
    options: tuple[Any, ...] = ()
    facets: dict[str, Any] = attrs.field(factory=dict)

    @property
    def is_plain(self) -> bool:
        """Whether it says a type, or values, and nothing else."""
        rest = attrs.evolve(self, types=frozenset(), values=None, nullable=False)
        return bool(self.types or self.values) and rest == Form()


class Description:
    """A description, with its references resolved.

    Args:
        root: The whole document.

    Raises:
        SpecError: If it is not a description.
    """

    def __init__(self, root: Any) -> None:
        if not isinstance(root, dict) or not isinstance(root.get("paths"), dict):
            raise SpecError("This is no OpenAPI description: it has no paths.")
        self.root = root
        # The schemas are kept with their forms, so that no other object gets their id().
        self._forms: dict[int, tuple[Any, Form]] = {}

    def resolved(self, node: Any) -> Any:
        """Return what a node is, or refers to, with what stands beside the reference."""
        beside: dict[str, Any] = {}
        for _ in range(_MOST_REFERENCES):
            if not isinstance(node, dict) or "$ref" not in node:
                return {**node, **beside} if beside else node
            beside = {**{key: value for key, value in node.items() if key != "$ref"}, **beside}
            reference = node["$ref"]
            if not reference.startswith("#/"):
                raise SpecError(f"This reference leads out of the file: {reference}")
            node = self.root
            for step in reference[2:].split("/"):
                node = node[step.replace("~1", "/").replace("~0", "~")]
        raise SpecError("References lead in a circle.")

    def form(self, schema: Any) -> Form:
        """Return the form of a schema."""
        known = self._forms.get(id(schema))
        if known is None:
            known = self._forms[id(schema)] = (schema, self._made(schema))
        return known[1]

    def _made(self, schema: Any) -> Form:
        node = self.resolved(schema)
        if not isinstance(node, dict):
            return Form()
        types = node.get("type", [])
        types = {types} if isinstance(types, str) else {*types}
        values = [node["const"]] if "const" in node else node.get("enum")
        form = Form(
            types=frozenset(types - {"null"}),
            nullable="null" in types or bool(node.get("nullable")) or None in (values or ()),
            values=None if values is None else frozenset(map(json.dumps, filter(_is_some, values))),
            fields=dict(node.get("properties", {})),
            required=frozenset(node.get("required", ())),
            items=node.get("items"),
            others=node.get("additionalProperties", True),
            facets={
                key: value
                for key, value in node.items()
                if key not in _TEXTS | _STRUCTURE and not key.startswith("x-")
            },
        )
        for part in node.get("allOf", ()):
            form = _both(form, self.form(part))
        for keyword in ("anyOf", "oneOf"):
            form = self._with_options(form, node.get(keyword, ()))
        return form

    def _with_options(self, form: Form, options: Any) -> Form:
        """Add alternatives; those of plain types become one form."""
        forms = [(option, self.form(option)) for option in options]
        form.nullable |= any(
            found.nullable or self.resolved(option) == {"type": "null"} for option, found in forms
        )
        real = [(o, f) for o, f in forms if self.resolved(o).get("type") != "null"]
        if len(real) == 1:
            return _both(form, real[0][1])
        if real and all(found.is_plain for _, found in real):
            values = [found.values for _, found in real if found.values is not None]
            types = frozenset().union(*(found.types for _, found in real))
            is_open = 0 < len(values) < len(real)
            if len(types) <= 1 or not values:
                enum = frozenset().union(*values) if values else None
                return attrs.evolve(form, types=types, values=enum, is_open=is_open)
        return attrs.evolve(form, options=tuple(option for option, _ in real)) if real else form


def _is_some(value: object) -> bool:
    return value is not None


def _both(one: Form, other: Form) -> Form:
    """Return the form of what meets both."""
    fields = {**one.fields, **other.fields}
    for name in one.fields.keys() & other.fields.keys():
        fields[name] = {"allOf": [one.fields[name], other.fields[name]]}
    values = other.values if one.values is None else one.values
    return Form(
        types=one.types | other.types,
        nullable=one.nullable or other.nullable,
        values=values,
        is_open=one.is_open or other.is_open,
        fields=fields,
        required=one.required | other.required,
        items=other.items if one.items is None else one.items,
        others=other.others if one.others is True else one.others,
        options=one.options or other.options,
        facets={**other.facets, **one.facets},
    )
