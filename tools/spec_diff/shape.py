"""The normal form of one schema: what it allows, independent of how it was written."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from .tree import Json, describe

if TYPE_CHECKING:
    from collections.abc import Mapping

UPPER = ("maximum", "maxLength", "maxItems", "maxProperties")
LOWER = ("minimum", "minLength", "minItems", "minProperties")
OTHER_LIMITS = ("multipleOf", "uniqueItems")
# Which keywords say something about which type; None stands for the rest.
_LIMITS_OF = {
    "string": ("maxLength", "minLength"),
    "number": ("maximum", "minimum", "multipleOf"),
    "integer": ("maximum", "minimum", "multipleOf"),
    "array": ("maxItems", "minItems", "uniqueItems"),
    "object": ("maxProperties", "minProperties"),
}


class Limit(NamedTuple):
    """A bound, and whether the bound itself is outside."""

    value: float
    exclusive: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """What a schema allows. Sub-schemas stay raw, so that schemas may contain themselves.

    Attributes:
        name: Name of the component schema it came from.
        types: JSON types, `"null"` among them; None for any value, empty for none at all.
        values: Allowed values as canonical JSON, or None; `null` is never among them.
        open_values: Whether `values` are only the known ones and others are allowed.
        limits: Bounds by keyword.
        formats: Formats that all apply; more than one only after a merge of contradicting parts.
        patterns: Patterns that all apply.
        properties: Raw schemas of the fields.
        required: Fields that are always there.
        items: Raw schema of the items of a list; True for anything.
        additional: Raw schema of fields not listed; True for anything, False for none.
        groups: Sets of alternatives; a value fits one of each set. No alternative allows null,
            and each has one type at most.
        default: Default as canonical JSON.
        flags: Those of `deprecated`, `readOnly`, `writeOnly` that hold.
        rules: Other keywords with a text that is equal for equal rules.
    """

    name: str | None = None
    types: frozenset[str] | None = None
    values: frozenset[str] | None = None
    open_values: bool = False
    limits: Mapping[str, Limit] = field(default_factory=dict)
    formats: frozenset[str] = frozenset()
    patterns: frozenset[str] = frozenset()
    properties: Mapping[str, Json] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    items: Json = True
    additional: Json = True
    groups: tuple[tuple[Shape, ...], ...] = ()
    default: str | None = None
    flags: frozenset[str] = frozenset()
    rules: Mapping[str, str] = field(default_factory=dict)

    @property
    def plain(self) -> bool:
        """Whether nothing but the type limits the value."""
        return self.bare and self.values is None and not self.groups

    @property
    def bare(self) -> bool:
        """Whether only type, values and alternatives limit the value."""
        return not (
            self.limits
            or self.formats
            or self.patterns
            or self.properties
            or self.required
            or self.rules
            or self.items is not True
            or self.additional is not True
        )

    @property
    def silent(self) -> bool:
        """Whether the schema allows every value, whatever else it says about it."""
        return self.types is None and self.plain

    @property
    def free(self) -> bool:
        """Whether the schema says nothing at all."""
        return self.silent and self.default is None and not self.flags

    @property
    def members(self) -> frozenset[str]:
        """Names of all fields, those only called required included."""
        return self.required.union(self.properties)

    def allows(self, kind: str) -> bool:
        """Return whether values of this JSON type fit."""
        return self.types is None or kind in self.types

    def without_null(self) -> Shape:
        """Return the same shape with null forbidden."""
        if self.types is None or "null" not in self.types:
            return self
        return replace(self, types=self.types - {"null"})

    def with_null(self) -> Shape:
        """Return the same shape with null allowed."""
        if self.types is None or "null" in self.types:
            return self
        return replace(self, types=self.types | {"null"})

    def of_type(self, kind: str) -> Shape:
        """Return what the shape says about values of one of its types."""
        rest = replace(
            self,
            types=frozenset({kind}),
            default=None,
            flags=frozenset(),
            values=self._values_of(kind),
            limits={
                key: self.limits[key] for key in _LIMITS_OF.get(kind, ()) if key in self.limits
            },
        )
        if kind != "string":
            rest = replace(rest, patterns=frozenset())
        if kind not in {"string", "number", "integer"}:
            rest = replace(rest, formats=frozenset())
        if kind != "array":
            rest = replace(rest, items=True)
        if kind != "object":
            rest = replace(rest, properties={}, required=frozenset(), additional=True)
        return rest

    def _values_of(self, kind: str) -> frozenset[str] | None:
        if self.values is None:
            return None
        kinds = {"number", "integer"} if kind == "number" else {kind}
        return frozenset(text for text in self.values if describe(json.loads(text)) in kinds)

    def by_type(self) -> list[Shape]:
        """Return the shape split into one for each type but null."""
        if self.types is None:
            return [self]
        kinds = self.types - {"null"}
        if "number" in kinds:
            kinds -= {"integer"}
        if len(kinds) == 1:
            return [self.without_null()]
        return [self.of_type(kind) for kind in sorted(kinds)]


ANYTHING = Shape()
NOTHING = Shape(types=frozenset())


def common_types(
    first: frozenset[str] | None, second: frozenset[str] | None
) -> frozenset[str] | None:
    """Return the types that both allow; an integer is a number."""
    if first is None or second is None:
        return second if first is None else first
    both = set(first & second)
    for one, other in ((first, second), (second, first)):
        if "integer" in one and "number" in other:
            both.add("integer")
    return frozenset(both)


def tighter(keyword: str, first: Limit | None, second: Limit | None) -> Limit | None:
    """Return the bound that forbids more; the first of two that forbid the same."""
    if first is None or second is None:
        return second if first is None else first
    if keyword in UPPER:
        return min(first, second, key=lambda limit: (limit.value, not limit.exclusive))
    return max(first, second)
