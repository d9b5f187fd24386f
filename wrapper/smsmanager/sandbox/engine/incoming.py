"""Hold what comes in: replies and unsolicited messages."""

from typing import TYPE_CHECKING, Final

import attrs

from smsmanager.sandbox._received import JsonObject, ReceivedMessage
from smsmanager.sandbox.engine.clock import iso, moment

if TYPE_CHECKING:
    from smsmanager.sandbox.engine.webhooks import Delivery

# Channel of a step, as an incoming message names it.
_GATEWAYS: Final = {"whatsapp_text": "whatsapp", "whatsapp_template": "whatsapp"}
_STOP: Final = "STOP"


@attrs.define(eq=False, kw_only=True)
class IncomingMessage:
    """Hold one message that somebody wrote to the account.

    Attributes:
        sequence: Position in the order of arrival, of all that was sent and came in.
        key_fingerprint: Inbox that it came to.
        gateway: `"sms"`, `"viber"`, `"whatsapp"` or `"rcs"`.
        sender: Who wrote, normalised.
        recipient: Number or account that was written to.
        body: The text.
        at: Unix seconds.
        reply_to: The message that it answers; `None` for an unsolicited one.
        auto_reply: What the service answers it, as `_incoming.reply` asks; `None` if nothing.
        email_to: Where it would be sent by e-mail, as `_incoming.email_to` asks; the sandbox does not.
        is_opt_out: Whether it opted its sender out of promotional messages.
        deliveries: Its webhooks.
    """

    sequence: int
    key_fingerprint: str
    gateway: str
    sender: str = attrs.field(repr=False)
    recipient: str = attrs.field(repr=False)
    body: str = attrs.field(repr=False)
    at: float
    reply_to: ReceivedMessage | None = attrs.field(default=None, repr=False)
    auto_reply: str | None = attrs.field(default=None, repr=False)
    email_to: str | None = attrs.field(default=None, repr=False)
    is_opt_out: bool = False
    deliveries: "list[Delivery]" = attrs.field(factory=list, repr=False)

    def as_json(self) -> JsonObject:
        """Return the message as the JSON API shows it."""
        return {
            "sequence": self.sequence,
            "key_fingerprint": self.key_fingerprint,
            "gateway": self.gateway,
            "sender": self.sender,
            "recipient": self.recipient,
            "body": self.body,
            "received_at": iso(moment(self.at)),
            "reply_to": self.reply_to.message_id if self.reply_to else None,
            "auto_reply": self.auto_reply,
            "email_to": self.email_to,
            "is_opt_out": self.is_opt_out,
            "deliveries": [delivery.as_json() for delivery in tuple(self.deliveries)],
        }


def gateway_of_channel(channel: str) -> str:
    """Return the name under which a reply to a step of this channel comes in."""
    return _GATEWAYS.get(channel, channel)


def opts_out(text: str) -> bool:
    """Tell whether a text opts its sender out: `STOP` and nothing else, in any case."""
    return text.strip().strip(".!").upper() == _STOP
