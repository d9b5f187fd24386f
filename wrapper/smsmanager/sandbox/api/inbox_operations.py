"""Answer operations on messages, requests, incoming messages and webhooks."""

from __future__ import annotations

import bisect
import itertools
import time
from typing import TYPE_CHECKING, cast

import attrs
from starlette.exceptions import HTTPException

from smsmanager.sandbox._server.event_stream import next_change
from smsmanager.sandbox.api.arguments import DEFAULT_LIMIT, Arguments, page_of
from smsmanager.sandbox.engine.records.received_message import SMS
from smsmanager.sandbox.engine.search import CRITERIA, Search

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smsmanager.sandbox._operations.service import Service
    from smsmanager.sandbox._server.driver import Driver
    from smsmanager.sandbox.engine.records import JsonObject
    from smsmanager.sandbox.engine.records.received_message import ReceivedMessage
    from smsmanager.sandbox.engine.search import Criteria

_NO_MESSAGE = "There is no such message."
_WAIT_S = 10.0
# How many messages are looked at in one turn: some milliseconds.
_LOOKED_AT = 5000


@attrs.frozen(eq=False)
class InboxOperations:
    """The operations on a service's inboxes.

    Attributes:
        service: The service with the messages.
        driver: Lets time pass.
    """

    service: Service
    driver: Driver

    async def list_messages(self, arguments: Arguments) -> JsonObject:
        """Return the messages that match, oldest first."""
        after: int = arguments.given.get("after", 0)
        messages = self.service.inbox.messages(arguments.key)
        start = bisect.bisect_right(messages, after, key=lambda message: message.sequence)
        # One more than asked for: whether there is more.
        wanted = arguments.given.get("limit", DEFAULT_LIMIT) + 1
        found = await self._search(arguments, messages[start:], wanted)
        async with self.driver.turn():
            return page_of("messages", found, arguments)

    async def latest_message(self, arguments: Arguments) -> JsonObject:
        """Return the newest message that matches."""
        return {"message": (await self._latest(arguments)).as_json_with_timeline()}

    async def extract(self, arguments: Arguments) -> JsonObject:
        """Return code and link of the newest message that matches."""
        message = await self._latest(arguments)
        return {"message_id": message.message_id, "code": message.code, "link": message.link}

    async def wait_for_message(self, arguments: Arguments) -> JsonObject:
        """Return the newest message that matches, as soon as there is one; `null` if there is none."""
        feed = self.service.engine.feed
        timeout_s: float = arguments.given.get("timeout_s", _WAIT_S)
        after: int = arguments.given.get("after", 0)
        deadline = time.monotonic() + timeout_s
        while True:
            seen = feed.latest
            found = await self._newest(arguments, after)
            if found is not None:
                return {"message": found.as_json_with_timeline()}
            left = deadline - time.monotonic()
            if left <= 0:
                return {"message": None}
            await next_change(feed, seen, left)

    async def show_message(self, arguments: Arguments) -> JsonObject:
        """Return the messages with an id, with everything that happened to them."""
        found = self._by_id(arguments)
        return {"messages": [message.as_json_with_timeline() for message in found]}

    async def reply(self, arguments: Arguments) -> JsonObject:
        """Answer a message as its recipient does."""
        message = self._by_id(arguments)[0]
        step: int | None = arguments.body.get("step")
        if step is not None and step >= len(message.steps):
            raise HTTPException(400, "/step: the message has fewer steps")
        incoming = self.service.engine.reply(arguments.body["text"], to=message, step=step)
        await self.driver.flush()
        return {"incoming": incoming.as_json()}

    async def clear(self, arguments: Arguments) -> JsonObject:
        """Forget the messages of one inbox, or everything."""
        return {"deleted": self.service.clear(arguments.key)}

    async def list_requests(self, arguments: Arguments) -> JsonObject:
        """Return the requests, oldest first."""
        found = self.service.inbox.requests(arguments.key)
        if arguments.given.get("refused"):
            found = tuple(request for request in found if request.is_refused)
        return page_of("requests", found, arguments)

    async def list_incoming(self, arguments: Arguments) -> JsonObject:
        """Return replies and unsolicited messages, oldest first."""
        return page_of("incoming", self.service.engine.incoming(arguments.key), arguments)

    async def receive(self, arguments: Arguments) -> JsonObject:
        """Receive an unsolicited message."""
        body: JsonObject = arguments.body
        incoming = self.service.engine.receive(
            body["text"],
            key=arguments.key or self._only_key(),
            sender=body["sender"],
            recipient=body.get("recipient"),
            gateway=body.get("gateway", SMS),
        )
        await self.driver.flush()
        return {"incoming": incoming.as_json()}

    async def list_deliveries(self, arguments: Arguments) -> JsonObject:
        """Return the webhooks, oldest first."""
        return page_of("deliveries", self.service.engine.deliveries(arguments.key), arguments)

    async def resend(self, arguments: Arguments) -> JsonObject:
        """Send a webhook again, and return the result."""
        delivery = self.service.engine.resend(arguments.given["id"])
        if delivery is None:
            raise HTTPException(404, "There is no such webhook.")
        await self.driver.flush()
        return {"delivery": delivery.as_json()}

    async def _search(
        self, arguments: Arguments, messages: Sequence[ReceivedMessage], wanted: int
    ) -> list[ReceivedMessage]:
        """Return the first messages that match; other requests are served meanwhile."""
        criteria = cast("Criteria", arguments.chosen(*CRITERIA))
        search = Search(self.service.inbox.country_prefix, criteria)
        found: list[ReceivedMessage] = []
        for start in range(0, len(messages), _LOOKED_AT):
            async with self.driver.turn():
                piece = messages[start : start + _LOOKED_AT]
                found += itertools.islice(filter(search.matches, piece), wanted - len(found))
            if len(found) == wanted:
                break
        return found

    async def _newest(self, arguments: Arguments, after: int = 0) -> ReceivedMessage | None:
        messages = self.service.inbox.messages(arguments.key)
        start = bisect.bisect_right(messages, after, key=lambda message: message.sequence)
        found = await self._search(arguments, messages[start:][::-1], 1)
        return found[0] if found else None

    async def _latest(self, arguments: Arguments) -> ReceivedMessage:
        found = await self._newest(arguments)
        if found is None:
            raise HTTPException(404, _NO_MESSAGE)
        return found

    def _by_id(self, arguments: Arguments) -> tuple[ReceivedMessage, ...]:
        found = self.service.inbox.find(arguments.given["message_id"])
        if not found:
            raise HTTPException(404, _NO_MESSAGE)
        return found

    def _only_key(self) -> str:
        account = self.service.engine.accounts.only()
        if account is None:
            raise HTTPException(
                400, "Say whose inbox: key is missing, and not exactly one API key was used."
            )
        return account.fingerprint
