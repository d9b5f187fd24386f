"""Summarise the delivery reports of a row."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, select

from smsmanager.campaigns._ledger.schema import delivery
from smsmanager.campaigns.rows import Delivery
from smsmanager.webhooks.tracker._delivery_state import REACHED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import ColumnElement, Subquery

_MILLION = 1_000_000
# From 2000 to 2099, in Unix seconds. Other times in reports are errors, such as the year 1 or milliseconds;
# earlier versions stored -1e15 for a report without a time.
_EARLIEST_S, _LATEST_S = 946_684_800.0, 4_102_444_800.0


def last_reports(campaign: int) -> Subquery:
    """Return a query for the `row`, `result`, `code` and `at` of the report that counts for each row.

    Args:
        campaign: Id of the campaign.
    """
    reached = case((delivery.c.rank.in_(REACHED), delivery.c.rank), else_=0)
    at = func.coalesce(delivery.c.at, 0)
    order = (reached.desc(), at.desc(), delivery.c.rank.desc(), delivery.c.tie.desc())
    place = func.row_number().over(partition_by=delivery.c.row, order_by=order).label("place")
    ranked = (
        select(delivery.c.row, delivery.c.result, delivery.c.code, delivery.c.at, place)
        .where(delivery.c.campaign == campaign)
        .subquery()
    )
    return select(ranked).where(ranked.c.place == 1).subquery()


def delivery_of(reports: Sequence[Any]) -> Delivery | None:
    """Return the delivery of one row, according to its reports.

    Args:
        reports: Records of the table `delivery`: the report that counts for each channel.
    """
    if not reports:
        return None
    last = max(reports, key=_order)
    return Delivery(
        result=last.result,
        at=_moment(last.at),
        code=last.code,
        gateway=last.gateway or None,
        mcc=last.mcc,
        parts=_sum(each.parts for each in reports),
        price_czk=money(_sum(each.price_czk for each in reports)),
        price_eur=money(_sum(each.price_eur for each in reports)),
    )


def _order(report: Any) -> tuple[int, float, int, int]:
    """Return the sort key of a report; the greatest counts: one that reached the recipient, else the last.

    The ledger stores when a step got its result, not when it began.
    """
    reached = report.rank if report.rank in REACHED else 0
    return reached, report.at or 0.0, report.rank, report.tie


def is_plausible(at: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return whether a stored time is a plausible report time; never true without a time."""
    return at.between(_EARLIEST_S, _LATEST_S)


def _moment(at: float | None) -> datetime | None:
    if at is None or not _EARLIEST_S <= at <= _LATEST_S:
        return None
    return datetime.fromtimestamp(at, UTC)


def _sum(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def money(millionths: int | None) -> Decimal | None:
    """Return the price for a stored number of millionths."""
    return None if millionths is None else Decimal(millionths) / _MILLION


def millionths(price: Decimal | None) -> int | None:
    """Return a price in millionths, as stored."""
    return None if price is None else round(price * _MILLION)
