"""The asynchronous streams of `smsmanager.transport`, under asyncio and trio.

What `streams` says applies here too. Under asyncio the stream is a protocol of the event loop, so that
everything that arrived is in its own buffer, decrypted, and can be seen before a connection is used again.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

import httpcore
import sniffio

from smsmanager._transport.connections import current_attempt
from smsmanager._transport.streams import Watched, WatchedInner

if TYPE_CHECKING:
    import ssl

_MOST_UNREAD_BYTES = 128 * 1024
_NEXT_ADDRESS_AFTER_S = 0.25
_AN_INSTANT_S = 0.001


class AsyncioStream(Watched, asyncio.Protocol, httpcore.AsyncNetworkStream):
    """A connection under asyncio."""

    def __init__(self, *, over_tls: bool = False) -> None:
        super().__init__(over_tls=over_tls)
        self._transport: asyncio.Transport
        self._unread = bytearray()
        self._ended = False
        self._error: Exception | None = None
        self._is_full = False
        self._is_paused = False
        self._waiting: asyncio.Future[None] | None = None

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._unread += data
        if len(self._unread) > _MOST_UNREAD_BYTES and not self._is_paused:
            self._is_paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        self._ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended, self._error, self._is_full = True, exc, False
        self._wake()

    def pause_writing(self) -> None:
        self._is_full = True

    def resume_writing(self) -> None:
        self._is_full = False
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def _change(self, timeout_s: float | None, error: type[Exception]) -> None:
        """Wait until the event loop reports a change."""
        loop = asyncio.get_running_loop()
        waiting = self._waiting = loop.create_future()
        timer = None
        if timeout_s is not None:
            timer = loop.call_later(timeout_s, _fail, waiting, error)
        try:
            await waiting
        finally:
            self._waiting = None
            if timer is not None:
                timer.cancel()

    # What httpcore calls.

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        if self._unsent:
            await self._flush(timeout)
        limit = current_attempt.get().bounded(timeout, httpcore.ReadTimeout)
        while not self._unread and not self._ended:
            await self._change(limit, httpcore.ReadTimeout)
        if self._error is not None and not self._unread:
            raise httpcore.ReadError(str(self._error)) from self._error
        data = bytes(self._unread[:max_bytes])
        del self._unread[:max_bytes]
        if self._is_paused and len(self._unread) <= _MOST_UNREAD_BYTES:
            self._is_paused = False
            self._transport.resume_reading()
        return self._has_read(data)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        if self._ended and not self._size:
            # httpcore goes on to read: there may be an answer already.
            raise httpcore.WriteError("the connection was closed")
        if not self._holds_back(buffer) and self._unsent:
            await self._flush(timeout)

    async def _flush(self, timeout_s: float | None) -> None:
        attempt = current_attempt.get()
        limit = attempt.bounded(timeout_s, httpcore.WriteTimeout)
        self._transport.write(self._take_unsent(attempt))
        while self._is_full:
            await self._change(limit, httpcore.WriteTimeout)

    async def aclose(self) -> None:
        # The event loop closes the socket in its next turn. Nothing is awaited: a task that was cancelled
        # here would leave the other connections open.
        self._transport.abort()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> AsyncioStream:
        below, above = self._transport, AsyncioStream(over_tls=True)
        try:
            if self._ended or self._unread:
                raise OSError("the peer spoke or closed before TLS was started")  # noqa: TRY301
            limit = current_attempt.get().bounded(timeout, httpcore.PoolTimeout)
            async with asyncio.timeout(limit):
                transport = await asyncio.get_running_loop().start_tls(
                    below, above, ssl_context, server_hostname=server_hostname
                )
            above.connection_made(cast("asyncio.Transport", transport))
        except BaseException as error:
            below.abort()
            if isinstance(error, TimeoutError):
                raise httpcore.ConnectTimeout("TLS was not started in time") from error
            if isinstance(error, OSError):
                raise httpcore.ConnectError(str(error)) from error
            raise
        return above

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            return self._holds_surplus() or self._holds_unasked() or self._ended
        names = {"client_addr": "sockname", "server_addr": "peername"}
        return self._transport.get_extra_info(names.get(info, info))

    def _holds_unasked(self) -> bool:
        return bool(self._unread)

    def _socket_is_readable(self) -> bool:
        # The event loop may have been too busy to say so.
        return self._ended or self._transport.is_closing() or super()._socket_is_readable()


def _fail(waiting: asyncio.Future[None], error: type[Exception]) -> None:
    if not waiting.done():
        waiting.set_exception(error("timed out"))


class TrioStream(WatchedInner, httpcore.AsyncNetworkStream):
    """A connection under trio."""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        if self._unsent:
            await self._flush(timeout)
        limit = current_attempt.get().bounded(timeout, httpcore.ReadTimeout)
        return self._has_read(await self._inner.read(max_bytes, limit))

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        if self._is_new and self._over_tls and not self._unsent and self._socket_is_readable():
            # Session tickets of TLS, or a peer that speaks first.
            with suppress(httpcore.ReadTimeout):
                await self._inner.read(1, _AN_INSTANT_S)
                raise httpcore.ConnectError("the server spoke or closed before the request")
        if not self._holds_back(buffer) and self._unsent:
            await self._flush(timeout)

    async def _flush(self, timeout_s: float | None) -> None:
        attempt = current_attempt.get()
        limit = attempt.bounded(timeout_s, httpcore.WriteTimeout)
        await self._inner.write(self._take_unsent(attempt), limit)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> TrioStream:
        try:
            limit = current_attempt.get().bounded(timeout, httpcore.PoolTimeout)
            inner = await self._inner.start_tls(ssl_context, server_hostname, limit)
        except BaseException:
            # httpcore closes it when the handshake fails, but not when it is cancelled or did not begin.
            await self.aclose()
            raise
        return TrioStream(inner, over_tls=True)


class AsyncBackend(httpcore.AsyncNetworkBackend):
    """Opens connections under asyncio or trio."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of a host that answers."""
        limit = current_attempt.get().bounded(timeout, httpcore.PoolTimeout)
        options = list(socket_options or ())
        if sniffio.current_async_library() == "trio":
            trio: Any = httpcore.TrioBackend()
            return TrioStream(await trio.connect_tcp(host, port, limit, local_address, options))
        try:
            async with asyncio.timeout(limit):
                stream = await _connected(host, port, local_address)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout("no connection was made in time") from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error
        try:
            for option in options:
                stream.get_extra_info("socket").setsockopt(*option)
        except OSError as error:
            await stream.aclose()
            raise httpcore.ConnectError(str(error)) from error
        return stream


async def _connected(host: str, port: int, local_address: str | None) -> AsyncioStream:
    """Connect to a host. Begin with its next address when one fails or takes long.

    The event loop has an option for that, but it leaves sockets open when it is cancelled, and not every loop
    supports it.
    """
    loop = asyncio.get_running_loop()
    local = None if local_address is None else (local_address, 0)
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    waiting = [str(address) for address in dict.fromkeys(entry[4][0] for entry in found)]
    tasks: list[asyncio.Task[tuple[Any, AsyncioStream]]] = []
    try:
        while True:
            if waiting:
                connection = loop.create_connection(
                    AsyncioStream, waiting.pop(0), port, local_addr=local
                )
                tasks.append(loop.create_task(connection))
            pending = [task for task in tasks if not task.done()]
            if not pending:
                return tasks[0].result()[1]
            wait_s = _NEXT_ADDRESS_AFTER_S if waiting else None
            await asyncio.wait(pending, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                if task.done() and not task.exception():
                    tasks.remove(task)
                    return task.result()[1]
    finally:
        for task in tasks:
            if not task.cancel() and not task.exception():
                task.result()[0].abort()
