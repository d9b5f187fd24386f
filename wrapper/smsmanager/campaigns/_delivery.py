"""What the delivery reports of one row come to; pure."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from smsmanager.campaigns.rows import Delivery

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


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
        price_czk=_sum(each.price_czk for each in reports),
        price_eur=_sum(each.price_eur for each in reports),
    )


def _sum(values: Iterable[Any]) -> Any:
    told = [value for value in values if value is not None]
    if not told:
        return None
    total = sum(told)
    return total.normalize() if isinstance(total, Decimal) else total
