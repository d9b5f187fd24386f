"""Connections that know whether a request left, and httpcore's network backend that opens blocking ones.

A network backend is the documented way to give httpcore connections. These do what it has no option for:

- They record when the first byte of a request is written.
- They end each step by the deadline of the call. A timeout alone limits each read, write and address
  separately, so a server that sends one byte per second never exceeds it.
- They refuse a request on a connection that holds unsolicited data: after an answer, later, or within TLS
  records. httpcore would take it for the answer to that request, and a message that was never accepted would
  count as accepted. They check just before the first byte is written, and httpcore uses another
  connection.

The socket never blocks, and TLS runs in memory. So nothing hides in a buffer, and blocking and asynchronous
connections differ only in how they wait for the socket.
"""

from __future__ import annotations

import re
import select
import socket
import ssl
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

import httpcore

from smsmanager._transport.connections import current_attempt

Value = TypeVar("Value")
PIECE_BYTES = _KEPT_BYTES = 16 * 1024
# Any heads of status 1xx, then the head of the answer: its status and its headers. Parsers differ about lone
# line feeds and folded lines, so those do not match.
_LINES = rb"[^\r\n]*\r\n(?:\S[^\r\n]*\r\n)*"
_HEAD = re.compile(rb"(?:HTTP/1\.1 1%b\r\n)*HTTP/1\.1 ([2-9]\d\d)(%b)\r\n" % (_LINES, _LINES))
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)[ \t]*\r\n")
_WITHOUT_BODY = (b"204", b"304")
_CHUNK = re.compile(rb"([0-9a-fA-F]+)\r\n")
_EXTRA_INFO: dict[str, Callable[[socket.socket], Any]] = {
    "socket": lambda sock: sock,
    "client_addr": socket.socket.getsockname,
    "server_addr": socket.socket.getpeername,
}


class Received:
    """What was read since the last write: its beginning, and its size."""

    def __init__(self) -> None:
        self._kept = b""
        self._size = self.pieces = 0

    def add(self, data: bytes) -> bytes:
        """Record what was read, and return it."""
        self._size += len(data)
        self.pieces += 1
        if len(self._kept) < _KEPT_BYTES:
            self._kept += data
        return data

    @property
    def is_answer(self) -> bool:
        """Whether it is HTTP, not for instance an answer of a SOCKS proxy."""
        return self._kept.startswith(b"HTTP/")

    def holds_surplus(self) -> bool:
        """Return whether it may be more than one answer.

        An answer whose end is not certain counts as surplus. This costs only a new connection.
        """
        kept = self._kept
        head = _HEAD.match(kept)
        if head is None:
            return self.is_answer
        at, headers = head.end(), head[2].lower()
        if head[1] in _WITHOUT_BODY:
            return self._size != at
        if b"\r\ntransfer-encoding" not in headers:
            length = _LENGTH.search(headers)
            return length is None or self._size != at + int(length[1])
        while chunk := _CHUNK.match(kept, at):
            size = int(chunk[1], 16)
            at = chunk.end() + size + len(b"\r\n")
            if not size:
                return self._size != at or kept[chunk.end() :] != b"\r\n"
        return True


class _Tls:
    """One layer of TLS in memory."""

    def __init__(self, context: ssl.SSLContext, hostname: str | None) -> None:
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.object = context.wrap_bio(self.incoming, self.outgoing, server_hostname=hostname)
        self.part = b""

    def records(self, data: bytes = b"") -> bytes:
        """Return the data encrypted, preceded by anything that TLS itself has to send."""
        while data:
            data = data[self.object.write(data) :]
        return self.outgoing.read()


class Connection:
    """Base of every connection: everything that both kinds share.

    A step raises `BlockingIOError` when it has to wait, and is called again once the socket is ready: for
    writing while anything is outgoing, otherwise for reading. A read right after a request waits first.
    Asynchronous connections call `_is_ready` only with a limit of 0, so it never blocks their event loop.
    """

    def __init__(self, sock: socket.socket, options: Iterable[Any] | None = None) -> None:
        self._socket = sock
        # The outermost first. In a tunnel through a proxy that speaks TLS there are two.
        self._layers: list[_Tls] = []
        self._is_new = True
        self._received = Received()
        self._unsent = self._outgoing = b""
        # Missing on Windows.
        self._poll = select.poll() if hasattr(select, "poll") else None
        sock.settimeout(0)
        try:
            for option in ((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1), *(options or ())):
                sock.setsockopt(*option)
        except OSError:
            sock.close()
            raise

    def __del__(self) -> None:
        """Close an open connection; after an interrupted constructor there may be nothing to close."""
        if sock := self.__dict__.get("_socket"):
            sock.close()

    def get_extra_info(self, info: str) -> Any:
        if info == "ssl_object":
            return self._layers[-1].object if self._layers else None
        return _EXTRA_INFO[info](self._socket) if info in _EXTRA_INFO else None

    def _holds_back(self, data: bytes) -> bool:
        """Collect bytes; return whether more will follow, so that a short request goes out in one piece.

        httpcore writes the head, the body and, at the end, an empty buffer.
        """
        if data and not self._unsent:
            self._check_before_writing()
        self._unsent += data
        return bool(data) and len(self._unsent) < PIECE_BYTES

    def _check_before_writing(self) -> None:
        if self._is_new:
            if self._holds_unasked():
                raise httpcore.ConnectError("the server sent data or closed before the request")
        elif self._received.is_answer and (self._received.holds_surplus() or self._holds_unasked()):
            raise httpcore.ConnectionNotAvailable

    def _holds_unasked(self) -> bool:
        """Return whether anything unread has arrived, even the end of the stream or a part of a record."""
        if not (self._layers or self._outgoing or self._is_ready(0)):
            return False
        try:
            # A byte that this reads is lost, but then the connection is not used again.
            self._take(self._layers, 1)
        except BlockingIOError:
            # On a new connection, part of a record can be a session ticket.
            return not self._is_new and any(tls.part for tls in self._layers)
        except OSError:
            return True
        return True

    def _send(self) -> None:
        """Carry out the step that sends what was written."""
        if self._unsent:
            current_attempt.get().writes(self._unsent)
            self._is_new = False
            self._received = Received()
            self._give(self._layers, self._unsent)
            self._unsent = b""
        while self._outgoing:
            self._outgoing = self._outgoing[self._socket.send(self._outgoing) :]

    def _is_ready(self, limit_s: float | None) -> bool:
        """Wait for the socket up to a limit (0 only looks, None is none); return whether it is ready."""
        try:
            if self._poll is None:
                sides = ([], [self._socket]) if self._outgoing else ([self._socket], [])
                return any(select.select(*sides, [], limit_s))
            self._poll.register(self._socket, select.POLLOUT if self._outgoing else select.POLLIN)
        except ValueError:
            # Another thread closed it: the step that follows reports that.
            return True
        return bool(self._poll.poll(None if limit_s is None else limit_s * 1000))

    def _must_wait(self, late: type[Exception]) -> bool:
        """Return whether a step is a read right after a request, which has to wait for the answer."""
        return late is httpcore.ReadTimeout and not (
            self._received.pieces or self._unsent or self._outgoing
        )

    def _receive(self, max_bytes: int) -> bytes:
        """Carry out the step that reads; it sends first."""
        if self._unsent or self._outgoing:
            # A server that refuses a request before its end closes the connection. Its answer can be read.
            with suppress(ConnectionError):
                self._send()
        return self._received.add(self._take(self._layers, max_bytes))

    def _add_tls(self, context: ssl.SSLContext, hostname: str | None) -> Callable[[], None]:
        """Return the step that starts TLS, inside any TLS that is already there."""
        self._layers.append(tls := _Tls(context, hostname))
        self._is_new = True
        self._received = Received()

        def shake_hands() -> None:
            self._fed(self._layers, tls.object.do_handshake)
            self._give(self._layers[:-1], tls.records())
            self._send()

        return shake_hands

    def _give(self, layers: Sequence[_Tls], data: bytes) -> None:
        for tls in reversed(layers):
            data = tls.records(data)
        self._outgoing += data

    def _take(self, layers: Sequence[_Tls], max_bytes: int) -> bytes:
        if not layers:
            return self._socket.recv(max_bytes)
        try:
            return self._fed(layers, partial(layers[-1].object.read, max_bytes))
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            return b""

    def _fed(self, layers: Sequence[_Tls], operation: Callable[[], Value]) -> Value:
        """Run an operation of the innermost TLS layer with the records that arrive for it."""
        *below, tls = layers
        while True:
            try:
                return operation()
            except ssl.SSLWantReadError:
                # Records without data would keep this going; the code that waits ends it at the deadline.
                current_attempt.get().bounded(None, BlockingIOError)
                self._give(below, tls.records())
                with suppress(ConnectionError):
                    self._send()
                data = self._take(below, PIECE_BYTES)
                tls.incoming.write(data) if data else tls.incoming.write_eof()
                # The part of an incomplete record that has arrived: OpenSSL cannot be asked about it.
                tls.part += data
                while (end := 5 + int.from_bytes(tls.part[3:5])) <= len(tls.part):
                    tls.part = tls.part[end:]


READING = httpcore.ReadTimeout, httpcore.ReadError
WRITING = httpcore.WriteTimeout, httpcore.WriteError
CONNECTING = httpcore.ConnectTimeout, httpcore.ConnectError


class BlockingStream(Connection, httpcore.NetworkStream):
    """A blocking connection."""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._do(partial(self._receive, max_bytes), timeout, *READING)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if not self._holds_back(buffer):
            self._do(self._send, timeout, *WRITING)

    def close(self) -> None:
        self._socket.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> BlockingStream:
        try:
            self._do(self._add_tls(ssl_context, server_hostname), timeout, *CONNECTING)
        except BaseException:
            self.close()
            raise
        return self

    def _do(
        self,
        step: Callable[[], Value],
        timeout: float | None,
        late: type[Exception],
        broken: type[Exception],
    ) -> Value:
        waits = self._must_wait(late)
        while True:
            limit_s = current_attempt.get().bounded(timeout, late)
            if waits and not self._is_ready(limit_s):
                raise late("timed out")
            try:
                return step()
            except BlockingIOError:
                waits = True
            except OSError as error:
                raise broken(str(error)) from error


class BlockingBackend(httpcore.NetworkBackend):
    """Opens blocking connections."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> BlockingStream:
        """Connect to the first address of a host that answers; all addresses share the time that is left."""
        attempt = current_attempt.get()
        late, broken = CONNECTING
        attempt.bounded(timeout, late)
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise broken(str(error)) from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        local = None if local_address is None else (local_address, 0)
        failed: Exception = broken("the host has no address")
        for untried, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            share = attempt.bounded(timeout, late, untried)
            try:
                sock = socket.create_connection((address, port), share, local)
                return BlockingStream(sock, socket_options)
            except OSError as error:
                failed = (late if isinstance(error, TimeoutError) else broken)(str(error))
        raise failed
