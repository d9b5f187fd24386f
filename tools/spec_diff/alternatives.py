"""Pair the alternatives (`oneOf`, `anyOf`) of two schemas, and bring both to a common form."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .facets import type_names
from .shape import Shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .normalise import Shapes
    from .tree import Json

_OBJECT = frozenset({"object"})


@dataclass(frozen=True, slots=True)
class Match:
    """Which alternatives belong together.

    Attributes:
        pairs: Ours, theirs, and the path segment that names the pair; empty when the fields below
            name it well enough.
        gone: Those of ours without a partner.
        new: Those of theirs without a partner.
    """

    pairs: list[tuple[Shape, Shape, tuple[str, ...]]]
    gone: list[Shape]
    new: list[Shape]


def match(
    ours: Sequence[Shape], theirs: Sequence[Shape], our_shapes: Shapes, their_shapes: Shapes
) -> Match:
    """Pair alternatives, the most alike first."""
    scored: list[tuple[float, int, int]] = []
    for i, mine in enumerate(ours):
        for j, yours in enumerate(theirs):
            points = _likeness(mine, yours, our_shapes, their_shapes)
            if points is not None:
                scored.append((-points, i, j))
    partner: dict[int, int] = {}
    for _, i, j in sorted(scored):
        if i not in partner and j not in partner.values():
            partner[i] = j
    pairs = [
        (mine, theirs[partner[i]], _segment(mine, ours, our_shapes))
        for i, mine in enumerate(ours)
        if i in partner
    ]
    return Match(
        pairs,
        gone=[mine for i, mine in enumerate(ours) if i not in partner],
        new=[yours for j, yours in enumerate(theirs) if j not in partner.values()],
    )


def label(variant: Shape, siblings: Sequence[Shape], shapes: Shapes) -> str:
    """Return the shortest words that tell an alternative from its siblings."""
    others = [other for other in siblings if other is not variant]
    own = sorted(
        name for name in variant.required if all(name not in other.members for other in others)
    )
    if len(own) == 1:
        return own[0]
    for name, values in sorted(_constants(variant, shapes).items()):
        if len(values) == 1 and all(_constants(o, shapes).get(name) != values for o in others):
            return f"{name}={next(iter(values))}"
    if variant.name is not None:
        return variant.name
    if variant.members:
        return ", ".join(sorted(variant.required or variant.members))
    if variant.values is not None:
        return " | ".join(sorted(variant.values))
    return type_names(variant.types)


def level(grouped: Shape, single: Shape, shapes: Shapes) -> tuple[Shape, Shape, bool]:
    """Bring a shape with alternatives and one without to a form that can be compared.

    Alternatives that are objects are united into one object when the other side has an object, so
    that their fields can be compared one by one.

    Args:
        grouped: The shape with alternatives.
        single: The shape without.
        shapes: Those of the document of `grouped`.

    Returns:
        Both shapes in the new form, and whether objects were united.
    """
    if len(grouped.groups) != 1 or grouped.types is None or single.types is None:
        return grouped, single, False
    variants = grouped.groups[0]
    objects = [variant for variant in variants if variant.types == _OBJECT]
    united = len(objects) > 1 and "object" in single.types
    if united:
        rest = [variant for variant in variants if variant.types != _OBJECT]
        variants = (_union(objects, shapes), *rest)
    base = replace(grouped, groups=())
    if len(variants) == 1:
        whole = shapes.merge(base, variants[0].with_null() if base.allows("null") else variants[0])
        return replace(whole, name=grouped.name), single, united
    form = replace(base, groups=(tuple(variants),))
    if base.bare and base.values is None:
        single = replace(
            Shape(name=single.name, types=single.types, default=single.default, flags=single.flags),
            groups=(tuple(_unmarked(variant) for variant in single.by_type()),),
        )
    return form, single, united


def _unmarked(variant: Shape) -> Shape:
    return replace(variant, default=None, flags=frozenset())


def is_open(variants: Sequence[Shape], kind: frozenset[str] | None) -> bool:
    """Return whether some alternative takes any value of this type."""
    return any(
        variant.types is None or variant.types == kind for variant in variants if variant.plain
    )


def _segment(variant: Shape, siblings: Sequence[Shape], shapes: Shapes) -> tuple[str, ...]:
    others = [other for other in siblings if other is not variant]
    if all(other.types != variant.types for other in others):
        return ()
    if variant.members and not any(variant.members & other.members for other in others):
        return ()
    return (f"({label(variant, siblings, shapes)})",)


def _likeness(ours: Shape, theirs: Shape, our_shapes: Shapes, their_shapes: Shapes) -> float | None:
    """Return points for what two alternatives have in common; None if they cannot be the same."""
    if ours.types is not None and theirs.types is not None and ours.types != theirs.types:
        numeric = ours.types | theirs.types == {"integer", "number"}
        return 1.0 if numeric else None
    points = 1.0 if ours.types == theirs.types else 0.0
    named = ours.name is not None and _folded(ours) == _folded(theirs)
    if named:
        points += 50
    told = _told_apart(_constants(ours, our_shapes), _constants(theirs, their_shapes))
    if told is None:
        return None
    points += told
    if ours.plain and theirs.plain:
        points += 10
    if ours.members and theirs.members:
        shared = ours.members & theirs.members
        if not shared and not named:
            return None
        points += 30 * len(shared) / len(ours.members | theirs.members)
        points += 10 if ours.required and ours.required == theirs.required else 0
    if ours.values is not None and theirs.values is not None:
        points += 20 * len(ours.values & theirs.values) / len(ours.values | theirs.values)
    return points


def _told_apart(ours: dict[str, frozenset[str]], theirs: dict[str, frozenset[str]]) -> float | None:
    """Return points for equal constants; None if some field can never hold the same value."""
    points = 0.0
    for name in ours.keys() & theirs.keys():
        if not ours[name] & theirs[name]:
            return None
        if ours[name] == theirs[name] and len(ours[name]) == 1:
            points += 100
    return points


def _folded(shape: Shape) -> str:
    return "".join(letter for letter in (shape.name or "").casefold() if letter.isalnum())


def _constants(shape: Shape, shapes: Shapes) -> dict[str, frozenset[str]]:
    """Return the fields that only take listed values, with the values."""
    found: dict[str, frozenset[str]] = {}
    for name, raw in shape.properties.items():
        below = shapes.of(raw)
        if below.values is not None and not below.open_values:
            found[name] = below.values
    return found


def _union(variants: Sequence[Shape], shapes: Shapes) -> Shape:
    """Return an object that has the fields of every variant."""
    gathered: dict[str, list[Json]] = {}
    for variant in variants:
        for name, raw in variant.properties.items():
            gathered.setdefault(name, []).append(raw)
    return Shape(
        types=_OBJECT,
        properties={name: shapes.join("anyOf", raws) for name, raws in gathered.items()},
        required=frozenset.intersection(*(variant.required for variant in variants)),
        additional=any(variant.additional is not False for variant in variants),
    )
