"""Counts, times and foreign texts as one line of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_HOUR_S, _MINUTE_S = 3600, 60


def plural(count: int, noun: str) -> str:
    """Return a count with its noun: `1 part`, `1,200 parts`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def counted(counts: Mapping[str, int]) -> str:
    """Return counts as a sentence: `2 accepted, 1 rejected`."""
    return ", ".join(f"{n:,} {state.replace('_', ' ')}" for state, n in counts.items() if n) or "0"


def duration(seconds: float) -> str:
    """Return seconds as one reads them: `45 s`, `3 min`, `2 h 5 min`."""
    whole = round(seconds)
    if whole < 2 * _MINUTE_S:
        return f"{whole} s"
    if whole < 2 * _HOUR_S:
        return f"{round(whole / _MINUTE_S)} min"
    hours, rest = divmod(whole, _HOUR_S)
    return f"{hours} h {rest // _MINUTE_S} min"


def visible(text: str) -> str:
    """Return a foreign text for a terminal: no control character but the line break gets through."""
    return "".join(
        character if character == "\n" or character.isprintable() else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )


def visible_ledger(ledger: str) -> str:
    """Return where a ledger is, without the password that a URL may hold."""
    head, at, tail = ledger.rpartition("@")
    if "://" not in ledger or not at:
        return ledger
    scheme, _, user = head.partition("://")
    return f"{scheme}://{user.partition(':')[0]}@{tail}"
