"""Counts, durations and foreign text as one line of a terminal."""

from __future__ import annotations

_HOUR_S, _MINUTE_S = 3600, 60


def plural(count: int, noun: str) -> str:
    """Return a count with its noun: `1 part`, `1,200 parts`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def percent(share: float) -> str:
    """Return a share between 0 and 1 as a percentage."""
    return f"{share:.0%}" if share >= 0.01 else "<1%"  # noqa: PLR2004 - what would round to nothing


def duration(seconds: float) -> str:
    """Return seconds as people say them: `45 s`, `3 min`, `2 h 5 min`."""
    whole = round(seconds)
    if whole < 2 * _MINUTE_S:
        return f"{whole} s"
    if whole < 2 * _HOUR_S:
        return f"{round(whole / _MINUTE_S)} min"
    hours, rest = divmod(whole, _HOUR_S)
    return f"{hours} h {rest // _MINUTE_S} min"


def visible(text: str) -> str:
    """Return foreign text for a terminal: no control characters except line breaks."""
    return "".join(
        character if character == "\n" or character.isprintable() else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )
