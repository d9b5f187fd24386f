"""Act at a moment inside a send, and set its time: without a wait, and without our internals."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest


class _Starter(logging.Handler):
    def __init__(self, event: str, act: Callable[[], object]) -> None:
        super().__init__()
        self._event = event
        self._act = act

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage().startswith(self._event):
            self._act()


@contextmanager
def at(event: str, act: Callable[[], object]) -> Iterator[None]:
    """Act whenever httpcore logs an event.

    Args:
        event: The event, such as `connection.connect_tcp.started`.
        act: What to do at that moment, in the thread that sends.
    """
    room, _, event = event.partition(".")
    logger = logging.getLogger(f"httpcore.{room}")
    starter, level = _Starter(event, act), logger.level
    logger.addHandler(starter)
    logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        logger.removeHandler(starter)
        logger.setLevel(level)


class Clock:
    """The clock that deadlines use; it can be set ahead, so that no test waits.

    Attributes:
        ahead_s: How far it is ahead.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ahead_s = 0.0
        really = time.monotonic
        monkeypatch.setattr(time, "monotonic", lambda: really() + self.ahead_s)

    def pass_by(self, seconds: float = 30) -> None:
        """Let time pass."""
        self.ahead_s += seconds
