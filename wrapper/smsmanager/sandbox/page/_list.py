"""Show the messages of an inbox as a list."""

import bisect
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final

from smsmanager.sandbox._outcomes import State
from smsmanager.sandbox._received import ReceivedMessage
from smsmanager.sandbox.engine.accounts import Account
from smsmanager.sandbox.engine.engine import Engine
from smsmanager.sandbox.page import _views as views
from smsmanager.sandbox.page import _words as words
from smsmanager.sandbox.page._bubbles import CHANNELS
from smsmanager.sandbox.page._query import Query

ROWS: Final = 50
_PREVIEW: Final = 160
_RECENT: Final = 200
_TAGS_SHOWN: Final = 6
_CHANNELS: Final[Sequence[str]] = ("sms", "viber", "whatsapp_text", "whatsapp_template", "rcs")


def accounts(engine: Engine, inbox: str) -> list[Account]:
    """Return the account of an inbox, or all."""
    return [account for account in engine.accounts if inbox in ("", account.fingerprint)]


def newest(messages: Sequence[ReceivedMessage], query: Query) -> Iterator[ReceivedMessage]:
    """Yield the messages that a query is about, newest first.

    Args:
        messages: All of them, oldest first.
        query: Which.
    """
    end = len(messages)
    if query.before:
        end = bisect.bisect_left(messages, query.before, key=lambda message: message.sequence)
    found: Iterable[ReceivedMessage] = (messages[index] for index in range(end - 1, -1, -1))
    if query.inbox:
        found = (message for message in found if message.key_fingerprint == query.inbox)
    if query.state:
        found = (message for message in found if message.state == query.state)
    if query.channel:
        found = (message for message in found if query.channel in message.channels)
    if query.tag:
        found = (message for message in found if _has_tag(message, query.tag))
    if query.q:
        piece = query.q.casefold()
        digits = _digits(query.q)
        found = (message for message in found if _holds(message, piece, digits))
    yield from found


def _digits(text: str) -> str:
    """Return the digits of what may be a part of a phone number, else nothing."""
    digits = "".join(filter(str.isdecimal, text)).lstrip("0")
    return digits if all(char.isdecimal() or char in "+ -()/." for char in text) else ""


def _holds(message: ReceivedMessage, piece: str, digits: str) -> bool:
    # Plain loops, as all of 100,000 messages are looked at when nothing is found.
    if digits and digits in message.to:
        return True
    for step in message.steps:
        if step.body is not None and piece in step.body.casefold():
            return True
    if piece in message.request_id or (message.message_id and piece in message.message_id):
        return True
    return piece[:1] in _given_tags(message) and piece in ",".join(message.tags)


def _has_tag(message: ReceivedMessage, tag: str) -> bool:
    # What was given is cheaper to look at than what is made of it; characters can be left out there.
    given = _given_tags(message)
    return (not given or tag[:1] in given) and tag in message.tags


def _given_tags(message: ReceivedMessage) -> str:
    given: str = message.message.get("tag") or message.message.get("messageTag") or ""
    return given.lower()


def inbox_page(engine: Engine, query: Query) -> views.InboxPage:
    """Return the list of messages."""
    messages = engine.inbox.messages()
    found = list(itertools.islice(newest(messages, query), ROWS + 1))
    shown, more = found[:ROWS], len(found) > ROWS
    chosen = accounts(engine, query.inbox)
    counts = _counts(chosen)
    total = sum(counts.values())
    recent = list(itertools.islice(newest(messages, Query(inbox=query.inbox)), _RECENT))
    return views.InboxPage(
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
            views.Choice("JSON", query.href("/export.json")),
            views.Choice("CSV", query.href("/export.csv")),
        ),
    )


def _counts(chosen: Iterable[Account]) -> Counter[State]:
    counts: Counter[State] = Counter()
    for account in chosen:
        counts.update(account.counts)
    return counts


def _states(query: Query, counts: Counter[State], total: int) -> tuple[views.Choice, ...]:
    shown = [views.Choice("All", query.href(state=""), current=not query.state, count=total)]
    for state in State:
        if counts[state] or state == query.state:
            named = words.state(state)
            shown.append(
                views.Choice(
                    named.word.capitalize(),
                    query.href(state=state.value),
                    current=state == query.state,
                    count=counts[state],
                    tone=named.tone,
                )
            )
    return tuple(shown)


def _channels(query: Query, recent: Iterable[ReceivedMessage]) -> tuple[views.Choice, ...]:
    known = {channel for message in recent for channel in message.channels}
    if query.channel:
        known.add(query.channel)
    if len(known) == 1 and not query.channel:
        return ()
    ordered: list[str] = [name for name in _CHANNELS if name in known]
    ordered += sorted(known - set(ordered))
    return tuple(_toggle(query, "channel", name, CHANNELS.get(name, name)) for name in ordered)


def _tags(query: Query, recent: Iterable[ReceivedMessage]) -> tuple[views.Choice, ...]:
    used = Counter(tag for message in recent for tag in message.tags)
    names = [name for name, _ in used.most_common(_TAGS_SHOWN)]
    if query.tag and query.tag not in names:
        names.append(query.tag)
    return tuple(_toggle(query, "tag", name, name) for name in names)


def _toggle(query: Query, field: str, value: str, caption: str) -> views.Choice:
    current = getattr(query, field) == value
    return views.Choice(caption, query.href(**{field: "" if current else value}), current=current)


def _summary(query: Query, chosen: Iterable[Account], total: int, shown: int, *, more: bool) -> str:
    if query.filters:
        if more:
            return f"The newest {shown} that match"
        return f"{shown} match{'' if shown == 1 else 'es'}"
    spent = sum((account.spent_czk for account in chosen), Decimal(0))
    return f"{words.many(total, 'message')}, {words.price(spent)}"


def row(message: ReceivedMessage, query: Query) -> views.Row:
    """Return a message as one entry of a list."""
    return views.Row(
        key=f"m-{message.sequence}",
        href=query.elsewhere(f"/messages/{message.sequence}"),
        number=message.to or message.to_given,
        thread=query.elsewhere(f"/phones/{message.to}") if message.to else "",
        state=words.state(message.state),
        hops=hops(message),
        text=preview(message),
        tags=message.tags if is_tagged(message) else (),
        size=words.parts(message.parts),
        price=words.price(message.prices[0]) if message.journey.runs else "",
        at=words.iso(message.received_at.timestamp()),
    )


def is_tagged(message: ReceivedMessage) -> bool:
    """Tell whether a message was given a tag; else it has the one that the service assumes."""
    return bool(_given_tags(message))


def hops(message: ReceivedMessage) -> tuple[views.Hop, ...]:
    """Return the steps of a message, with what became of each."""
    runs = tuple(message.journey.runs)
    current = max(0, len(runs) - 1)
    return tuple(
        views.Hop(
            channel=channel,
            name=CHANNELS.get(channel, channel).removesuffix(" template"),
            tone=words.state(runs[index].result).tone if index < len(runs) else "neutral",
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
