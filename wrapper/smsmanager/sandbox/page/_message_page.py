"""Show one message in full: as the phone shows it, with its timeline, webhooks, size and price."""

from __future__ import annotations

import bisect
from typing import TYPE_CHECKING

import attrs

from smsmanager.sandbox import _words as words
from smsmanager.sandbox._words import counted
from smsmanager.sandbox.engine.records import hidden_passwords
from smsmanager.sandbox.engine.records.webhook_events import DEFAULT_SENDER
from smsmanager.sandbox.page._bubbles import as_json, channel_name
from smsmanager.sandbox.page._conversation import (
    Bubble,
    ReplyBox,
    of_incoming,
    of_message,
    reply_box,
)
from smsmanager.sandbox.page._inbox_page import Row, row
from smsmanager.sandbox.page._timeline import Event, replies, timeline
from smsmanager.sandbox.page._tones import Label, label_of_state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smsmanager.sandbox.engine.processing import Engine
    from smsmanager.sandbox.engine.records.received_message import ReceivedMessage
    from smsmanager.sandbox.page._query import Query
    from smsmanager.sandbox.page._unread import Unread

NO_MESSAGE = "There is no such message. It may have been deleted, or dropped because it was old."
_WIDE_SHOWN = 12


@attrs.frozen(kw_only=True)
class Fact:
    """A name and a value."""

    name: str
    value: str = attrs.field(repr=False)
    code: bool = False
    href: str = ""


@attrs.frozen(kw_only=True)
class StepFacts:
    """The size and price of a step."""

    name: str
    channel: str
    sender: str = attrs.field(repr=False)
    encoding: str
    parts: str
    units: str
    wide: str = attrs.field(repr=False)
    ttl: str
    state: Label
    price: str


@attrs.frozen(kw_only=True)
class MessagePage:
    """One message in full."""

    row: Row
    bubbles: tuple[Bubble, ...]
    events: tuple[Event, ...]
    facts: tuple[Fact, ...]
    steps: tuple[StepFacts, ...]
    links: tuple[Fact, ...]
    raw: str = attrs.field(repr=False)
    reply: ReplyBox | None
    total: str
    newer: str | None = None
    older: str | None = None


def find(engine: Engine, sequence: int) -> ReceivedMessage | None:
    """Return a message by its number."""
    found = next(engine.inbox.newest(before=sequence + 1), None)
    return found if found is not None and found.sequence == sequence else None


def message_page(
    engine: Engine, query: Query, message: ReceivedMessage, unread: Unread
) -> MessagePage:
    """Return one message, which then counts as opened.

    Args:
        engine: Holds the message.
        query: The inbox that links lead to.
        message: The message.
        unread: Which messages were not opened yet.
    """
    unread.open((message.sequence,))
    number = message.sequence
    here = query.elsewhere(f"/messages/{number}")
    newer, older = _beside(engine, query, message)
    action = query.elsewhere(f"/phones/{message.to}")
    return MessagePage(
        row=row(message, query, unread),
        bubbles=tuple(_bubbles(engine, message, query)),
        events=tuple(timeline(engine, message, here)),
        facts=tuple(_facts(message)),
        steps=tuple(_steps(message)),
        links=tuple(
            Fact(
                name=link.shown,
                value=f"{link.target} ({counted(link.clicks, 'click')})",
                href=link.path,
            )
            for link in message.journey.links
        ),
        raw=as_json(hidden_passwords.message(message.message)),
        reply=reply_box(action, (message,)) if message.to else None,
        total=words.price(message.prices[0]),
        newer=newer,
        older=older,
    )


def _bubbles(engine: Engine, message: ReceivedMessage, query: Query) -> Iterator[Bubble]:
    yield from (bubble for _, _, bubble in of_message(message, query, marks=True))
    for incoming in replies(engine, message):
        yield from (bubble for _, _, bubble in of_incoming(incoming))


def _beside(
    engine: Engine, query: Query, message: ReceivedMessage
) -> tuple[str | None, str | None]:
    """Return the addresses of the next newer and the next older message of the inbox."""
    messages = engine.inbox.messages(query.key)
    at = bisect.bisect_left(messages, message.sequence, key=lambda found: found.sequence)
    after = bisect.bisect_right(messages, message.sequence, key=lambda found: found.sequence)

    def address(index: int) -> str | None:
        if not 0 <= index < len(messages):
            return None
        return query.elsewhere(f"/messages/{messages[index].sequence}")

    return address(after), address(at - 1)


def _facts(message: ReceivedMessage) -> Iterator[Fact]:
    if message.message_id:
        yield Fact(name="Message id", value=message.message_id, code=True)
    yield Fact(name="Request id", value=message.request_id, code=True)
    yield Fact(name="Number", value=message.to or "no digits in it", code=bool(message.to))
    yield Fact(name="Number as given", value=message.to_given)
    yield Fact(name="Operation", value=message.operation)
    yield Fact(name="Tags", value=", ".join(message.tags))
    if message.result_info:
        yield Fact(name="Last report", value=message.result_info)
    for name in ("payload", "callback", "datetime", "delivery_time"):
        if name in message.message:
            value = hidden_passwords.message(message.message)[name]
            text = value if isinstance(value, str) else as_json(value)
            yield Fact(name=name, value=text, code=True)
    for note in message.notes:
        yield Fact(name="Note", value=note)
    yield Fact(name="Key", value=message.key_fingerprint)


def _steps(message: ReceivedMessage) -> Iterator[StepFacts]:
    runs = tuple(message.journey.runs)
    texts = message.texts
    for index, step in enumerate(message.steps):
        size = attrs.evolve(step, body=texts[index]).sms_parts
        run = runs[index] if index < len(runs) else None
        wide = size.ucs2_characters if size else ()
        yield StepFacts(
            name=channel_name(step.channel),
            channel=step.channel,
            sender=step.sender or DEFAULT_SENDER,
            encoding=size.encoding.upper() if size else "",
            parts=str(size.parts) if size else "",
            units=f"{size.units} of {size.units + size.characters_left}" if size else "",
            wide=" ".join(wide[:_WIDE_SHOWN]),
            ttl=_patience(message, index),
            state=label_of_state(run.result) if run else Label("not started", "neutral"),
            price=words.price(run.price.czk) if run and run.price else "",
        )


def _patience(message: ReceivedMessage, index: int) -> str:
    step = message.steps[index]
    ttl = step.fields.get("ttl")
    if ttl is None:
        return ""
    return f"{step.ttl_condition} within {words.duration(ttl * 60)}, or else the next step"
