"""Word states, durations, prices and requests for people."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from smsmanager.sandbox.page._views import State, Tone

_TONES: Final[Mapping[str, Tone]] = {
    "waiting": "waiting",
    "sending": "moving",
    "sent": "moving",
    "delivered": "good",
    "seen": "good",
    "undelivered": "bad",
    "failed": "bad",
    "rejected": "bad",
    "not_taken": "bad",
}
REASONS: Final[Mapping[str, str]] = {
    "datetime": "scheduled by its datetime",
    "delivery_time": "outside its delivery_time",
    "promotional_hours": "outside the hours of promotional messages",
}
_UNITS: Final = (("d", 86_400), ("h", 3600), ("min", 60))
_SHOWN_UNITS: Final = 2
_SECOND: Final = 1.0
_OK: Final = range(200, 300)
_REDIRECTS: Final = range(300, 400)


def state(name: str) -> State:
    """Return a state of a message or of a step, from its name on the wire."""
    return State(name.replace("_", " "), _TONES.get(name, "neutral"))


def answered(status: int | None) -> State:
    """Return the state of a request from its HTTP status, `None` for no answer."""
    if status is None:
        return State("no answer", "bad")
    if status in _OK:
        return State(str(status), "good")
    return State(str(status), "waiting" if status in _REDIRECTS else "bad")


def duration(seconds: float) -> str:
    """Return a duration in its two largest units, such as `"5 min 3 s"`."""
    if 0 < seconds < _SECOND:
        return f"{seconds * 1000:.0f} ms"
    left = round(seconds)
    found: list[str] = []
    for name, size in (*_UNITS, ("s", 1)):
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


def parts(count: int | None) -> str:
    """Return a number of SMS parts; empty for another channel."""
    if count is None:
        return ""
    return f"{count} part{'' if count == 1 else 's'}"


def many(count: int, name: str) -> str:
    """Return a count with its noun."""
    return f"{count:,} {name}{'' if count == 1 else 's'}"


def iso(moment: float) -> str:
    """Return Unix seconds as ISO 8601."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")


def as_json(value: object) -> str:
    """Return a value as JSON for people."""
    return json.dumps(value, ensure_ascii=False, indent=2)
