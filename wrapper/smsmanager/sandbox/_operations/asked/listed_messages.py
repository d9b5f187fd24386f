"""Show a message as the REST API does: its state, its row, its share in totals.

Only the codes 200, 201 and 202 are documented. That a message which was not sent, or not delivered, has the
code of its webhook is our guess.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import attrs

from smsmanager.sandbox.engine.records.message_outcome import State
from smsmanager.sandbox.engine.records.unix_time import iso, moment, unix
from smsmanager.sandbox.engine.records.webhook_events import DEFAULT_SENDER, mobile_country

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smsmanager.sandbox.engine.records import JsonObject
    from smsmanager.sandbox.engine.records.received_message import ReceivedMessage
    from smsmanager.sandbox.engine.rest_settings import RestSettings

NOT_SENT = frozenset({State.REJECTED, State.CANCELLED})
_NOT_DELIVERED = frozenset({State.UNDELIVERED, State.FAILED})
_DELIVERED = frozenset({State.DELIVERED, State.SEEN})
_HANDED_OVER = frozenset({"sent", "delivered", "seen", "undelivered"})
_DELIVERY_CODES = {"delivered": "201", "seen": "202"}
_NETWORK = "01"
# `datetime` rounds: a moment made of seconds may lie just after them.
_TICK_S = 1e-6


@attrs.frozen
class Times:
    """When what happened to a message first, in Unix seconds; `None` if it did not."""

    sent: float | None
    delivered: float | None
    seen: float | None
    clicked: float | None
    replied: float | None
    optout: float | None

    @classmethod
    def of(cls, message: ReceivedMessage) -> Times:
        """Return the times of a message."""
        first: dict[str, float] = {}
        for entry in tuple(message.journey.entries):
            first.setdefault(str(entry.result) if entry.kind == "report" else entry.kind, entry.at)
        return cls(
            sent=first.get("sent", first.get("delivered")),
            delivered=first.get("delivered"),
            seen=first.get("seen"),
            clicked=first.get("click"),
            replied=first.get("reply"),
            optout=first.get("opt_out"),
        )


def shown(at: float | None) -> str | None:
    """Return a time as the REST API shows it."""
    return None if at is None else iso(moment(at))


def bounds(day: str, settings: RestSettings) -> tuple[datetime, datetime]:
    """Return the first moment of a day `YYYY-MM-DD`, and that of the next.

    Raises:
        ValueError: If the calendar has no such day.
    """
    zone = ZoneInfo(settings.zone) if settings.day_in == "account" else UTC
    first = date.fromisoformat(day)
    following = first + timedelta(days=1)
    begin, end = (datetime.combine(each, time(), zone) for each in (first, following))
    return begin.astimezone(UTC), end.astimezone(UTC)


def is_visible(message: ReceivedMessage, settings: RestSettings, now: float) -> bool:
    """Return whether a message is shown already."""
    arrived = unix(message.received_at)
    visible_at = arrived + settings.visible_after_s - _TICK_S
    return message.message_id is not None and visible_at <= now


def is_of(message: ReceivedMessage, day: tuple[datetime, datetime], settings: RestSettings) -> bool:
    """Return whether a message belongs to a day."""
    at = message.received_at
    journey = message.journey
    if settings.day_of == "sent" and (journey.runs or journey.due is not None):
        at = moment(journey.runs[0].started_at if journey.runs else journey.due or 0)
    return day[0] <= at < day[1]


def _step(message: ReceivedMessage) -> int:
    return message.journey.chosen_step() if message.journey.runs else 0


def _updated(message: ReceivedMessage) -> float:
    entries = message.journey.entries
    return entries[-1].at if entries else unix(message.received_at)


def _codes(message: ReceivedMessage, step: int) -> JsonObject:
    """Return both codes of a step."""
    reports = [e for e in message.journey.entries if e.kind == "report" and e.step == step]
    results = {str(entry.result) for entry in reports}
    last = next((e for e in reversed(reports) if e.code is not None), None)
    code = None if last is None else str(last.code)
    status_code = "200" if results & _HANDED_OVER else code
    delivery_code = None
    if results & _HANDED_OVER:
        result = message.journey.runs[step].result
        delivery_code = _DELIVERY_CODES.get(result, code)
    return {"status_code": status_code, "delivery_code": delivery_code}


def state(message: ReceivedMessage) -> JsonObject:
    """Return the state of a message, as `GET /message` shows it."""
    step, runs, times = _step(message), message.journey.runs, Times.of(message)
    info = message.result_info
    return {
        **_codes(message, step),
        "status_info": "Cancelled" if message.state is State.CANCELLED else info or None,
        "tag": ",".join(message.tags),
        "body": message.texts[step],
        "to": {"phone_number": message.to_given},
        "request_id": message.request_id,
        "ts_created": iso(message.received_at),
        "ts_sent": shown(times.sent),
        "ts_delivered": shown(times.delivered),
        "ts_seen": shown(times.seen),
        "ts_clicked": shown(times.clicked),
        "ts_updated": shown(_updated(message)),
        "flow": [{found.channel: found.fields} for found in message.steps],
        "flow_index": str(step) if runs else None,
        "flow_status": {str(at): _codes(message, at) for at in range(len(runs))},
        "price": float(message.prices[0]) if runs else None,
    }


def row(message: ReceivedMessage) -> JsonObject:
    """Return the row of a message, as `GET /messages` lists it."""
    at, times = _step(message), Times.of(message)
    step, (czk, eur) = message.steps[at], message.prices
    return {
        "message_id": message.message_id,
        "message_parts": parts(message),
        "ts_sent": shown(times.sent),
        "ts_delivered": shown(times.delivered),
        "ts_updated": shown(_updated(message)),
        "ts_clicked": shown(times.clicked),
        "ts_seen": shown(times.seen),
        "ts_replied": shown(times.replied),
        "ts_optout": shown(times.optout),
        "sent": int(times.sent is not None),
        "delivered": int(times.delivered is not None),
        "seen": int(times.seen is not None),
        "clicked": int(times.clicked is not None),
        "replied": int(times.replied is not None),
        "optout": int(times.optout is not None),
        "nondelivered": int(message.state in _NOT_DELIVERED),
        "body": message.texts[at],
        "flow": step.channel,
        "sender": step.sender or DEFAULT_SENDER,
        "phone_number": message.to,
        "price_czk": str(czk),
        "price_eur": str(eur),
    }


def parts(message: ReceivedMessage) -> int:
    """Return how many parts a message is billed as, or would be."""
    at, runs = _step(message), message.journey.runs
    price = runs[at].price if runs else None
    if price is not None:
        return price.count
    size = message.steps[at].sms_parts
    return size.parts if size else 1


def totals(messages: Iterable[ReceivedMessage]) -> JsonObject:
    """Return the totals of messages, as numbers: what `/request` and `/requests` show."""
    found = [(message, Times.of(message)) for message in messages]
    sent = [(message, times) for message, times in found if times.sent is not None]
    moments = sorted(times.sent for _, times in sent if times.sent is not None)
    states = [message.state for message, _ in found]
    networks: dict[str, int] = {}
    for message, _ in sent:
        country = mobile_country(message.to)
        if country:
            name = f"{country}{_NETWORK}"
            networks[name] = networks.get(name, 0) + parts(message)
    prices = [message.prices for message, _ in found]
    return {
        "count_sent": len(sent),
        "count_notsent": sum(each in NOT_SENT for each in states),
        "count_delivered": sum(each in _DELIVERED for each in states),
        "count_seen": sum(times.seen is not None for _, times in found),
        "count_clicked": sum(times.clicked is not None for _, times in found),
        "count_nondelivered": sum(each in _NOT_DELIVERED for each in states),
        "count_replied": sum(times.replied is not None for _, times in found),
        "count_optout": sum(times.optout is not None for _, times in found),
        "msg_sent": sum(parts(message) for message, _ in sent),
        "price_czk": sum(czk for czk, _ in prices),
        "price_eur": sum(eur for _, eur in prices),
        "first_ts_sent": shown(moments[0]) if moments else None,
        "last_ts_sent": shown(moments[-1]) if moments else None,
        "msg_mccmnc": networks,
    }
