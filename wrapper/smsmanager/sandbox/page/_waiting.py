"""Show what waits for its time, and why."""

import itertools
from collections.abc import Iterator
from typing import Final

from smsmanager.sandbox._outcomes import Outcome
from smsmanager.sandbox._received import ReceivedMessage
from smsmanager.sandbox.engine import dispatch as kinds
from smsmanager.sandbox.engine.engine import Engine
from smsmanager.sandbox.engine.incoming import IncomingMessage
from smsmanager.sandbox.engine.schedule import Task
from smsmanager.sandbox.engine.webhooks import ATTEMPT, Delivery
from smsmanager.sandbox.page import _views as views
from smsmanager.sandbox.page import _words as words
from smsmanager.sandbox.page._bubbles import channel_name
from smsmanager.sandbox.page._query import Query

_SHOWN: Final = 100
# Of these, some come to nothing: a step that was delivered has no time to run out of.
_LOOKED_AT: Final = 400


def schedule_page(engine: Engine, query: Query) -> views.SchedulePage:
    """Return what waits, the next first."""
    now = engine.clock.now()
    tasks = (task for task in _next(engine) if _is_of(task, query.inbox))
    return views.SchedulePage(
        due=tuple(_due(task, now, query) for task in itertools.islice(tasks, _SHOWN)),
        total=engine.waiting_count,
    )


def next_task(engine: Engine) -> Task | None:
    """Return what happens next; `None` if nothing waits."""
    return next(_next(engine), None)


def of_message(engine: Engine, message: ReceivedMessage) -> list[Task]:
    """Return what lies ahead of a message, as far as it is among what is next."""
    return [task for task in _next(engine) if _message_of(task) is message]


def _next(engine: Engine) -> Iterator[Task]:
    return (task for task in engine.waiting(_LOOKED_AT) if _matters(task))


def _matters(task: Task) -> bool:
    """Tell whether something will happen when a task is due."""
    if isinstance(task.subject, Delivery):
        return task.subject.state == "waiting" or bool(task.detail)
    if task.kind == kinds.TTL:
        runs = task.subject.journey.runs
        return task.step + 1 == len(runs) and not runs[task.step].has_reached(
            _condition(task.subject, task.step)
        )
    return True


def _condition(message: ReceivedMessage, step: int) -> str:
    usual = "sent" if message.channels[step] == "sms" else "delivered"
    return str(message.steps[step].fields.get("ttl_condition", usual))


def _message_of(task: Task) -> ReceivedMessage | None:
    subject = task.subject
    if isinstance(subject, Delivery):
        subject = subject.items[0][0] if subject.items else None
    if isinstance(subject, IncomingMessage):
        subject = subject.reply_to
    return subject if isinstance(subject, ReceivedMessage) else None


def _is_of(task: Task, inbox: str) -> bool:
    return inbox in ("", task.subject.key_fingerprint)


def _due(task: Task, now: float, query: Query) -> views.Due:
    what, why = wording(task)
    message = _message_of(task)
    moment = words.iso(task.due)
    return views.Due(
        key=f"d-{task.order}",
        at=moment,
        wait=f"in {words.duration(task.due - now)}" if task.due > now else "now",
        what=what,
        why=why,
        number=message.to if message else "",
        href=query.elsewhere(f"/messages/{message.sequence}") if message else "",
        moment=moment,
    )


def wording(task: Task) -> tuple[str, str]:
    """Return what will happen, and why then."""
    if task.kind == ATTEMPT:
        again = "is sent again" if task.subject.attempts else "is sent"
        return f"Webhook {again}", task.subject.target.url
    message: ReceivedMessage = task.subject
    channel = channel_name(message.channels[task.step])
    if task.kind == kinds.START:
        why = message.journey.why
        return f"{channel} goes out", words.REASONS.get(why or "", "as soon as the clock moves")
    if task.kind == kinds.TTL:
        following = channel_name(message.channels[task.step + 1])
        condition = _condition(message, task.step)
        return f"{channel} is out of time", f"unless it is {condition}; then {following} starts"
    if task.kind == kinds.REPLY:
        return "The recipient replies", str(task.detail)
    result = task.detail.kind if isinstance(task.detail, Outcome) else task.detail
    return f"{channel}: {result}", "pace of the sandbox, or a rule"
