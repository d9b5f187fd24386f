"""Show one message in full: what the phone has, the timeline with its webhooks, count and price."""

import bisect
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import attrs

from smsmanager.sandbox._received import ReceivedMessage
from smsmanager.sandbox.engine.engine import Engine
from smsmanager.sandbox.engine.events import DEFAULT_SENDER
from smsmanager.sandbox.engine.incoming import IncomingMessage
from smsmanager.sandbox.engine.journey import Entry, result_info
from smsmanager.sandbox.engine.schedule import Task
from smsmanager.sandbox.engine.webhooks import Delivery
from smsmanager.sandbox.page import _views as views
from smsmanager.sandbox.page import _words as words
from smsmanager.sandbox.page._bubbles import channel_name
from smsmanager.sandbox.page._list import row
from smsmanager.sandbox.page._phone import of_incoming, of_message, reply_box
from smsmanager.sandbox.page._query import Query
from smsmanager.sandbox.page._waiting import of_message as waiting_tasks
from smsmanager.sandbox.page._waiting import wording

_WIDE_SHOWN: Final = 12
_MAX_BODY: Final = 20_000

_ICONS: Final[Mapping[str, str]] = {
    "received": "arrive",
    "waiting": "clock",
    "ttl": "clock",
    "fallback": "fall",
    "reply": "reply",
    "auto_reply": "send",
    "opt_out": "stop",
    "click": "link",
}
_ANSWERS: Final[Mapping[str, str]] = {
    "accepted": "Accepted",
    "rejected": "Not taken",
    "unconfirmed": "Unconfirmed",
}
_TITLES: Final[Mapping[str, tuple[str, views.Tone]]] = {
    "ttl": ("{} is out of time", "waiting"),
    "reply": ("The recipient replies", "good"),
    "auto_reply": ("Answered by _incoming.reply", "neutral"),
    "opt_out": ("The recipient opts out of promotional messages", "bad"),
    "click": ("A short link was opened", "good"),
}
_RESULT_ICONS: Final[Mapping[str, str]] = {
    "sending": "send",
    "sent": "check",
    "delivered": "checks",
    "seen": "eye",
}


def find(engine: Engine, sequence: int) -> ReceivedMessage | None:
    """Return a message by its number."""
    messages = engine.inbox.messages()
    index = bisect.bisect_left(messages, sequence, key=lambda message: message.sequence)
    if index < len(messages) and messages[index].sequence == sequence:
        return messages[index]
    return None


def message_page(engine: Engine, query: Query, message: ReceivedMessage) -> views.MessagePage:
    """Return one message."""
    number = message.sequence
    here = query.elsewhere(f"/messages/{number}")
    newer, older = _beside(engine, query, message)
    action = query.elsewhere(f"/phones/{message.to}")
    return views.MessagePage(
        row=row(message, query),
        bubbles=tuple(_bubbles(engine, message, query)),
        events=tuple(_events(engine, message, here)),
        facts=tuple(_facts(message)),
        steps=tuple(_steps(message)),
        links=tuple(
            views.Fact(
                name=link.shown,
                value=f"{link.target} ({words.many(link.clicks, 'click')})",
                href=link.as_json()["path"],
            )
            for link in message.journey.links
        ),
        raw=words.as_json(message.message),
        reply=reply_box(action, (message,)) if message.to else None,
        total=words.price(message.prices[0]),
        newer=newer,
        older=older,
    )


def _bubbles(engine: Engine, message: ReceivedMessage, query: Query) -> Iterator[views.Bubble]:
    yield from of_message(message, query, marks=True)
    for incoming in _replies(engine, message):
        yield from (bubble for _, _, bubble in of_incoming(incoming))


def _beside(
    engine: Engine, query: Query, message: ReceivedMessage
) -> tuple[str | None, str | None]:
    """Return the addresses of the next newer and the next older message of the inbox."""
    messages = engine.inbox.messages()
    at = bisect.bisect_left(messages, message.sequence, key=lambda found: found.sequence)

    def first(indexes: range) -> str | None:
        for index in indexes:
            if query.inbox in ("", messages[index].key_fingerprint):
                return query.elsewhere(f"/messages/{messages[index].sequence}")
        return None

    return first(range(at + 1, len(messages))), first(range(at - 1, -1, -1))


def _events(engine: Engine, message: ReceivedMessage, here: str) -> Iterator[views.Event]:
    start = message.received_at.timestamp()
    of_entry: dict[int, list[Delivery]] = {}
    for delivery in tuple(message.journey.deliveries):
        for subject, entry in delivery.items:
            if subject is message and entry is not None:
                of_entry.setdefault(id(entry), []).append(delivery)
    replies = _replies(engine, message)
    secret = engine.accounts.of(message.key_fingerprint).secret
    arrival = Entry(start, "received", text=message.status)
    entries = (arrival, *message.journey.entries)
    for index, entry in enumerate(entries):
        following = entries[index + 1].kind if index + 1 < len(entries) else None
        # Told by the entry behind it, of the same moment.
        if (entry.kind, following) == ("ttl", "fallback"):
            continue
        deliveries = of_entry.get(id(entry), [])
        if entry.kind == "reply" and replies:
            deliveries = list(replies.pop(0).deliveries)
        title, detail, tone = _worded(message, entry)
        starts = entry.kind == "report" and entry.result == "sending"
        run = message.journey.runs[entry.step] if starts else None
        yield views.Event(
            key=f"e-{index}",
            at=words.iso(entry.at),
            since=f"+{words.duration(entry.at - start)}" if index else "",
            title=title,
            detail=detail,
            tone=tone,
            icon=_icon(entry),
            price=words.price(run.price.czk) if run and run.price else "",
            attempts=tuple(
                shown for delivery in deliveries for shown in _attempts(delivery, secret)
            ),
            resend=_resend(deliveries, here),
        )
    now = engine.clock.now()
    for task in waiting_tasks(engine, message):
        yield _ahead(task, now)


def _ahead(task: Task, now: float) -> views.Event:
    what, why = wording(task)
    return views.Event(
        key=f"due-{task.order}",
        at=words.iso(task.due),
        since=f"in {words.duration(task.due - now)}",
        title=what,
        detail=why,
        tone="waiting",
        icon="clock",
        due=True,
    )


def _replies(engine: Engine, message: ReceivedMessage) -> list[IncomingMessage]:
    account = engine.accounts.of(message.key_fingerprint)
    return [found for found in tuple(account.incoming) if found.reply_to is message]


def _worded(message: ReceivedMessage, entry: Entry) -> tuple[str, str, views.Tone]:
    """Return what happened, what else is known, and how it went."""
    channel = channel_name(message.channels[entry.step]) if entry.step >= 0 else ""
    if entry.kind == "received":
        return _ANSWERS.get(entry.text, entry.text), message.operation, "neutral"
    if entry.kind == "report":
        info = result_info(entry.code, entry.text)
        return f"{channel}: {entry.result}", info, words.state(str(entry.result)).tone
    if entry.kind == "waiting":
        return "Waits", words.REASONS.get(entry.text, entry.text), "waiting"
    if entry.kind == "fallback":
        before = channel_name(message.channels[entry.step - 1])
        why = entry.text if ":" in entry.text else f"{before}: {entry.text}"
        return f"Falls back to {channel}", why, "waiting"
    title, tone = _TITLES[entry.kind]
    return title.format(channel), entry.text, tone


def _icon(entry: Entry) -> str:
    if entry.kind == "report":
        return _RESULT_ICONS.get(str(entry.result), "cross")
    return _ICONS.get(entry.kind, "dot")


def _attempts(delivery: Delivery, secret: str | None) -> Iterator[views.Attempt]:
    shared = {
        "url": f"{delivery.target.method} {delivery.target.url}",
        "body": words.as_json(delivery.events)[:_MAX_BODY],
    }
    signed = "X-Request-Signature" if secret is not None else ""
    headers = (
        *delivery.target.headers,
        ("X-Request-Id", delivery.request_id),
        *(((signed, delivery.headers(secret)[signed]),) if signed else ()),
    )
    due = words.iso(delivery.due) if delivery.due is not None else ""
    attempts = tuple(delivery.attempts)
    for number, attempt in enumerate(attempts, start=1):
        yield views.Attempt(
            key=f"a-{delivery.id}-{number}",
            number=number,
            only=len(attempts) == 1,
            at=words.iso(attempt.at),
            state=words.answered(attempt.status),
            latency=f"{attempt.latency_ms:.0f} ms",
            answer=attempt.error or "",
            headers=headers,
            next_at=due if number == len(attempts) else "",
            **shared,
        )
    if not attempts:
        word = {"blocked": "not sent", "waiting": "waiting"}.get(delivery.state, delivery.state)
        yield views.Attempt(
            key=f"a-{delivery.id}-0",
            number=1,
            only=True,
            at=due,
            state=views.State(word, "bad" if delivery.state == "blocked" else "waiting"),
            latency="",
            answer=(
                "The host is neither loopback nor allowed." if delivery.state == "blocked" else ""
            ),
            headers=headers,
            **shared,
        )


def _resend(deliveries: Sequence[Delivery], here: str) -> str:
    if not deliveries:
        return ""
    path, _, query = here.partition("?")
    address = f"{path}/webhooks/{deliveries[-1].id}"
    return f"{address}?{query}" if query else address


def _facts(message: ReceivedMessage) -> Iterator[views.Fact]:
    if message.message_id:
        yield views.Fact(name="Message id", value=message.message_id, code=True)
    yield views.Fact(name="Request id", value=message.request_id, code=True)
    yield views.Fact(name="Number", value=message.to or "no digits", code=bool(message.to))
    yield views.Fact(name="Number as given", value=message.to_given)
    yield views.Fact(name="Operation", value=message.operation)
    yield views.Fact(name="Tags", value=", ".join(message.tags))
    if message.result_info:
        yield views.Fact(name="Last report", value=message.result_info)
    for name in ("payload", "callback", "datetime", "delivery_time"):
        if name in message.message:
            value = message.message[name]
            text = value if isinstance(value, str) else words.as_json(value)
            yield views.Fact(name=name, value=text, code=True)
    for note in message.notes:
        yield views.Fact(name="Note", value=note)
    yield views.Fact(name="Key", value=message.key_fingerprint)


def _steps(message: ReceivedMessage) -> Iterator[views.StepFacts]:
    runs = tuple(message.journey.runs)
    texts = message.texts
    for index, step in enumerate(message.steps):
        size = attrs.evolve(step, body=texts[index]).sms_parts
        run = runs[index] if index < len(runs) else None
        wide = size.ucs2_characters if size else ()
        yield views.StepFacts(
            name=channel_name(step.channel),
            channel=step.channel,
            sender=step.sender or DEFAULT_SENDER,
            encoding=size.encoding.upper() if size else "",
            parts=str(size.parts) if size else "",
            units=f"{size.units} of {size.units + size.characters_left}" if size else "",
            wide=" ".join(wide[:_WIDE_SHOWN]),
            ttl=_patience(message, index),
            state=words.state(run.result) if run else views.State("not started", "neutral"),
            price=words.price(run.price.czk) if run and run.price else "",
        )


def _patience(message: ReceivedMessage, index: int) -> str:
    fields = message.steps[index].fields
    ttl = fields.get("ttl")
    if ttl is None:
        return ""
    usual = "sent" if message.steps[index].channel == "sms" else "delivered"
    return f"{fields.get('ttl_condition', usual)} within {words.duration(ttl * 60)}"
