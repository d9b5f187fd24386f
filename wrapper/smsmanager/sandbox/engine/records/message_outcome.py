"""Define the possible outcomes of a message, immediate or later, and the numbers that cause them."""

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
        WAITING: Waits for its time or for a delivery window; nothing was sent yet.
        SENDING: Being sent; the first result that is reported.
        SENT: Handed over for delivery.
        DELIVERED: It reached the recipient.
        SEEN: The recipient opened it.
        UNDELIVERED: It did not reach the recipient.
        FAILED: It could not be sent.
        REJECTED: Processed and refused: nothing was sent, or not by the last step.
        NOT_TAKEN: Listed in `rejected` of the answer; not processed at all.
        CANCELLED: Cancelled while it waited; nothing was sent.
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
    CANCELLED = "cancelled"


@attrs.frozen
class Outcome:
    """The outcome of a message to one recipient.

    Attributes:
        kind: `"delivered"`, `"undelivered"`, `"failed"`, `"seen"` (delivered before): the last result
            of the step. `"never"`: it stays `sent`. `"rejected"`: processed and refused, nothing was
            sent. `"not_taken"`: in the answer's `rejected`. `"unconfirmed"`: in neither list of the
            answer; processed as usual.
        code: Code in `result_info`; by default that of the kind.
        info: Text in `result_info`; by default that of the code.
        delay_s: When the last result comes, in seconds after the start of the step; `None` for the
            sandbox's pace.
        reply: What the recipient replies, after the last result.

    Raises:
        TypeError: If a value has the wrong type.
        ValueError: If a value is out of range, or means nothing for this kind.
    """

    kind: OutcomeKind = "delivered"
    code: int | None = attrs.field(default=None, kw_only=True)
    info: str | None = attrs.field(default=None, kw_only=True)
    delay_s: float | None = attrs.field(default=None, kw_only=True)
    reply: str | None = attrs.field(default=None, kw_only=True, repr=False)

    def __attrs_post_init__(self) -> None:
        """Check the values: JSON can hold any type."""
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
        """Whether the answer to the request already shows it."""
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


class MagicNumber(StrEnum):
    """Numbers that have a meaning for the sandbox.

    Attributes:
        TEST: The service's own test number: accepted and processed as usual, then evaluated as invalid,
            without webhooks and without charge. That it appears as `rejected` is our interpretation.
        REJECTED: Listed in the answer's `rejected`: not taken, and meant to be sent again.
        UNCONFIRMED: In neither list of the answer; processed as usual.
        DELIVERED: Delivered, as every other number is.
        UNDELIVERED: Every step ends as `undelivered`.
        FAILED: Every step ends as `failed`.
        SEEN: Delivered, then seen.
        REPLIES: Delivered, then the recipient replies `YES`.
        STOPS: Delivered, then the recipient replies `STOP`, and so opts out.
        SLOW: Delivered after 10 minutes.
        NEVER: Stays `sent`.
        SMS_ONLY: SMS are delivered, every other channel ends as `undelivered`.
        PROCESSED_REJECTED: Reported as `rejected` with code 2.
        WRONG_FORMAT: Reported as `rejected` with code 302.
        NOT_ALLOWED: Reported as `rejected` with code 303.
        OPTED_OUT: Reported as `rejected` with code 304.
        DUPLICATE: Reported as `rejected` with code 306.
        NO_CREDIT: Reported as `rejected` with code 307.

    Source of `TEST`: SmsManager guide, on the test number. The others are the sandbox's own.
    """

    TEST = "420777777777"
    REJECTED = "420777777001"
    UNCONFIRMED = "420777777002"
    DELIVERED = "420777777100"
    UNDELIVERED = "420777777101"
    FAILED = "420777777103"
    SEEN = "420777777104"
    REPLIES = "420777777105"
    STOPS = "420777777106"
    SLOW = "420777777107"
    NEVER = "420777777108"
    SMS_ONLY = "420777777109"
    PROCESSED_REJECTED = "420777777202"
    WRONG_FORMAT = "420777777302"
    NOT_ALLOWED = "420777777303"
    OPTED_OUT = "420777777304"
    DUPLICATE = "420777777306"
    NO_CREDIT = "420777777307"


DELIVERED = Outcome("delivered")
UNDELIVERED = Outcome("undelivered")

MAGIC_OUTCOMES: Mapping[str, Outcome] = {
    MagicNumber.TEST.value: Outcome("rejected", code=302),
    MagicNumber.REJECTED.value: Outcome("not_taken"),
    MagicNumber.UNCONFIRMED.value: Outcome("unconfirmed"),
    MagicNumber.DELIVERED.value: DELIVERED,
    MagicNumber.UNDELIVERED.value: UNDELIVERED,
    MagicNumber.FAILED.value: Outcome("failed"),
    MagicNumber.SEEN.value: Outcome("seen"),
    MagicNumber.REPLIES.value: Outcome("delivered", reply="YES"),
    MagicNumber.STOPS.value: Outcome("delivered", reply="STOP"),
    MagicNumber.SLOW.value: Outcome("delivered", delay_s=600),
    MagicNumber.NEVER.value: Outcome("never"),
    MagicNumber.SMS_ONLY.value: UNDELIVERED,
    MagicNumber.PROCESSED_REJECTED.value: Outcome("rejected"),
    MagicNumber.WRONG_FORMAT.value: Outcome("rejected", code=302),
    MagicNumber.NOT_ALLOWED.value: Outcome("rejected", code=303),
    MagicNumber.OPTED_OUT.value: Outcome("rejected", code=304),
    MagicNumber.DUPLICATE.value: Outcome("rejected", code=306),
    MagicNumber.NO_CREDIT.value: Outcome("rejected", code=307),
}

_STATUSES = {"not_taken": Status.REJECTED, "unconfirmed": Status.UNCONFIRMED}


def status_of(outcome: Outcome | None) -> Status:
    """Return what the answer says about a recipient with this outcome."""
    if outcome is None:
        return Status.ACCEPTED
    return _STATUSES.get(outcome.kind, Status.ACCEPTED)


def outcome_of_batch_message(statuses: Iterable[Status]) -> Status:
    """Return the one status of a message in a batch, from those of its recipients.

    `POST /messages` answers per message, so one recipient decides for all: the message is rejected if
    any of them is, or else unconfirmed if any of them is.
    """
    found = frozenset(statuses)
    for status in (Status.REJECTED, Status.UNCONFIRMED):
        if status in found:
            return status
    return Status.ACCEPTED
