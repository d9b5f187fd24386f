"""Compare what two shapes say about a value itself: type, null, enum, limits, format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .changes import Change, Direction, Kind
from .shape import LOWER, UPPER, Limit, common_types

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .shape import Shape

_NUMBER_FORMATS = {"int32", "int64", "float", "double"}


def comparable(ours: Shape, theirs: Shape) -> bool:
    """Return whether the shapes share a type, so that their details can be compared."""
    if ours.types is None or theirs.types is None:
        # What anything became, or what became anything, is told by the type alone.
        return ours.types is None and theirs.types is None
    shared = common_types(ours.types, theirs.types) or frozenset()
    return bool(shared - {"null"})


def facet_changes(ours: Shape, theirs: Shape, direction: Direction) -> Iterator[Change]:
    """Yield the differences in everything but fields, items and alternatives."""
    yield from _type_changes(ours, theirs, direction)
    if comparable(ours, theirs):
        yield from _value_changes(ours, theirs, direction)
        yield from _limit_changes(ours, theirs, direction)
        yield from _format_changes(ours, theirs, direction)
        yield from _pattern_changes(ours, theirs, direction)
        yield from _rule_changes(ours, theirs, direction)
    if ours.default != theirs.default:
        detail = _arrow(ours.default, theirs.default)
        yield Change.of(Kind.DEFAULT_CHANGED, direction, detail=detail)
    yield from deprecation_changes(
        "deprecated" in ours.flags, "deprecated" in theirs.flags, direction
    )


def deprecation_changes(ours: bool, theirs: bool, direction: Direction) -> Iterator[Change]:  # noqa: FBT001 -- two sides
    """Yield the difference in being deprecated."""
    if ours != theirs:
        yield Change.of(Kind.DEPRECATED if theirs else Kind.UNDEPRECATED, direction)


def type_names(types: frozenset[str] | None) -> str:
    """Return types as words: `string | null`."""
    if types is None:
        return "anything"
    return " | ".join(sorted(types, key=lambda kind: (kind == "null", kind))) or "nothing"


def _type_changes(ours: Shape, theirs: Shape, direction: Direction) -> Iterator[Change]:
    mine, yours = ours.types, theirs.types
    if mine == yours:
        return
    detail = f"{type_names(mine)} -> {type_names(yours)}"
    if mine is None or yours is None:
        kind = Kind.TYPE_NARROWED if mine is None else Kind.TYPE_WIDENED
        yield Change.of(kind, direction, detail=detail)
        return
    first, second = mine - {"null"}, yours - {"null"}
    if first and second and ("null" in mine) != ("null" in yours):
        kind = Kind.NULL_ALLOWED if "null" in yours else Kind.NULL_FORBIDDEN
        yield Change.of(kind, direction)
        detail = f"{type_names(first)} -> {type_names(second)}"
    elif not (first and second):
        first, second = mine, yours
    if first != second:
        fits_ours = common_types(first, second) == second
        fits_theirs = common_types(first, second) == first
        kind = Kind.TYPE_CHANGED
        if fits_ours != fits_theirs:
            kind = Kind.TYPE_NARROWED if fits_ours and second else Kind.TYPE_CHANGED
            kind = Kind.TYPE_WIDENED if fits_theirs and first else kind
        yield Change.of(kind, direction, detail=detail)


def _value_changes(ours: Shape, theirs: Shape, direction: Direction) -> Iterator[Change]:
    mine, yours = ours.values, theirs.values
    if mine is None and yours is None:
        return
    closed = mine is not None and not ours.open_values
    closes = yours is not None and not theirs.open_values
    if closed and not closes:
        yield Change.of(Kind.VALUES_OPENED, direction)
    if closes and not closed:
        listed = ", ".join(sorted(yours or ()))
        detail = listed if mine is None else ""
        yield Change.of(Kind.VALUES_CLOSED, direction, detail=detail)
    if mine is None or yours is None:
        known = Kind.KNOWN_VALUE_ADDED if mine is None else Kind.KNOWN_VALUE_REMOVED
        if not closed and not closes:
            yield Change.of(known, direction, detail=", ".join(sorted(mine or yours or ())))
        return
    removed = Kind.VALUE_REMOVED if closes else Kind.KNOWN_VALUE_REMOVED
    added = Kind.VALUE_ADDED if closed else Kind.KNOWN_VALUE_ADDED
    for text in sorted(mine - yours):
        yield Change.of(removed, direction, detail=text)
    for text in sorted(yours - mine):
        yield Change.of(added, direction, detail=text)


def _limit_changes(ours: Shape, theirs: Shape, direction: Direction) -> Iterator[Change]:
    for keyword in sorted({*ours.limits, *theirs.limits}):
        mine, yours = ours.limits.get(keyword), theirs.limits.get(keyword)
        if mine == yours:
            continue
        kind = Kind.LIMIT_TIGHTENED if _forbids_more(keyword, mine, yours) else Kind.LIMIT_LOOSENED
        if keyword == "uniqueItems":
            yield Change.of(kind, direction, detail=keyword)
        else:
            detail = f"{keyword} {_arrow(_bound(mine), _bound(yours))}"
            yield Change.of(kind, direction, detail=detail)


def _forbids_more(keyword: str, mine: Limit | None, yours: Limit | None) -> bool:
    """Return whether some value that fits our limit does not fit theirs."""
    if mine is None or yours is None:
        return mine is None
    if keyword in UPPER:
        return (yours.value, not yours.exclusive) < (mine.value, not mine.exclusive)
    if keyword in LOWER:
        return yours > mine
    # A multiple of 10 is a multiple of 5 as well.
    return yours.value == 0 or mine.value % yours.value != 0


def _bound(limit: Limit | None) -> str | None:
    if limit is None:
        return None
    return f"{limit.value:.15g}{' (exclusive)' if limit.exclusive else ''}"


def _format_changes(ours: Shape, theirs: Shape, direction: Direction) -> Iterator[Change]:
    if ours.formats == theirs.formats:
        return
    detail = _arrow(_joined(ours.formats), _joined(theirs.formats))
    if (ours.formats | theirs.formats) <= _NUMBER_FORMATS:
        kind = Kind.NUMBER_FORMAT_CHANGED
    elif not ours.formats:
        kind = Kind.FORMAT_ADDED
    else:
        kind = Kind.FORMAT_CHANGED if theirs.formats else Kind.FORMAT_REMOVED
    yield Change.of(kind, direction, detail=detail)


def _pattern_changes(ours: Shape, theirs: Shape, direction: Direction) -> Iterator[Change]:
    if ours.patterns == theirs.patterns:
        return
    detail = _arrow(_joined(ours.patterns), _joined(theirs.patterns))
    if theirs.patterns < ours.patterns:
        kind = Kind.PATTERN_REMOVED
    else:
        kind = Kind.PATTERN_ADDED if ours.patterns < theirs.patterns else Kind.PATTERN_CHANGED
    yield Change.of(kind, direction, detail=detail)


def _rule_changes(ours: Shape, theirs: Shape, direction: Direction) -> Iterator[Change]:
    for keyword in sorted({*ours.rules, *theirs.rules}):
        if ours.rules.get(keyword) != theirs.rules.get(keyword):
            yield Change.of(Kind.RULE_CHANGED, direction, detail=keyword)


def _joined(texts: frozenset[str]) -> str | None:
    return " and ".join(sorted(texts)) or None


def _arrow(mine: str | None, yours: str | None) -> str:
    return f"{mine if mine is not None else 'none'} -> {yours if yours is not None else 'none'}"
