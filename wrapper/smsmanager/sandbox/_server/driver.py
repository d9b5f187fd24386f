"""Let time pass: do what is due when it is due, and send due webhooks.

Runs in the event loop of the server. All decisions are the engine's.
"""

from __future__ import annotations

import asyncio
import math
import threading
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from smsmanager.sandbox._server.event_stream import Turns
from smsmanager.sandbox._server.webhook_sender import WebhookSender

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from contextlib import AbstractAsyncContextManager

    from smsmanager.sandbox.engine.processing import Engine
    from smsmanager.sandbox.engine.records.webhook_delivery import Delivery

# Under load something is always due; then requests do the work along the way.
_SHORTEST_SLEEP_S = 0.02
_LONGEST_SLEEP_S = 3600.0

_Result = TypeVar("_Result")
# Fingerprint of the API key, and address.
_Place: TypeAlias = tuple[str, str]


class Driver:
    """The passing of time for an engine.

    Args:
        engine: What becomes due.
        to_loopback: Whether webhooks may go to this machine.
    """

    def __init__(self, engine: Engine, *, to_loopback: bool = True) -> None:
        self._engine = engine
        self._to_loopback = to_loopback
        self._queues: dict[_Place, deque[tuple[Delivery, bool]]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = 0
        self._wake: asyncio.Event | None = None
        self._sending: set[asyncio.Task[None]] = set()
        self._sender: WebhookSender | None = None
        self._moving: asyncio.Lock | None = None
        self._turns: Turns | None = None

    async def run(self) -> None:
        """Run until cancelled."""
        self._loop, self._thread = asyncio.get_running_loop(), threading.get_ident()
        self._wake, self._moving, self._turns = asyncio.Event(), asyncio.Lock(), Turns()
        async with WebhookSender(self._engine, to_loopback=self._to_loopback) as self._sender:
            self._engine.on_due = self._poke
            try:
                while True:
                    self._wake.clear()
                    is_done = self._engine.run_due()
                    self._send_due()
                    if is_done:
                        await self._sleep(self._wake)
                    else:
                        await asyncio.sleep(0)
            finally:
                self._engine.on_due = lambda: None
                self._engine.alarm = math.inf
                self._loop = None
                for task in tuple(self._sending):
                    task.cancel()
                await asyncio.gather(*self._sending, return_exceptions=True)

    async def _sleep(self, wake: asyncio.Event) -> None:
        with self._engine.lock:
            due = self._engine.next_due
            self._engine.alarm = math.inf if due is None else due
            pause = math.inf if due is None else self._engine.clock.real_seconds_until(due)
        pause = max(pause, _SHORTEST_SLEEP_S)
        try:
            async with asyncio.timeout(None if pause > _LONGEST_SLEEP_S else pause):
                await wake.wait()
        except TimeoutError:
            return

    def _poke(self) -> None:
        if self._wake is None or self._loop is None:
            return
        # Not twice, before it is awake.
        self._engine.alarm = -math.inf
        if threading.get_ident() == self._thread:
            self._wake.set()
        else:
            self._loop.call_soon_threadsafe(self._wake.set)

    def _send_due(self) -> None:
        """Send due webhooks: one after another per address, to several addresses at once."""
        for delivery, by_hand in self._engine.webhooks.take_due():
            place = (delivery.key_fingerprint, delivery.target.url)
            queue = self._queues.get(place)
            if queue is None:
                queue = self._queues[place] = deque()
                task = asyncio.get_running_loop().create_task(self._send_all(place, queue))
                self._sending.add(task)
                task.add_done_callback(self._sending.discard)
                # A task that is cancelled before it begins runs nothing of its own.
                task.add_done_callback(partial(self._leave, place, queue))
            queue.append((delivery, by_hand))

    async def _send_all(self, place: _Place, queue: deque[tuple[Delivery, bool]]) -> None:
        assert self._sender is not None  # noqa: S101 - set before anything is due
        try:
            while queue:
                delivery, by_hand = queue.popleft()
                await self._sender.send(delivery, by_hand=by_hand)
        finally:
            self._leave(place, queue)

    def _leave(
        self, place: _Place, queue: deque[tuple[Delivery, bool]], _task: object = None
    ) -> None:
        """Stop sending to a place; what was not begun is due as before."""
        if self._queues.get(place) is queue:
            del self._queues[place]
            self._engine.webhooks.give_back(queue)

    async def flush(self) -> None:
        """Wait until every due webhook was tried."""
        while True:
            is_done = self._engine.run_due()
            self._send_due()
            if self._sending:
                await asyncio.gather(*self._sending)
            elif is_done:
                return
            # From Python 3.12 on, gather lets nothing else run if all are done, not even what
            # takes them out of the set.
            await asyncio.sleep(0)

    async def advance(self, until: float) -> None:
        """Jump ahead, and wait until everything that becomes due on the way has happened.

        Args:
            until: Where the clock jumps to, in Unix seconds.
        """
        assert self._moving is not None  # noqa: S101 - set by run
        async with self._moving:
            await self.flush()
            while not self._engine.run_to(until):
                await asyncio.sleep(0)
                await self.flush()
            await self.flush()
        self._poke()

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Wait for a turn of work that can wait: see `Turns`."""
        assert self._turns is not None  # noqa: S101 - set by run
        return self._turns.next()

    def call(self, coroutine: Coroutine[Any, Any, _Result]) -> _Result | None:
        """Run a coroutine of this driver from another thread, and wait for it.

        Returns:
            Its result; `None` if the sandbox does not run, and so nothing was done.
        """
        if self._loop is None:
            coroutine.close()
            return None
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    @property
    def is_running(self) -> bool:
        """Whether it runs."""
        return self._loop is not None
