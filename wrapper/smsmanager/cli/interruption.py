"""Ctrl-C, and the signals of service managers, containers and closed terminals, which do the same."""

from __future__ import annotations

import contextlib
import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SIGNALS = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    if hasattr(signal, name)
)


class EndedBySignal(KeyboardInterrupt):
    """A signal asked the command to end, as Ctrl-C does.

    Attributes:
        number: The signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


@contextlib.contextmanager
def on_signals(handle: Callable[[int], object]) -> Iterator[None]:
    """Call a function on each signal that ends a command; one that is ignored, as under `nohup`, stays so.

    Args:
        handle: Called with the signal, in a signal handler.
    """
    before = {}
    # Python sets handlers in the main thread only.
    if threading.current_thread() is threading.main_thread():
        before = {number: signal.getsignal(number) for number in SIGNALS}
    # A handler that was not set from Python could not be restored.
    fixed = (signal.SIG_IGN, None)
    mine = [number for number, handler in before.items() if handler not in fixed]
    for number in mine:
        signal.signal(number, lambda received, _frame: handle(received))
    try:
        yield
    finally:
        for number in mine:
            signal.signal(number, before[number])


def end(number: int) -> None:
    """Raise what ends the command.

    Raises:
        EndedBySignal: Always.
    """
    raise EndedBySignal(number)
