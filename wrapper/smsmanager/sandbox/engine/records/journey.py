"""Define what happened to a message: its steps, its state, its timeline.

A message that was received is a value and never changes; its journey is what changes. Records are
kept small because there can be 100,000 of them: what a reader sees is created on demand.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import attrs

from smsmanager.sandbox.engine.records.message_outcome import State
from smsmanager.sandbox.engine.records.unix_time import iso, moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from smsmanager.sandbox.engine.records import JsonObject
    from smsmanager.sandbox.engine.records.short_link import ShortLink
    from smsmanager.sandbox.engine.records.webhook_delivery import Delivery

EntryKind: TypeAlias = Literal[
    "received",
    "waiting",
    "step",
    "report",
    "ttl",
    "fallback",
    "reply",
    "auto_reply",
    "opt_out",
    "opt_in",
    "click",
    "cancelled",
]

# How far along a result is; a later result never goes back.
_RANKS = {
    "sending": 0,
    "sent": 1,
    "undelivered": 2,
    "failed": 2,
    "rejected": 2,
    "delivered": 3,
    "seen": 4,
}
_REACHED = {"sent": 1, "delivered": 3, "seen": 4}


class Entry(NamedTuple):
    """One entry of a timeline as it is kept.

    Attributes:
        at: Unix seconds.
        kind: What happened.
        step: Index of the step; -1 if it is about the whole message.
        result: For a report: the result on the wire.
        code: For a report: the code in `result_info`.
        text: For a report: the text in `result_info`; otherwise what happened, in words.
    """

    at: float
    kind: EntryKind
    step: int = -1
    result: str | None = None
    code: int | None = None
    text: str = ""


@attrs.frozen
class TimelineEntry:
    """One entry of a timeline as it is shown.

    Attributes:
        at: When, UTC.
        kind: `"received"`, `"waiting"` (for its time or a window), `"step"` (a step starts),
            `"report"`, `"ttl"` (its condition was not met in time), `"fallback"` (to this step),
            `"reply"`, `"auto_reply"`, `"opt_out"`, `"opt_in"`, `"click"` (on a short link), `"cancelled"`.
        step: Index of the step; `None` if it is about the whole message.
        channel: Channel of the step.
        result: For a report: the result on the wire.
        code: For a report: the code in `result_info`.
        result_info: For a report: as on the wire.
        text: What happened, in words.
    """

    at: datetime
    kind: EntryKind
    step: int | None
    channel: str | None
    result: str | None
    code: int | None
    result_info: str | None
    text: str = attrs.field(repr=False)

    def as_json(self) -> JsonObject:
        """Return the entry as the JSON API shows it."""
        return {**attrs.asdict(self), "at": iso(self.at)}


@attrs.frozen
class Price:
    """The price of one step, as reports show it.

    Attributes:
        czk: In CZK, for all parts.
        eur: In EUR, for all parts.
        count: Billed parts.
    """

    czk: Decimal
    eur: Decimal
    count: int


class StepRun:
    """What happened to one step.

    Attributes:
        started_at: Unix seconds.
        result: The last result that counts.
        price: Its price; `None` if it is free of charge.
    """

    __slots__ = ("price", "result", "started_at")

    def __init__(self, started_at: float, price: Price | None) -> None:
        self.started_at = started_at
        self.result = "sending"
        self.price = price

    def take(self, result: str) -> None:
        """Record a result, unless a later one is known."""
        if _RANKS[result] >= _RANKS[self.result]:
            self.result = result

    def has_reached(self, condition: str) -> bool:
        """Return whether a `ttl_condition` is met."""
        return _REACHED.get(self.result, 0) >= _REACHED[condition]


class Journey:
    """What happened to one message to one recipient.

    Attributes:
        state: How far it has come.
        due: When its wait ends, in Unix seconds; `None` if it does not wait.
        why: What it waits for: `"datetime"`, `"delivery_time"` or `"promotional_hours"`.
        runs: The steps that were started.
        entries: The timeline after the arrival, oldest first.
        links: The links that were shortened.
        deliveries: Webhooks about this message.
    """

    __slots__ = ("deliveries", "due", "entries", "links", "runs", "state", "why")

    def __init__(self) -> None:
        self.state = State.WAITING
        self.due: float | None = None
        self.why: str | None = None
        self.runs: tuple[StepRun, ...] = ()
        self.entries: list[Entry] = []
        self.links: tuple[ShortLink, ...] = ()
        # Most messages have no webhook, and 100,000 empty lists take 6 MB.
        self.deliveries: Sequence[Delivery] = ()

    def state_of_runs(self) -> State:
        """Return the state that follows from the steps: the best that any of them reached."""
        return State(self.runs[self.chosen_step()].result)

    def chosen_step(self) -> int:
        """Return the index of the started step that decides the state."""
        best = max(range(len(self.runs)), key=lambda at: _REACHED.get(self.runs[at].result, 0))
        # Among failed and unfinished steps, the last one decides.
        return best if self.runs[best].result in {"delivered", "seen"} else len(self.runs) - 1

    def add_delivery(self, delivery: Delivery) -> None:
        """Add a webhook."""
        if isinstance(self.deliveries, list):
            self.deliveries.append(delivery)
        else:
            self.deliveries = [delivery]

    def report(self) -> Entry | None:
        """Return the newest report, or `None`."""
        return next((entry for entry in reversed(self.entries) if entry.kind == "report"), None)


def result_info(code: int | None, text: str) -> str:
    """Return code and text as on the wire: `"[code] text"`, either part optional."""
    if code is None:
        return text
    return f"[{code}] {text}".rstrip()


def shown(entries: Sequence[Entry], channels: Sequence[str]) -> tuple[TimelineEntry, ...]:
    """Return a timeline as a reader sees it.

    Args:
        entries: The entries as they are kept.
        channels: Channels of the message's steps.
    """
    return tuple(
        TimelineEntry(
            at=moment(entry.at),
            kind=entry.kind,
            step=entry.step if entry.step >= 0 else None,
            channel=channels[entry.step] if 0 <= entry.step < len(channels) else None,
            result=entry.result,
            code=entry.code,
            result_info=result_info(entry.code, entry.text) if entry.kind == "report" else None,
            text=entry.text,
        )
        for entry in _with_steps(entries)
    )


def _with_steps(entries: Sequence[Entry]) -> Iterator[Entry]:
    """Yield a timeline with the starts of the steps, which are not kept: each begins with a report."""
    for entry in tuple(entries):
        if entry.result == "sending":
            yield Entry(entry.at, "step", entry.step)
        yield entry


def total(runs: Sequence[StepRun]) -> tuple[Decimal, Decimal]:
    """Return what the steps cost so far, in CZK and EUR."""
    prices = [run.price for run in tuple(runs) if run.price is not None]
    czk = sum((price.czk for price in prices), Decimal(0))
    return czk, sum((price.eur for price in prices), Decimal(0))
