"""What a description of the service says of a field: its words, its values and its limits."""

from __future__ import annotations

import copy
import re
from typing import Any

LIMITS = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {}",
    "maxItems": "at most {}",
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "minProperties": "at least {} fields",
    "maxProperties": "at most {} fields",
    "pattern": "`{}`",
}


def snake(name: str) -> str:
    """Return a name as the generator spells modules."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def limits(schema: dict[str, Any]) -> list[str]:
    """Return the limits of a schema, each in a few words."""
    found = [text.format(schema[key]) for key, text in LIMITS.items() if key in schema]
    if schema.get("minItems", 0) == schema.get("maxItems"):
        return [f"exactly {schema['minItems']}"]
    if 1 in (schema.get("minLength"), schema.get("minItems")):
        found[0] = "not empty"
    if schema.get("uniqueItems"):
        found.append("no two alike")
    return found


def words(schema: dict[str, Any], spec: dict[str, Any]) -> str:
    """Return what is to be known of a field in one line: description, values, limits.

    Words beside a reference count more than those of the schema that it names. A pattern is left out: the
    description says what it means.
    """
    if "$ref" in schema:
        named = spec["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        schema = {**named, **schema}
    variants = [words(variant, spec) for variant in schema.get("anyOf", ()) if "$ref" in variant]
    said = " ".join(schema.get("description", " ".join(variants)).split())
    if "enum" in schema:
        said += f" One of {', '.join(f'`{value}`' for value in schema['enum'])}."
    is_object = "properties" in schema or "additionalProperties" in schema
    bounds = ", ".join(limits({k: v for k, v in schema.items() if k != "pattern"}))
    if bounds and not is_object:
        said += f" {bounds[0].upper()}{bounds[1:]}."
    return said.strip()


def with_words(spec: dict[str, Any]) -> dict[str, Any]:
    """Return a copy whose schemas and fields of objects are described by their whole `words`."""
    whole = copy.deepcopy(spec)
    for schema in whole["components"]["schemas"].values():
        for described in (schema, *schema.get("properties", {}).values()):
            described["description"] = words(described, spec)
    return whole
