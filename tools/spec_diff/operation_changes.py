"""Compare two operations: parameters, body, answers, security, callbacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .changes import Change, Direction, Kind
from .facets import deprecation_changes
from .schemas import requirement_changes
from .servers import server_changes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .operations import Answer, Body, Content, Field, Operation
    from .schemas import SchemaComparison

_KEYS = "apiKey in "


class OperationComparison:
    """Differences between operations, with one comparison of schemas behind all of them."""

    def __init__(
        self,
        schemas: SchemaComparison,
        our_servers: tuple[str, ...],
        their_servers: tuple[str, ...],
    ) -> None:
        """Keep the comparison of schemas, and the servers of operations that name none."""
        self._schemas = schemas
        self._our_servers = our_servers
        self._their_servers = their_servers

    def changes(
        self, ours: Operation, theirs: Operation, direction: Direction, title: str
    ) -> Iterator[Change]:
        """Yield the differences between two operations.

        Args:
            ours: The operation in our description.
            theirs: The same operation in the other one.
            direction: Which way the request goes; for a webhook it comes to us.
            title: First segment of the paths.
        """
        for change in self._operation(ours, theirs, direction):
            yield change.under(title)

    def _operation(
        self, ours: Operation, theirs: Operation, direction: Direction
    ) -> Iterator[Change]:
        yield from deprecation_changes(ours.deprecated, theirs.deprecated, direction)
        if ours.servers is not None or theirs.servers is not None:
            yield from server_changes(
                ours.servers if ours.servers is not None else self._our_servers,
                theirs.servers if theirs.servers is not None else self._their_servers,
            )
        yield from _security_changes(ours, theirs, direction)
        yield from self._parameter_changes(ours, theirs, direction)
        yield from self._body_changes(ours.body, theirs.body, direction)
        yield from self._answer_changes(ours.answers, theirs.answers, direction.opposite)
        for name, operation in ours.callbacks.items():
            title = f"callback {name}"
            if name in theirs.callbacks:
                other = theirs.callbacks[name]
                yield from self.changes(operation, other, direction.opposite, title)
            else:
                yield Change.of(Kind.CALLBACK_REMOVED, direction, title)
        for name in theirs.callbacks:
            if name not in ours.callbacks:
                yield Change.of(Kind.CALLBACK_ADDED, direction, f"callback {name}")

    def _parameter_changes(
        self, ours: Operation, theirs: Operation, direction: Direction
    ) -> Iterator[Change]:
        # An API key may be described as a parameter, as a security scheme, or as both.
        mine = {key: held for key, held in ours.fields.items() if _own_field(key, ours, theirs)}
        yours = {key: held for key, held in theirs.fields.items() if _own_field(key, theirs, ours)}
        yield from self._named_fields(mine, yours, direction)

    def _named_fields(
        self,
        ours: Mapping[tuple[str, str], Field],
        theirs: Mapping[tuple[str, str], Field],
        direction: Direction,
    ) -> Iterator[Change]:
        for key in sorted(ours.keys() | theirs.keys()):
            mine, yours = ours.get(key), theirs.get(key)
            held = mine or yours
            if held is not None:
                for change in self._field_changes(mine, yours, direction):
                    yield change.under(key[0], held.name)

    def _field_changes(
        self, ours: Field | None, theirs: Field | None, direction: Direction
    ) -> Iterator[Change]:
        if ours is None or theirs is None:
            kind = Kind.FIELD_REMOVED
            if theirs is not None:
                kind = Kind.REQUIRED_FIELD_ADDED if theirs.required else Kind.FIELD_ADDED
            yield Change.of(kind, direction)
            return
        yield from requirement_changes(ours.required, theirs.required, direction)
        yield from deprecation_changes(ours.deprecated, theirs.deprecated, direction)
        if ours.encoding != theirs.encoding:
            detail = f"{ours.encoding} -> {theirs.encoding}"
            yield Change.of(Kind.ENCODING_CHANGED, direction, detail=detail)
        yield from self._schemas.changes(ours.schema, theirs.schema, direction)

    def _body_changes(
        self, ours: Body | None, theirs: Body | None, direction: Direction
    ) -> Iterator[Change]:
        if ours is None and theirs is None:
            return
        if ours is None or theirs is None:
            kind = Kind.BODY_REMOVED
            if theirs is not None:
                kind = Kind.REQUIRED_BODY_ADDED if theirs.required else Kind.BODY_ADDED
            yield Change.of(kind, direction, "request")
            return
        if ours.required != theirs.required:
            kind = Kind.BODY_REQUIRED if theirs.required else Kind.BODY_OPTIONAL
            yield Change.of(kind, direction, "request")
        for change in self._content_changes(ours.contents, theirs.contents, direction):
            yield change.under("request")

    def _content_changes(
        self, ours: Mapping[str, Content], theirs: Mapping[str, Content], direction: Direction
    ) -> Iterator[Change]:
        for media in sorted(ours.keys() | theirs.keys()):
            if media not in theirs:
                yield Change.of(Kind.CONTENT_REMOVED, direction, media)
            elif media not in ours:
                yield Change.of(Kind.CONTENT_ADDED, direction, media)
            else:
                mine, yours = ours[media], theirs[media]
                if mine.encoding != yours.encoding:
                    yield Change.of(Kind.ENCODING_CHANGED, direction, media)
                for change in self._schemas.changes(mine.schema, yours.schema, direction):
                    yield change.under(media)

    def _answer_changes(
        self, ours: Mapping[str, Answer], theirs: Mapping[str, Answer], direction: Direction
    ) -> Iterator[Change]:
        for status in sorted(ours.keys() | theirs.keys()):
            success = status.startswith("2")
            if status not in theirs:
                kind = Kind.SUCCESS_REMOVED if success else Kind.ANSWER_REMOVED
                yield Change.of(kind, direction, status)
            elif status not in ours:
                kind = Kind.SUCCESS_ADDED if success else Kind.ANSWER_ADDED
                yield Change.of(kind, direction, status)
            else:
                mine, yours = ours[status], theirs[status]
                found = [
                    *self._named_fields(_headers(mine), _headers(yours), direction),
                    *self._content_changes(mine.contents, yours.contents, direction),
                ]
                for change in found:
                    yield change.under(status)


def _headers(answer: Answer) -> dict[tuple[str, str], Field]:
    return {("headers", name): header for name, header in answer.headers.items()}


def _own_field(key: tuple[str, str], operation: Operation, other: Operation) -> bool:
    """Return whether a parameter is not just the other side's API key under another heading."""
    if key in other.fields:
        return True
    text = f"{_KEYS}{key[0]} {key[1]}"
    return not any(text in requirement for requirement in other.security | operation.security)


def _security_changes(ours: Operation, theirs: Operation, direction: Direction) -> Iterator[Change]:
    if ours.security == theirs.security:
        return
    kind = Kind.SECURITY_CHANGED
    if ours.security < theirs.security:
        kind = Kind.SECURITY_ADDED
    detail = f"{_requirements(ours)} -> {_requirements(theirs)}"
    yield Change.of(kind, direction, detail=detail)


def _requirements(operation: Operation) -> str:
    return " or ".join(sorted(" and ".join(sorted(one)) or "none" for one in operation.security))
