"""Turn raw schemas into shapes: references, `allOf`, null, alternatives and open enums."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING

from .document import schema_name
from .keywords import own_shape
from .shape import ANYTHING, NOTHING, Shape, common_types, tighter
from .tree import Json, mapping, sequence

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .document import Document


class Shapes:
    """Shapes of the schemas of one document, each built once.

    One raw schema always gives the same object, which lets a comparison notice that it came back
    to a pair of schemas it is already comparing.
    """

    def __init__(self, document: Document) -> None:
        """Start with nothing built."""
        self._document = document
        self._built: dict[int, Shape] = {}
        self._named: dict[int, Shape] = {}
        self._open: set[int] = set()
        self._joined: dict[tuple[str, frozenset[int]], dict[str, Json]] = {}
        self._leaves: dict[int, tuple[str, list[Json]]] = {}

    def of(self, raw: Json) -> Shape:
        """Return the shape of a raw schema.

        Raises:
            SpecError: if it is not a schema, or refers to something that is not there.
        """
        if isinstance(raw, bool) or raw is None:
            return NOTHING if raw is False else ANYTHING
        schema = mapping(raw, f"{self._document.name}: schema")
        key = id(schema)
        if key in self._open:
            # A schema that is composed of itself adds nothing to itself.
            return ANYTHING
        if key not in self._built:
            self._open.add(key)
            try:
                self._built[key] = self._build(schema)
            finally:
                self._open.discard(key)
        return self._built[key]

    def join(self, keyword: str, raws: Iterable[Json]) -> Json:
        """Return one schema that combines several by `allOf` or `anyOf`.

        The same schemas give the same object, and joining a join again only extends the set: else
        two schemas that contain each other would produce new combinations without end.
        """
        leaves: dict[int, Json] = {}
        for raw in raws:
            inner, nested = self._leaves.get(id(raw), ("", []))
            for leaf in nested if inner == keyword else [raw]:
                leaves.setdefault(id(self._dereferenced(leaf)), leaf)
        if len(leaves) == 1:
            return next(iter(leaves.values()))
        key = (keyword, frozenset(leaves))
        if key not in self._joined:
            listed = list(leaves.values())
            joined: dict[str, Json] = {keyword: listed}
            self._joined[key] = joined
            self._leaves[id(joined)] = (keyword, listed)
        return self._joined[key]

    def merge(self, first: Shape, second: Shape) -> Shape:
        """Return the shape of values that fit both."""
        if first.free:
            return second
        if second.free:
            return first
        properties = dict(first.properties)
        for key, raw in second.properties.items():
            held = key in properties
            properties[key] = self.join("allOf", (properties[key], raw)) if held else raw
        limits = {
            key: limit
            for key in {**first.limits, **second.limits}
            if (limit := tighter(key, first.limits.get(key), second.limits.get(key)))
        }
        values, open_values = _common_values(first, second)
        # A default or a deprecation beside a reference leaves it the same schema.
        name = second.name if first.silent else first.name if second.silent else None
        return Shape(
            name=name,
            types=common_types(first.types, second.types),
            values=values,
            open_values=open_values,
            limits=limits,
            formats=first.formats | second.formats,
            patterns=first.patterns | second.patterns,
            properties=properties,
            required=first.required | second.required,
            items=self._both(first.items, second.items),
            additional=self._both(first.additional, second.additional),
            groups=first.groups + second.groups,
            default=first.default if first.default is not None else second.default,
            flags=first.flags | second.flags,
            rules={**first.rules, **second.rules},
        )

    def _both(self, first: Json, second: Json) -> Json:
        if first is False or second is False:
            return False
        if first is True or second is True:
            return second if first is True else first
        return self.join("allOf", (first, second))

    def _dereferenced(self, raw: Json) -> Json:
        for _ in range(100):
            if not isinstance(raw, dict) or set(raw) != {"$ref"}:
                break
            raw = self._document.target(raw["$ref"])
        return raw

    def _build(self, raw: dict[str, Json]) -> Shape:
        where = f"{self._document.name}: schema"
        parts = [own_shape(raw, self._document)]
        if "$ref" in raw:
            parts.append(self._referenced(raw["$ref"]))
        parts += [self.of(member) for member in sequence(raw.get("allOf"), f"{where}: allOf")]
        shape = reduce(self.merge, parts)
        for keyword in ("oneOf", "anyOf"):
            if keyword in raw:
                listed = sequence(raw[keyword], f"{where}: {keyword}")
                shape = self.with_group(shape, [self.of(member) for member in listed])
        if raw.get("nullable") is True:
            shape = shape.with_null()
        return self._split(shape)

    def _referenced(self, ref: Json) -> Shape:
        target = self._document.target(ref)
        shape = self.of(target)
        name = schema_name(ref)
        if name is None or shape.name is not None or shape.free:
            return shape
        return self._named.setdefault(id(target), replace(shape, name=name))

    def _split(self, shape: Shape) -> Shape:
        """Write several types with rules of their own as alternatives."""
        kinds = (shape.types or frozenset()) - {"null"}
        if len(kinds) < 2 or shape.plain or shape.groups:  # noqa: PLR2004 -- "several"
            return shape
        whole = Shape(name=shape.name, types=shape.types, default=shape.default, flags=shape.flags)
        return self.with_group(whole, shape.by_type())

    def with_group(self, base: Shape, variants: Sequence[Shape]) -> Shape:
        """Return `base` limited to values that fit one of `variants`, in the simplest form."""
        allowed = _united_types(variants)
        flat = [single for variant in variants for single in _alternatives(variant)]
        # The same schema may be listed twice; shapes are equal only to themselves.
        flat = _combine_values(list(dict.fromkeys(flat)))
        if flat and all(variant.plain and variant.types is not None for variant in flat):
            return self.merge(base, Shape(types=allowed))
        if len(flat) == 1:
            only = flat[0].with_null() if allowed is not None and "null" in allowed else flat[0]
            return self.merge(base, only)
        if not flat:
            return self.merge(base, Shape(types=allowed))
        limited = replace(base, types=common_types(base.types, allowed))
        return replace(limited, groups=(*base.groups, tuple(flat)))


def _common_values(first: Shape, second: Shape) -> tuple[frozenset[str] | None, bool]:
    if first.values is None or second.values is None:
        only = second if first.values is None else first
        return only.values, only.open_values
    if first.open_values and second.open_values:
        return first.values | second.values, True
    if first.open_values or second.open_values:
        return (second if first.open_values else first).values, False
    return first.values & second.values, False


def _united_types(variants: Iterable[Shape]) -> frozenset[str] | None:
    united: set[str] = set()
    for variant in variants:
        if variant.types is None:
            return None
        united |= variant.types
    return frozenset(united)


def _alternatives(variant: Shape) -> list[Shape]:
    """Return a variant as alternatives of one type each, without null."""
    if variant.types is not None and not variant.types - {"null"}:
        return []
    if len(variant.groups) == 1 and variant.bare and variant.values is None:
        return list(variant.groups[0])
    if variant.groups or (variant.types is None and not variant.plain):
        return [variant.without_null()]
    return variant.by_type()


def _combine_values(variants: list[Shape]) -> list[Shape]:
    """Join lists of values of one type, and note where any other value is allowed as well."""
    simple: dict[str, list[Shape]] = defaultdict(list)
    for variant in variants:
        if variant.bare and not variant.groups and variant.types is not None:
            simple["/".join(sorted(variant.types))].append(variant)
    result: list[Shape] = []
    for variant in variants:
        key = "/".join(sorted(variant.types or ()))
        group = simple.get(key, [])
        if variant not in group:
            result.append(variant)
        elif variant is group[0]:
            result.append(_combined(group))
    return result


def _combined(group: list[Shape]) -> Shape:
    listed = [variant for variant in group if variant.values is not None]
    if len(group) == 1 or not listed:
        return group[0]
    values = frozenset[str]().union(*(variant.values or () for variant in listed))
    is_open = len(listed) < len(group) or any(variant.open_values for variant in listed)
    return replace(listed[0], values=values, open_values=is_open)
