"""Which of the reports of a row counts, decided by the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from smsmanager.campaigns._tables import delivery

if TYPE_CHECKING:
    from sqlalchemy import Subquery


def last_reports(campaign: int) -> Subquery:
    """Return for each row the report that counts: its `row`, `result`, `code` and `at`.

    Args:
        campaign: Its id.
    """
    order = (delivery.c.rank.desc(), func.coalesce(delivery.c.at, 0).desc(), delivery.c.tie.desc())
    place = func.row_number().over(partition_by=delivery.c.row, order_by=order).label("place")
    ranked = (
        select(delivery.c.row, delivery.c.result, delivery.c.code, delivery.c.at, place)
        .where(delivery.c.campaign == campaign)
        .subquery()
    )
    return select(ranked).where(ranked.c.place == 1).subquery()
