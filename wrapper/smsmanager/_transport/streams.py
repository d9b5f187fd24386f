"""Streams that know whether a request left, and httpcore's network backend that opens them.

A network backend is the documented way to give httpcore connections. These do what it has no option for:

- They note when the first byte of a request is written.
- They end each step by the deadline of the call. A timeout alone bounds each read, write and address
  separately, so a server that sends one byte per second never meets it.
- They refuse a request on a connection that holds anything that arrived unasked: after an answer, later, or
  within TLS records. httpcore would take it for the answer to that request, and a message that nobody
  accepted would count as accepted. They say so when httpcore asks whether an idle connection is readable,
  and look again when the first byte is about to be written.
"""

from __future__ import annotations

import re
import select
import socket
import ssl
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import httpcore

from smsmanager._transport.connections import current_attempt

if TYPE_CHECKING:
    from smsmanager._transport.connections import Attempt

_PIECE_BYTES = _KEPT_BYTES = 16 * 1024
_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)[ \t]*\r\n")
_INFORMATION = b"HTTP/1.1 1"
_WITHOUT_BODY = (b"204", b"304")
_CHUNK = re.compile(rb"([0-9a-fA-F]+)\r\n")


class Watched:
    """What every kind of connection knows about the bytes that pass over it, encrypted below or not."""

    def __init__(self, *, over_tls: bool = False) -> None:
        self._over_tls = over_tls
        self._is_new = True
        # What was read since the last write: its beginning, and its size.
        self._kept = b""
        self._size = 0
        self._unsent = b""
        self._judged_size, self._is_surplus = 0, False

    def _holds_back(self, data: bytes) -> bool:
        """Collect bytes; return whether more follow at once, so that a short request goes out in one piece.

        httpcore writes the head, the body and, at the end, nothing.
        """
        if data and not self._unsent:
            self._check_before_writing()
        self._unsent += data
        return bool(data) and len(self._unsent) < _PIECE_BYTES

    def _take_unsent(self, attempt: Attempt) -> bytes:
        whole, self._unsent = self._unsent, b""
        attempt.writes(whole)
        self._is_new = False
        self._kept, self._size = b"", 0
        self._judged_size, self._is_surplus = 0, False
        return whole

    def _has_read(self, data: bytes) -> bytes:
        self._size += len(data)
        if len(self._kept) < _KEPT_BYTES:
            self._kept += data
        return data

    def _check_before_writing(self) -> None:
        if self._is_new:
            # TLS itself can leave bytes in the socket of a new connection: session tickets.
            if self._holds_unasked() or (not self._over_tls and self._socket_is_readable()):
                raise httpcore.ConnectError("the server spoke or closed before the request")
        elif self._kept.startswith(b"HTTP/") and (
            self._holds_surplus() or self._holds_unasked() or self._socket_is_readable()
        ):
            # httpcore takes another connection.
            raise httpcore.ConnectionNotAvailable

    def _holds_unasked(self) -> bool:
        """Return whether bytes arrived that nothing has read, within TLS where there is TLS."""
        raise NotImplementedError

    def _holds_surplus(self) -> bool:
        """Return whether what was read may be more than one answer.

        An answer whose end is not certain counts as surplus. That costs a new connection.
        """
        if self._size != self._judged_size:
            self._judged_size, self._is_surplus = self._size, self._judge()
        return self._is_surplus

    def _judge(self) -> bool:
        kept = self._kept
        begins, ends = 0, kept.find(_END_OF_HEAD)
        while ends >= 0 and kept.startswith(_INFORMATION, begins):
            begins, ends = ends + 4, kept.find(_END_OF_HEAD, ends + 4)
        if not kept.startswith(b"HTTP/1.1 ", begins) or ends < 0:
            return kept.startswith(b"HTTP/")
        head, at = kept[begins : ends + 2].lower(), ends + 4
        # Readers differ about lone line feeds and folded lines.
        lines = kept.count(b"\r\n", 0, at)
        lone = kept.count(b"\n", 0, at) != lines or kept.count(b"\r", 0, at) != lines
        if lone or b"\r\n " in head or b"\r\n\t" in head:
            return True
        if head[9:12] in _WITHOUT_BODY:
            return self._size != at
        if b"\r\ntransfer-encoding" not in head:
            length = _LENGTH.search(head)
            return length is None or self._size != at + int(length[1])
        while chunk := _CHUNK.match(kept, at):
            size = int(chunk[1], 16)
            at = chunk.end() + size + len(b"\r\n")
            if not size:
                return self._size != at or kept[chunk.end() :] != b"\r\n"
        return True

    def _socket_is_readable(self) -> bool:
        return is_readable(self.get_extra_info("socket"))

    def get_extra_info(self, info: str) -> Any:
        raise NotImplementedError


def is_readable(sock: socket.socket) -> bool:
    """Return whether a socket holds unread bytes, or was closed at either end."""
    descriptor = sock.fileno()
    if descriptor < 0 or not hasattr(select, "poll"):
        return descriptor < 0 or bool(select.select([descriptor], [], [], 0)[0])
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


class WatchedInner(Watched):
    """An httpcore stream that is watched."""

    def __init__(self, inner: Any, *, over_tls: bool = False) -> None:
        super().__init__(over_tls=over_tls)
        self._inner = inner

    def get_extra_info(self, info: str) -> Any:
        # httpcore asks about every idle connection. The slower checks come just before a request is written.
        return self._holds_surplus() if info == "is_readable" else self._inner.get_extra_info(info)

    def _holds_unasked(self) -> bool:
        if not self._over_tls:
            return False
        tls: Any = self._inner.get_extra_info("ssl_object")
        if not isinstance(tls, ssl.SSLObject):
            tls = self._inner.get_extra_info("socket")
            tls.settimeout(0)
        # A byte that this reads is lost, but then the connection is not used again.
        try:
            tls.read(1)
        except ssl.SSLWantReadError:
            return False
        except OSError:
            return True
        return True


class BlockingStream(WatchedInner, httpcore.NetworkStream):
    """A blocking connection."""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._unsent:
            self._flush(timeout)
        limit = current_attempt.get().bounded(timeout, httpcore.ReadTimeout)
        return self._has_read(self._inner.read(max_bytes, limit))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if not self._holds_back(buffer) and self._unsent:
            self._flush(timeout)

    def _flush(self, timeout: float | None) -> None:
        attempt = current_attempt.get()
        limit = attempt.bounded(timeout, httpcore.WriteTimeout)
        whole = self._take_unsent(attempt)
        # Each piece that the peer takes restarts the whole timeout.
        for at in range(0, len(whole), _PIECE_BYTES):
            if at:
                limit = attempt.bounded(timeout, httpcore.WriteTimeout)
            self._inner.write(whole[at : at + _PIECE_BYTES], limit)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> BlockingStream:
        try:
            timeout = current_attempt.get().bounded(timeout, httpcore.PoolTimeout)
        except httpcore.PoolTimeout:
            # httpcore closes a connection whose handshake failed; this one did not begin.
            self.close()
            raise
        inner = self._inner.start_tls(ssl_context, server_hostname, timeout)
        return BlockingStream(inner, over_tls=True)


class BlockingBackend(httpcore.NetworkBackend):
    """Opens blocking connections."""

    def __init__(self) -> None:
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> BlockingStream:
        """Connect to the first address of a host that answers; all of them share what remains of the call."""
        attempt = current_attempt.get()
        attempt.bounded(timeout, httpcore.PoolTimeout)
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        failed: Exception = httpcore.ConnectError("the host has no address")
        for untried, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            share = attempt.bounded(timeout, httpcore.PoolTimeout, untried)
            try:
                inner = self._inner.connect_tcp(address, port, share, local_address, socket_options)
                return BlockingStream(inner)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed
