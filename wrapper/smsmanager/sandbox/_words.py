"""Put counts, durations, prices and times into words."""

from __future__ import annotations

from decimal import Context, Decimal

from smsmanager.sandbox.engine.records.unix_time import LAST_MOMENT
from smsmanager.sandbox.engine.records.unix_time import moment as as_datetime

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
    # JSON has numbers that are larger than any time.
    left = round(min(seconds, LAST_MOMENT))
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
    # As many digits as it has, which can be more than a calculation keeps.
    exact = czk.quantize(Decimal("0.01"), context=Context(prec=max(28, czk.adjusted() + 4)))
    # A hundredth would hide what the cheapest messages cost.
    return f"{exact if exact == czk else czk.normalize():,} CZK"


def iso(moment: float) -> str:
    """Return Unix seconds as ISO 8601."""
    return as_datetime(moment).isoformat(timespec="milliseconds")
