"""Show what is waiting, until when, and why."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import attrs

from smsmanager.sandbox import _words as words
from smsmanager.sandbox.engine import fallback
from smsmanager.sandbox.engine.records import hidden_passwords
from smsmanager.sandbox.engine.records.incoming_message import IncomingMessage
from smsmanager.sandbox.engine.records.message_outcome import Outcome
from smsmanager.sandbox.engine.records.received_message import ReceivedMessage
from smsmanager.sandbox.engine.records.webhook_delivery import Delivery
from smsmanager.sandbox.engine.webhook_queue import ATTEMPT
from smsmanager.sandbox.page._bubbles import channel_name
from smsmanager.sandbox.page._inbox_page import preview
from smsmanager.sandbox.page._tones import REASONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smsmanager.sandbox.engine.processing import Engine
    from smsmanager.sandbox.engine.schedule import Task
    from smsmanager.sandbox.page._query import Query

_SHOWN = 100
# Some tasks have no effect: the time limit of a step that was delivered does nothing.
_LOOKED_AT = 400


@attrs.frozen(kw_only=True)
class Due:
    """One waiting task."""

    key: str
    at: str
    wait: str
    what: str
    why: str
    number: str = attrs.field(repr=False)
    text: str = attrs.field(repr=False)
    href: str
    moment: str


@attrs.frozen(kw_only=True)
class SchedulePage:
    """What is waiting, the next first."""

    due: tuple[Due, ...]
    total: int


def schedule_page(engine: Engine, query: Query) -> SchedulePage:
    """Return what is waiting, the next first."""
    now = engine.clock.now()
    tasks = (task for task in _next(engine) if _is_of(task, query.inbox))
    return SchedulePage(
        due=tuple(_due(task, now, query) for task in itertools.islice(tasks, _SHOWN)),
        total=engine.waiting_count,
    )


def next_task(engine: Engine) -> Task | None:
    """Return what happens next; `None` if nothing waits."""
    return next(_next(engine), None)


def of_message(engine: Engine, message: ReceivedMessage) -> list[Task]:
    """Return the tasks of a message that are among the next ones."""
    return [task for task in _next(engine) if _message_of(task) is message]


def _next(engine: Engine) -> Iterator[Task]:
    return (task for task in engine.waiting(_LOOKED_AT) if _matters(task))


def _matters(task: Task) -> bool:
    """Return whether something will happen when a task is due."""
    if isinstance(task.subject, Delivery):
        return task.subject.state == "waiting" or bool(task.detail)
    if task.kind == fallback.TTL:
        return fallback.falls_back_at_ttl(task.subject, task.step)
    return True


def _message_of(task: Task) -> ReceivedMessage | None:
    subject = task.subject
    if isinstance(subject, Delivery):
        subject = subject.items[0][0] if subject.items else None
    if isinstance(subject, IncomingMessage):
        subject = subject.reply_to
    return subject if isinstance(subject, ReceivedMessage) else None


def _is_of(task: Task, inbox: str) -> bool:
    return inbox in ("", task.subject.key_fingerprint)


def _due(task: Task, now: float, query: Query) -> Due:
    what, why = wording(task)
    message = _message_of(task)
    moment = words.iso(task.due)
    return Due(
        key=f"d-{task.order}",
        at=moment,
        wait=f"in {words.duration(task.due - now)}" if task.due > now else "now",
        what=what,
        why=why,
        number=message.to if message else "",
        text=preview(message) if message else "",
        href=query.elsewhere(f"/messages/{message.sequence}") if message else "",
        moment=moment,
    )


def wording(task: Task) -> tuple[str, str]:
    """Return what will happen, and why at that time."""
    if task.kind == ATTEMPT:
        again = "is sent again" if task.subject.attempts else "is sent"
        return f"The webhook {again}", hidden_passwords.address(task.subject.target.url)
    message: ReceivedMessage = task.subject
    channel = channel_name(message.channels[task.step])
    if task.kind == fallback.START:
        why = message.journey.why
        return f"{channel} is sent", REASONS.get(why or "", "it is due")
    if task.kind == fallback.TTL:
        following = channel_name(message.channels[task.step + 1])
        condition = message.steps[task.step].ttl_condition
        what = f"{channel}: time limit for {condition}"
        return what, f"if it is not {condition} by then, {following} is sent instead"
    if task.kind == fallback.REPLY:
        return "The recipient replies", str(task.detail)
    result = task.detail.kind if isinstance(task.detail, Outcome) else task.detail
    return f"{channel}: {result}", "the next report, at the sandbox's pace or as a rule says"
