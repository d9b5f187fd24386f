"""Show the messages of an inbox as a list."""

from __future__ import annotations

import bisect
import itertools
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from smsmanager.sandbox import _words as words
from smsmanager.sandbox._words import counted
from smsmanager.sandbox.engine.records.message_outcome import State
from smsmanager.sandbox.engine.records.normalisation import given_tags
from smsmanager.sandbox.page._bubbles import CHANNELS, channel_name
from smsmanager.sandbox.page._query import Choice, Query
from smsmanager.sandbox.page._tones import Label, Tone, label_of_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from smsmanager.sandbox.engine.accounts import Account
    from smsmanager.sandbox.engine.processing import Engine
    from smsmanager.sandbox.engine.records.received_message import ReceivedMessage
    from smsmanager.sandbox.page._unread import Unread

ROWS = 50
LOOKED_AT = 20_000
_PREVIEW = 160
_RECENT = 200
_TAGS_SHOWN = 20


@attrs.frozen(kw_only=True)
class Hop:
    """One step of a flow, as the list shows it: its channel and its result."""

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
    unread: bool
    delete: str


@attrs.frozen(kw_only=True)
class Filter:
    """A search field with choices: its name, its caption, and the chosen value."""

    name: str
    caption: str
    value: str = attrs.field(repr=False)
    choices: tuple[tuple[str, str], ...] = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class InboxPage:
    """The list of messages.

    Attributes:
        rows: Newest first.
        search: What was searched for.
        states: Filters by state.
        filters: Filters by channel and by tag.
        summary: How many messages match, and what they cost.
        older: Address of the page after this one; `None` at the end.
        older_caption: Caption of that link.
        newer: Address of the first page; `None` on the first page itself.
        unread: Whether one of the messages shown was not opened yet.
        empty: Whether nothing was ever received.
    """

    rows: tuple[Row, ...]
    search: str = attrs.field(repr=False)
    keeps: tuple[tuple[str, str], ...]
    states: tuple[Choice, ...]
    filters: tuple[Filter, ...]
    summary: str
    older: str | None
    older_caption: str
    newer: str | None
    filtered: bool
    unread: bool
    empty: bool
    exports: tuple[Choice, ...]


def look_back_to(engine: Engine, key: str | None, before: int = 0) -> int:
    """Return the `sequence` of the oldest message that a page searches; 0 if it searches all.

    This limits the work for a page, however many messages there are.

    Args:
        engine: Holds the messages.
        key: Fingerprint of the API key; `None` for all.
        before: Where the page begins; 0 for the newest message.
    """
    messages = engine.inbox.messages(key)
    end = len(messages)
    if before:
        end = bisect.bisect_left(messages, before, key=lambda message: message.sequence)
    return messages[end - LOOKED_AT].sequence if end > LOOKED_AT else 0


def newest(engine: Engine, query: Query, since: int = 0) -> Iterator[ReceivedMessage]:
    """Return the messages that match a query, newest first.

    Args:
        engine: Holds the messages.
        query: What they must match.
        since: Only those with this `sequence` or a higher one.
    """
    return engine.inbox.newest(
        key=query.key,
        before=query.before or None,
        since=since,
        anywhere=query.q,
        state=query.state or None,
        channel=query.channel or None,
        tag=query.tag or None,
    )


def inbox_page(engine: Engine, query: Query, unread: Unread) -> InboxPage:
    """Return the list of messages.

    Args:
        engine: Holds the messages.
        query: Which messages to show.
        unread: Which messages were not opened yet.
    """
    since = look_back_to(engine, query.key, query.before)
    found = list(itertools.islice(newest(engine, query, since), ROWS + 1))
    shown, more = found[:ROWS], len(found) > ROWS
    older = shown[-1].sequence if more else since
    rows = tuple(row(message, query, unread) for message in shown)
    chosen = engine.accounts.chosen(query.key)
    counts = _counts(chosen)
    total = sum(counts.values())
    recent = list(itertools.islice(engine.inbox.newest(key=query.key), _RECENT))
    return InboxPage(
        rows=rows,
        search=query.q,
        keeps=tuple(
            (name, str(value))
            for name, value in (
                ("inbox", query.inbox),
                ("state", query.state),
            )
            if value
        ),
        states=_states(query, counts, total),
        filters=tuple(_filters(query, recent)),
        summary=_summary(query, chosen, total, len(shown), more=more, since=since),
        older=query.href(before=older) if older else None,
        older_caption="Older" if more else "Search the older messages",
        newer=query.href() if query.before else None,
        filtered=query.filters,
        unread=any(row.unread for row in rows),
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


def _filters(query: Query, recent: Sequence[ReceivedMessage]) -> Iterator[Filter]:
    used = Counter(channel for message in recent for channel in set(message.channels))
    ordered = sorted(used, key=lambda name: [*CHANNELS, name].index(name))
    channels = [(name, channel_name(name)) for name in ordered]
    tags = Counter(tag for message in recent for tag in message.tags).most_common(_TAGS_SHOWN)
    for name, caption, value, choices in (
        ("channel", "Channel", query.channel, channels),
        ("tag", "Tag", query.tag, [(tag, tag) for tag, _ in tags]),
    ):
        unknown = [] if value in {"", *dict(choices)} else [(value, value)]
        offered = (("", f"Any {name}"), *choices, *unknown)
        yield Filter(name=name, caption=caption, value=value, choices=offered)


def _summary(
    query: Query,
    chosen: Iterable[Account],
    total: int,
    shown: int,
    *,
    more: bool,
    since: int,
) -> str:
    if query.filters:
        if more:
            return f"The newest {shown} that match"
        found = f"{shown} match{'' if shown == 1 else 'es'}"
        if since:
            which = "next" if query.before else "newest"
            return f"{found} among the {which} {LOOKED_AT:,} messages"
        return found
    spent = sum((account.spent_czk for account in chosen), Decimal(0))
    return f"{counted(total, 'message')}, {words.price(spent)}"


def row(message: ReceivedMessage, query: Query, unread: Unread) -> Row:
    """Return a message as one entry of a list.

    Args:
        message: The message.
        query: The inbox that links lead to.
        unread: Which messages were not opened yet.
    """
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
        unread=message.sequence in unread,
        delete=query.elsewhere(f"/messages/{message.sequence}/delete"),
    )


def is_tagged(message: ReceivedMessage) -> bool:
    """Return whether a message was sent with a tag; otherwise the service assumes one."""
    return bool(given_tags(message.message))


def hops(message: ReceivedMessage) -> tuple[Hop, ...]:
    """Return the steps of a message, with the result of each."""
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
    """Return the beginning of a message's text, on one line."""
    runs = len(message.journey.runs)
    step = message.steps[max(0, runs - 1)]
    if step.body is None:
        name = step.fields.get("template_name", "")
        return f"{CHANNELS.get(step.channel, step.channel)} {name}".strip()
    return " ".join(step.body[: 2 * _PREVIEW].split())[:_PREVIEW]
