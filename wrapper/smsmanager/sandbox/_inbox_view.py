"""Read what was sent with one API key, or with all, and act as the recipients do."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Unpack

import anyio.to_thread

from smsmanager.sandbox._assertions import explain_missing, explain_surplus
from smsmanager.sandbox._controls import Controls
from smsmanager.sandbox.engine.records.received_message import SMS
from smsmanager.sandbox.engine.records.value_checks import amount
from smsmanager.sandbox.engine.records.webhook_events import report
from smsmanager.sandbox.engine.search import Criteria, Search

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from smsmanager.sandbox._operations.service import Service
    from smsmanager.sandbox._server.driver import Driver
    from smsmanager.sandbox.engine.feed import Feed
    from smsmanager.sandbox.engine.records import JsonObject
    from smsmanager.sandbox.engine.records.incoming_message import IncomingMessage
    from smsmanager.sandbox.engine.records.received_message import ReceivedMessage
    from smsmanager.sandbox.engine.records.received_request import ReceivedRequest
    from smsmanager.sandbox.engine.records.webhook_delivery import Delivery


class InboxView(Controls):
    """The inbox of one API key, or of all, and the controls of its sandbox.

    All methods can be called from any thread.

    Attributes:
        key_fingerprint: First 12 hex digits of the SHA-256 of the API key; `None` for all keys.
    """

    def __init__(self, service: Service, driver: Driver, key_fingerprint: str | None) -> None:
        super().__init__(service, driver)
        self._inbox = service.inbox
        self.key_fingerprint = key_fingerprint

    def __repr__(self) -> str:
        """Show how much was received, but none of its content."""
        return f"InboxView(messages={len(self.messages)}, requests={len(self.requests)})"

    @property
    def messages(self) -> tuple[ReceivedMessage, ...]:
        """Received messages, one for each recipient, oldest first."""
        return self._inbox.messages(self.key_fingerprint)

    @property
    def feed(self) -> Feed:
        """A number for each change, and a way to wait for the next."""
        return self._engine.feed

    @property
    def requests(self) -> tuple[ReceivedRequest, ...]:
        """Received requests to the service, also those that were refused, oldest first."""
        return self._inbox.requests(self.key_fingerprint)

    @property
    def incoming(self) -> tuple[IncomingMessage, ...]:
        """Replies and unsolicited messages, oldest first."""
        return self._engine.incoming(self.key_fingerprint)

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """Webhooks with their attempts, oldest first."""
        return self._engine.deliveries(self.key_fingerprint)

    @property
    def reports(self) -> Iterator[JsonObject]:
        """Delivery reports so far, as webhooks carry them, also of messages without a callback."""
        for message in self.messages:
            for entry in message.journey.entries:
                if entry.kind == "report":
                    yield report(message, entry)

    @property
    def opted_out(self) -> frozenset[str]:
        """Numbers that opted out of promotional messages."""
        with self._engine.lock:
            return frozenset(
                n
                for account in self._engine.accounts.chosen(self.key_fingerprint)
                for n in account.opted_out
            )

    def search(self, **criteria: Unpack[Criteria]) -> tuple[ReceivedMessage, ...]:
        """Return the messages that match all criteria, oldest first.

        Args:
            **criteria: `to`, `containing`, `body`, `tag`, `channel`, `sender` and `state`; see `Criteria`.
        """
        return self._inbox.search(key=self.key_fingerprint, **criteria)

    def latest(self, *, to: str | None = None) -> ReceivedMessage | None:
        """Return the newest message, or `None` if there is none.

        Args:
            to: Only messages to this number, in any form that the service understands.
        """
        return next(self._inbox.newest(key=self.key_fingerprint, to=to), None)

    def find(self, message_id: str) -> tuple[ReceivedMessage, ...]:
        """Return the messages with an id, in the order of `to`; empty if there is none.

        Args:
            message_id: Id as it was answered, which for `POST /messages` is that of all recipients
                of one message, or as webhooks report it, with `-<recipient_index>`.
        """
        return self._inbox.find(message_id)

    def wait_for(self, *, timeout_s: float = 5.0, **criteria: Unpack[Criteria]) -> ReceivedMessage:
        """Return the newest message that matches all criteria; wait for it if there is none.

        Args:
            timeout_s: How long to wait, in real seconds.
            **criteria: As for `search`.

        Raises:
            TimeoutError: If there was none in time; says how many others there were.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            seen = self._engine.feed.latest
            found = next(self._inbox.newest(key=self.key_fingerprint, **criteria), None)
            if found is not None:
                return found
            left = deadline - time.monotonic()
            if left <= 0:
                others = len(self.messages)
                raise TimeoutError(
                    f"No message matched within {timeout_s:g} s; {others} other messages are there."
                )
            self._engine.feed.wait(seen, left)

    async def wait_for_async(
        self, *, timeout_s: float = 5.0, **criteria: Unpack[Criteria]
    ) -> ReceivedMessage:
        """Do what `wait_for` does without blocking the event loop, which may have to send the message."""
        wait = partial(self.wait_for, timeout_s=timeout_s, **criteria)
        return await anyio.to_thread.run_sync(wait, abandon_on_cancel=True)

    def assert_sent(
        self, *, count: int | None = None, **criteria: Unpack[Criteria]
    ) -> ReceivedMessage:
        """Check that a message that matches all criteria was received, and return the newest.

        Args:
            count: How many have to match; `None` for at least one.
            **criteria: As for `search`.

        Raises:
            AssertionError: If none matches, or not as many as expected; shows the closest matches, and why
                requests were refused. It holds numbers and texts.
            ValueError: If `count` is less than 1.
        """
        if count is not None and count < 1:
            raise ValueError("count must be at least 1: use assert_not_sent for none.")
        search = Search(self._inbox.country_prefix, criteria)
        messages = self.messages
        found = list(filter(search.matches, messages))
        if not found or (count is not None and len(found) != count):
            elsewhere = self._inbox.count()[0] - len(messages)
            raise AssertionError(
                explain_missing(search, len(found), count, messages, self.requests, elsewhere)
            )
        return found[-1]

    def assert_not_sent(self, **criteria: Unpack[Criteria]) -> None:
        """Check that no message that matches all criteria was received; without criteria, no message at all.

        Args:
            **criteria: As for `search`.

        Raises:
            AssertionError: If there is one; shows which. It holds numbers and texts.
        """
        found = self.search(**criteria)
        if found:
            search = Search(self._inbox.country_prefix, criteria)
            raise AssertionError(explain_surplus(search, found))

    def reply(
        self,
        text: str,
        *,
        to: str | ReceivedMessage,
    ) -> IncomingMessage:
        """Answer a message as its recipient does; its webhook is sent before this returns.

        Args:
            text: The answer. `STOP` opts the recipient out of promotional messages.
            to: The message that is answered, or a number: the newest message to it.

        Raises:
            LookupError: If nothing was sent to this number.
        """
        message = self.latest(to=to) if isinstance(to, str) else to
        if message is None or message.message_id is None:
            raise LookupError("Nothing was sent to this number that could be answered.")
        incoming = self._engine.reply(text, to=message)
        self.flush()
        return incoming

    def receive(
        self,
        text: str,
        *,
        sender: str,
        recipient: str | None = None,
        gateway: str = SMS,
    ) -> IncomingMessage:
        """Receive an unsolicited message; its webhook goes to the callback of the key.

        Args:
            text: The text.
            sender: Number that writes, in any form that the service understands.
            recipient: Number or account that is written to.
            gateway: `"sms"`, `"viber"`, `"whatsapp"` or another name.

        Raises:
            LookupError: If this is the view of all keys, and not exactly one key was used yet.
        """
        incoming = self._engine.receive(
            text,
            key=self._one_key(),
            sender=sender,
            recipient=recipient,
            gateway=gateway,
        )
        self.flush()
        return incoming

    def configure(
        self,
        *,
        credit: Decimal | int | str | None = None,
        callback: str | None = None,
        secret: str | None = None,
    ) -> None:
        """Set properties of the key's account; omitted ones stay as they are.

        Args:
            credit: Remaining CZK.
            callback: URL for webhooks of messages that name no callback.
            secret: Signs webhooks.

        Raises:
            ValueError: If the credit is not an amount of at least 0.
        """
        given = None if credit is None else amount("credit", credit)
        with self._engine.lock:
            accounts = self._engine.accounts
            if self.key_fingerprint is not None:
                accounts.of(self.key_fingerprint)
            for account in accounts.chosen(self.key_fingerprint):
                if given is not None:
                    account.credit = given
                if callback is not None:
                    account.callback = callback
                if secret is not None:
                    account.secret = secret
            self._engine.feed.publish("settings", self.key_fingerprint or "")

    @property
    def credit(self) -> Decimal | None:
        """Remaining CZK; `None` never runs out.

        Raises:
            LookupError: If this is the view of all keys, and not exactly one key was used yet.
        """
        return self._engine.accounts.of(self._one_key()).credit

    def clear(self) -> None:
        """Forget what belongs to the key; for all keys, everything except rules and settings."""
        self._service.clear(self.key_fingerprint)

    def _one_key(self) -> str:
        if self.key_fingerprint is not None:
            return self.key_fingerprint
        account = self._engine.accounts.only()
        if account is None:
            count = len(self._engine.accounts)
            raise LookupError(f"{count} API keys were used: choose one, `sandbox.inbox(api_key)`.")
        return account.fingerprint
