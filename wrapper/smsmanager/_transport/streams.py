"""What passes over a connection: how far a request came, what a deadline bounds, bytes that answer nothing.

httpcore's trace, a documented request extension, tells of each connection that is opened, hands over its
stream, and tells when a request begins to be written. That is used for three things that httpcore has no
switch for:

- A request that began to go out may have been taken, whatever is raised afterwards and by whom.
- A timeout bounds each read, each write and each address of a host, and a server that sends one byte a second
  never meets it. In a blocking call with a deadline each of them is bounded by what is left of the call.
  Only looking up a name is not.
- httpcore keeps what a server sent behind an answer, and takes it for the answer to the next request on that
  connection: a message would count as accepted that nobody took. A watch knows what came since the request
  was written.
"""

from __future__ import annotations

import math
import socket
import time
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from weakref import ref

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

_OPENING = (".connect_tcp.started", ".connect_unix_socket.started")
_NOT_OPENED = (".connect_tcp.failed", ".connect_unix_socket.failed")
_CONNECTED = (".connect_tcp.complete", ".connect_unix_socket.complete")
_SHAKING = (".start_tls.started", ".start_tls.failed")
_OPENED = (*_CONNECTED, ".start_tls.complete")
_REPEATING = ".retry.started"
_SENDING = ".send_request_headers.started"
_HEAD_BYTES = _PIECE_BYTES = 16 * 1024
_AN_INSTANT_S = 0.001
_END_OF_HEAD = b"\r\n\r\n"
_deadline_at: ContextVar[float] = ContextVar("deadline_at", default=math.inf)


@contextmanager
def all_ends_at(deadline_at: float) -> Iterator[None]:
    """Bound what this thread does with connections until the block ends.

    Args:
        deadline_at: By `time.monotonic`.
    """
    token = _deadline_at.set(deadline_at)
    try:
        yield
    finally:
        _deadline_at.reset(token)


def _bounded(timeout: float | None, too_late: str) -> float | None:
    """Return the timeout of a step that may not take longer than the call."""
    left = _left()
    if left == math.inf:
        return timeout
    if left <= 0:
        raise _too_late(too_late)
    return left if timeout is None else min(timeout, left)


def _left() -> float:
    deadline_at = _deadline_at.get()
    return deadline_at if deadline_at == math.inf else deadline_at - time.monotonic()


def _too_late(kind: str = "PoolTimeout") -> Exception:
    # Where no connection was made, the one kind that httpcore's own repetitions leave alone.
    import httpcore  # noqa: PLC0415 - it is loaded by now, and not before the first request

    error: Exception = getattr(httpcore, kind)("the deadline passed")
    return error


class Watch:
    """Stands before the reads and writes of one connection, and notes what came since the last write.

    Args:
        stream: The network stream of httpcore.
    """

    __slots__ = ("_head", "_kind", "_size", "_stream")

    def __init__(self, stream: Any) -> None:
        self._head = b""
        self._size = 0
        self._kind: Any = type(stream)
        # Not a cycle: what nobody closed is closed when its last user forgets it.
        self._stream = ref(stream)
        self._stand_before(stream)

    def _stand_before(self, stream: Any) -> None:
        stream.read, stream.write = self.read, self.write
        stream.start_tls = self.start_tls

    def read(self, max_bytes: int, timeout: float | None = None) -> Any:
        """Read, no longer than the call may last."""
        timeout = _bounded(timeout, "ReadTimeout")
        return self._note(self._kind.read(self._stream(), max_bytes, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> Any:
        """Write, no longer than the call may last, and forget what came before."""
        self._forget()
        # Each piece that the other side takes would begin the whole timeout anew.
        for at in range(0, len(buffer), _PIECE_BYTES):
            piece = buffer[at : at + _PIECE_BYTES]
            self._kind.write(self._stream(), piece, _bounded(timeout, "WriteTimeout"))

    def start_tls(
        self, ssl_context: Any, server_hostname: Any = None, timeout: float | None = None
    ) -> Any:
        """Shake hands, no longer than the call may last."""
        # Never refused here: httpcore closes what fails in the handshake, and nothing before it.
        left = max(_left(), _AN_INSTANT_S)
        if left != math.inf:
            timeout = left if timeout is None else min(timeout, left)
        return self._kind.start_tls(self._stream(), ssl_context, server_hostname, timeout)

    def _forget(self) -> None:
        self._head, self._size = b"", 0

    def _note(self, data: bytes) -> bytes:
        self._size += len(data)
        if len(self._head) < _HEAD_BYTES:
            self._head += data
        return data

    def answers(self, status: int) -> bool:
        """Tell whether an answer with this status began to come after the request was written."""
        began = self._head[:7] == b"HTTP/1."
        # An informational answer may precede it.
        return began and (self._head[9:12] == b"%d" % status or self._head[9:10] == b"1")

    def more_than(self, body_bytes: int) -> bool:
        """Tell whether more came than one head and a body of this size, which stands in it as it is."""
        return self._size > self._head.find(_END_OF_HEAD) + len(_END_OF_HEAD) + body_bytes


class AsyncWatch(Watch):
    """The same for a stream that is awaited; anyio bounds all that it does."""

    __slots__ = ()

    def _stand_before(self, stream: Any) -> None:
        stream.read, stream.write = self.read, self.write

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        """Read."""
        return self._note(await self._kind.read(self._stream(), max_bytes, timeout))

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Write, and forget what came before."""
        self._forget()
        await self._kind.write(self._stream(), buffer, timeout)


class Passage:
    """How far a request came; httpcore is given it as the request's `trace`.

    Args:
        once: Whether the request goes out once at most, as it does over httpx clients of our own.

    Attributes:
        begun: Whether its head began to be written. True is certain. False is not: a transport that is not
            httpcore's tells nothing.
    """

    __slots__ = ("_in_tunnel", "_once", "_opening", "begun")

    def __init__(self, *, once: bool) -> None:
        self._once = once
        self._opening = self._in_tunnel = False
        self.begun = False

    @property
    def certainly_not_begun(self) -> bool:
        """Whether a connection was being opened when the last was heard, and the head not yet written.

        An event that is not known ends that: another httpcore may call it otherwise when it writes the head.
        """
        return not self.begun and (self._opening or self._in_tunnel)

    def __call__(self, event: str, info: dict[str, Any]) -> Any:
        """Take note of an event; nothing is written once the deadline has passed."""
        if event.endswith(_OPENED):
            stream = info["return_value"]
            if _left() <= 0 and event.endswith(_CONNECTED):
                stream.close()
                raise _too_late()
            Watch(stream)
        elif event.endswith((*_OPENING, _REPEATING)) and _left() != math.inf:
            _share_what_is_left(info)
        self._note(event, info)

    def _note(self, event: str, info: dict[str, Any]) -> None:
        if not event.endswith(_SENDING):
            self._opening = event.endswith((*_OPENING, *_NOT_OPENED, *_SHAKING, _REPEATING))
        elif info["request"].method == b"CONNECT":
            # It shares its extensions with the request that goes through the tunnel.
            self._in_tunnel = True
        else:
            if _left() <= 0:
                raise _too_late()
            self.begun = True
            if self._once:
                # A dozen events follow, of which none matters.
                info["request"].extensions.pop("trace", None)


class AsyncPassage(Passage):
    """The same for streams that are awaited; anyio bounds all that they do."""

    __slots__ = ()

    async def __call__(self, event: str, info: dict[str, Any]) -> None:
        """Take note of an event."""
        if event.endswith(_OPENED):
            AsyncWatch(info["return_value"])
        self._note(event, info)


def _share_what_is_left(info: dict[str, Any]) -> None:
    """Share the rest of the call among the addresses of a host: each is given the whole timeout."""
    found = []
    if "host" in info:
        with suppress(OSError, UnicodeError):
            found = socket.getaddrinfo(info["host"], info["port"], type=socket.SOCK_STREAM)
    if (left := _left()) <= 0:
        raise _too_late()
    if found:
        share, timeout = left / len(found), info["timeout"]
        info["timeout"] = share if timeout is None else min(timeout, share)


def watch_of(response: httpx.Response) -> Watch | None:
    """Return the watch of the connection that an answer came over.

    Returns:
        The watch; None where there is none: a transport that is not httpcore's, a connection that another
        request of the caller's own httpx client opened, or HTTP/2, where each answer names its request.
    """
    extensions = response.extensions
    read = getattr(extensions.get("network_stream"), "read", None)
    watch = getattr(read, "__self__", None)
    is_one = isinstance(watch, Watch) and extensions.get("http_version") != b"HTTP/2"
    return watch if is_one else None
