"""Events: frozen, complete, and without numbers or texts in their `repr`."""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from smsmanager._privacy import mask_number
from smsmanager.ids import reference_of
from smsmanager.webhooks._channels import ChannelDetails, channel_details

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class DeliveryResult(StrEnum):
    """Known results; any other result is an `UnlistedName`.

    Source: SmsManager API reference, "Webhooks".
    """

    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    REJECTED = "rejected"
    """Processed and refused: nothing was sent. Find the reason before you send it again."""
    FAILED = "failed"
    SEEN = "seen"


class Gateway(StrEnum):
    """Known channels; any other channel is an `UnlistedName`."""

    SMS = "sms"
    VIBER = "viber"
    WHATSAPP_TEXT = "whatsapp_text"
    WHATSAPP_TEMPLATE = "whatsapp_template"
    RCS = "rcs"
    WHATSAPP = "whatsapp"
    """Incoming messages only."""


class UnlistedName(str):
    """The name of a result or channel that this library does not know; otherwise an ordinary string.

    For type checkers, a `match` over the known names alone is not complete.
    """

    __slots__ = ()


# Look-ups here are faster than calling the enum.
_RESULTS = {str(member): member for member in DeliveryResult}
_GATEWAYS = {str(member): member for member in Gateway}


def result_named(name: str) -> DeliveryResult | UnlistedName:
    """Return the known result of this name, or the name itself."""
    if isinstance(name, (DeliveryResult, UnlistedName)):
        return name
    return _RESULTS.get(name) or UnlistedName(name)


def gateway_named(name: str | None) -> Gateway | UnlistedName | None:
    """Return the known channel of this name, or the name itself; None for None."""
    if name is None or isinstance(name, (Gateway, UnlistedName)):
        return name
    return _GATEWAYS.get(name) or UnlistedName(name)


_INFO = re.compile(r"\s*\[\s*(\d{1,9})\s*\]\s*(.*)", re.ASCII | re.DOTALL)


@attrs.frozen
class ResultInfo:
    """The reason for a result, from `"[code] text"` with either part optional.

    Attributes:
        code: The number, or None. There are properties for the documented codes; others occur, such as
            WhatsApp's six-digit codes.
        description: The text, possibly empty.

    Source: SmsManager guide, "Webhooks".
    """

    code: int | None = None
    description: str = ""

    @classmethod
    def from_text(cls, text: str | None) -> ResultInfo:
        """Split the text of a report."""
        if not text:
            return cls()
        found = _INFO.fullmatch(text)
        return cls(int(found[1]), found[2].strip()) if found else cls(None, text.strip())

    @property
    def is_number_format(self) -> bool:
        """Whether the number cannot exist (302)."""
        return self.code == 302  # noqa: PLR2004 - the documented code

    @property
    def is_not_allowed(self) -> bool:
        """Whether the account may not send to the number (303)."""
        return self.code == 303  # noqa: PLR2004 - the documented code

    @property
    def is_blacklisted(self) -> bool:
        """Whether the number is blacklisted or opted out (304)."""
        return self.code == 304  # noqa: PLR2004 - the documented code

    @property
    def is_duplicate(self) -> bool:
        """Whether the recipient received too many identical messages (306)."""
        return self.code == 306  # noqa: PLR2004 - the documented code

    @property
    def is_credit(self) -> bool:
        """Whether the account did not have enough credit (307)."""
        return self.code == 307  # noqa: PLR2004 - the documented code


def _key(kind: str, *parts: object) -> str:
    try:
        told = repr(parts)
    except ValueError:
        # JSON that the caller decoded can contain a number with thousands of digits.
        told = kind
    digest = hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{kind}:{digest[:40]}"


def _with_reference(key: str, reference: str | None) -> str:
    """Return a key that differs by reference: an id in a report is only the reporter's claim."""
    if reference is None:
        return key
    digest = hashlib.sha256(reference.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{key}:{digest[:32]}"


@attrs.frozen(slots=False, repr=False)
class DeliveryReport:
    """A delivery report: the result of a sent message so far.

    Attributes:
        message_id: Id of the recipient's message; in a batch with the suffix `-<recipient_index>`.
        result: A `DeliveryResult`, or an `UnlistedName` for any other string.
        gateway: The channel: a `Gateway`, or an `UnlistedName`.
        at: When it happened, in UTC; None if the report does not say.
        phone_number: The recipient.
        request_id: Id of the request that sent the message.
        payload: The `payload` of the message; empty if it had none.
        raw: The JSON object as received.

    Source: SmsManager API reference, "Webhooks".
    """

    message_id: str
    result: DeliveryResult | UnlistedName = attrs.field(converter=result_named)
    gateway: Gateway | UnlistedName | None = attrs.field(default=None, converter=gateway_named)
    at: datetime | None = None
    phone_number: str | None = None
    request_id: str | None = None
    payload: Mapping[str, Any] = attrs.field(factory=dict, hash=False)
    raw: Mapping[str, Any] = attrs.field(factory=dict, hash=False)

    @cached_property
    def result_info(self) -> ResultInfo:
        """The reason: a code and a description."""
        text = self.raw.get("result_info")
        return ResultInfo.from_text(text if isinstance(text, str) else None)

    @cached_property
    def channel(self) -> ChannelDetails | None:
        """Route, price and parts on the channel of the report; None if the report does not say."""
        return channel_details(self.raw, self.gateway)

    @property
    def reference(self) -> str | None:
        """The caller's id for the message; see `smsmanager.reference_of`."""
        return reference_of(self.payload)

    @property
    def dedup_key(self) -> str:
        """A key that is equal if the same event is delivered again.

        The service identifies duplicates by `message_id` and `result`. The key adds the gateway, so that
        `failed` on Viber and `failed` on the SMS after it stay two events, and the reference, so that a
        reporter on one message cannot replace an event of another.
        """
        return _with_reference(self.earlier_key, self.reference)

    @property
    def earlier_key(self) -> str:
        """The `dedup_key` of earlier versions, which a tracker may have stored."""
        return f"{self.message_id}:{self.result}:{self.gateway or ''}"

    def __repr__(self) -> str:
        """Show everything except number, payload and raw JSON."""
        number = None if self.phone_number is None else mask_number(self.phone_number)
        return (
            f"DeliveryReport(message_id={self.message_id!r}, result={str(self.result)!r}, "
            f"gateway={None if self.gateway is None else str(self.gateway)!r}, phone_number={number!r})"
        )


@attrs.frozen(slots=False, repr=False)
class Reply:
    """An answer to a sent message.

    Attributes:
        message_id: Id of the message that it answers.
        body: The text.
        sender: The number that sent it.
        recipient: The number or account that received it.
        gateway: The channel: a `Gateway`, or an `UnlistedName`.
        at: When it happened, in UTC; None if the event does not say.
        request_id: Id of the request that sent the message.
        payload: The `payload` of the message; empty if it had none.
        raw: The JSON object as received.

    Source: SmsManager API reference, "Webhooks".
    """

    message_id: str
    body: str
    sender: str | None = None
    recipient: str | None = None
    gateway: Gateway | UnlistedName | None = attrs.field(default=None, converter=gateway_named)
    at: datetime | None = None
    request_id: str | None = None
    payload: Mapping[str, Any] = attrs.field(factory=dict, hash=False)
    raw: Mapping[str, Any] = attrs.field(factory=dict, hash=False)

    @property
    def reference(self) -> str | None:
        """The caller's id for the message that it answers."""
        return reference_of(self.payload)

    @property
    def dedup_key(self) -> str:
        """A key that is equal if the same event is delivered again; without an id, all fields count."""
        return _with_reference(self.earlier_key, self.reference)

    @property
    def earlier_key(self) -> str:
        """The `dedup_key` of earlier versions, which a tracker may have stored."""
        return _key(
            "reply", self.message_id, self.at, self.sender, self.recipient, self.gateway, self.body
        )

    def __repr__(self) -> str:
        """Show neither number nor text."""
        return f"Reply(message_id={self.message_id!r}, body=<{len(self.body)} characters>)"


@attrs.frozen(slots=False, repr=False)
class IncomingMessage:
    """A message that is not an answer to a sent message.

    Attributes:
        body: The text.
        sender: The number that sent it.
        recipient: The number or account that received it.
        gateway: The channel: a `Gateway`, or an `UnlistedName`.
        at: When it happened, in UTC; None if the event does not say.
        raw: The JSON object as received.

    Source: SmsManager API reference, "Webhooks".
    """

    body: str
    sender: str | None = None
    recipient: str | None = None
    gateway: Gateway | UnlistedName | None = attrs.field(default=None, converter=gateway_named)
    at: datetime | None = None
    raw: Mapping[str, Any] = attrs.field(factory=dict, hash=False)

    @property
    def dedup_key(self) -> str:
        """A key that is equal if the same event is delivered again; all its fields count."""
        return _key("incoming", self.at, self.sender, self.recipient, self.gateway, self.body)

    def __repr__(self) -> str:
        """Show neither number nor text."""
        return f"IncomingMessage(body=<{len(self.body)} characters>)"


@attrs.frozen(slots=False, repr=False)
class UnknownEvent:
    """An element that is not one of the other events; the rest of its batch is not affected.

    Attributes:
        reason: The reason; it quotes nothing from the element.
        raw: The element as received; None if it was nested too deeply, or contains a number with hundreds of
            digits.
    """

    reason: str
    raw: Any = attrs.field(default=None, hash=False)

    @cached_property
    def dedup_key(self) -> str:
        """A key that is equal if the same element is delivered again."""
        return _key("unknown", self.raw)

    def __repr__(self) -> str:
        """Show only the reason."""
        return f"UnknownEvent(reason={self.reason!r})"


Event: TypeAlias = DeliveryReport | Reply | IncomingMessage | UnknownEvent
