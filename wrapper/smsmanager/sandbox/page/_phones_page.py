"""Show the phones: who was written to, and each conversation as the phone has it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Literal

import attrs

from smsmanager.sandbox import _words as words
from smsmanager.sandbox.engine.records.webhook_events import DEFAULT_SENDER
from smsmanager.sandbox.page._bubbles import Content, channel_name, content
from smsmanager.sandbox.page._inbox_page import preview
from smsmanager.sandbox.page._text import pieces
from smsmanager.sandbox.page._tones import REASONS, Label, label_of_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from smsmanager.sandbox.engine.accounts import Account
    from smsmanager.sandbox.engine.processing import Engine
    from smsmanager.sandbox.engine.records.incoming_message import IncomingMessage
    from smsmanager.sandbox.engine.records.journey import Journey
    from smsmanager.sandbox.engine.records.received_message import ReceivedMessage
    from smsmanager.sandbox.page._query import Query

_PHONES = 100
_MESSAGES = 80
_ARRIVED = frozenset({"delivered", "seen"})
_MAX_REPLY_CHOICES = 5


@attrs.frozen(kw_only=True)
class Bubble:
    """One message on a phone.

    Attributes:
        key: What tells it apart from the others of the page.
        side: `"in"` for what the phone received, `"out"` for what it sent.
        channel: Channel on the wire, which gives the look.
        name: The common name of the channel.
        sender: Who the phone says it is from.
        state: What became of it.
        href: Where the message is shown in full.
        note: What is written above it, such as why the flow went on to it.
        pending: Whether the phone has not got it yet.
    """

    key: str
    side: Literal["in", "out"]
    channel: str
    name: str
    sender: str = attrs.field(repr=False)
    state: Label | None
    at: str
    content: Content
    href: str = ""
    price: str = ""
    note: str = ""
    pending: bool = False


@attrs.frozen(kw_only=True)
class Conversation:
    """One phone of the list of phones."""

    key: str
    href: str
    number: str = attrs.field(repr=False)
    text: str = attrs.field(repr=False)
    at: str
    state: Label | None
    current: bool = False
    opted_out: bool = False


@attrs.frozen(kw_only=True)
class ReplyBox:
    """The form to write as the recipient.

    Attributes:
        action: Where it is posted.
        choices: What can be answered: value, and what it says. The first is the newest message.
    """

    action: str
    choices: tuple[tuple[str, str], ...]
    hint: str = ""


@attrs.frozen(kw_only=True)
class PhonesPage:
    """The phones and, if one is chosen, its conversation."""

    conversations: tuple[Conversation, ...]
    number: str = attrs.field(repr=False)
    bubbles: tuple[Bubble, ...]
    earlier: int
    reply: ReplyBox | None
    senders: tuple[str, ...] = ()
    opted_out: bool = False


# Time, then order of arrival: what a phone shows further down came later.
_Placed = tuple[float, int, Bubble]


def phones_page(engine: Engine, query: Query, number: str) -> PhonesPage:
    """Return the phones and the conversation of one of them.

    Args:
        engine: What holds the messages.
        query: Which inbox.
        number: Number as the service normalises it; empty for none.
    """
    chosen = engine.accounts.chosen(query.key)
    sent = [m for m in engine.inbox.newest(key=query.key) if m.to == number] if number else []
    said = _said(chosen, number) if number else []
    shown = sent[:_MESSAGES]
    bubbles = sorted(
        itertools.chain(
            (bubble for message in shown for bubble in _of_message(message, query)),
            (bubble for incoming in said[-_MESSAGES:] for bubble in of_incoming(incoming)),
        ),
        key=lambda placed: placed[:2],
    )
    conversations = _conversations(chosen, engine.inbox.newest(key=query.key), query, number)
    return PhonesPage(
        conversations=tuple(conversations),
        number=number,
        bubbles=tuple(bubble for _, _, bubble in bubbles),
        earlier=len(sent) - len(shown),
        reply=reply_box(query.elsewhere(f"/phones/{number}"), shown) if number else None,
        senders=_senders(shown),
        opted_out=any(number in account.opted_out for account in chosen),
    )


def _said(chosen: Iterable[Account], number: str) -> list[IncomingMessage]:
    found = [
        incoming
        for account in chosen
        for incoming in tuple(account.incoming)
        if incoming.sender == number
    ]
    return sorted(found, key=lambda incoming: incoming.sequence)


def _conversations(
    chosen: Sequence[Account],
    messages: Iterable[ReceivedMessage],
    query: Query,
    current: str,
) -> Iterator[Conversation]:
    heard = {
        incoming.sender: incoming for account in chosen for incoming in tuple(account.incoming)
    }
    newest_to: dict[str, ReceivedMessage | None] = dict.fromkeys(heard)
    for message in messages:
        if newest_to.get(message.to) is None:
            newest_to[message.to] = message
        if len(newest_to) >= _PHONES + len(heard):
            break
    opted_out = frozenset().union(*(account.opted_out for account in chosen))
    found = [
        _conversation(number, message, heard.get(number), query)
        for number, message in newest_to.items()
        if number
    ]
    found.sort(key=lambda item: item.at, reverse=True)
    for item in found[:_PHONES]:
        yield attrs.evolve(item, current=item.number == current, opted_out=item.number in opted_out)


def _conversation(
    number: str,
    message: ReceivedMessage | None,
    incoming: IncomingMessage | None,
    query: Query,
) -> Conversation:
    sent_at = message.received_at.timestamp() if message else 0.0
    if incoming is not None and (message is None or incoming.at >= sent_at):
        text, at, state = f"\u21a9 {incoming.body}", incoming.at, None
    else:
        assert message is not None  # noqa: S101 - one of the two is there
        text, at, state = preview(message), sent_at, label_of_state(message.state)
    return Conversation(
        key=f"p-{number}",
        href=query.elsewhere(f"/phones/{number}"),
        number=number,
        text=text,
        at=words.iso(at),
        state=state,
    )


def _senders(messages: Iterable[ReceivedMessage]) -> tuple[str, ...]:
    found = (step.sender for message in messages for step in message.steps if step.sender)
    return tuple(dict.fromkeys(found))


def of_message(message: ReceivedMessage, query: Query, *, marks: bool) -> list[Bubble]:
    """Return the bubbles of one message: a step that was started has one, and what waits."""
    return [bubble for _, _, bubble in _of_message(message, query, marks=marks)]


def _of_message(
    message: ReceivedMessage, query: Query, *, marks: bool = False
) -> Iterator[_Placed]:
    journey = message.journey
    href = query.elsewhere(f"/messages/{message.sequence}")
    runs = tuple(journey.runs)
    if not runs:
        at = journey.due or message.received_at.timestamp()
        yield at, message.sequence, _bubble(message, 0, at, href, _why(message), marks=marks)
    for index, run in enumerate(runs):
        note = _handed_over(journey, index) if index else ""
        bubble = _bubble(message, index, run.started_at, href, note, marks=marks)
        yield run.started_at, message.sequence, bubble


def _bubble(
    message: ReceivedMessage, index: int, at: float, href: str, note: str, *, marks: bool
) -> Bubble:
    step = message.steps[index]
    runs = tuple(message.journey.runs)
    result = runs[index].result if index < len(runs) else message.state.value
    paid = runs[index].price if index < len(runs) else None
    return Bubble(
        key=f"b-{message.sequence}-{index}",
        side="in",
        channel=step.channel,
        name=channel_name(step.channel),
        sender=step.sender or DEFAULT_SENDER,
        state=label_of_state(result),
        at=words.iso(at),
        content=content(attrs.evolve(step, body=message.texts[index]), marks=marks),
        href=href,
        price=words.price(paid.czk) if paid else "",
        note=note,
        pending=result not in _ARRIVED,
    )


def _why(message: ReceivedMessage) -> str:
    if message.journey.why is not None:
        why = REASONS.get(message.journey.why, message.journey.why)
        return f"Waits: {why}"
    if message.message_id is None:
        return "Not taken: in rejected of the answer"
    if message.result_info:
        return f"Never sent: {message.result_info}"
    return ""


def _handed_over(journey: Journey, step: int) -> str:
    entry = next(
        (entry for entry in journey.entries if entry.kind == "fallback" and entry.step == step),
        None,
    )
    return f"Fell back: {entry.text}" if entry else ""


def of_incoming(incoming: IncomingMessage) -> Iterator[_Placed]:
    """Yield the bubbles of what a phone sent, and of what answered it automatically."""
    sent = Bubble(
        key=f"i-{incoming.sequence}",
        side="out",
        channel=incoming.gateway,
        name=channel_name(incoming.gateway),
        sender=f"to {incoming.recipient}",
        state=None,
        at=words.iso(incoming.at),
        content=Content(text=pieces(incoming.body)),
        note="Opts out of promotional messages" if incoming.is_opt_out else "",
    )
    yield incoming.at, incoming.sequence, sent
    if incoming.auto_reply is not None:
        answer = attrs.evolve(
            sent,
            key=f"{sent.key}-auto",
            side="in",
            sender=incoming.recipient,
            content=Content(text=pieces(incoming.auto_reply)),
            note="Answered by _incoming.reply",
        )
        yield incoming.at, incoming.sequence, answer


def reply_box(action: str, messages: Iterable[ReceivedMessage]) -> ReplyBox | None:
    """Return the form to answer the newest messages, one choice for each channel and sender.

    Args:
        action: Where it is posted.
        messages: Newest first.
    """
    choices: dict[str, str] = {}
    for message in messages:
        runs = len(message.journey.runs)
        if not runs:
            continue
        step = message.steps[runs - 1]
        caption = f"{channel_name(step.channel)}, to {step.sender or DEFAULT_SENDER}"
        choices.setdefault(caption, str(message.sequence))
        if len(choices) >= _MAX_REPLY_CHOICES:
            break
    if not choices:
        return None
    return ReplyBox(
        action=action,
        choices=tuple((value, caption) for caption, value in choices.items()),
    )
