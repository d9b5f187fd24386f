"""Compare addresses: servers, and paths of which one side may hold the base of its server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .changes import Change, Direction, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_PARAMETER = re.compile(r"\{[^}]*\}")


def path_key(path: str, base: str = "") -> str:
    """Return a path without its base and without names of parameters, which no request shows."""
    return _PARAMETER.sub("{}", path[len(base) :]) or "/"


def surplus_bases(
    ours: Sequence[str],
    theirs: Sequence[str],
    our_servers: Iterable[str],
    their_servers: Iterable[str],
) -> tuple[str, str]:
    """Return what to take off the front of our paths and of theirs so that most of them meet.

    One of the two is always empty. Bases that are tried stand in the address of some server, or
    begin every path of one side.
    """
    best = ("", "")
    most = _common(ours, theirs, best)
    candidates = {urlsplit(url).path.rstrip("/") for url in (*our_servers, *their_servers)} | {
        _first(ours),
        _first(theirs),
    }
    for base in sorted(candidates - {""}):
        for stripped in ((base, ""), ("", base)):
            shared = _common(ours, theirs, stripped)
            if shared > most:
                best, most = stripped, shared
    return best


def with_base(servers: Iterable[str], base: str) -> tuple[str, ...]:
    """Return addresses with the base that was taken off the paths."""
    return tuple(f"{url.rstrip('/')}{base}" if base else url for url in servers)


def server_changes(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[Change]:
    """Yield the differences between two lists of addresses; our first is the one in use.

    A description that lists no server at all takes none away.
    """
    for position, url in enumerate(ours):
        if url not in theirs:
            main = position == 0 and theirs
            kind = Kind.MAIN_SERVER_REMOVED if main else Kind.SERVER_REMOVED
            yield Change.of(kind, Direction.SENT, "servers", detail=url)
    for url in theirs:
        if url not in ours:
            yield Change.of(Kind.SERVER_ADDED, Direction.SENT, "servers", detail=url)


def _first(paths: Sequence[str]) -> str:
    pieces = {path.split("/")[1] for path in paths if path.startswith("/")}
    return f"/{pieces.pop()}" if len(pieces) == 1 and "{" not in "".join(pieces) else ""


def _common(ours: Sequence[str], theirs: Sequence[str], bases: tuple[str, str]) -> int:
    keys: list[set[str]] = []
    for paths, base in zip((ours, theirs), bases, strict=True):
        if any(not f"{path}/".startswith(f"{base}/") for path in paths):
            return 0
        keys.append({path_key(path, base) for path in paths})
    return len(keys[0] & keys[1])
