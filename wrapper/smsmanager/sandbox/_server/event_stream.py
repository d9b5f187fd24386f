"""Wait for changes inside an event loop, and send server-sent events until the reader goes away.

Source: WHATWG HTML, "Server-sent events".
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import anyio

from smsmanager.sandbox._server.tcp import Wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from starlette.types import Receive, Scope, Send

    from smsmanager.sandbox.engine.feed import Feed


async def next_change(feed: Feed, after: int, timeout_s: float | None) -> int:
    """Return the number of the newest change as soon as it is above a number.

    Args:
        feed: Where changes are numbered.
        after: The newest change that is known.
        timeout_s: How long to wait, `None` without end; then the number is still `after`.
    """
    loop = asyncio.get_running_loop()
    changed = asyncio.Event()

    def wake() -> None:
        # Once: a hundred readers must not make each of a thousand changes cost a hundred calls.
        unsubscribe()
        loop.call_soon_threadsafe(changed.set)

    unsubscribe = feed.subscribe(wake)
    try:
        async with asyncio.timeout(timeout_s):
            # After subscribing, so that no change is missed in between.
            if feed.latest <= after:
                await changed.wait()
    except TimeoutError:
        pass
    finally:
        unsubscribe()
    return feed.latest


class Turns:
    """Turns of work that can wait: pages, searches, streams.

    One piece of it is done, then the loop looks at its connections: requests to the service are answered in
    between, however many pages are open.
    """

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    @contextlib.asynccontextmanager
    async def next(self) -> AsyncIterator[None]:
        """Wait for a turn, which is the block."""
        async with self._lock:
            yield
            await asyncio.sleep(0)


async def send_events(
    events: AsyncIterator[str],
    headers: Iterable[tuple[bytes, bytes]],
    scope: Scope,
    receive: Receive,
    send: Send,
) -> None:
    """Send events as they come, until there are no more or the reader goes away.

    Args:
        events: What is sent.
        headers: Headers of the answer.
        scope: ASGI scope of the request.
        receive: Where the end of the connection is reported.
        send: Takes the events.
    """
    await send({"type": "http.response.start", "status": 200, "headers": [*headers]})
    # The server does not wait for it when it stops.
    with Wire.of(scope).kept_open():
        async with anyio.create_task_group() as group:
            group.start_soon(_cancel_when_gone, receive, group.cancel_scope)
            async for event in events:
                await _chunk(send, event, more=True)
            await _chunk(send, "", more=False)
            group.cancel_scope.cancel()


async def _cancel_when_gone(receive: Receive, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        ...
    scope.cancel()


async def _chunk(send: Send, text: str, *, more: bool) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": more})
