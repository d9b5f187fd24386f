"""Set aside differences that are meant, and tell a difference in a shared schema only once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .changes import SEPARATOR, Severity
from .load import load_list
from .tree import SpecError, mapping, word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .changes import Change

_KEYS = {"path", "change", "reason"}


@dataclass(frozen=True, slots=True)
class Accepted:
    """A difference that is meant.

    Attributes:
        path: Place as a report prints it; `*` stands for any text.
        change: What changed as a report prints it, with the detail or without; `*` as above.
        reason: Why our description differs.
    """

    path: str
    change: str
    reason: str

    def covers(self, change: Change) -> bool:
        """Return whether the difference is the one meant."""
        fits_text = _fits(self.change, change.text) or _fits(self.change, change.kind.words)
        return fits_text and _fits(self.path, change.place)


@dataclass(frozen=True, slots=True)
class Finding:
    """A difference and all the places where it shows, the first one by name leading."""

    change: Change
    also_at: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What a comparison found.

    Attributes:
        findings: Differences to look at, the most important first.
        accepted: Entries that covered something, with the number of places.
        stale: Entries that covered nothing.
    """

    findings: tuple[Finding, ...]
    accepted: tuple[tuple[Accepted, int], ...]
    stale: tuple[Accepted, ...]

    @property
    def breaking(self) -> bool:
        """Whether something would break callers."""
        return any(found.change.severity is Severity.BREAKING for found in self.findings)

    def count(self, severity: Severity) -> int:
        """Return the number of findings of one severity."""
        return sum(found.change.severity is severity for found in self.findings)


def read_accepted(source: str) -> list[Accepted]:
    """Return the entries of a file of accepted differences.

    Raises:
        SpecError: if the file cannot be read or an entry is not `path`, `change` and `reason`.
    """
    entries: list[Accepted] = []
    for number, raw in enumerate(load_list(source), start=1):
        where = f"{source}: entry {number}"
        entry = mapping(raw, where)
        if entry.keys() != _KEYS:
            msg = f"{where}: needs exactly {', '.join(sorted(_KEYS))}"
            raise SpecError(msg)
        texts = {key: word(entry[key], f"{where}: {key}").strip() for key in _KEYS}
        if not all(texts.values()):
            msg = f"{where}: nothing in it may be empty"
            raise SpecError(msg)
        # The separator may be typed as it looks on a page.
        path = re.sub(r"\s*[>\u203a]\s*", SEPARATOR, texts["path"])
        entries.append(Accepted(path, texts["change"], texts["reason"]))
    return entries


def sort_out(changes: Iterable[Change], accepted: Sequence[Accepted]) -> Result:
    """Return what is left of differences (in order of importance) once the meant ones are out."""
    used = [0] * len(accepted)
    left: list[Change] = []
    for change in changes:
        covering = [number for number, entry in enumerate(accepted) if entry.covers(change)]
        for number in covering:
            used[number] += 1
        if not covering:
            left.append(change)
    counted = tuple(zip(accepted, used, strict=True))
    return Result(
        findings=_gather(left),
        accepted=tuple((entry, count) for entry, count in counted if count),
        stale=tuple(entry for entry, count in counted if not count),
    )


def _gather(changes: Iterable[Change]) -> tuple[Finding, ...]:
    groups: dict[object, list[Change]] = {}
    for change in changes:
        # Without a schema of its own it is the same thing in another operation.
        home = change.home or ("", *(change.path[1:] or change.path))
        groups.setdefault((change.kind, change.severity, change.detail, home), []).append(change)
    return tuple(
        Finding(first, tuple(other.place for other in others)) for first, *others in groups.values()
    )


def _fits(pattern: str, text: str) -> bool:
    # Brackets are common in paths, so the patterns of fnmatch will not do.
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text, re.DOTALL) is not None
