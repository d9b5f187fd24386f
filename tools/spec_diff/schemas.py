"""Compare two schemas down to the last field."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from .alternatives import is_open, label, level, match
from .changes import ITEMS, Change, Direction, Kind
from .facets import comparable, facet_changes
from .shape import NOTHING, Shape
from .tree import Json, SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .normalise import Shapes

MAX_CHANGES = 50_000
_Pair = tuple[Shape, Shape, Direction]
_HIDDEN = {Direction.SENT: "readOnly", Direction.RECEIVED: "writeOnly"}


class SchemaComparison:
    """Differences between schemas of two documents, each pair of schemas compared once.

    A schema may contain itself. A pair that is met again while it is being compared adds nothing:
    its differences are told where it was met first.
    """

    def __init__(self, ours: Shapes, theirs: Shapes) -> None:
        """Start with nothing compared."""
        self._ours = ours
        self._theirs = theirs
        self._open: dict[_Pair, int] = {}
        self._done: dict[_Pair, tuple[Change, ...]] = {}
        # Results that left out a pair still open, by the depth of the outermost such pair.
        self._partial: dict[_Pair, tuple[tuple[Change, ...], int]] = {}
        self._lowest = 0

    def changes(self, ours: Json, theirs: Json, direction: Direction) -> tuple[Change, ...]:
        """Return the differences between two raw schemas, with paths counted from them.

        Raises:
            SpecError: if a schema is malformed, or there are more than `MAX_CHANGES` differences.
        """
        return self._compared(ours, theirs, direction)

    def _compared(self, ours: Json, theirs: Json, direction: Direction) -> tuple[Change, ...]:
        return self._pair(self._ours.of(ours), self._theirs.of(theirs), direction)

    def _pair(self, ours: Shape, theirs: Shape, direction: Direction) -> tuple[Change, ...]:
        pair = (ours, theirs, direction)
        if pair in self._done:
            return self._done[pair]
        if pair in self._open:
            self._lowest = min(self._lowest, self._open[pair])
            return ()
        if pair in self._partial:
            found, lowest = self._partial[pair]
            self._lowest = min(self._lowest, lowest)
            return found
        depth = len(self._open)
        outer, self._lowest = self._lowest, depth
        self._open[pair] = depth
        found = self._limited(self._differences(ours, theirs, direction))
        name = ours.name or theirs.name
        if name is not None:
            found = tuple(change.within(name) for change in found)
        del self._open[pair]
        if self._lowest < depth:
            self._partial[pair] = (found, self._lowest)
        else:
            self._done[pair] = found
            self._partial = {key: entry for key, entry in self._partial.items() if entry[1] < depth}
        self._lowest = min(outer, self._lowest)
        return found

    def _limited(self, changes: Iterator[Change]) -> tuple[Change, ...]:
        found: list[Change] = []
        for change in changes:
            found.append(change)
            if len(found) > MAX_CHANGES:
                msg = f"more than {MAX_CHANGES} differences: not two versions of one description"
                raise SpecError(msg)
        return tuple(found)

    def _differences(self, ours: Shape, theirs: Shape, direction: Direction) -> Iterator[Change]:
        if ours.groups and not theirs.groups:
            ours, theirs, united = level(ours, theirs, self._ours)
            if united:
                yield Change.of(Kind.MERGED, direction)
        elif theirs.groups and not ours.groups:
            theirs, ours, united = level(theirs, ours, self._theirs)
            if united:
                yield Change.of(Kind.SPLIT, direction)
        yield from facet_changes(ours, theirs, direction)
        if not comparable(ours, theirs):
            return
        if ours.allows("object") and theirs.allows("object"):
            yield from self._field_changes(ours, theirs, direction)
            yield from self._extra_changes(ours, theirs, direction)
        if ours.allows("array") and theirs.allows("array"):
            for change in self._compared(ours.items, theirs.items, direction):
                yield change.under(ITEMS)
        for mine, yours in zip_longest(ours.groups, theirs.groups):
            yield from self._group_changes(mine, yours, ours, theirs, direction)

    def _field_changes(self, ours: Shape, theirs: Shape, direction: Direction) -> Iterator[Change]:
        mine = _visible(ours, self._ours, direction)
        yours = _visible(theirs, self._theirs, direction)
        if mine and not yours and theirs.additional is not False and not theirs.groups:
            yield Change.of(Kind.FIELDS_UNDESCRIBED, direction, detail=", ".join(sorted(mine)))
            return
        for name in sorted(mine.keys() | yours.keys()):
            if name not in yours:
                yield Change.of(Kind.FIELD_REMOVED, direction, name)
            elif name not in mine:
                required = name in theirs.required
                kind = Kind.REQUIRED_FIELD_ADDED if required else Kind.FIELD_ADDED
                yield Change.of(kind, direction, name)
            else:
                yield from requirement_changes(
                    name in ours.required, name in theirs.required, direction, name
                )
                for change in self._compared(mine[name], yours[name], direction):
                    yield change.under(name)

    def _extra_changes(self, ours: Shape, theirs: Shape, direction: Direction) -> Iterator[Change]:
        mine, yours = self._ours.of(ours.additional), self._theirs.of(theirs.additional)
        if (mine is NOTHING) != (yours is NOTHING):
            forbidden = yours is NOTHING
            kind = Kind.EXTRA_FIELDS_FORBIDDEN if forbidden else Kind.EXTRA_FIELDS_ALLOWED
            yield Change.of(kind, direction)
            return
        for change in self._pair(mine, yours, direction):
            yield change.under("*")

    def _group_changes(
        self,
        mine: Sequence[Shape] | None,
        yours: Sequence[Shape] | None,
        ours: Shape,
        theirs: Shape,
        direction: Direction,
    ) -> Iterator[Change]:
        if mine is None or yours is None:
            shapes = self._theirs if mine is None else self._ours
            group = yours if mine is None else mine
            names = " | ".join(label(variant, group or (), shapes) for variant in group or ())
            kind = Kind.CONDITION_ADDED if mine is None else Kind.CONDITION_REMOVED
            yield Change.of(kind, direction, detail=names)
            return
        matched = match(mine, yours, self._ours, self._theirs)
        for one, other, segment in matched.pairs:
            for change in self._pair(one, other, direction):
                yield change.under(*segment)
        # Where a type as a whole came or went, the types of the two shapes have told it already.
        for variant in matched.gone:
            if _shares_type(variant, theirs):
                text = label(variant, mine, self._ours)
                yield Change.of(Kind.ALTERNATIVE_REMOVED, direction, detail=text)
        for variant in matched.new:
            if _shares_type(variant, ours):
                text = label(variant, yours, self._theirs)
                known = is_open(mine, variant.types)
                kind = Kind.KNOWN_ALTERNATIVE_ADDED if known else Kind.ALTERNATIVE_ADDED
                yield Change.of(kind, direction, detail=text)


def requirement_changes(
    ours: bool,  # noqa: FBT001 -- two sides
    theirs: bool,  # noqa: FBT001 -- two sides
    direction: Direction,
    *path: str,
) -> Iterator[Change]:
    """Yield the difference in being required."""
    if ours != theirs:
        kind = Kind.FIELD_REQUIRED if theirs else Kind.FIELD_OPTIONAL
        yield Change.of(kind, direction, *path)


def _shares_type(variant: Shape, whole: Shape) -> bool:
    if variant.types is None or whole.types is None:
        return True
    return bool(variant.types & whole.types)


def _visible(shape: Shape, shapes: Shapes, direction: Direction) -> dict[str, Json]:
    """Return the fields that go in this direction; one only called required allows anything."""
    raws: dict[str, Json] = dict.fromkeys(shape.required, True)
    raws.update(shape.properties)
    hidden = _HIDDEN[direction]
    return {name: raw for name, raw in raws.items() if hidden not in shapes.of(raw).flags}
