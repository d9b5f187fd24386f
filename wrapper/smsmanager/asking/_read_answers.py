"""Turn JSON about messages into typed answers, leniently: unreadable values are None, nothing raises.

Older shapes are read into the same values.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from smsmanager.asking.message_states import (
    DayTotals,
    MessageRow,
    MessageState,
    MessageStatus,
    StepState,
    Totals,
)
from smsmanager.webhooks import Gateway, IncomingMessage, Reply, UnlistedName
from smsmanager.webhooks._events import gateway_named
from smsmanager.webhooks._lenient_values import (
    id_of,
    moment_of,
    money_of,
    text_of,
    whole_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_YES = frozenset(("1", "true", "yes"))
_NO = frozenset(("0", "false", "no", ""))
_TOO_LATE = 5000  # Only milliseconds read as seconds give such a year.


def fields(value: object) -> Mapping[str, Any]:
    """Return a JSON object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a JSON array; nothing for anything else."""
    for item in value if isinstance(value, list) else ():
        if isinstance(item, dict):
            yield item


def moment(value: object) -> datetime | None:
    """Return a time in UTC, from ISO 8601 (UTC if it has no zone), Unix seconds or milliseconds."""
    if isinstance(value, str):
        with suppress(ValueError, OverflowError):
            read = datetime.fromisoformat(value.strip())
            return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    seconds = moment_of(value)
    if isinstance(value, (str, int, float)) and (seconds is None or seconds.year >= _TOO_LATE):
        with suppress(ValueError, OverflowError):
            return None if isinstance(value, bool) else moment_of(float(value) / 1000)
    return seconds


def flag(value: object) -> bool | None:
    """Return a yes or no, from 0, 1, a Boolean or a string."""
    text = str(value).lower() if isinstance(value, (bool, int)) else value
    if not isinstance(text, str):
        return None
    return True if text.strip().lower() in _YES else False if text.strip().lower() in _NO else None


def tags(value: object) -> tuple[str, ...]:
    """Return tags, from a list or a comma-separated string."""
    parts = (
        value
        if isinstance(value, list)
        else str(value).split(",")
        if isinstance(value, str)
        else ()
    )
    return tuple(part.strip() for part in parts if isinstance(part, str) and part.strip())


def gateway(value: object) -> Gateway | UnlistedName | None:
    """Return a channel."""
    return gateway_named(text_of(value))


def mapped(value: object, read: Callable[[Any], Any]) -> dict[str, Any]:
    """Return a JSON object with each value read; unreadable values are left out."""
    pairs = ((key, read(child)) for key, child in fields(value).items())
    return {key: child for key, child in pairs if child is not None}


def texts(value: object) -> tuple[str, ...]:
    """Return the strings of a JSON array."""
    return tuple(text for text in map(text_of, value if isinstance(value, list) else ()) if text)


def message_status(message_id: str, answer: Mapping[str, Any]) -> MessageStatus | None:
    """Return the state of a message; None if the service does not know it."""
    message = answer.get("message")
    if not isinstance(message, dict):
        return None
    get = message.get
    sending, delivery = text_of(get("status_code")), text_of(get("delivery_code"))
    to, price = get("to"), get("price")
    if isinstance(price, dict):
        # An older shape. Its currency is unclear too: take the one that is set.
        price = price.get("price_czk") or price.get("price_eur")
    steps = {
        int(index): StepState(
            status_code=text_of(codes.get("status_code")),
            delivery_code=text_of(codes.get("delivery_code")),
        )
        for index, codes in fields(get("flow_status")).items()
        if isinstance(codes, dict) and index.isascii() and index.isdigit() and len(index) < 4  # noqa: PLR2004
    }
    flow = get("flow")
    return MessageStatus(
        message_id=message_id,
        state=_state(sending, delivery),
        status_code=sending,
        delivery_code=delivery,
        status_info=text_of(get("status_info")),
        request_id=id_of(get("request_id")),
        tags=tags(get("tag")),
        body=get("body") if isinstance(get("body"), str) else None,
        phone_number=text_of(fields(to).get("phone_number") if isinstance(to, dict) else to),
        created_at=moment(get("ts_created")),
        sent_at=moment(get("ts_sent")),
        delivered_at=moment(get("ts_delivered")),
        seen_at=moment(get("ts_seen")),
        clicked_at=moment(get("ts_clicked")),
        updated_at=moment(get("ts_updated")),
        flow=({flow: {}},) if isinstance(flow, str) and flow else tuple(items(flow)),
        flow_index=whole_of(get("flow_index")),
        steps=steps,
        price=money_of(price),
        raw=message,
    )


def _state(sending: str | None, delivery: str | None) -> MessageState:
    if delivery is not None:
        known = {"201": MessageState.DELIVERED, "202": MessageState.SEEN}
        return known.get(delivery, MessageState.OTHER)
    if sending is not None:
        return MessageState.SENT if sending == "200" else MessageState.OTHER
    return MessageState.IN_PROGRESS


def message_row(row: Mapping[str, Any]) -> MessageRow:
    """Return one row of a day."""
    get = row.get
    return MessageRow(
        message_id=id_of(get("message_id")),
        channel=gateway(get("flow")),
        parts=whole_of(get("message_parts")),
        is_sent=flag(get("sent")),
        is_delivered=flag(get("delivered")),
        is_undelivered=flag(get("nondelivered")),
        is_seen=flag(get("seen")),
        is_clicked=flag(get("clicked")),
        is_replied=flag(get("replied")),
        is_opted_out=flag(get("optout")),
        sent_at=moment(get("ts_sent")),
        delivered_at=moment(get("ts_delivered")),
        seen_at=moment(get("ts_seen")),
        clicked_at=moment(get("ts_clicked")),
        replied_at=moment(get("ts_replied")),
        opted_out_at=moment(get("ts_optout")),
        updated_at=moment(get("ts_updated")),
        sender=text_of(get("sender")),
        phone_number=text_of(get("phone_number") or get("to")),
        body=get("body") if isinstance(get("body"), str) else None,
        price_czk=money_of(get("price_czk")),
        price_eur=money_of(get("price_eur")),
        raw=row,
    )


def totals(value: Mapping[str, Any]) -> Totals:
    """Return totals; a request's numbers are strings."""
    get = value.get
    return Totals(
        sent=whole_of(get("count_sent")),
        not_sent=whole_of(get("count_notsent")),
        delivered=whole_of(get("count_delivered")),
        not_delivered=whole_of(get("count_nondelivered")),
        seen=whole_of(get("count_seen")),
        clicked=whole_of(get("count_clicked")),
        replied=whole_of(get("count_replied")),
        opted_out=whole_of(get("count_optout")),
        parts=whole_of(get("msg_sent")),
        price_czk=money_of(get("price_czk")),
        price_eur=money_of(get("price_eur")),
        first_sent_at=moment(get("first_ts_sent")),
        last_sent_at=moment(get("last_ts_sent")),
        parts_by_network=mapped(get("msg_mccmnc"), whole_of),
        raw=value,
    )


def day_totals(answer: Mapping[str, Any]) -> tuple[DayTotals, ...]:
    """Return the totals of days."""
    return tuple(
        DayTotals(
            day=_day(entry.get("date")),
            tags=tags(entry.get("tags")),
            totals=totals(fields(entry.get("stats"))),
        )
        for entry in items(answer.get("requests"))
    )


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def inbox_events(answer: Mapping[str, Any]) -> list[Reply | IncomingMessage]:
    """Return the inbox as events of webhooks. A row names no message, so the id of a reply is empty."""
    found: list[Reply | IncomingMessage] = []
    for row in items(answer.get("inbox", answer.get("messages"))):
        known: dict[str, Any] = {
            "body": text_of(row.get("body")) or "",
            "sender": text_of(row.get("from")),
            "recipient": text_of(row.get("to")),
            "gateway": gateway(row.get("gateway")),
            "at": moment(row.get("ts_received")),
            "raw": row,
        }
        payload = row.get("payload")
        if isinstance(payload, dict):
            found.append(Reply("", payload=payload, **known))
        else:
            found.append(IncomingMessage(**known))
    return found
