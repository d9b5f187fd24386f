"""Events as a service reads them: frozen, complete, and silent about numbers and texts in their `repr`."""

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
    """Known results; a report whose result is none of them holds the text as it came.

    Source: SmsManager API reference, "Webhooks".
    """

    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    REJECTED = "rejected"
    """Processed and refused: nothing was sent. Not to be sent again blindly."""
    FAILED = "failed"
    SEEN = "seen"


class Gateway(StrEnum):
    """Known channels; an event of another one holds the text as it came."""

    SMS = "sms"
    VIBER = "viber"
    WHATSAPP_TEXT = "whatsapp_text"
    WHATSAPP_TEMPLATE = "whatsapp_template"
    RCS = "rcs"
    WHATSAPP = "whatsapp"
    """Of incoming messages only."""


_INFO = re.compile(r"\s*\[\s*(\d{1,9})\s*\]\s*(.*)", re.ASCII | re.DOTALL)


@attrs.frozen
class ResultInfo:
    """Why a message has its result, from `"[code] text"` with either part optional.

    Attributes:
        code: The number, or None. The predicates name the documented ones; others appear, such as WhatsApp's
            six-digit ones.
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
        """Whether the number is not in the list that the account may send to (303)."""
        return self.code == 303  # noqa: PLR2004 - the documented code

    @property
    def is_blacklisted(self) -> bool:
        """Whether the number is blacklisted or opted out (304)."""
        return self.code == 304  # noqa: PLR2004 - the documented code

    @property
    def is_duplicate(self) -> bool:
        """Whether the recipient got too many identical messages (306)."""
        return self.code == 306  # noqa: PLR2004 - the documented code

    @property
    def is_credit(self) -> bool:
        """Whether the account had not enough credit (307)."""
        return self.code == 307  # noqa: PLR2004 - the documented code


def _key(kind: str, *parts: object) -> str:
    digest = hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()
    return f"{kind}:{digest[:40]}"


@attrs.frozen(slots=False, repr=False)
class DeliveryReport:
    """What became of a message that was sent, up to now.

    Attributes:
        message_id: Id of the recipient's message; for a batch with `-<recipient_index>` behind it.
        result: A `DeliveryResult`, or the text of one that is not known here.
        gateway: The channel that this is about: a `Gateway`, or another text.
        at: When it happened, in UTC; None when the report does not say.
        phone_number: The recipient.
        request_id: Id of the request that sent the message.
        payload: What the message carried as `payload`; empty when there was none.
        raw: The JSON object as it came.

    Source: SmsManager API reference, "Webhooks".
    """

    message_id: str
    result: DeliveryResult | str
    gateway: Gateway | str | None = None
    at: datetime | None = None
    phone_number: str | None = None
    request_id: str | None = None
    payload: Mapping[str, Any] = attrs.field(factory=dict, hash=False)
    raw: Mapping[str, Any] = attrs.field(factory=dict, hash=False)

    @cached_property
    def result_info(self) -> ResultInfo:
        """Why: a code and a description."""
        text = self.raw.get("result_info")
        return ResultInfo.from_text(text if isinstance(text, str) else None)

    @cached_property
    def channel(self) -> ChannelDetails | None:
        """What the channel did and cost, under one name whatever the channel; None when it is not told."""
        return channel_details(self.raw, self.gateway)

    @property
    def reference(self) -> str | None:
        """The caller's own id of the message, see `smsmanager.reference_of`."""
        return reference_of(self.payload)

    @property
    def dedup_key(self) -> str:
        """Equal for the same event delivered again.

        The service says that `message_id` with `result` tells duplicates. The gateway is part of it, so that
        `failed` on Viber and `failed` on the SMS that followed stay two events.
        """
        return f"{self.message_id}:{self.result}:{self.gateway or ''}"

    def __repr__(self) -> str:
        """Show everything but number, payload and raw JSON."""
        number = None if self.phone_number is None else mask_number(self.phone_number)
        return (
            f"DeliveryReport(message_id={self.message_id!r}, result={str(self.result)!r}, "
            f"gateway={None if self.gateway is None else str(self.gateway)!r}, phone_number={number!r})"
        )


@attrs.frozen(slots=False, repr=False)
class Reply:
    """An answer to a message that was sent.

    Attributes:
        message_id: Id of the message that it answers.
        body: The text.
        sender: Who wrote.
        recipient: The number or account that was written to.
        gateway: The channel: a `Gateway`, or another text.
        at: When, in UTC; None when it is not told.
        request_id: Id of the request that sent the message.
        payload: What the message carried as `payload`; empty when there was none.
        raw: The JSON object as it came.

    Source: SmsManager API reference, "Webhooks".
    """

    message_id: str
    body: str
    sender: str | None = None
    recipient: str | None = None
    gateway: Gateway | str | None = None
    at: datetime | None = None
    request_id: str | None = None
    payload: Mapping[str, Any] = attrs.field(factory=dict, hash=False)
    raw: Mapping[str, Any] = attrs.field(factory=dict, hash=False)

    @property
    def reference(self) -> str | None:
        """The caller's own id of the message that it answers."""
        return reference_of(self.payload)

    @property
    def dedup_key(self) -> str:
        """Equal for the same event delivered again; a reply has no id, so this is made of all it says."""
        return _key(
            "reply", self.message_id, self.at, self.sender, self.recipient, self.gateway, self.body
        )

    def __repr__(self) -> str:
        """Show neither number nor text."""
        return f"Reply(message_id={self.message_id!r}, body=<{len(self.body)} characters>)"


@attrs.frozen(slots=False, repr=False)
class IncomingMessage:
    """A message that answers none of ours.

    Attributes:
        body: The text.
        sender: Who wrote.
        recipient: The number or account that was written to.
        gateway: The channel: a `Gateway`, or another text.
        at: When, in UTC; None when it is not told.
        raw: The JSON object as it came.

    Source: SmsManager API reference, "Webhooks".
    """

    body: str
    sender: str | None = None
    recipient: str | None = None
    gateway: Gateway | str | None = None
    at: datetime | None = None
    raw: Mapping[str, Any] = attrs.field(factory=dict, hash=False)

    @property
    def dedup_key(self) -> str:
        """Equal for the same event delivered again; made of all it says."""
        return _key("incoming", self.at, self.sender, self.recipient, self.gateway, self.body)

    def __repr__(self) -> str:
        """Show neither number nor text."""
        return f"IncomingMessage(body=<{len(self.body)} characters>)"


@attrs.frozen(slots=False, repr=False)
class UnknownEvent:
    """An element that is none of the other events; the rest of its batch is not affected.

    Attributes:
        reason: Why; it repeats nothing of the element.
        raw: The element as it came; None when it was nested too deeply to keep.
    """

    reason: str
    raw: Any = attrs.field(default=None, hash=False)

    @cached_property
    def dedup_key(self) -> str:
        """Equal for the same element delivered again."""
        return _key("unknown", self.raw)

    def __repr__(self) -> str:
        """Show the reason only."""
        return f"UnknownEvent(reason={self.reason!r})"


Event: TypeAlias = DeliveryReport | Reply | IncomingMessage | UnknownEvent
