"""Name the states of messages, steps and requests, each with its tone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

Tone: TypeAlias = Literal["neutral", "waiting", "moving", "good", "bad"]

_TONES: Mapping[str, Tone] = {
    "waiting": "waiting",
    "sending": "moving",
    "sent": "moving",
    "delivered": "good",
    "seen": "good",
    "undelivered": "bad",
    "failed": "bad",
    "rejected": "bad",
    "not_taken": "bad",
    "cancelled": "neutral",
}
REASONS: Mapping[str, str] = {
    "datetime": "scheduled: the message names this time in datetime",
    "delivery_time": "held until its delivery window (delivery_time) opens",
    "promotional_hours": "held until the hours in which promotional messages may go out",
}
_OK = range(200, 300)
_REDIRECTS = range(300, 400)


@attrs.frozen
class Label:
    """A state: the word that is shown, and its tone."""

    word: str
    tone: Tone


def label_of_state(name: str) -> Label:
    """Return the label of a state of a message or of a step, from its name on the wire."""
    return Label(name.replace("_", " "), _TONES.get(name, "neutral"))


def label_of_answer(status: int | None) -> Label:
    """Return the label of a request from its HTTP status, `None` for no answer."""
    if status is None:
        return Label("no answer", "bad")
    if status in _OK:
        return Label(str(status), "good")
    return Label(str(status), "waiting" if status in _REDIRECTS else "bad")
