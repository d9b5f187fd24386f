"""Tell an open page that something changed, as server-sent events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import attrs
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from smsmanager.sandbox._server.event_stream import next_change, send_events
from smsmanager.sandbox.page._forms import whole_number

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from starlette.types import Receive, Scope, Send

    from smsmanager.sandbox.engine.feed import Feed

# A program can send a thousand messages in a second; no one needs a page that often.
_PAUSE_S = 0.2
_KEEP_ALIVE_S = 15


@attrs.frozen(eq=False)
class ChangeStream:
    """The stream of changes.

    Attributes:
        feed: Reports the changes.
        headers: Headers of the answer, besides its type.
    """

    feed: Feed
    headers: Mapping[str, str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send an event for each change."""
        request = Request(scope)
        if request.method != "GET":
            await PlainTextResponse("GET", 405, {"allow": "GET"})(scope, receive, send)
            return
        after = whole_number(request.query_params.get("after", ""))
        headers = [
            (b"content-type", b"text/event-stream"),
            (b"cache-control", b"no-store"),
            *((name.lower().encode(), value.encode()) for name, value in self.headers.items()),
        ]
        await send_events(_changes(self.feed, after), headers, scope, receive, send)


async def _changes(feed: Feed, after: int) -> AsyncIterator[str]:
    """Yield an event for each change, or for several in a row.

    Args:
        feed: Reports the changes.
        after: Number of the newest change that the page shows.
    """
    # Sent immediately, so that the browser knows that it is connected.
    yield "retry: 1000\n\n"
    # The page may be older than the sandbox, which counts from 1 again when it is started.
    known = after if after <= feed.latest else -1
    while True:
        latest = await next_change(feed, known, _KEEP_ALIVE_S)
        if latest == known:
            yield ":\n\n"
            continue
        known = latest
        yield f"event: change\ndata: {known}\n\n"
        await anyio.sleep(_PAUSE_S)
