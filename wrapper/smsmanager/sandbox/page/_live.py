"""Tell the page that something changed, by server-sent events; the page then asks for itself again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from smsmanager.sandbox._server.event_stream import next_change

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from smsmanager.sandbox.engine.feed import Feed

# A program can send a thousand messages in a second; nobody reads a page that often.
_PAUSE_S = 0.2
_KEEP_ALIVE_S = 15


async def changes(feed: Feed, after: int) -> AsyncIterator[str]:
    """Yield an event for each change, or for several in a row.

    Args:
        feed: What changes.
        after: Number of the newest change that the page shows.
    """
    # At once, so that the browser knows that it is connected.
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
