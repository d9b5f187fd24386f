"""One attempt to carry a request: whether it left, and when it must end."""

from __future__ import annotations

import math
import time
from contextvars import ContextVar

# CONNECT asks a proxy for a tunnel; 5 and 1 begin the two handshakes with a SOCKS proxy.
_TO_A_PROXY = (b"CONNECT ", b"\x05", b"\x01")


class Attempt:
    """One attempt to carry one request over the streams of `smsmanager.transport`.

    Args:
        deadline_at: When it must end, by `time.monotonic`.

    Attributes:
        left: Whether bytes of the request were written: True if they were, False if they certainly were not, None
            if no such stream took part (a mock, or a transport of another kind).
    """

    __slots__ = ("deadline_at", "left")

    def __init__(self, deadline_at: float = math.inf) -> None:
        self.deadline_at = deadline_at
        self.left: bool | None = None

    @property
    def remaining_s(self) -> float:
        """Seconds until the deadline."""
        if self.deadline_at == math.inf:
            return math.inf
        return self.deadline_at - time.monotonic()

    def is_carried(self) -> None:
        """Note that a stream takes part: from here on it is certain whether bytes were written."""
        self.left = bool(self.left)

    def writes(self, data: bytes) -> None:
        """Note that bytes are about to be written. What sets up a tunnel through a proxy does not count."""
        self.left = self.left or not data.startswith(_TO_A_PROXY)


current_attempt: ContextVar[Attempt] = ContextVar("current_attempt", default=Attempt())  # noqa: B039
"""The attempt that this thread or task carries. All other requests of a caller-supplied client share one,
whose `left` means nothing."""


def bounded(timeout: float | None, remaining_s: float, error: type[Exception]) -> float | None:
    """Return the timeout of a step that may not outlast the call.

    Args:
        timeout: Seconds that httpcore allows.
        remaining_s: Seconds until the call must end.
        error: What to raise if none remain.
    """
    if remaining_s == math.inf:
        return timeout
    if remaining_s <= 0:
        raise error("the deadline passed")
    return remaining_s if timeout is None else min(timeout, remaining_s)
