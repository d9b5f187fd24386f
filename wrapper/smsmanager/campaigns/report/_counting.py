"""The figures of a ledger, counted by the database."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, and_, cast, func, select

from smsmanager.campaigns._input.calling_codes import LONGEST_CODE, country_of
from smsmanager.campaigns._ledger import schema
from smsmanager.campaigns._ledger.deliveries import is_plausible, last_reports, money
from smsmanager.campaigns._ledger.shown_states import shown_reason, shown_state
from smsmanager.campaigns.report.figures import Cost, Failure, Interval, Reason, Report
from smsmanager.campaigns.rows import RowState
from smsmanager.parts import message_parts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from smsmanager.campaigns._ledger.ledger import Ledger

_MOST_INTERVALS = 48
_WIDTHS_S = (1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 12 * 3600, 86400, 7 * 86400, 30 * 86400)
_DELIVERED = ("delivered", "seen")
_FAILED = ("undelivered", "failed", "rejected")
_PAGE = 5000
_row, _delivery, _content = schema.row, schema.delivery, schema.content


def report_of(ledger: Ledger, now: datetime) -> Report:
    """Return the figures of a campaign.

    Args:
        ledger: Its ledger.
        now: The time.
    """
    head = ledger.head
    with ledger.database.reading() as connection:
        width_s, intervals = _intervals(connection, head.id)
        return Report(
            name=head.name,
            source=head.source,
            created_at=datetime.fromtimestamp(head.created_at, UTC),
            made_at=now,
            states=ledger.counts(connection),
            reasons=_reasons(connection, head.id),
            results=ledger.results(connection),
            intervals=intervals,
            interval_s=width_s,
            parts=_parts(connection, head.id, head.options["shared"]),
            costs=_costs(connection, head.id),
            failures=_failures(connection, head.id),
        )


def _reasons(connection: Connection, campaign: int) -> tuple[Reason, ...]:
    state = shown_state(connection, campaign)
    shown = (
        select(state.label("state"), _row.c.field, shown_reason(state).label("reason"))
        .where(_row.c.campaign == campaign)
        .subquery()
    )
    each = (shown.c.state, shown.c.field, shown.c.reason)
    wanted = select(*each, func.count()).where(shown.c.reason.is_not(None)).group_by(*each)
    found = [
        Reason(RowState(state), reason if field is None else f"{field}: {reason}", count)
        for state, field, reason, count in connection.execute(wanted)
    ]
    return tuple(sorted(found, key=lambda each: (-each.rows, each.reason)))


def _intervals(connection: Connection, campaign: int) -> tuple[float, tuple[Interval, ...]]:
    last = last_reports(campaign)
    final = and_(last.c.result.in_(_DELIVERED + _FAILED), is_plausible(last.c.at))
    first, latest = connection.execute(
        select(func.min(last.c.at), func.max(last.c.at)).where(final)
    ).one()
    if first is None:
        return 0.0, ()
    width = next(
        (w for w in _WIDTHS_S if (latest - first) / w < _MOST_INTERVALS - 1), _WIDTHS_S[-1]
    )
    begin = first // width * width
    # Whole seconds, because databases round differently.
    bucket = (cast(last.c.at, BigInteger) - int(begin)) // width
    most = int((latest - begin) // width)
    counting = (
        select(bucket, last.c.result, func.count()).where(final).group_by(bucket, last.c.result)
    )
    delivered: Counter[int] = Counter()
    failed: Counter[int] = Counter()
    for place, result, count in connection.execute(counting):
        (delivered if result in _DELIVERED else failed)[min(place, most)] += count
    return float(width), tuple(
        Interval(datetime.fromtimestamp(begin + n * width, UTC), delivered[n], failed[n])
        for n in range(most + 1)
    )


def _parts(connection: Connection, campaign: int, shared: Mapping[str, Any]) -> dict[int, int]:
    """Return the number of messages by parts; each text is counted once, however many rows have it."""
    kind, own_text = _sms_of(shared)
    if kind is None:
        return {}
    found: Counter[int] = Counter()
    uses = (
        select(_row.c.content, func.count().label("uses"))
        .where(_row.c.campaign == campaign, _row.c.content.is_not(None))
        .group_by(_row.c.content)
        .subquery()
    )
    wanted = select(_content.c.fields, uses.c.uses).join(
        uses, and_(_content.c.campaign == campaign, _content.c.id == uses.c.content)
    )
    for fields, count in connection.execute(wanted.execution_options(yield_per=_PAGE)):
        text = own_text or json.loads(fields).get("body")
        if text:
            found[message_parts(text, kind).parts] += count
    return dict(sorted(found.items()))


def _sms_of(shared: Mapping[str, Any]) -> tuple[Any, str | None]:
    """Return the type and the text of a campaign's SMS step; no type if it sends no SMS."""
    if "flow" not in shared:
        return "utf", None
    for step in shared["flow"]:
        if "sms" in step:
            return step["sms"].get("type", "utf"), step["sms"].get("body")
    return None, None


def _costs(connection: Connection, campaign: int) -> tuple[Cost, ...]:
    prefix = func.substr(_row.c.phone_number, 1, LONGEST_CODE)
    wanted = (
        select(
            _delivery.c.gateway,
            prefix,
            func.count(),
            func.sum(_delivery.c.parts),
            func.sum(_delivery.c.price_czk),
            func.sum(_delivery.c.price_eur),
        )
        .join(_row, and_(_row.c.campaign == _delivery.c.campaign, _row.c.row == _delivery.c.row))
        .where(
            _delivery.c.campaign == campaign,
            (_delivery.c.parts > 0) | (_delivery.c.price_czk > 0) | (_delivery.c.price_eur > 0),
        )
        .group_by(_delivery.c.gateway, prefix)
    )
    by_country: dict[tuple[str, str], list[int | None]] = {}
    for gateway, digits, *sums in connection.execute(wanted):
        key = (gateway or "unknown", country_of(digits or ""))
        # Some databases return a sum as a decimal number.
        read = [None if each is None else int(each) for each in sums]
        before = by_country.get(key, [None] * len(read))
        by_country[key] = [_plus(one, other) for one, other in zip(before, read, strict=True)]
    found = [
        Cost(gateway, country, count or 0, parts or 0, money(czk), money(eur))
        for (gateway, country), (count, parts, czk, eur) in by_country.items()
    ]
    return tuple(sorted(found, key=lambda each: (-each.parts, each.gateway, each.country)))


def _plus(one: int | None, other: int | None) -> int | None:
    return one if other is None else other + (one or 0)


def _failures(connection: Connection, campaign: int) -> tuple[Failure, ...]:
    last = last_reports(campaign)
    prefix = func.substr(_row.c.phone_number, 1, LONGEST_CODE)
    wanted = (
        select(last.c.result, last.c.code, prefix, func.count())
        .join(_row, and_(_row.c.campaign == campaign, _row.c.row == last.c.row))
        .where(last.c.result.in_(_FAILED))
        .group_by(last.c.result, last.c.code, prefix)
    )
    counted: Counter[tuple[str, int | None, str]] = Counter()
    for result, code, digits, count in connection.execute(wanted):
        counted[result, code, country_of(digits or "")] += count
    found = [Failure(*key, rows=count) for key, count in counted.items()]
    return tuple(sorted(found, key=lambda each: (-each.rows, each.result, each.country)))
