"""Write the result of a comparison as a table or as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from .changes import Severity

if TYPE_CHECKING:
    from .document import Document
    from .findings import Accepted, Finding, Result

_HEADINGS = {
    Severity.BREAKING: "BREAKING - would break callers",
    Severity.ADDED: "ADDED - new or looser",
    Severity.CHANGED: "CHANGED - for information",
}
_WIDEST = 60
_OPERATIONS_SHOWN = 4


def as_text(ours: Document, theirs: Document, result: Result, *, ascii_only: bool) -> str:
    """Return the report for people; the last line is the verdict.

    Args:
        ours: Our description.
        theirs: The other one.
        result: What the comparison found.
        ascii_only: Whether other characters are escaped, for output that is not a terminal.
    """
    lines = [
        f"ours:     {ours.name} (version {ours.version})",
        f"upstream: {theirs.name} (version {theirs.version})",
        "",
    ]
    for severity, heading in _HEADINGS.items():
        found = [entry for entry in result.findings if entry.change.severity is severity]
        if found:
            lines += [f"{heading} ({len(found)})", *_table(found), ""]
    if result.stale:
        lines += [
            f"STALE - accepted, but no longer found ({len(result.stale)})",
            *_columns([(entry.change, entry.path) for entry in result.stale]),
            "",
        ]
    lines.append(_verdict(result))
    return "".join(f"{_printable(line, ascii_only=ascii_only)}\n" for line in lines)


def as_json(ours: Document, theirs: Document, result: Result) -> str:
    """Return the report for programs, in ASCII."""
    report = {
        "ours": {"source": ours.name, "version": ours.version},
        "upstream": {"source": theirs.name, "version": theirs.version},
        "breaking": result.breaking,
        "counts": {severity.value: result.count(severity) for severity in Severity},
        "changes": [
            {
                "severity": entry.change.severity.value,
                "change": entry.change.kind.words,
                "detail": entry.change.detail,
                "path": entry.change.place,
                "also_at": list(entry.also_at),
            }
            for entry in result.findings
        ],
        "accepted": [{**_entry(entry), "places": count} for entry, count in result.accepted],
        "stale": [_entry(entry) for entry in result.stale],
    }
    return json.dumps(report, indent=2) + "\n"


def _entry(entry: Accepted) -> dict[str, str | int]:
    return {"path": entry.path, "change": entry.change, "reason": entry.reason}


def _table(findings: list[Finding]) -> list[str]:
    return _columns([(entry.change.text, _where(entry)) for entry in findings])


def _columns(rows: list[tuple[str, str]]) -> list[str]:
    width = min(_WIDEST, max(len(what) for what, _ in rows))
    return [f"  {what.ljust(width)}  {where}" for what, where in rows]


def _where(entry: Finding) -> str:
    if not entry.also_at:
        return entry.change.place
    # Elsewhere the place below the operation is the same or follows from the shared schema.
    first = entry.change.path[0]
    others = dict.fromkeys(place.split(" > ")[0] for place in entry.also_at)
    named = [name for name in others if name != first]
    shown = ", ".join(named[:_OPERATIONS_SHOWN])
    more = ", ..." if len(named) > _OPERATIONS_SHOWN else ""
    return f"{entry.change.place} (+{len(entry.also_at)}{': ' if shown else ''}{shown}{more})"


def _verdict(result: Result) -> str:
    counts = ", ".join(f"{result.count(severity)} {severity.value}" for severity in Severity)
    extra = f"{sum(count for _, count in result.accepted)} accepted, {len(result.stale)} stale"
    if result.breaking:
        return f"verdict: BREAKING ({counts}; {extra})"
    if result.findings:
        return f"verdict: compatible ({counts}; {extra})"
    return f"verdict: no differences ({extra})"


def _printable(line: str, *, ascii_only: bool) -> str:
    """Return a line without characters that could steer a terminal."""
    safe = "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii")
        for letter in line
    )
    return safe.encode("ascii", "backslashreplace").decode("ascii") if ascii_only else safe
