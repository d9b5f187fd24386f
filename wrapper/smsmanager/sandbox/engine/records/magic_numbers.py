"""Name the phone numbers that ask the sandbox for an outcome."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from smsmanager.sandbox.engine.records.message_outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping


class MagicNumber(StrEnum):
    """Numbers that have a meaning for the sandbox.

    Attributes:
        TEST: The service's own test number: accepted and processed as usual, never delivered, without
            webhooks and without charge.
        REJECTED: Listed in `rejected` of the answer: not taken, and meant to be sent again.
        UNCONFIRMED: In neither list of the answer; processed as usual.
        DELIVERED: Delivered, as every other number is.
        UNDELIVERED: Every step ends as `undelivered`.
        FAILED: Every step ends as `failed`.
        SEEN: Delivered, then seen.
        REPLIES: Delivered, then the recipient answers `YES`.
        STOPS: Delivered, then the recipient answers `STOP`, and so opts out.
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
    MagicNumber.TEST.value: Outcome("never"),
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
