"""Show the phones: who received messages, and each conversation as the phone shows it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import attrs

from smsmanager.sandbox import _words as words
from smsmanager.sandbox.page._conversation import (
    Bubble,
    ReplyBox,
    of_incoming,
    of_message,
    reply_box,
)
from smsmanager.sandbox.page._inbox_page import look_back_to, preview
from smsmanager.sandbox.page._tones import Label, label_of_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from smsmanager.sandbox.engine.accounts import Account
    from smsmanager.sandbox.engine.processing import Engine
    from smsmanager.sandbox.engine.records.incoming_message import IncomingMessage
    from smsmanager.sandbox.engine.records.received_message import ReceivedMessage
    from smsmanager.sandbox.page._query import Query
    from smsmanager.sandbox.page._unread import Unread

_PHONES = 100
_MESSAGES = 80


@attrs.frozen(kw_only=True)
class Conversation:
    """One phone of the list of phones; `unread` if its newest message was not opened yet."""

    key: str
    href: str
    number: str = attrs.field(repr=False)
    text: str = attrs.field(repr=False)
    at: str
    state: Label | None
    current: bool = False
    opted_out: bool = False
    unread: bool = False


@attrs.frozen(kw_only=True)
class PhonesPage:
    """The phones and, if one is chosen, its conversation; `earlier` if it has more than is shown."""

    conversations: tuple[Conversation, ...]
    number: str = attrs.field(repr=False)
    bubbles: tuple[Bubble, ...]
    earlier: bool
    reply: ReplyBox | None
    senders: tuple[str, ...] = ()
    opted_out: bool = False


def phones_page(engine: Engine, query: Query, number: str, unread: Unread) -> PhonesPage:
    """Return the phones and the conversation of one of them, which then counts as opened.

    Args:
        engine: Holds the messages.
        query: The inbox to show.
        number: Number as the service normalises it; empty for none.
        unread: Which messages were not opened yet.
    """
    chosen = engine.accounts.chosen(query.key)
    since = look_back_to(engine, query.key)
    newest = engine.inbox.newest(key=query.key, to=number, since=since) if number else iter(())
    shown = list(itertools.islice(newest, _MESSAGES))
    earlier = bool(shown) and (since > 0 or next(newest, None) is not None)
    said = _said(chosen, number) if number else []
    unread.open(message.sequence for message in shown)
    bubbles = sorted(
        itertools.chain(
            (bubble for message in shown for bubble in of_message(message, query)),
            (bubble for incoming in said[-_MESSAGES:] for bubble in of_incoming(incoming)),
        ),
        key=lambda placed: placed[:2],
    )
    messages = engine.inbox.newest(key=query.key, since=since)
    conversations = _conversations(chosen, messages, query, number)
    return PhonesPage(
        conversations=tuple(
            attrs.evolve(found, unread=newest_to is not None and newest_to.sequence in unread)
            for found, newest_to in conversations
        ),
        number=number,
        bubbles=tuple(bubble for _, _, bubble in bubbles),
        earlier=earlier,
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
) -> Iterator[tuple[Conversation, ReceivedMessage | None]]:
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
        is_out = item.number in opted_out
        shown = attrs.evolve(item, current=item.number == current, opted_out=is_out)
        yield shown, newest_to[item.number]


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
