"""Report changes: by long poll, and as server-sent events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import attrs

from smsmanager.sandbox._server.event_stream import next_change, send_events

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from starlette.types import Receive, Scope, Send

    from smsmanager.sandbox._operations.service import Service
    from smsmanager.sandbox.api.arguments import Arguments
    from smsmanager.sandbox.engine.feed import Change
    from smsmanager.sandbox.engine.records import JsonObject

_WAIT_S = 10.0
# So that proxies do not take a quiet stream for a dead one, and so that a reader that has gone is noticed.
_SILENCE_S = 15.0
_HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
)


@attrs.frozen(eq=False)
class ChangeOperations:
    """The operations that report the changes of a service.

    Attributes:
        service: Whose changes.
    """

    service: Service

    async def list_changes(self, arguments: Arguments) -> JsonObject:
        """Return the changes after a number, as soon as there are some."""
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
        """Send the changes after a number, and each further one as it happens."""
        await send_events(self._events(arguments), _HEADERS, scope, receive, send)

    async def _events(self, arguments: Arguments) -> AsyncIterator[str]:
        feed = self.service.engine.feed
        after: int = arguments.given.get("after", feed.latest)
        left: int | None = arguments.given.get("events")
        yield ": the changes of the sandbox\n\n"
        while left != 0:
            latest = await next_change(feed, after, _SILENCE_S)
            changes, complete = feed.since(after)
            if not complete:
                yield f"id: {latest}\nevent: incomplete\ndata: {{}}\n\n"
            for change in _about(changes, arguments.key):
                data = json.dumps(change._asdict())
                yield f"id: {change.sequence}\nevent: {change.kind}\ndata: {data}\n\n"
                if left is not None:
                    left -= 1
                    if left == 0:
                        return
            if not changes:
                yield ": nothing new\n\n"
            after = max(after, latest)


def _about(changes: Sequence[Change], key: str | None) -> list[Change]:
    """Return the changes that are about an inbox, or about all."""
    return [change for change in changes if key is None or change.key in {"", key}]
