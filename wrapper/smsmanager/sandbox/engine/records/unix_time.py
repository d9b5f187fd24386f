"""Convert between Unix seconds, as in the service's reports, and `datetime`."""

from __future__ import annotations

from datetime import UTC, datetime

LAST_MOMENT = 253_402_300_799.0
"""9999-12-31T23:59:59Z, the last second that `datetime` can show."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(unix_s: float) -> datetime:
    """Return a time in Unix seconds as an aware `datetime`, limited to what `datetime` can show."""
    return datetime.fromtimestamp(min(max(unix_s, 0.0), LAST_MOMENT), UTC)


def unix(when: datetime) -> float:
    """Return an aware time in Unix seconds."""
    return (when - _EPOCH).total_seconds()


def iso(when: datetime) -> str:
    """Return a time as the JSON API shows it, in milliseconds: `2027-01-04T07:00:00.000Z`."""
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
