"""Show the messages of an inbox as a list."""

from __future__ import annotations

import itertools
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from smsmanager.sandbox import _words as words
from smsmanager.sandbox._words import counted
from smsmanager.sandbox.engine.records.message_outcome import State
from smsmanager.sandbox.engine.records.normalisation import given_tags
from smsmanager.sandbox.page._bubbles import CHANNELS
from smsmanager.sandbox.page._query import Choice, Query
from smsmanager.sandbox.page._tones import Label, Tone, label_of_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from smsmanager.sandbox.engine.accounts import Account
    from smsmanager.sandbox.engine.processing import Engine
    from smsmanager.sandbox.engine.records.received_message import ReceivedMessage

ROWS = 50
_PREVIEW = 160
_RECENT = 200
_TAGS_SHOWN = 6


@attrs.frozen(kw_only=True)
class Hop:
    """One step of a flow, as the list shows it: its channel, and what became of it."""

    channel: str
    name: str
    tone: Tone
    current: bool


@attrs.frozen(kw_only=True)
class Row:
    """One message of the list."""

    key: str
    href: str
    number: str = attrs.field(repr=False)
    thread: str = attrs.field(repr=False)
    state: Label
    hops: tuple[Hop, ...]
    text: str = attrs.field(repr=False)
    tags: tuple[str, ...]
    size: str
    price: str
    at: str


@attrs.frozen(kw_only=True)
class InboxPage:
    """The list of messages.

    Attributes:
        rows: Newest first.
        search: What was searched for.
        states: Filters by state.
        channels: Filters by channel.
        tags: Filters by tag.
        summary: How many messages match, and what they cost.
        older: Address of the page after this one; `None` at the end.
        newer: Address of the first page; `None` there.
        empty: Whether nothing was ever received.
    """

    rows: tuple[Row, ...]
    search: str = attrs.field(repr=False)
    keeps: tuple[tuple[str, str], ...]
    states: tuple[Choice, ...]
    channels: tuple[Choice, ...]
    tags: tuple[Choice, ...]
    summary: str
    older: str | None
    newer: str | None
    filtered: bool
    empty: bool
    exports: tuple[Choice, ...]


def newest(engine: Engine, query: Query) -> Iterator[ReceivedMessage]:
    """Return the messages that a query is about, newest first."""
    return engine.inbox.newest(
        key=query.key,
        before=query.before or None,
        anywhere=query.q,
        state=query.state or None,
        channel=query.channel or None,
        tag=query.tag or None,
    )


def inbox_page(engine: Engine, query: Query) -> InboxPage:
    """Return the list of messages."""
    found = list(itertools.islice(newest(engine, query), ROWS + 1))
    shown, more = found[:ROWS], len(found) > ROWS
    chosen = engine.accounts.chosen(query.key)
    counts = _counts(chosen)
    total = sum(counts.values())
    recent = list(itertools.islice(engine.inbox.newest(key=query.key), _RECENT))
    return InboxPage(
        rows=tuple(row(message, query) for message in shown),
        search=query.q,
        keeps=tuple(
            (name, str(value))
            for name, value in (
                ("inbox", query.inbox),
                ("state", query.state),
                ("channel", query.channel),
                ("tag", query.tag),
            )
            if value
        ),
        states=_states(query, counts, total),
        channels=_channels(query, recent),
        tags=_tags(query, recent),
        summary=_summary(query, chosen, total, len(shown), more=more),
        older=query.href(before=shown[-1].sequence) if more else None,
        newer=query.href() if query.before else None,
        filtered=query.filters,
        empty=not (total or query.filters or query.before or query.inbox),
        exports=(
            Choice("JSON", query.href("/export.json")),
            Choice("CSV", query.href("/export.csv")),
        ),
    )


def _counts(chosen: Iterable[Account]) -> Counter[State]:
    counts: Counter[State] = Counter()
    for account in chosen:
        counts.update(account.counts)
    return counts


def _states(query: Query, counts: Counter[State], total: int) -> tuple[Choice, ...]:
    shown = [Choice("All", query.href(state=""), current=not query.state, count=total)]
    for state in State:
        if counts[state] or state == query.state:
            named = label_of_state(state)
            shown.append(
                Choice(
                    named.word.capitalize(),
                    query.href(state=state.value),
                    current=state == query.state,
                    count=counts[state],
                    tone=named.tone,
                )
            )
    return tuple(shown)


def _channels(query: Query, recent: Iterable[ReceivedMessage]) -> tuple[Choice, ...]:
    known = {channel for message in recent for channel in message.channels}
    if query.channel:
        known.add(query.channel)
    if len(known) == 1 and not query.channel:
        return ()
    ordered = [name for name in CHANNELS if name in known]
    ordered += sorted(known - set(ordered))
    return tuple(_toggle(query, "channel", name, CHANNELS.get(name, name)) for name in ordered)


def _tags(query: Query, recent: Iterable[ReceivedMessage]) -> tuple[Choice, ...]:
    used = Counter(tag for message in recent for tag in message.tags)
    names = [name for name, _ in used.most_common(_TAGS_SHOWN)]
    if query.tag and query.tag not in names:
        names.append(query.tag)
    return tuple(_toggle(query, "tag", name, name) for name in names)


def _toggle(query: Query, field: str, value: str, caption: str) -> Choice:
    current = getattr(query, field) == value
    return Choice(caption, query.href(**{field: "" if current else value}), current=current)


def _summary(query: Query, chosen: Iterable[Account], total: int, shown: int, *, more: bool) -> str:
    if query.filters:
        if more:
            return f"The newest {shown} that match"
        return f"{shown} match{'' if shown == 1 else 'es'}"
    spent = sum((account.spent_czk for account in chosen), Decimal(0))
    return f"{counted(total, 'message')}, {words.price(spent)}"


def row(message: ReceivedMessage, query: Query) -> Row:
    """Return a message as one entry of a list."""
    return Row(
        key=f"m-{message.sequence}",
        href=query.elsewhere(f"/messages/{message.sequence}"),
        number=message.to or message.to_given,
        thread=query.elsewhere(f"/phones/{message.to}") if message.to else "",
        state=label_of_state(message.state),
        hops=hops(message),
        text=preview(message),
        tags=message.tags if is_tagged(message) else (),
        size="" if message.parts is None else counted(message.parts, "part"),
        price=words.price(message.prices[0]) if message.journey.runs else "",
        at=words.iso(message.received_at.timestamp()),
    )


def is_tagged(message: ReceivedMessage) -> bool:
    """Return whether a message was given a tag; else it has the one that the service assumes."""
    return bool(given_tags(message.message))


def hops(message: ReceivedMessage) -> tuple[Hop, ...]:
    """Return the steps of a message, with what became of each."""
    runs = tuple(message.journey.runs)
    current = max(0, len(runs) - 1)
    return tuple(
        Hop(
            channel=channel,
            name=CHANNELS.get(channel, channel).removesuffix(" template"),
            tone=label_of_state(runs[index].result).tone if index < len(runs) else "neutral",
            current=index == current,
        )
        for index, channel in enumerate(message.channels)
    )


def preview(message: ReceivedMessage) -> str:
    """Return the beginning of what a message says, on one line."""
    runs = len(message.journey.runs)
    step = message.steps[max(0, runs - 1)]
    if step.body is None:
        name = step.fields.get("template_name", "")
        return f"{CHANNELS.get(step.channel, step.channel)} {name}".strip()
    return " ".join(step.body[: 2 * _PREVIEW].split())[:_PREVIEW]
