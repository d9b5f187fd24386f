"""Number every change, and let others wait for the next: the page, long polls, tests."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

ChangeKind: TypeAlias = Literal[
    "message", "status", "webhook", "incoming", "request", "clock", "settings", "cleared", "deleted"
]

_KEPT = 10_000


class Change(NamedTuple):
    """One change.

    Attributes:
        sequence: Number of the change, counted from 1; never used twice.
        kind: What changed: a message arrived; its status did; a webhook was made or tried; something
            came in; a request was recorded; the clock jumped; credit, rules, faults or other settings
            changed; everything was cleared; one message was deleted.
        key: Fingerprint of the API key whose inbox it is about; empty if it is about all.
        ref: `sequence` of the message, incoming message or request, `id` of the delivery; else `None`.
    """

    sequence: int
    kind: ChangeKind
    key: str
    ref: int | None


class Feed:
    """The newest changes. All methods can be called from any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._changes: deque[Change] = deque(maxlen=_KEPT)
        self._latest = 0
        self._waiting = 0
        self._listeners: dict[int, Callable[[], object]] = {}
        self._numbers = itertools.count()

    @property
    def latest(self) -> int:
        """Number of the newest change; 0 if there was none."""
        return self._latest

    def publish(self, kind: ChangeKind, key: str = "", ref: int | None = None) -> None:
        """Add a change and wake the waiting threads."""
        with self._changed:
            self._latest += 1
            self._changes.append(Change(self._latest, kind, key, ref))
            if self._waiting:
                self._changed.notify_all()
            listeners = tuple(self._listeners.values())
        for listener in listeners:
            listener()

    def since(self, after: int, limit: int = _KEPT) -> tuple[tuple[Change, ...], bool]:
        """Return the changes after a number, oldest first, and whether none is missing before them.

        Only the newest 10,000 are kept: a reader that is further behind has to read everything again.

        Args:
            after: The newest change that is known.
            limit: How many to return at most.
        """
        with self._changed:
            if after >= self._latest:
                return (), True
            missing = min(self._latest - after, len(self._changes))
            start = len(self._changes) - missing
            found = tuple(itertools.islice(self._changes, start, start + limit))
            return found, self._latest - after <= len(self._changes)

    def wait(self, after: int, timeout_s: float | None) -> int:
        """Block until there is a change after a number, and return the number of the newest.

        Args:
            after: The newest change that is known.
            timeout_s: How long to wait in real seconds, `None` without end; then the number is
                still `after`.
        """
        with self._changed:
            self._waiting += 1
            try:
                self._changed.wait_for(lambda: self._latest > after, timeout_s)
            finally:
                self._waiting -= 1
            return self._latest

    def subscribe(self, listener: Callable[[], object]) -> Callable[[], None]:
        """Call a function after each change, in the thread that made it, until it is unsubscribed.

        Args:
            listener: Must return at once and not raise.

        Returns:
            The function that ends it.
        """
        with self._changed:
            number = next(self._numbers)
            self._listeners[number] = listener

        def unsubscribe() -> None:
            with self._changed:
                self._listeners.pop(number, None)

        return unsubscribe
