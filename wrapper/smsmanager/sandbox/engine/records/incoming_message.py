"""Define an incoming message: a reply, or an unsolicited message."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from smsmanager.sandbox.engine.records.unix_time import iso, moment

if TYPE_CHECKING:
    from smsmanager.sandbox.engine.records import JsonObject
    from smsmanager.sandbox.engine.records.received_message import ReceivedMessage
    from smsmanager.sandbox.engine.records.webhook_delivery import Delivery


@attrs.define(eq=False, kw_only=True)
class IncomingMessage:
    """One message that someone sent to the account.

    Attributes:
        sequence: Position in the order of arrival, counted with the messages that were sent.
        key_fingerprint: Inbox that received it.
        gateway: `"sms"`, `"viber"`, `"whatsapp"` or `"rcs"`.
        sender: Who wrote, normalised.
        recipient: Number or account that it was sent to.
        body: The text.
        at: Unix seconds.
        reply_to: The message that it answers; `None` for an unsolicited one.
        auto_reply: What the service replies, as `_incoming.reply` asks; `None` if nothing.
        email_to: Where it would be sent by e-mail, as `_incoming.email_to` asks; the sandbox sends none.
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
    deliveries: list[Delivery] = attrs.field(factory=list, repr=False)

    @property
    def is_opt_in(self) -> bool:
        """Whether it opted its sender in again."""
        return opt_word(self.body) == "START"

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
            "is_opt_in": self.is_opt_in,
            "deliveries": [delivery.as_json() for delivery in tuple(self.deliveries)],
        }


def opt_word(text: str) -> str:
    """Return a text in upper case: `STOP` or `START` alone, in any case, opts out or in.

    No page of the service says what a recipient writes to opt out, or in again: these are the usual words.
    """
    return text.strip().strip(".!").upper()
