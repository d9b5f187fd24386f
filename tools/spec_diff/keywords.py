"""Read the keywords of one schema object, leaving aside how it is composed of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .shape import LOWER, OTHER_LIMITS, UPPER, Limit, Shape, common_types, tighter
from .tree import Json, canonical, describe, mapping, number, sequence, word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .document import Document

_FLAGS = ("deprecated", "readOnly", "writeOnly")
_RULES = (
    "prefixItems",
    "contains",
    "minContains",
    "maxContains",
    "not",
    "if",
    "then",
    "else",
    "dependentRequired",
    "dependentSchemas",
    "patternProperties",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
)
_PROSE = {
    "title",
    "description",
    "summary",
    "example",
    "examples",
    "externalDocs",
    "xml",
    "$comment",
}
_NAMES_BELOW = {"properties", "patternProperties", "dependentSchemas", "$defs"}
# A schema without `type` means the type its keywords are about.
_IMPLIED = {
    "string": {"maxLength", "minLength", "pattern"},
    "number": {"maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum", "multipleOf"},
    "array": {"items", "prefixItems", "maxItems", "minItems", "uniqueItems"},
    "object": {
        "properties",
        "required",
        "additionalProperties",
        "patternProperties",
        "maxProperties",
        "minProperties",
    },
}
_COMPOSING = {"$ref", "allOf", "anyOf", "oneOf"}


def own_shape(raw: Mapping[str, Json], document: Document) -> Shape:
    """Return the shape that the keywords of `raw` itself describe.

    Raises:
        SpecError: if a keyword holds what it cannot hold.
    """
    where = f"{document.name}: schema"
    types = _types(raw, where)
    values = _values(raw, where)
    if values is not None:
        found = frozenset(describe(value) for value in values)
        # Authors add null to `type` and forget it in `enum`; both spellings are meant alike.
        kept = common_types(types, found)
        nullable = types is not None and "null" in types
        types = (kept or frozenset()) | {"null"} if nullable else kept
    texts = frozenset(canonical(value) for value in values or () if value is not None)
    return Shape(
        types=types,
        values=texts or None,
        limits=_limits(raw, where),
        formats=_text_set(raw, "format", where),
        patterns=_text_set(raw, "pattern", where),
        properties=mapping(raw.get("properties"), f"{where}: properties"),
        required=frozenset(_required(raw, where)),
        items=_sub_schema(raw, "items"),
        additional=_sub_schema(raw, "additionalProperties"),
        default=canonical(raw["default"]) if "default" in raw else None,
        flags=frozenset(flag for flag in _FLAGS if raw.get(flag) is True),
        rules={key: _rule(raw[key], document) for key in _RULES if key in raw},
    )


def _types(raw: Mapping[str, Json], where: str) -> frozenset[str] | None:
    listed = raw.get("type")
    if listed is None:
        implied = [kind for kind, keys in _IMPLIED.items() if keys & raw.keys()]
        composed = _COMPOSING & raw.keys()
        return frozenset(implied) if len(implied) == 1 and not composed else None
    if isinstance(listed, str):
        return frozenset({listed})
    return frozenset(word(kind, f"{where}: type") for kind in sequence(listed, f"{where}: type"))


def _values(raw: Mapping[str, Json], where: str) -> list[Json] | None:
    if "const" in raw:
        return [raw["const"]]
    return sequence(raw["enum"], f"{where}: enum") if "enum" in raw else None


def _limits(raw: Mapping[str, Json], where: str) -> dict[str, Limit]:
    limits: dict[str, Limit] = {}
    for keyword in (*UPPER, *LOWER, *OTHER_LIMITS):
        value = raw.get(keyword)
        if keyword == "uniqueItems":
            if value is True:
                limits[keyword] = Limit(1)
        elif value is not None:
            limits[keyword] = Limit(number(value, f"{where}: {keyword}"))
    for keyword, exclusive in (("maximum", "exclusiveMaximum"), ("minimum", "exclusiveMinimum")):
        bound = raw.get(exclusive)
        # OpenAPI 3.0 says `true` beside the bound, 3.1 says the bound itself.
        if bound is True and keyword in limits:
            limits[keyword] = limits[keyword]._replace(exclusive=True)
        elif bound is not None and not isinstance(bound, bool):
            new = Limit(number(bound, f"{where}: {exclusive}"), exclusive=True)
            limits[keyword] = tighter(keyword, limits.get(keyword), new) or new
    for keyword in ("minLength", "minItems", "minProperties"):
        if limits.get(keyword) == Limit(0):
            del limits[keyword]
    return limits


def _text_set(raw: Mapping[str, Json], keyword: str, where: str) -> frozenset[str]:
    return frozenset({word(raw[keyword], f"{where}: {keyword}")} if keyword in raw else ())


def _required(raw: Mapping[str, Json], where: str) -> list[str]:
    listed = raw.get("required")
    if isinstance(listed, bool):
        # Left over from OpenAPI 2 in many descriptions; it says nothing in a schema.
        return []
    return [word(name, f"{where}: required") for name in sequence(listed, f"{where}: required")]


def _sub_schema(raw: Mapping[str, Json], keyword: str) -> Json:
    value = raw.get(keyword, True)
    return True if value in ({}, None) else value


def _rule(value: Json, document: Document) -> str:
    return canonical(_without_prose(value, document, ()))


def _without_prose(value: Json, document: Document, seen: tuple[str, ...]) -> Json:
    """Return a value with references replaced by their targets and all prose left out."""
    if isinstance(value, list):
        return [_without_prose(item, document, seen) for item in value]
    if not isinstance(value, dict):
        return value
    ref = value.get("$ref")
    if isinstance(ref, str):
        if ref in seen:
            return f"(contains itself, {len(seen) - seen.index(ref)} up)"
        return _without_prose(document.target(ref), document, (*seen, ref))
    result: dict[str, Json] = {}
    for key, item in value.items():
        if key in _PROSE or key.startswith("x-"):
            continue
        if key in _NAMES_BELOW and isinstance(item, dict):
            result[key] = {
                name: _without_prose(below, document, seen) for name, below in item.items()
            }
        else:
            result[key] = _without_prose(item, document, seen)
    return result
