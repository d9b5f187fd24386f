"""Show what happened to a message and what will happen, with its webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from smsmanager.sandbox import _words as words
from smsmanager.sandbox.engine.records import hidden_passwords
from smsmanager.sandbox.engine.records.journey import Entry, result_info
from smsmanager.sandbox.engine.records.webhook_delivery import SIGNATURE
from smsmanager.sandbox.page._bubbles import as_json, channel_name
from smsmanager.sandbox.page._conversation import reason_of_fallback
from smsmanager.sandbox.page._schedule_page import of_message as waiting_tasks
from smsmanager.sandbox.page._schedule_page import wording
from smsmanager.sandbox.page._tones import REASONS, Label, Tone, label_of_answer, label_of_state

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from smsmanager.sandbox.engine.processing import Engine
    from smsmanager.sandbox.engine.records.incoming_message import IncomingMessage
    from smsmanager.sandbox.engine.records.received_message import ReceivedMessage
    from smsmanager.sandbox.engine.records.webhook_delivery import Delivery
    from smsmanager.sandbox.engine.schedule import Task

_MAX_BODY = 20_000
_BLOCKED = (
    "The sandbox calls only this machine. To allow another host: --allow-callback-host, or "
    "callback_hosts in Python."
)

_ICONS: Mapping[str, str] = {
    "received": "arrive",
    "waiting": "clock",
    "ttl": "clock",
    "fallback": "fall",
    "reply": "reply",
    "auto_reply": "send",
    "opt_out": "stop",
    "opt_in": "reply",
    "click": "link",
}
_ANSWERS: Mapping[str, str] = {
    "accepted": "Accepted by the service",
    "rejected": "Refused at once: listed under rejected in the answer",
    "unconfirmed": "Received, but missing from the answer",
}
_TITLES: Mapping[str, tuple[str, Tone]] = {
    "ttl": ("{}: the time limit has passed", "waiting"),
    "reply": ("The recipient replies", "good"),
    "auto_reply": ("Automatic answer, as params._incoming.reply asks", "neutral"),
    "opt_out": ("The recipient opts out: no more promotional messages", "bad"),
    "opt_in": ("The recipient opts in again", "good"),
    "click": ("A short link was opened", "good"),
    "cancelled": ("Cancelled by the account", "neutral"),
}
_RESULT_ICONS: Mapping[str, str] = {
    "sending": "send",
    "sent": "check",
    "delivered": "checks",
    "seen": "eye",
}


@attrs.frozen(kw_only=True)
class Attempt:
    """One attempt to deliver a webhook; `only` if there was no other."""

    key: str
    number: int
    only: bool
    at: str
    url: str = attrs.field(repr=False)
    state: Label
    latency: str
    answer: str
    body: str = attrs.field(repr=False)
    headers: tuple[tuple[str, str], ...] = attrs.field(repr=False)
    next_at: str = ""


@attrs.frozen(kw_only=True)
class Event:
    """One entry of a message's timeline.

    Attributes:
        key: Identifies it among the others.
        at: When it happened.
        since: How long after the message arrived.
        title: What happened.
        detail: What else is known.
        tone: Whether it went well.
        icon: Name of the icon beside it.
        due: Whether it is still to happen.
        attempts: Attempts to deliver the webhook that reports it, oldest first.
        resend: Where to post to send the webhook again; empty if there is none.
    """

    key: str
    at: str
    since: str
    title: str
    detail: str = attrs.field(default="", repr=False)
    tone: Tone = "neutral"
    icon: str = "dot"
    due: bool = False
    price: str = ""
    attempts: tuple[Attempt, ...] = ()
    resend: str = ""


def replies(engine: Engine, message: ReceivedMessage) -> list[IncomingMessage]:
    account = engine.accounts.of(message.key_fingerprint)
    return [found for found in tuple(account.incoming) if found.reply_to is message]


def timeline(engine: Engine, message: ReceivedMessage, here: str) -> Iterator[Event]:
    start = message.received_at.timestamp()
    of_entry: dict[int, list[Delivery]] = {}
    for delivery in tuple(message.journey.deliveries):
        for subject, entry in delivery.items:
            if subject is message and entry is not None:
                of_entry.setdefault(id(entry), []).append(delivery)
    answers = replies(engine, message)
    secret = engine.accounts.of(message.key_fingerprint).secret
    arrival = Entry(start, "received", text=message.status)
    entries = (arrival, *message.journey.entries)
    for index, entry in enumerate(entries):
        following = entries[index + 1].kind if index + 1 < len(entries) else None
        # The next entry, at the same moment, says this.
        if (entry.kind, following) == ("ttl", "fallback"):
            continue
        deliveries = of_entry.get(id(entry), [])
        if entry.kind == "reply" and answers:
            deliveries = list(answers.pop(0).deliveries)
        title, detail, tone = _worded(message, entry)
        starts = entry.kind == "report" and entry.result == "sending"
        run = message.journey.runs[entry.step] if starts else None
        yield Event(
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


def _ahead(task: Task, now: float) -> Event:
    what, why = wording(task)
    return Event(
        key=f"due-{task.order}",
        at=words.iso(task.due),
        since=f"in {words.duration(task.due - now)}",
        title=what,
        detail=why,
        tone="waiting",
        icon="clock",
        due=True,
    )


def _worded(message: ReceivedMessage, entry: Entry) -> tuple[str, str, Tone]:
    """Return what happened, what else is known, and whether it went well."""
    channel = channel_name(message.channels[entry.step]) if entry.step >= 0 else ""
    if entry.kind == "received":
        return _ANSWERS.get(entry.text, entry.text), message.operation, "neutral"
    if entry.kind == "report":
        info = result_info(entry.code, entry.text)
        return f"{channel}: {entry.result}", info, label_of_state(str(entry.result)).tone
    if entry.kind == "waiting":
        return "Waiting", REASONS.get(entry.text, entry.text), "waiting"
    if entry.kind == "fallback":
        before = channel_name(message.channels[entry.step - 1])
        return f"{channel} instead", f"{before}: {reason_of_fallback(entry.text)}", "waiting"
    title, tone = _TITLES[entry.kind]
    return title.format(channel), entry.text, tone


def _icon(entry: Entry) -> str:
    if entry.kind == "report":
        return _RESULT_ICONS.get(str(entry.result), "cross")
    return _ICONS.get(entry.kind, "dot")


def _attempts(delivery: Delivery, secret: str | None) -> Iterator[Attempt]:
    headers = [(name, hidden_passwords.header(name, v)) for name, v in delivery.target.headers]
    headers.append(("X-Request-Id", delivery.request_id))
    signature = delivery.headers(secret).get(SIGNATURE)
    if signature is not None:
        headers.append((SIGNATURE, signature))
    due = words.iso(delivery.due) if delivery.due is not None else ""
    is_blocked = delivery.state == "blocked"
    word = {"blocked": "not sent", "waiting": "waiting"}.get(delivery.state, delivery.state)
    none_yet = Attempt(
        key=f"a-{delivery.id}-0",
        number=1,
        only=True,
        at=due,
        url=f"{delivery.target.method} {hidden_passwords.address(delivery.target.url)}",
        state=Label(word, "bad" if is_blocked else "waiting"),
        latency="",
        answer=_BLOCKED if is_blocked else "",
        body=_body(delivery)[:_MAX_BODY],
        headers=tuple(headers),
    )
    attempts = tuple(delivery.attempts)
    if not attempts:
        yield none_yet
    for number, attempt in enumerate(attempts, start=1):
        yield attrs.evolve(
            none_yet,
            key=f"a-{delivery.id}-{number}",
            number=number,
            only=len(attempts) == 1,
            at=words.iso(attempt.at),
            state=label_of_answer(attempt.status),
            latency=f"{attempt.latency_ms:.0f} ms",
            answer=attempt.error or "",
            next_at=due if number == len(attempts) else "",
        )


def _body(delivery: Delivery) -> str:
    """Return the body of a webhook: as sent if it is a form or has templates, otherwise easy to read."""
    target = delivery.target
    as_sent = target.templates is not None or target.content_type == "form"
    return delivery.content()[1].decode() if as_sent else as_json(delivery.events)


def _resend(deliveries: Sequence[Delivery], here: str) -> str:
    if not deliveries:
        return ""
    path, _, query = here.partition("?")
    address = f"{path}/webhooks/{deliveries[-1].id}"
    return f"{address}?{query}" if query else address
