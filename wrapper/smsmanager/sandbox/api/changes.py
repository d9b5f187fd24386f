"""Report changes: by long poll, and as server-sent events."""

from __future__ import annotations

import asyncio
import functools
import json
from typing import TYPE_CHECKING

import attrs

from smsmanager.sandbox._server.event_stream import next_change, send_events

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from starlette.types import Receive, Scope, Send

    from smsmanager.sandbox._operations.service import Service
    from smsmanager.sandbox._server.driver import Driver
    from smsmanager.sandbox.api.arguments import Arguments
    from smsmanager.sandbox.engine.feed import Change
    from smsmanager.sandbox.engine.records import JsonObject

_WAIT_S = 10.0
# So that proxies do not take a quiet stream for a dead one, and so that a reader that has gone is noticed.
_SILENCE_S = 15.0
_AT_A_TIME = 500
_PAUSE_S = 0.05
_HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
)


@attrs.frozen(eq=False)
class ChangeOperations:
    """The operations that report the changes of a service.

    Attributes:
        service: The service that changes.
        driver: Gives turns.
    """

    service: Service
    driver: Driver

    async def list_changes(self, arguments: Arguments) -> JsonObject:
        """Return the changes after a number, as soon as there are some."""
        feed = self.service.engine.feed
        after: int = arguments.given.get("after", feed.latest)
        await next_change(feed, after, arguments.given.get("timeout_s", _WAIT_S))
        changes, complete = feed.since(after, _AT_A_TIME)
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
            async with self.driver.turn():
                changes, complete = feed.since(after, _AT_A_TIME)
                about = _about(changes, arguments.key)[:left]
                missed = "" if complete else f"id: {after}\nevent: incomplete\ndata: {{}}\n\n"
                text = missed + "".join(map(_event, about)) or ": nothing new\n\n"
            yield text
            left = None if left is None else left - len(about)
            after = changes[-1].sequence if changes else max(after, latest)
            if after >= feed.latest and left != 0:
                # Many changes in a row become one piece.
                await asyncio.sleep(_PAUSE_S)


@functools.lru_cache(maxsize=1000)
def _event(change: Change) -> str:
    """Return a change as an event, made once for all readers."""
    data = json.dumps(change._asdict())
    return f"id: {change.sequence}\nevent: {change.kind}\ndata: {data}\n\n"


def _about(changes: Sequence[Change], key: str | None) -> list[Change]:
    """Return the changes that are about an inbox, or about all."""
    return [change for change in changes if key is None or change.key in {"", key}]
