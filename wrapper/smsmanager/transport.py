"""The transports that this library uses; public, so that a caller-supplied httpx client can use them too.

```python
import httpx

from smsmanager import SmsManager
from smsmanager.transport import HTTPTransport

client = SmsManager("any-key", http_client=httpx.Client(transport=HTTPTransport()))
```

They are httpx's own transports over connections that know whether a request left. With them, your client
keeps every guarantee of this library. With another transport, an error counts as *not sent* only if it is
one of httpx's own errors that occur before a connection is made.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import httpx

from smsmanager._transport.async_streams import AsyncBackend
from smsmanager._transport.streams import BlockingBackend
from smsmanager.errors import ConfigurationError

if TYPE_CHECKING:
    import httpcore


_REFUSED = {"http1", "http2", "retries", "uds"}


def _checked(options: dict[str, Any]) -> dict[str, Any]:
    if refused := options.keys() & _REFUSED:
        raise ConfigurationError(f"This transport does not take {', '.join(sorted(refused))}.")
    return options


class HTTPTransport(httpx.HTTPTransport):
    """`httpx.HTTPTransport` over connections that know whether a request left.

    Args:
        **options: Arguments of `httpx.HTTPTransport`, except `http1`, `http2`, `retries` and `uds`.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**_checked(options))
        # httpx has no argument for it. All of httpcore's pools and proxies store it under this name.
        self._pool._network_backend = BlockingBackend()  # noqa: SLF001


class AsyncHTTPTransport(httpx.AsyncHTTPTransport):
    """`httpx.AsyncHTTPTransport` over connections that know whether a request left.

    A cancelled request can leave a connection in httpcore's pool that counts as in use forever. A pool with
    more connections in use than requests is replaced.

    Args:
        **options: Arguments of `httpx.AsyncHTTPTransport`, except `http1`, `http2`, `retries` and `uds`.
    """

    def __init__(self, **options: Any) -> None:
        self._options = _checked(options)
        self._open_pool()

    def _open_pool(self) -> None:
        super().__init__(**self._options)
        self._pool._network_backend = AsyncBackend()  # noqa: SLF001
        self._places = _Places(self._pool)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, as httpx does."""
        if self._places.some_are_dead:
            replaced = self._places
            self._open_pool()
            await replaced.close_when_empty()
        places = self._places
        places.taken += 1
        try:
            response = await super().handle_async_request(request)
        except BaseException:
            await places.leave()
            raise
        response.stream = _InPlace(response.stream, places)
        return response


class _Places:
    """Counts the requests in a pool, and closes a replaced pool once its last request has ended.

    Args:
        pool: The pool.

    Attributes:
        taken: Requests in it, waiting ones included.
    """

    def __init__(self, pool: httpcore.AsyncConnectionPool) -> None:
        self.taken = 0
        self._pool = pool
        self._is_replaced = False

    @property
    def some_are_dead(self) -> bool:
        """Whether more connections of the pool are in use than there are requests that hold one."""
        in_use = sum(not (c.is_idle() or c.is_closed()) for c in self._pool.connections)
        # Waiting requests hold none. httpcore has no public name for them.
        queue = getattr(self._pool, "_requests", ())
        return in_use + sum(bool(request.is_queued()) for request in queue) > self.taken

    async def leave(self) -> None:
        """Record that a request has ended."""
        self.taken -= 1
        if self._is_replaced:
            await self.close_when_empty()

    async def close_when_empty(self) -> None:
        """Close the pool as soon as it has no requests left."""
        self._is_replaced = True
        if not self.taken:
            with suppress(Exception):
                await self._pool.aclose()


class _InPlace(httpx.AsyncByteStream):
    """The body of an answer; its request keeps its place until the body is closed."""

    def __init__(self, body: Any, places: _Places) -> None:
        self._body = body
        self._places: _Places | None = places

    def __aiter__(self) -> AsyncIterator[bytes]:
        body: AsyncIterator[bytes] = self._body.__aiter__()
        return body

    async def aclose(self) -> None:
        """Close the body and give up the place."""
        try:
            await self._body.aclose()
        finally:
            places, self._places = self._places, None
            if places is not None:
                await places.leave()
