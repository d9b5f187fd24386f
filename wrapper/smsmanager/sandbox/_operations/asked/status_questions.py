"""Answer questions about the state of messages, and about the inbox."""

from __future__ import annotations

import bisect
import itertools
from typing import TYPE_CHECKING

from smsmanager.sandbox._operations.answers import Answer
from smsmanager.sandbox._operations.asked import listed_messages as listed
from smsmanager.sandbox._operations.request_content import RefusedError
from smsmanager.sandbox.engine.records.message_outcome import State
from smsmanager.sandbox.engine.records.normalisation import normalise_number, normalise_tags
from smsmanager.sandbox.engine.records.unix_time import moment
from smsmanager.sandbox.engine.records.webhook_events import payload_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from smsmanager.sandbox._operations.asked.rest_operations import Question
    from smsmanager.sandbox.engine.records.received_message import ReceivedMessage

_OF_A_REQUEST = (
    "count_sent",
    "count_notsent",
    "count_delivered",
    "count_nondelivered",
    "count_replied",
    "count_optout",
    "msg_sent",
    "price_czk",
    "price_eur",
)
_SENT = ("first_ts_sent", "last_ts_sent")
_MAX_DIGITS = 15
_MAX_DAYS = 366


def message(question: Question) -> Answer:
    """Return the state of one message; null for another key's."""
    message_id: str = question.given["id"]
    # The id without the suffix, which stands for several here, is none for the service.
    found = [
        each for each in question.engine.inbox.find(message_id) if each.message_id == message_id
    ]
    is_known = found and _is_shown(question, found[0]) and _is_own(question, found[0])
    return _success(message=listed.state(found[0]) if is_known else None)


def messages(question: Question) -> Answer:
    """Return one page of rows."""
    given, settings = question.given, question.settings
    cursor: str = given.get("cursor", "0")
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) <= _MAX_DIGITS):
        raise RefusedError("/cursor: is not one of this API")
    after, size = int(cursor), settings.page_size
    found = (each for each in _of_day(question, given["date"], after) if _is_listed(question, each))
    page = list(itertools.islice(found, size + 1))
    more = str(page[size - 1].sequence) if len(page) > size else None
    return _success(messages=[listed.row(each) for each in page[:size]], next_cursor=more)


def request(question: Question) -> Answer:
    """Return the totals of one request, which are texts here."""
    request_id: str = question.given["id"]
    day = _bounds(question, "date", question.given["date"])
    own = [each for each in _own(question) if each.request_id == request_id]
    found = [each for each in own if _counts(question, each, day)]
    if not found:
        return _success(request=None)
    totals = listed.totals(found)
    shown = {name: str(totals[name]) for name in _OF_A_REQUEST}
    return _success(request={**shown, **{name: totals[name] for name in _SENT}})


def requests(question: Question) -> Answer:
    """Return the totals of days, for each set of tags."""
    days: list[str] = list(dict.fromkeys(question.given["dates"].split(",")))
    if len(days) > _MAX_DAYS:
        raise RefusedError(f"/dates: more than {_MAX_DAYS} days")
    found = []
    for name in days:
        day = _bounds(question, "dates", name)
        of_tags: dict[tuple[str, ...], list[ReceivedMessage]] = {}
        for each in _own(question):
            if _has_tags(question, each) and _counts(question, each, day):
                of_tags.setdefault(_tags(each), []).append(each)
        for tags, counted in sorted(of_tags.items()):
            stats = listed.totals(counted)
            del stats["price_czk"], stats["price_eur"]
            found.append({"date": name, "tags": list(tags), "stats": stats})
    return _success(requests=found)


def inbox(question: Question) -> Answer:
    """Return what came in on one day."""
    begin, end = _bounds(question, "date", question.given["date"])
    rows = [
        {
            "ts_received": listed.shown(incoming.at),
            "body": incoming.body,
            "from": incoming.sender,
            "to": incoming.recipient,
            "gateway": incoming.gateway,
            "payload": payload_of(incoming.reply_to) if incoming.reply_to else None,
        }
        for incoming in question.account.incoming
        if begin <= moment(incoming.at) < end
    ]
    return _success(inbox=rows)


def _success(**content: object) -> Answer:
    return Answer(200, {"success": True, **content})


def _own(question: Question) -> tuple[ReceivedMessage, ...]:
    return question.engine.inbox.messages(question.account.fingerprint)


def _is_own(question: Question, found: ReceivedMessage) -> bool:
    return found.key_fingerprint == question.account.fingerprint


def _is_shown(question: Question, found: ReceivedMessage) -> bool:
    return listed.is_visible(found, question.settings, question.now)


def _is_listed(question: Question, found: ReceivedMessage) -> bool:
    settings = question.settings
    if found.state is State.WAITING and found.journey.why is not None:
        return settings.lists_scheduled
    return settings.lists_rejected or found.state not in listed.NOT_SENT


def _of_day(question: Question, name: str, after: int) -> Iterator[ReceivedMessage]:
    """Yield the messages of a day after a number, oldest first, as far as number and tags match."""
    day = _bounds(question, "date", name)
    number: str | None = question.given.get("phone_number")
    if number is not None:
        number = normalise_number(number, question.engine.inbox.country_prefix)
    own = _own(question)
    for at in range(bisect.bisect_right(own, after, key=lambda each: each.sequence), len(own)):
        each = own[at]
        # What is quick first: there can be 100,000.
        if number is not None and each.to != number:
            continue
        if _has_tags(question, each) and _counts(question, each, day):
            yield each


def _counts(question: Question, found: ReceivedMessage, day: tuple[datetime, datetime]) -> bool:
    return listed.is_of(found, day, question.settings) and _is_shown(question, found)


def _has_tags(question: Question, found: ReceivedMessage) -> bool:
    wanted: str | None = question.given.get("tag")
    return wanted is None or tuple(sorted(set(normalise_tags(wanted)))) == _tags(found)


def _tags(found: ReceivedMessage) -> tuple[str, ...]:
    return tuple(sorted(set(found.tags)))


def _bounds(question: Question, name: str, day: str) -> tuple[datetime, datetime]:
    try:
        return listed.bounds(day, question.settings)
    except (ValueError, OverflowError):
        raise RefusedError(f"/{name}: is not a day of the calendar") from None
