"""The state of one message: its reports, folded in any order; pure.

Reports are folded by step: the attempt of one channel to send a message. The state of a step is its greatest
report in a fixed order. So neither the order nor the number of deliveries matters, and stores can fold with
one atomic statement. The state of a message follows from the states of its steps.
"""

from __future__ import annotations

import hashlib
import zlib
from typing import TYPE_CHECKING

import attrs

from smsmanager._privacy import mask_number
from smsmanager.webhooks._events import (
    DeliveryResult,
    Gateway,
    ResultInfo,
    UnlistedName,
    gateway_named,
    result_named,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from smsmanager.webhooks._channels import ChannelDetails
    from smsmanager.webhooks._events import DeliveryReport

REJECTED = 40
"""Rank of `rejected`: the outcome of its step, after which the flow may continue."""
_DELIVERED, _SEEN = 50, 60
REACHED = (_DELIVERED, _SEEN)
"""Ranks of `delivered` and `seen`, which no report of another step changes."""
_RANKS: dict[str, int] = {
    DeliveryResult.SENDING: 10,
    DeliveryResult.SENT: 20,
    DeliveryResult.UNDELIVERED: 40,
    DeliveryResult.FAILED: 40,
    DeliveryResult.REJECTED: REJECTED,
    DeliveryResult.DELIVERED: _DELIVERED,
    DeliveryResult.SEEN: _SEEN,
}
# An unknown result says more than `sent`, and never hides an outcome.
_RANK_OF_OTHERS = 30
_FINAL_FROM = 40
EARLIER_REJECTED = 70
"""Rank of `rejected` in what earlier versions stored."""
NEVER_S = -1e15
"""The time of a report without one: before every other time."""
UNKNOWN_S = 1e15
"""When a step began whose reports have no time: after every other time."""
LONGEST_TEXT = 200
"""Maximum characters of a text from a report; longer texts are cut."""


@attrs.frozen(repr=False)
class DeliveryState:
    """The current state of one message.

    In a flow, the furthest step decides: the one that began last. But a step that is `delivered` or `seen`
    decides over all others, because the recipient has the message. Within a step, `seen` outranks
    `delivered`, `delivered` outranks `undelivered`, `failed` and `rejected`, and these outrank `sent` and
    `sending`. Of equals, the later one counts.

    Attributes:
        message_id: The id as reported.
        result: A `DeliveryResult`, or an `UnlistedName`.
        at: When it happened, in UTC.
        gateway: The channel.
        result_info: The reason: a code and a description.
        channel: Route, price and parts on the channel.
        phone_number: The recipient.
        reference: The caller's id for the message.
        request_id: Id of the request that sent it.
    """

    message_id: str
    result: DeliveryResult | UnlistedName = attrs.field(converter=result_named)
    at: datetime | None = None
    gateway: Gateway | UnlistedName | None = attrs.field(default=None, converter=gateway_named)
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
        """Whether the furthest step was processed and refused, so it sent nothing."""
        return self.result == DeliveryResult.REJECTED

    @property
    def rank(self) -> int:
        """Rank of the result among all results."""
        return _RANKS.get(self.result, _RANK_OF_OTHERS)

    @property
    def order(self) -> tuple[int, float, int]:
        """The order of the reports of a step: the greatest one is its state."""
        # Breaks a tie within a second: any fixed order will do.
        told = repr((str(self.result), str(self.gateway), self.result_info, self.channel))
        moment_s = NEVER_S if self.at is None else self.at.timestamp()
        return self.rank, moment_s, zlib.crc32(told.encode("utf-8", "surrogatepass"))

    def __repr__(self) -> str:
        """Show everything except number and reference."""
        number = None if self.phone_number is None else mask_number(self.phone_number)
        return (
            f"DeliveryState(message_id={self.message_id!r}, result={str(self.result)!r}, "
            f"at={self.at!r}, phone_number={number!r})"
        )


@attrs.frozen(repr=False)
class StepState(DeliveryState):
    """The current state of one step, under one reference.

    Attributes:
        began_s: Unix seconds of the first report that has a time.
        known_since_s: Unix seconds at which the store got the first report.
        is_earlier: Whether an earlier version stored it, which stored a long reference in another form.
    """

    began_s: float = UNKNOWN_S
    known_since_s: float = attrs.field(default=UNKNOWN_S, eq=False)
    is_earlier: bool = attrs.field(default=False, eq=False)

    @property
    def channel_key(self) -> str:
        """The known channel; empty for any other, so that a message has few steps."""
        return str(self.gateway) if isinstance(self.gateway, Gateway) else ""

    @property
    def key(self) -> tuple[str, str, str]:
        """The key that reports of one step share: message id, reference, channel."""
        return self.message_id, self.reference or "", self.channel_key


def state_of(report: DeliveryReport) -> StepState:
    """Return the state of a step after this one report, with texts that every database can store."""
    info, reference = report.result_info, report.reference
    return StepState(
        message_id=report.message_id,
        result=storable(report.result),
        at=report.at,
        gateway=_storable_or_none(report.gateway),
        result_info=ResultInfo(info.code, storable(info.description)),
        channel=_storable_channel(report.channel),
        phone_number=_storable_or_none(report.phone_number),
        reference=None if reference is None else kept_reference(reference),
        request_id=report.request_id,
        began_s=UNKNOWN_S if report.at is None else report.at.timestamp(),
    )


def _storable_channel(channel: ChannelDetails | None) -> ChannelDetails | None:
    if channel is None:
        return None
    sender, route = _storable_or_none(channel.sender), _storable_or_none(channel.route)
    if (sender, route) == (channel.sender, channel.route):
        return channel
    return attrs.evolve(channel, sender=sender, route=route)


def _storable_or_none(text: str | None) -> str | None:
    return None if text is None else storable(text)


def storable(text: str) -> str:
    """Return a text that every database can store: bounded, without NUL or lone surrogates."""
    return text[:LONGEST_TEXT].encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def kept_reference(reference: str) -> str:
    """Return a reference that every database can store; two references stay different."""
    text = storable(reference)
    if text == reference:
        return text
    digest = hashlib.sha256(reference.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{text[: LONGEST_TEXT - 41]}\N{HORIZONTAL ELLIPSIS}{digest[:40]}"


def is_of(state: StepState, reference: str | None) -> bool:
    """Return whether a state may belong to a message with this reference.

    A state without a reference may belong to any message: a callback URL for one message does not allow such
    a report.
    """
    if state.reference is None:
        return True
    return reference is not None and (
        state.reference == kept_reference(reference)
        or (state.is_earlier and state.reference == storable(reference))
    )


def join(one: StepState, other: StepState) -> StepState:
    """Return the state of a step after both reports, in either order."""
    # An id has two forms. Of equal reports, the form decides, not the order in which they came.
    later, earlier = (
        (one, other)
        if (one.order, one.message_id) >= (other.order, other.message_id)
        else (other, one)
    )
    return attrs.evolve(
        later,
        phone_number=_greater(later.phone_number, earlier.phone_number),
        reference=_greater(later.reference, earlier.reference),
        request_id=_greater(later.request_id, earlier.request_id),
        began_s=min(one.began_s, other.began_s),
        known_since_s=min(one.known_since_s, other.known_since_s),
    )


def _greater(one: str | None, other: str | None) -> str | None:
    """Return the greater of two texts; None if there is no text."""
    return max(one or "", other or "") or None


def fold(states: Iterable[StepState]) -> dict[tuple[str, str, str], StepState]:
    """Return one state per step."""
    folded: dict[tuple[str, str, str], StepState] = {}
    for state in states:
        before = folded.get(state.key)
        folded[state.key] = state if before is None else join(before, state)
    return folded


def outcome_of(steps: Iterable[StepState]) -> DeliveryState | None:
    """Return the state of a message from the states of its steps; None without steps."""
    channels: dict[str, StepState] = {}
    for step in steps:
        before = channels.get(step.channel_key)
        channels[step.channel_key] = step if before is None else join(before, step)
    if not channels:
        return None
    known = list(channels.values())
    reached = [step for step in known if step.is_delivered]
    if reached:
        last = max(reached, key=lambda step: (step.order, step.key))
    else:
        # Without the times of all steps, their order is not known.
        is_timed = all(step.began_s != UNKNOWN_S for step in known)
        last = max(known, key=lambda step: (_how_far(step, is_timed=is_timed), step.key))
    names = {
        name: max((getattr(step, name) or "" for step in known), default="") or None
        for name in ("phone_number", "reference", "request_id")
    }
    fields = {field.name: getattr(last, field.name) for field in attrs.fields(DeliveryState)}
    return DeliveryState(**{**fields, **names})


def _how_far(step: StepState, *, is_timed: bool) -> tuple[float, bool, float, bool, int]:
    """Return the sort key that is greatest for the furthest step.

    Times are whole seconds. Of two steps that began in the same second, an unfinished one came after a
    finished one; of two finished ones, SMS usually came last.
    """
    _, at_s, tie = step.order
    began_s = step.began_s if is_timed else 0.0
    return began_s, not step.is_final, at_s, step.gateway == Gateway.SMS, tie
