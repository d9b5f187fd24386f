"""Compare two whole descriptions: operations, webhooks, servers and security."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .changes import Change, Direction, Kind
from .normalise import Shapes
from .operation_changes import OperationComparison
from .operations import Operation, incoming_operations, path_operations
from .schemas import SchemaComparison
from .servers import path_key, server_changes, surplus_bases, with_base
from .tree import Json, SpecError, mapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .document import Document

_SENT = Direction.SENT
_RECEIVED = Direction.RECEIVED


def compare(ours: Document, theirs: Document) -> list[Change]:
    """Return what `theirs` adds, removes or changes, the most important first.

    Raises:
        SpecError: if a part that has to be compared is malformed.
    """
    try:
        found = list(_changes(ours, theirs))
    except RecursionError as error:
        msg = f"{ours.name} or {theirs.name}: schemas nested too deeply to compare"
        raise SpecError(msg) from error
    return sorted(found, key=lambda change: change.order)


def _changes(ours: Document, theirs: Document) -> Iterator[Change]:
    our_paths, their_paths = _paths(ours), _paths(theirs)
    our_servers, their_servers = ours.servers(ours.root), theirs.servers(theirs.root)
    bases = surplus_bases(list(our_paths), list(their_paths), our_servers, their_servers)
    servers = with_base(our_servers, bases[0]), with_base(their_servers, bases[1])
    schemas = SchemaComparison(Shapes(ours), Shapes(theirs))
    comparison = OperationComparison(schemas, *servers)
    yield from server_changes(*servers)
    yield from _scheme_changes(ours, theirs)
    yield from _named_changes(
        _by_method(ours, our_paths, bases[0]),
        _by_method(theirs, their_paths, bases[1]),
        comparison,
    )
    yield from _webhook_changes(ours, theirs, comparison)


def _scheme_changes(ours: Document, theirs: Document) -> Iterator[Change]:
    mine, yours = set(ours.schemes().values()), set(theirs.schemes().values())
    for text in sorted(mine - yours):
        yield Change.of(Kind.SCHEME_REMOVED, _SENT, "security schemes", detail=text)
    for text in sorted(yours - mine):
        yield Change.of(Kind.SCHEME_ADDED, _SENT, "security schemes", detail=text)


def _paths(document: Document) -> dict[str, Json]:
    where = f"{document.name}: paths"
    return {
        path: item
        for path, item in mapping(document.root.get("paths"), where).items()
        if not path.startswith("x-")
    }


def _by_method(
    document: Document, paths: Mapping[str, Json], base: str
) -> dict[tuple[str, str], Operation]:
    return {
        (path_key(path, base), method): operation
        for path, item in paths.items()
        for method, operation in path_operations(document, path, item).items()
    }


def _named_changes(
    ours: Mapping[tuple[str, str], Operation],
    theirs: Mapping[tuple[str, str], Operation],
    comparison: OperationComparison,
) -> Iterator[Change]:
    for key, operation in ours.items():
        if key in theirs:
            yield from comparison.changes(operation, theirs[key], _SENT, operation.title)
        else:
            yield Change.of(Kind.OPERATION_REMOVED, _SENT, operation.title)
    for key, operation in theirs.items():
        if key not in ours:
            yield Change.of(Kind.OPERATION_ADDED, _SENT, operation.title)


def _webhook_changes(
    ours: Document, theirs: Document, comparison: OperationComparison
) -> Iterator[Change]:
    mine, yours = _webhooks(ours), _webhooks(theirs)
    for key, operation in mine.items():
        if key in yours:
            other = yours[key]
            yield from comparison.changes(operation, other, _RECEIVED, _webhook_title(operation))
        else:
            yield Change.of(Kind.WEBHOOK_REMOVED, _RECEIVED, _webhook_title(operation))
    for key, operation in yours.items():
        if key not in mine:
            yield Change.of(Kind.WEBHOOK_ADDED, _RECEIVED, _webhook_title(operation))


def _webhook_title(operation: Operation) -> str:
    method, _, name = operation.title.partition(" ")
    return f"webhook {name}" if method == "POST" else f"webhook {name} {method}"


def _webhooks(document: Document) -> dict[tuple[str, str], Operation]:
    """Return the webhooks of OpenAPI 3.1, and of the extension used for them before."""
    found: dict[tuple[str, str], Operation] = {}
    for keyword in ("x-webhooks", "webhooks"):
        listed = mapping(document.root.get(keyword), f"{document.name}: {keyword}")
        for name, item in listed.items():
            for method, operation in incoming_operations(document, name, item).items():
                found[name.casefold(), method] = operation
    return found
