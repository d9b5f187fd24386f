"""Show the conversation between the account and a phone, as bubbles that can be answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import attrs

from smsmanager.sandbox import _words as words
from smsmanager.sandbox.engine.records.webhook_events import DEFAULT_SENDER
from smsmanager.sandbox.page._bubbles import Content, channel_name, content
from smsmanager.sandbox.page._text import pieces
from smsmanager.sandbox.page._tones import REASONS, Label, label_of_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from smsmanager.sandbox.engine.records.incoming_message import IncomingMessage
    from smsmanager.sandbox.engine.records.received_message import ReceivedMessage
    from smsmanager.sandbox.page._query import Query

_ARRIVED = frozenset({"delivered", "seen"})
_MAX_REPLY_CHOICES = 5


@attrs.frozen(kw_only=True)
class Bubble:
    """One message on a phone.

    Attributes:
        key: Identifies it among the others on the page.
        side: `"in"` for what the phone received, `"out"` for what it sent.
        channel: Channel on the wire, which decides its look.
        name: The common name of the channel.
        sender: The sender that the phone shows.
        state: Its state.
        href: Where the message is shown in full.
        note: The note above it, such as why the flow continued with it.
        pending: Whether the phone has not received it yet.
        action: Where its buttons post the answer; empty while they cannot be pressed.
        sequence: Number of the message that they answer.
        step: Step of the message.
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
    action: str = ""
    sequence: int = 0
    step: int = 0


@attrs.frozen(kw_only=True)
class ReplyBox:
    """The form to write as the recipient.

    Attributes:
        action: Where it is posted.
        choices: The messages that can be answered: value and caption. The first is the newest message.
    """

    action: str
    choices: tuple[tuple[str, str], ...]


# Time, then order of arrival: a phone shows later messages further down.
Placed: TypeAlias = tuple[float, int, Bubble]


def of_message(message: ReceivedMessage, query: Query, *, marks: bool = False) -> Iterator[Placed]:
    """Yield the bubbles of one message: one for each started step, or one if the message still waits.

    Args:
        message: The message.
        query: The inbox that links lead to.
        marks: Whether to mark the characters that make an SMS UCS-2.
    """
    journey = message.journey
    runs = tuple(journey.runs)
    if not runs:
        at = journey.due or message.received_at.timestamp()
        yield at, message.sequence, _bubble(message, 0, at, query, marks=marks)
    for index, run in enumerate(runs):
        bubble = _bubble(message, index, run.started_at, query, marks=marks)
        yield run.started_at, message.sequence, bubble


def _bubble(
    message: ReceivedMessage, index: int, at: float, query: Query, *, marks: bool
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
        href=query.elsewhere(f"/messages/{message.sequence}"),
        price=words.price(paid.czk) if paid else "",
        note=_handed_over(message, index) if index else "" if runs else _why(message),
        pending=result not in _ARRIVED,
        action=query.elsewhere(f"/phones/{message.to}") if result in _ARRIVED else "",
        sequence=message.sequence,
        step=index,
    )


def _why(message: ReceivedMessage) -> str:
    if message.journey.why is not None:
        why = REASONS.get(message.journey.why, message.journey.why)
        return f"Not sent yet: {why}"
    if message.message_id is None:
        return "Not sent: the answer to the request listed this number under rejected"
    if message.result_info:
        return f"Not sent: {message.result_info}"
    return ""


def _handed_over(message: ReceivedMessage, step: int) -> str:
    entries = message.journey.entries
    found = (entry for entry in entries if entry.kind == "fallback" and entry.step == step)
    entry = next(found, None)
    if entry is None:
        return ""
    before, after = (channel_name(channel) for channel in message.channels[step - 1 : step + 1])
    return f"{after} instead of {before}: {reason_of_fallback(entry.text)}"


def reason_of_fallback(text: str) -> str:
    """Return why a step was abandoned, from the text of its entry: the result of the step, or a phrase."""
    return text.rpartition(": ")[2]


def of_incoming(incoming: IncomingMessage) -> Iterator[Placed]:
    """Yield the bubbles of what a phone sent, and of the automatic answer to it."""
    sent = Bubble(
        key=f"i-{incoming.sequence}",
        side="out",
        channel=incoming.gateway,
        name=channel_name(incoming.gateway),
        sender=f"to {incoming.recipient}",
        state=None,
        at=words.iso(incoming.at),
        content=Content(text=pieces(incoming.body)),
        note="Opts out: no more promotional messages" if incoming.is_opt_out else "",
    )
    yield incoming.at, incoming.sequence, sent
    if incoming.auto_reply is not None:
        answer = attrs.evolve(
            sent,
            key=f"{sent.key}-auto",
            side="in",
            sender=incoming.recipient,
            content=Content(text=pieces(incoming.auto_reply)),
            note="Automatic answer, as params._incoming.reply asks",
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
