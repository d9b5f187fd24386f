"""A deadline that a blocking read cannot outlast.

The read timeout bounds each read, and a server that sends one byte a second never meets it. While a call
with a deadline runs, every read on its connection is bounded by what is left of the call. httpcore's trace,
a documented request extension, hands over each connection when it is opened.
"""

from __future__ import annotations

import math
import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import httpcore

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def trace(event: str, info: dict[str, Any]) -> None:
    """Bound the reads of every connection that is opened; to be passed as the request's `trace`."""
    stream = info.get("return_value")
    if not event.endswith(".complete") or not isinstance(stream, httpcore.NetworkStream):
        return
    read = stream.read

    def bounded(max_bytes: int, timeout: float | None = None) -> bytes:
        left = _deadline_at.get() - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the deadline passed")
        return read(max_bytes, left if timeout is None else min(timeout, left))

    stream.read = bounded  # type: ignore[method-assign]
