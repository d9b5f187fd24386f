"""Tell the page that something changed, by server-sent events.

Only that something did: the page then asks for itself again.

Source: WHATWG HTML, "Server-sent events".
"""

from collections.abc import AsyncIterator, Callable
from typing import Final

import anyio
from starlette.types import Receive, Scope, Send

from smsmanager.sandbox._waiting import next_change
from smsmanager.sandbox._wire import Wire
from smsmanager.sandbox.engine.feed import Feed

# A program can send a thousand messages in a second; nobody reads a page that often.
_PAUSE_S: Final = 0.2
_KEEP_ALIVE_S: Final = 15


async def stream(
    feed: Feed,
    after: int,
    headers: list[tuple[bytes, bytes]],
    scope: Scope,
    receive: Receive,
    send: Send,
) -> None:
    """Send an event for each change, or for several in a row, until the browser goes away.

    Args:
        feed: What changes.
        after: Number of the newest change that the page shows.
        headers: Further headers.
        scope: ASGI scope.
        receive: Where the end of the connection is reported.
        send: Takes the events.
    """
    content_type = (b"content-type", b"text/event-stream")
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [content_type, (b"cache-control", b"no-store"), *headers],
        }
    )
    # The server does not wait for it when it stops.
    with Wire.of(scope).kept_open():
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_until_gone, receive, tasks.cancel_scope.cancel)
            async for event in _events(feed, after):
                await send({"type": "http.response.body", "body": event, "more_body": True})


async def _until_gone(receive: Receive, end: Callable[[], None]) -> None:
    while (await receive())["type"] != "http.disconnect":
        ...
    end()


async def _events(feed: Feed, after: int) -> AsyncIterator[bytes]:
    # At once, so that the browser knows that it is connected.
    yield b"retry: 1000\n\n"
    # The page may be older than the sandbox, which begins to count anew when it is started.
    known = after if after <= feed.latest else -1
    while True:
        latest = await next_change(feed, known, _KEEP_ALIVE_S)
        if latest == known:
            yield b":\n\n"
            continue
        known = latest
        yield f"event: change\ndata: {known}\n\n".encode()
        await anyio.sleep(_PAUSE_S)
