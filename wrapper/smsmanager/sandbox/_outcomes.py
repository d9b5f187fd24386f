"""Decide what becomes of a recipient: accepted, rejected or unconfirmed.

An ordered list of rules is asked and the first that matches decides, so that a more specific rule
only has to stand further up.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

import attrs


class Status(StrEnum):
    """Name what the answer says about a recipient."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNCONFIRMED = "unconfirmed"


class MagicNumber(StrEnum):
    """Name the numbers that have a meaning for the sandbox.

    Attributes:
        TEST: The service's own test number: accepted, and processed as usual.
        REJECTED: Stands in `rejected`: not taken, and meant to be sent again.
        UNCONFIRMED: Stands in neither list of the answer.

    Source of `TEST`: SmsManager guide, on the test number. The others are the sandbox's own.
    """

    TEST = "420777777777"
    REJECTED = "420777777001"
    UNCONFIRMED = "420777777002"


@attrs.frozen
class OutcomeRule:
    """Give the recipients that match a status.

    Attributes:
        status: What becomes of them.
        number: The normalised number that matches.
    """

    status: Status
    number: str = attrs.field(repr=False)

    def matches(self, number: str) -> bool:
        """Tell whether the rule is about a recipient, given by its normalised number."""
        return number == self.number


MAGIC_RULES: Final = (
    OutcomeRule(Status.ACCEPTED, MagicNumber.TEST),
    OutcomeRule(Status.REJECTED, MagicNumber.REJECTED),
    OutcomeRule(Status.UNCONFIRMED, MagicNumber.UNCONFIRMED),
)


def outcome(number: str, rules: Iterable[OutcomeRule]) -> Status:
    """Return the status of one recipient: that of the first rule that matches, else accepted."""
    for rule in rules:
        if rule.matches(number):
            return rule.status
    return Status.ACCEPTED


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
