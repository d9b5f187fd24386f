"""What the delivery reports of one row come to; pure."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from smsmanager.campaigns.rows import Delivery

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MILLION = 1_000_000


def delivery_of(reports: Sequence[Any]) -> Delivery | None:
    """Return what the reports of one row come to.

    Args:
        reports: Records of the table `delivery`: for each channel the report that counts.
    """
    if not reports:
        return None
    last = max(reports, key=lambda each: (each.rank, each.at or 0.0, each.tie))
    return Delivery(
        result=last.result,
        at=None if last.at is None else datetime.fromtimestamp(last.at, UTC),
        code=last.code,
        gateway=last.gateway or None,
        mcc=last.mcc,
        parts=_sum(each.parts for each in reports),
        price_czk=money(_sum(each.price_czk for each in reports)),
        price_eur=money(_sum(each.price_eur for each in reports)),
    )


def _sum(values: Iterable[int | None]) -> int | None:
    told = [value for value in values if value is not None]
    return sum(told) if told else None


def money(millionths: int | None) -> Decimal | None:
    """Return a price that was kept in millionths."""
    return None if millionths is None else Decimal(millionths) / _MILLION


def millionths(price: Decimal | None) -> int | None:
    """Return a price as it is kept."""
    return None if price is None else round(price * _MILLION)
