"""The asynchronous connections of `smsmanager.transport`, under asyncio and trio; see `streams`."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import httpcore

from smsmanager._transport.connections import current_attempt
from smsmanager._transport.streams import (
    CONNECTING,
    PIECE_BYTES,
    READING,
    WRITING,
    Connection,
    Value,
)

if TYPE_CHECKING:
    import ssl

_NEXT_ADDRESS_AFTER_S = 0.25
# httpx takes any anyio; before 4.7 these had longer names.
_readable: Any = getattr(anyio, "wait_readable", None) or anyio.wait_socket_readable
_writable: Any = getattr(anyio, "wait_writable", None) or anyio.wait_socket_writable


class AsyncStream(Connection, httpcore.AsyncNetworkStream):
    """An asynchronous connection."""

    _is_waiting = _is_closed = False

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        data = await self._do(partial(self._receive, max_bytes), timeout, *READING)
        if len(data) >= PIECE_BYTES or not self._received.pieces % 16:
            # More may be available at once, such as many small TLS records, and other tasks must run too.
            await anyio.lowlevel.cancel_shielded_checkpoint()
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        if not self._holds_back(buffer):
            await self._do(self._send, timeout, *WRITING)

    async def aclose(self) -> None:
        # Nothing is awaited: a task that was cancelled here would leave the other connections open.
        self._is_closed = True
        if self._is_waiting:
            # Event loops never wake a task whose socket was closed, so it closes the socket itself.
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
        else:
            self._socket.close()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> AsyncStream:
        try:
            await self._do(self._add_tls(ssl_context, server_hostname), timeout, *CONNECTING)
        except BaseException:
            await self.aclose()
            raise
        return self

    async def _do(
        self,
        step: Callable[[], Value],
        timeout: float | None,  # noqa: ASYNC109
        late: type[Exception],
        broken: type[Exception],
    ) -> Value:
        waits = self._must_wait(late) and not self._is_closed
        while True:
            limit_s = current_attempt.get().bounded(timeout, late)
            if waits:
                with anyio.move_on_after(limit_s) as scope:
                    await self._ready()
                if scope.cancelled_caught:
                    raise late("timed out")
            try:
                return step()
            except BlockingIOError:
                waits = True
            except OSError as error:
                raise broken(str(error)) from error

    async def _ready(self) -> None:
        self._is_waiting = True
        try:
            await (_writable if self._outgoing else _readable)(self._socket)
        finally:
            self._is_waiting = False
            if self._is_closed:
                self._socket.close()


class AsyncBackend(httpcore.AsyncNetworkBackend):
    """Opens connections under asyncio or trio."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> AsyncStream:
        """Connect to the first address of a host that answers."""
        limit_s = current_attempt.get().bounded(timeout, httpcore.ConnectTimeout)
        try:
            with anyio.fail_after(limit_s):
                found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
                sock = await _first_to_answer([*dict.fromkeys(found)], local_address)
            return AsyncStream(sock, socket_options)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout("no connection was made in time") from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error


async def _first_to_answer(found: list[Any], local_address: str | None) -> socket.socket:
    """Return a socket connected to an address; if one fails or is slow, the next one is tried too."""
    connected: list[socket.socket] = []
    failed: list[OSError] = []

    async def connect(address: Any, ended: anyio.Event) -> None:
        try:
            connected.append(await _connected(address, local_address))
            group.cancel_scope.cancel()
        except OSError as error:
            failed.append(error)
        finally:
            ended.set()

    try:
        async with anyio.create_task_group() as group:
            for address in found:
                ended = anyio.Event()
                group.start_soon(connect, address, ended)
                with anyio.move_on_after(_NEXT_ADDRESS_AFTER_S):
                    await ended.wait()
        if not connected:
            raise failed[0] if failed else OSError("the host has no address")
        return connected.pop(0)
    finally:
        for sock in connected:
            sock.close()


async def _connected(address: Any, local_address: str | None) -> socket.socket:
    family, kind, protocol, _, where = address
    sock = socket.socket(family, kind, protocol)
    try:
        sock.settimeout(0)
        if local_address is not None:
            sock.bind((local_address, 0))
        with suppress(BlockingIOError):
            sock.connect(where)
        await _writable(sock)
        if code := sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            raise OSError(code, os.strerror(code))  # noqa: TRY301
    except BaseException:
        sock.close()
        raise
    return sock
