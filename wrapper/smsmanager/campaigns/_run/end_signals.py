"""Signals that ask a process to end, from a service manager, a container, or a closing terminal."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

END_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
)
"""The signals of this system, without SIGINT: for Ctrl-C, Python raises `KeyboardInterrupt`."""


@contextmanager
def deferred_ends(stop: Callable[[], object]) -> Iterator[None]:
    """Let a signal that would end the process end the run first; it takes effect when the block is left.

    By default such a signal leaves Python no time to record what is in flight. A handler that the caller set
    stays, and a signal that is ignored, as under `nohup`, stays ignored. A second signal acts at once.

    Args:
        stop: Asks the run to end; called in a signal handler.
    """
    received: list[int] = []

    def end(number: int, _frame: object) -> None:
        if received:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        received.append(number)
        stop()

    mine = []
    # Python sets and calls signal handlers only in the main thread.
    if threading.current_thread() is threading.main_thread():
        mine = [number for number in END_SIGNALS if signal.getsignal(number) is signal.SIG_DFL]
    for number in mine:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in mine:
            signal.signal(number, signal.SIG_DFL)
        for number in received[:1]:
            signal.raise_signal(number)
