"""Take replies and unsolicited messages, with what they set off: opt-outs, automatic answers, webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from smsmanager.sandbox.engine.records.incoming_message import IncomingMessage, opt_word
from smsmanager.sandbox.engine.records.journey import Entry
from smsmanager.sandbox.engine.records.normalisation import normalise_number
from smsmanager.sandbox.engine.records.webhook_events import DEFAULT_SENDER

if TYPE_CHECKING:
    from smsmanager.sandbox.engine.accounts import Accounts
    from smsmanager.sandbox.engine.feed import Feed
    from smsmanager.sandbox.engine.inbox import Inbox
    from smsmanager.sandbox.engine.records import JsonObject
    from smsmanager.sandbox.engine.records.received_message import ReceivedMessage
    from smsmanager.sandbox.engine.webhook_queue import Webhooks

# Channel of a step, as an incoming message names it.
_GATEWAYS = {"whatsapp_text": "whatsapp", "whatsapp_template": "whatsapp"}
# Where messages to an account without a number of its own are addressed.
_DEFAULT_RECIPIENT = "420900000"


@attrs.frozen(eq=False)
class Incoming:
    """The intake of replies and unsolicited messages. The engine guards it.

    Attributes:
        accounts: Where it is kept.
        inbox: Where it is numbered.
        webhooks: Takes the events.
        feed: Notified of each change.
        country_prefix: Country calling code of the account.
    """

    accounts: Accounts
    inbox: Inbox
    webhooks: Webhooks
    feed: Feed
    country_prefix: str

    def reply(self, text: str, to: ReceivedMessage, step: int, now: float) -> IncomingMessage:
        """Take the answer to a step of a message."""
        answered = to.steps[step]
        handling: JsonObject = (to.message.get("params") or {}).get("_incoming") or {}
        incoming = IncomingMessage(
            sequence=self.inbox.next_message(),
            key_fingerprint=to.key_fingerprint,
            gateway=_GATEWAYS.get(answered.channel, answered.channel),
            sender=to.to,
            recipient=answered.sender or DEFAULT_SENDER,
            body=text,
            at=now,
            reply_to=to,
            auto_reply=_auto_reply(handling.get("reply"), text),
            email_to=handling.get("email_to"),
            is_opt_out=opt_word(text) == "STOP",
        )
        self._keep(incoming)
        entries = to.journey.entries
        entries.append(Entry(now, "reply", step, text=text))
        if incoming.is_opt_out:
            entries.append(Entry(now, "opt_out", step))
        if incoming.is_opt_in:
            entries.append(Entry(now, "opt_in", step))
        if incoming.auto_reply is not None:
            entries.append(Entry(now, "auto_reply", step, text=incoming.auto_reply))
        callback = handling.get("callback") or to.message.get("callback")
        self.webhooks.add(self.accounts.of(to.key_fingerprint), callback, incoming, None, now)
        self.feed.publish("status", to.key_fingerprint, to.sequence)
        return incoming

    def receive(
        self, text: str, *, key: str, sender: str, recipient: str | None, gateway: str, now: float
    ) -> IncomingMessage:
        """Take an unsolicited message."""
        incoming = IncomingMessage(
            sequence=self.inbox.next_message(),
            key_fingerprint=key,
            gateway=gateway,
            sender=normalise_number(sender, self.country_prefix),
            recipient=recipient or _DEFAULT_RECIPIENT,
            body=text,
            at=now,
            is_opt_out=opt_word(text) == "STOP",
        )
        self._keep(incoming)
        self.webhooks.add(self.accounts.of(key), None, incoming, None, now)
        return incoming

    def _keep(self, incoming: IncomingMessage) -> None:
        account = self.accounts.of(incoming.key_fingerprint)
        account.incoming.append(incoming)
        account.wrote_at[incoming.sender] = incoming.at
        if incoming.is_opt_out:
            account.opted_out.add(incoming.sender)
        if incoming.is_opt_in:
            account.opted_out.discard(incoming.sender)
        self.feed.publish("incoming", incoming.key_fingerprint, incoming.sequence)


def _auto_reply(wanted: object, text: str) -> str | None:
    """Return what `_incoming.reply` answers: one text, or the `body` of the first `keyword` that is written.

    The shape is not published; what looks different answers nothing.
    """
    if isinstance(wanted, str):
        return wanted
    for answer in wanted if isinstance(wanted, list) else [wanted]:
        if isinstance(answer, dict):
            keyword, body = answer.get("keyword"), answer.get("body")
            if isinstance(body, str) and opt_word(str(keyword)) == opt_word(text):
                return body
    return None
