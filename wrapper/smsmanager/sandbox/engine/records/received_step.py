"""Define one step of a message: a channel, with its text as it is sized and billed.

No `repr` shows a number or a text.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from smsmanager.parts import MessageParts
    from smsmanager.sandbox.engine.records import JsonObject

SMS = "sms"


@attrs.frozen
class ReceivedStep:
    """One channel of a message, with what it takes from the message resolved.

    Attributes:
        channel: Name of the step on the wire, such as `"sms"` or `"viber"`.
        body: Text that is shown: the step's own, else that of the message. `None` for a step that
            has no text, such as a WhatsApp template.
        sender: The step's own, else that of the message; `None` leaves it to the account.
        fields: The step as received; empty for a message without `flow`.
    """

    channel: str
    body: str | None = attrs.field(repr=False)
    sender: str | None = attrs.field(repr=False)
    fields: JsonObject = attrs.field(repr=False, hash=False)

    @property
    def sms_parts(self) -> MessageParts | None:
        """Size of the text as SMS; `None` for another channel."""
        if self.channel != SMS or self.body is None:
            return None
        return sms_parts(self.body, self.fields.get("type"))

    @property
    def ttl_condition(self) -> str:
        """Result that the step has to reach within its `ttl`, else the next step starts."""
        condition: str | None = self.fields.get("ttl_condition")
        return condition or ("sent" if self.channel == SMS else "delivered")

    def as_json(self) -> JsonObject:
        """Return the step as the JSON API shows it."""
        size = self.sms_parts
        return {
            "channel": self.channel,
            "body": self.body,
            "sender": self.sender,
            "parts": size.parts if size else None,
            "encoding": size.encoding if size else None,
        }


@functools.lru_cache(maxsize=1024)
def sms_parts(text: str, sms_type: object) -> MessageParts:
    """Return the size of a text as SMS.

    Args:
        text: The text.
        sms_type: `"sms"` for the service's transliteration to GSM-7.
    """
    from smsmanager.parts import message_parts  # noqa: PLC0415 - not needed to receive

    return message_parts(text, "sms" if sms_type == "sms" else "utf")
