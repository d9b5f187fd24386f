"""Keep the tasks for later, in order of time. Nothing waits or runs here."""

from __future__ import annotations

import heapq
import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

from smsmanager.sandbox.engine.records.unix_time import LAST_MOMENT

if TYPE_CHECKING:
    from collections.abc import Iterable


class Task(NamedTuple):
    """One thing to do.

    Attributes:
        due: When, in Unix seconds.
        order: Order of tasks that are due at the same moment: that in which they were added.
        kind: What to do: one of the kinds of `fallback` or `webhook_queue`.
        subject: The message, incoming message or delivery it is about.
        step: Index of the step; 0 if it has no meaning.
        detail: Further data for the task.
    """

    due: float
    order: int
    kind: str
    subject: Any
    step: int = 0
    detail: Any = None


class Schedule:
    """The tasks, in a heap.

    Not thread-safe: the engine guards it.
    """

    def __init__(self) -> None:
        self._heap: list[Task] = []
        self._order = itertools.count()

    def __len__(self) -> int:
        """Return how many tasks wait."""
        return len(self._heap)

    def first(self, limit: int) -> tuple[Task, ...]:
        """Return the tasks that are due first, in order of time.

        Args:
            limit: How many at most.
        """
        # From the root of the heap down: with 100,000 tasks, looking at all of them is slow.
        found: list[Task] = []
        edge = [(task, 0) for task in self._heap[:1]]
        while edge and len(found) < limit:
            task, place = heapq.heappop(edge)
            found.append(task)
            for below in range(2 * place + 1, min(2 * place + 3, len(self._heap))):
                heapq.heappush(edge, (self._heap[below], below))
        return tuple(found)

    @property
    def next_due(self) -> float | None:
        """When the first task is due, in Unix seconds; `None` without one."""
        return self._heap[0].due if self._heap else None

    def add(self, due: float, kind: str, subject: Any, step: int = 0, detail: Any = None) -> None:
        """Add a task.

        Args:
            due: When, in Unix seconds.
            kind: What to do.
            subject: What it is about.
            step: Index of the step.
            detail: Further data for the task.
        """
        due = min(due, LAST_MOMENT)
        heapq.heappush(self._heap, Task(due, next(self._order), kind, subject, step, detail))

    def pop_due(self, until: float) -> Task | None:
        """Remove and return the first task if it is due by then, else `None`."""
        if self._heap and self._heap[0].due <= until:
            return heapq.heappop(self._heap)
        return None

    def drop(self, subjects: set[int]) -> tuple[Task, ...]:
        """Remove the tasks of some subjects, given by their `id()`, and return them."""
        dropped = tuple(task for task in self._heap if id(task.subject) in subjects)
        if dropped:
            self._heap = [task for task in self._heap if id(task.subject) not in subjects]
            heapq.heapify(self._heap)
        return dropped

    def put_back(self, tasks: Iterable[Task]) -> None:
        """Add tasks that were dropped before."""
        for task in tasks:
            heapq.heappush(self._heap, task)

    def clear(self) -> None:
        """Remove all tasks."""
        self._heap.clear()
