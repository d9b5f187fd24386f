"""Tell changes: by long poll, and as server-sent events."""

import json
from collections.abc import Sequence

import anyio
import attrs
from starlette.types import Receive, Scope, Send

from smsmanager.sandbox._service import Service
from smsmanager.sandbox._waiting import next_change
from smsmanager.sandbox._wire import Wire
from smsmanager.sandbox.api.description import JsonObject
from smsmanager.sandbox.api.exchange import Arguments
from smsmanager.sandbox.engine.feed import Change

_WAIT_S = 10.0
# So that proxies do not take a quiet stream for a dead one, and we notice that a reader is gone.
_SILENCE_S = 15.0


@attrs.frozen(eq=False)
class StreamOperations:
    """Tell the changes of a service.

    Attributes:
        service: Whose changes.
    """

    service: Service

    async def list_changes(self, arguments: Arguments) -> JsonObject:
        """Return the changes behind a number, as soon as there are some."""
        feed = self.service.engine.feed
        after: int = arguments.given.get("after", feed.latest)
        await next_change(feed, after, arguments.given.get("timeout_s", _WAIT_S))
        changes, complete = feed.since(after)
        return {
            "changes": [change._asdict() for change in _about(changes, arguments.key)],
            "latest": max(after, changes[-1].sequence if changes else 0),
            "complete": complete,
        }

    async def send(self, arguments: Arguments, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the changes behind a number, and each further one as it happens."""
        headers = [
            (b"content-type", b"text/event-stream; charset=utf-8"),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        with Wire.of(scope).kept_open():
            async with anyio.create_task_group() as group:
                group.start_soon(self._tell, arguments, send, group.cancel_scope)
                while (await receive())["type"] != "http.disconnect":
                    ...
                group.cancel_scope.cancel()

    async def _tell(self, arguments: Arguments, send: Send, scope: anyio.CancelScope) -> None:
        feed = self.service.engine.feed
        after: int = arguments.given.get("after", feed.latest)
        events: int | None = arguments.given.get("events")
        told = 0
        await _chunk(send, ": the changes of the sandbox\n\n")
        while events is None or told < events:
            latest = await next_change(feed, after, _SILENCE_S)
            changes, complete = feed.since(after)
            if not complete:
                await _chunk(send, f"id: {latest}\nevent: incomplete\ndata: {{}}\n\n")
            for change in _about(changes, arguments.key):
                data = json.dumps(change._asdict())
                await _chunk(send, f"id: {change.sequence}\nevent: {change.kind}\ndata: {data}\n\n")
                told += 1
                if events is not None and told >= events:
                    break
            if not changes:
                await _chunk(send, ": nothing new\n\n")
            after = max(after, latest)
        await send({"type": "http.response.body", "body": b""})
        scope.cancel()


def _about(changes: Sequence[Change], key: str | None) -> list[Change]:
    """Return the changes that are about an inbox, or about all."""
    return [change for change in changes if key is None or change.key in {"", key}]


async def _chunk(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
