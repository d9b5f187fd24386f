"""Define what can become of a message: at once, in the answer, and later, in the reports."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import attrs

from smsmanager.sandbox.engine.records.value_checks import (
    check_choice,
    check_number,
    check_text,
    check_whole,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

OutcomeKind: TypeAlias = Literal[
    "delivered",
    "undelivered",
    "failed",
    "seen",
    "never",
    "rejected",
    "not_taken",
    "unconfirmed",
]

_MAX_DELAY_S = 366 * 24 * 3600
_MAX_TEXT = 1000

RESULT_TEXTS: Mapping[int, str] = {
    0: "Delivered",
    1: "Undelivered",
    2: "Rejected",
    3: "Failed",
    302: "Wrong number format",
    303: "Number is not in the allowed list",
    304: "Number is blacklisted or opted out",
    306: "Too many identical messages to one recipient",
    307: "Insufficient credit",
}
_USUAL_CODES: Mapping[str, int] = {
    "delivered": 0,
    "undelivered": 1,
    "rejected": 2,
    "failed": 3,
}


class Status(StrEnum):
    """What the answer says about a recipient."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNCONFIRMED = "unconfirmed"


class State(StrEnum):
    """How far a message has come.

    Attributes:
        WAITING: For its time or for a delivery window; nothing was sent yet.
        SENDING: The first result that is reported.
        SENT: Handed over.
        DELIVERED: It reached the recipient.
        SEEN: The recipient opened it.
        UNDELIVERED: It did not reach the recipient.
        FAILED: It could not be sent.
        REJECTED: Processed and refused; nothing was sent.
        NOT_TAKEN: Listed in `rejected` of the answer; not processed at all.
    """

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    SEEN = "seen"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    REJECTED = "rejected"
    NOT_TAKEN = "not_taken"


@attrs.frozen
class Outcome:
    """What becomes of a message to one recipient.

    Attributes:
        kind: `"delivered"`, `"undelivered"`, `"failed"`, `"seen"` (delivered before): the last result
            of the step. `"never"`: it stays `sent`. `"rejected"`: processed and refused, nothing was
            sent. `"not_taken"`: in `rejected` of the answer. `"unconfirmed"`: in neither list of the
            answer; processed as usual.
        code: Code in `result_info`; by default that of the kind.
        info: Text in `result_info`; by default that of the code.
        delay_s: When the last result comes, in seconds after the step started; `None` for the pace
            of the sandbox.
        reply: What the recipient answers, after the last result.

    Raises:
        TypeError: if a value has the wrong type.
        ValueError: if a value is out of range, or means nothing for this kind.
    """

    kind: OutcomeKind = "delivered"
    code: int | None = attrs.field(default=None, kw_only=True)
    info: str | None = attrs.field(default=None, kw_only=True)
    delay_s: float | None = attrs.field(default=None, kw_only=True)
    reply: str | None = attrs.field(default=None, kw_only=True, repr=False)

    def __attrs_post_init__(self) -> None:
        """Check the values: JSON brings any type."""
        check_choice("outcome", self.kind, get_args(OutcomeKind))
        if self.code is not None:
            check_whole("code", self.code, range(10**9))
        for name in ("info", "reply"):
            value = getattr(self, name)
            if value is not None:
                check_text(name, value, _MAX_TEXT)
        if self.delay_s is not None:
            check_number("delay_s", self.delay_s, _MAX_DELAY_S, zero=True)

    @property
    def is_at_once(self) -> bool:
        """Whether the answer to the request tells it."""
        return self.kind in {"not_taken", "unconfirmed"}

    @property
    def result_code(self) -> int | None:
        """Code in `result_info` of the last result; `None` without one."""
        return _USUAL_CODES.get(self.kind) if self.code is None else self.code

    @property
    def result_text(self) -> str:
        """Text in `result_info` of the last result; empty without one."""
        code = self.result_code
        if self.info is not None:
            return self.info
        return "" if code is None else RESULT_TEXTS.get(code, "")


_STATUSES = {"not_taken": Status.REJECTED, "unconfirmed": Status.UNCONFIRMED}


def status_of(outcome: Outcome | None) -> Status:
    """Return what the answer says about a recipient with this outcome."""
    if outcome is None:
        return Status.ACCEPTED
    return _STATUSES.get(outcome.kind, Status.ACCEPTED)


def outcome_of_batch_message(statuses: Iterable[Status]) -> Status:
    """Return the one status of a message in a batch, from those of its recipients.

    `POST /messages` answers per message, so that one recipient decides for all: the message is
    rejected if any of them is, else unconfirmed if any of them is.
    """
    found = frozenset(statuses)
    for status in (Status.REJECTED, Status.UNCONFIRMED):
        if status in found:
            return status
    return Status.ACCEPTED
