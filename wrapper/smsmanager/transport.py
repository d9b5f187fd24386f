"""The transports of this library: httpx's own, over connections that know whether a request left.

With one of them, your own httpx client keeps every guarantee: `httpx.Client(transport=HTTPTransport())`. With
another transport, an error counts as *not sent* only if it is one of httpx's own errors that occur before a
connection is made.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from weakref import WeakSet

import httpx

from smsmanager._transport.async_streams import AsyncBackend
from smsmanager._transport.streams import BlockingBackend
from smsmanager.errors import ConfigurationError

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
    more connections in use than requests is replaced. Requests on the old one finish there, and the last of
    them closes it: answers of an httpx client refer to themselves, and would keep its connections open.

    Args:
        **options: Arguments of `httpx.AsyncHTTPTransport`, except `http1`, `http2`, `retries` and `uds`.
    """

    def __init__(self, **options: Any) -> None:
        self._options = _checked(options)
        self._open_pool()

    def _open_pool(self) -> None:
        super().__init__(**self._options)
        self._pool._network_backend = AsyncBackend()  # noqa: SLF001
        # One for each request in the pool, waiting ones included.
        self._places: WeakSet[_Place] = WeakSet()

    def _has_dead_places(self) -> bool:
        """Return whether the pool has more connections in use than requests that have one."""
        in_use = sum(not (c.is_idle() or c.is_closed()) for c in self._pool.connections)
        # Waiting requests hold none. httpcore has no public name for them.
        queue = getattr(self._pool, "_requests", ())
        return in_use + sum(bool(request.is_queued()) for request in queue) > len(self._places)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, as httpx does."""
        if self._has_dead_places():
            replaced = _Place(self, self._pool, self._places)
            self._open_pool()
            await replaced.aclose()
        place = _Place(self, self._pool, self._places)
        try:
            response = await super().handle_async_request(request)
        except BaseException:
            await place.aclose()
            raise
        place.body, response.stream = response.stream, place
        return response


class _Place(httpx.AsyncByteStream):
    """The place of a request in a pool; as the body of the answer, it keeps the place until it is closed."""

    def __init__(self, transport: Any, pool: Any, places: WeakSet[_Place]) -> None:
        self.body: Any = httpx.ByteStream(b"")
        self._transport, self._pool, self._places = transport, pool, places
        places.add(self)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(self.body)

    async def aclose(self) -> None:
        """Close the body and give up the place. The last one closes a replaced pool."""
        try:
            await self.body.aclose()
        finally:
            self._places.discard(self)
            if not self._places and self._pool is not self._transport._pool:  # noqa: SLF001
                await self._pool.aclose()
