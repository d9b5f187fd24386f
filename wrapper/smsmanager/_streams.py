"""What passes over a connection: reads that a deadline bounds, and bytes that answer no request.

httpcore's trace, a documented request extension, hands over the stream of each connection when it is opened.
A watch before its `read` and `write` sees to two things that httpcore has no switch for:

- The read timeout bounds each read, and a server that sends one byte a second never meets it. Every read of a
  blocking call with a deadline is bounded by what is left of the call.
- httpcore keeps what a server sent behind an answer, and takes it for the answer to the next request on that
  connection: a message would count as accepted that nobody took. A watch knows what came since the request
  was written.
"""

from __future__ import annotations

import math
import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from weakref import ref

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

_OPENED = (".connect_tcp.complete", ".connect_unix_socket.complete", ".start_tls.complete")
_SENDING = ".send_request_headers.started"
_HEAD_BYTES = 16 * 1024
_END_OF_HEAD = b"\r\n\r\n"
_deadline_at: ContextVar[float] = ContextVar("deadline_at", default=math.inf)


@contextmanager
def reads_end_at(deadline_at: float) -> Iterator[None]:
    """Bound the reads of this thread until the block ends.

    Args:
        deadline_at: By `time.monotonic`.
    """
    token = _deadline_at.set(deadline_at)
    try:
        yield
    finally:
        _deadline_at.reset(token)


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
        stream.read, stream.write = self.read, self.write

    def read(self, max_bytes: int, timeout: float | None = None) -> Any:
        """Read, no longer than the call may last."""
        if (deadline_at := _deadline_at.get()) != math.inf:
            left = deadline_at - time.monotonic()
            if left <= 0:
                import httpcore  # noqa: PLC0415 - it is loaded by now, and not before the first request

                raise httpcore.ReadTimeout("the deadline passed")
            timeout = left if timeout is None else min(timeout, left)
        return self._note(self._kind.read(self._stream(), max_bytes, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> Any:
        """Write, and forget what came before."""
        self._forget()
        self._kind.write(self._stream(), buffer, timeout)

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
    """The same for a stream that is awaited; anyio bounds its reads."""

    __slots__ = ()

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        """Read."""
        return self._note(await self._kind.read(self._stream(), max_bytes, timeout))

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Write, and forget what came before."""
        self._forget()
        await self._kind.write(self._stream(), buffer, timeout)


def trace(event: str, info: dict[str, Any]) -> None:
    """Watch every connection that is opened; to be passed as the request's `trace`."""
    if event.endswith(_OPENED):
        Watch(info["return_value"])


async def async_trace(event: str, info: dict[str, Any]) -> None:
    """Do the same for streams that are awaited."""
    if event.endswith(_OPENED):
        AsyncWatch(info["return_value"])


def trace_once(event: str, info: dict[str, Any]) -> None:
    """Do as `trace`, until the request goes out: its connection is open by then, and a dozen events follow.

    For httpx clients of our own only, which carry a request object out once.
    """
    trace(event, info)
    if event.endswith(_SENDING):
        _leave(info["request"])


async def async_trace_once(event: str, info: dict[str, Any]) -> None:
    """Do the same for streams that are awaited."""
    await async_trace(event, info)
    if event.endswith(_SENDING):
        _leave(info["request"])


def _leave(request: Any) -> None:
    # The request that opens a tunnel shares its extensions with the one that goes through it.
    if request.method != b"CONNECT":
        request.extensions.pop("trace", None)


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
