"""The state of one message: its reports, folded in any order; pure.

Every report has a place in one fixed order, and the state is the greatest report received. So neither the
order nor the number of deliveries matters, and stores can fold with one atomic statement.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import attrs

from smsmanager._privacy import mask_number
from smsmanager.webhooks._events import DeliveryResult, Gateway, ResultInfo

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from smsmanager.webhooks._channels import ChannelDetails
    from smsmanager.webhooks._events import DeliveryReport

_RANKS: dict[str, int] = {
    DeliveryResult.SENDING: 10,
    DeliveryResult.SENT: 20,
    DeliveryResult.UNDELIVERED: 40,
    DeliveryResult.FAILED: 40,
    DeliveryResult.DELIVERED: 50,
    DeliveryResult.SEEN: 60,
    DeliveryResult.REJECTED: 70,
}
# An unknown result says more than `sent`, and never hides an outcome.
_RANK_OF_OTHERS = 30
_FINAL_FROM = 40
NEVER_S = -1e15
"""The time of a report that has none: before every other time."""
LONGEST_TEXT = 200
"""Longest text that is kept from a report; longer texts are cut."""


@attrs.frozen(repr=False)
class DeliveryState:
    """The current state of one message.

    `rejected` outranks everything, `seen` outranks `delivered`, `delivered` outranks `undelivered` and
    `failed` (of an earlier step of a flow), and these outrank `sent` and `sending`. Of equals, the later one
    counts.

    Attributes:
        message_id: The id as reported.
        result: A `DeliveryResult`, or the text of an unknown result.
        at: When it happened, in UTC.
        gateway: The channel.
        result_info: Why: a code and a description.
        channel: What the channel did and cost.
        phone_number: The recipient.
        reference: The caller's id for the message.
        request_id: Id of the request that sent it.
    """

    message_id: str
    result: DeliveryResult | str
    at: datetime | None = None
    gateway: Gateway | str | None = None
    result_info: ResultInfo = attrs.field(factory=ResultInfo)
    channel: ChannelDetails | None = None
    phone_number: str | None = None
    reference: str | None = None
    request_id: str | None = None

    @property
    def is_final(self) -> bool:
        """Whether this is an outcome: only `seen` or another step of a flow can follow."""
        return self.rank >= _FINAL_FROM

    @property
    def is_delivered(self) -> bool:
        """Whether it reached the recipient."""
        return self.result in {DeliveryResult.DELIVERED, DeliveryResult.SEEN}

    @property
    def is_rejected(self) -> bool:
        """Whether it was processed and refused, so that nothing was sent."""
        return self.result == DeliveryResult.REJECTED

    @property
    def rank(self) -> int:
        """Rank of the result among all results."""
        return _RANKS.get(self.result, _RANK_OF_OTHERS)

    @property
    def order(self) -> tuple[int, float, int]:
        """What decides which of two reports is the state: the greater one."""
        # Breaks a tie within one second: any fixed choice will do.
        told = repr((str(self.result), str(self.gateway), self.result_info, self.channel))
        moment_s = NEVER_S if self.at is None else self.at.timestamp()
        return self.rank, moment_s, zlib.crc32(told.encode("utf-8", "surrogatepass"))

    def __repr__(self) -> str:
        """Show everything but number and reference."""
        number = None if self.phone_number is None else mask_number(self.phone_number)
        return (
            f"DeliveryState(message_id={self.message_id!r}, result={str(self.result)!r}, "
            f"at={self.at!r}, phone_number={number!r})"
        )


def state_of(report: DeliveryReport) -> DeliveryState:
    """Return the state after this report alone, with texts that every database can store."""
    return DeliveryState(
        message_id=report.message_id,
        result=_known(report.result),
        at=report.at,
        gateway=None if report.gateway is None else _known(report.gateway),
        result_info=attrs.evolve(
            report.result_info, description=storable(report.result_info.description)
        ),
        channel=_storable_channel(report.channel),
        phone_number=_storable_or_none(report.phone_number),
        reference=_storable_or_none(report.reference),
        request_id=report.request_id,
    )


def _known(text: str) -> str:
    return text if isinstance(text, (DeliveryResult, Gateway)) else storable(text)


def _storable_channel(channel: ChannelDetails | None) -> ChannelDetails | None:
    if channel is None:
        return None
    return attrs.evolve(
        channel, sender=_storable_or_none(channel.sender), route=_storable_or_none(channel.route)
    )


def _storable_or_none(text: str | None) -> str | None:
    return None if text is None else storable(text)


def storable(text: str) -> str:
    """Return a text that every database can store: bounded, without NUL or half surrogate pairs."""
    return text[:LONGEST_TEXT].encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def join(one: DeliveryState, other: DeliveryState) -> DeliveryState:
    """Return the state after both, in either order."""
    later, earlier = (one, other) if one.order >= other.order else (other, one)
    return attrs.evolve(
        later,
        phone_number=_greater(later.phone_number, earlier.phone_number),
        reference=_greater(later.reference, earlier.reference),
        request_id=_greater(later.request_id, earlier.request_id),
    )


def _greater(one: str | None, other: str | None) -> str | None:
    """Return the greater of two texts; None if there is none."""
    return max(one or "", other or "") or None


def names_of(reference: str | None, request_id: str | None) -> list[tuple[str, str]]:
    """Return the names other than its id by which a message can be found."""
    pairs = (("reference", reference), ("request_id", request_id))
    return [(kind, name) for kind, name in pairs if name]


def fold(states: Iterable[DeliveryState]) -> dict[str, DeliveryState]:
    """Return one state per message id."""
    folded: dict[str, DeliveryState] = {}
    for state in states:
        before = folded.get(state.message_id)
        folded[state.message_id] = state if before is None else join(before, state)
    return folded
