"""Put counts, durations, prices and times into words."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

_UNITS = (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1))
_SHOWN_UNITS = 2
_SECOND = 1.0


def counted(count: int, noun: str) -> str:
    """Return a count with its noun, such as `"1 part"` or `"1,200 parts"`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def duration(seconds: float) -> str:
    """Return a duration in its two largest units, such as `"5 min 3 s"`."""
    if 0 < seconds < _SECOND:
        return f"{seconds * 1000:.0f} ms"
    left = round(seconds)
    found: list[str] = []
    for name, size in _UNITS:
        count, left = divmod(left, size)
        if count:
            found.append(f"{count:,} {name}")
    return " ".join(found[:_SHOWN_UNITS]) or "0 s"


def price(czk: Decimal | None) -> str:
    """Return a price in CZK; empty if there is none."""
    if czk is None:
        return ""
    exact = czk.quantize(Decimal("0.01"))
    # A hundredth would hide what the cheapest messages cost.
    return f"{exact if exact == czk else czk.normalize():,} CZK"


def iso(moment: float) -> str:
    """Return Unix seconds as ISO 8601."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
