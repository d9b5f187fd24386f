"""The two drivers of a run, and its clock: the only places that wait."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from smsmanager._privacy import clear_frames
from smsmanager.campaigns._run.end_signals import deferred_ends
from smsmanager.campaigns._run.run_steps import Ended, Pause, Send, Step, Tell, Wait, Work

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator, Iterator

    from anyio import CancelScope
    from anyio.abc import TaskGroup

    from smsmanager.aio import AsyncSmsManager
    from smsmanager.campaigns._run.updates import Update
    from smsmanager.client import SmsManager

_DONE = object()
_PATIENCE = 2
"""How many signals are passed to the plan; the next one stops waiting for it."""


class Clock:
    """The clocks of this machine; tests replace it."""

    def monotonic(self) -> float:
        """Return seconds that never decrease."""
        return time.monotonic()

    def now(self) -> datetime:
        """Return the time of day, in UTC."""
        return datetime.now(UTC)

    def pause(self, stop: threading.Event, seconds: float) -> None:
        """Wait for some seconds or until the event is set."""
        stop.wait(seconds)

    async def apause(self, stop: threading.Event, seconds: float) -> None:
        """Wait for some seconds or until the event is set; a signal handler or another thread may set it."""
        from anyio import to_thread  # noqa: PLC0415 - httpx loads it as late

        await to_thread.run_sync(stop.wait, seconds, abandon_on_cancel=True)


def _failed(step: Send, error: BaseException) -> Ended:
    clear_frames(error)
    return Ended(step.batch, error=error)


class _Senders:
    """Threads that send. They do not keep the process alive: the ledger has recorded what was in flight."""

    def __init__(self, client: SmsManager, count: int) -> None:
        self._client = client
        self._count = count
        self._threads = 0
        self._todo: queue.SimpleQueue[Send | None] = queue.SimpleQueue()
        self._ended: queue.SimpleQueue[Ended | None] = queue.SimpleQueue()

    def send(self, step: Send) -> None:
        if self._threads < self._count:
            self._threads += 1
            threading.Thread(target=self._work, name="smsmanager-send", daemon=True).start()
        self._todo.put(step)

    def _work(self) -> None:
        while (step := self._todo.get()) is not None:
            try:
                ended = Ended(step.batch, result=self._client.send_batch(step.messages))
            except BaseException as error:  # noqa: BLE001 - the plan decides what it means
                ended = _failed(step, error)
            self._ended.put(ended)

    def wait(self, seconds: float | None) -> list[Ended]:
        """Wait until a request has ended, the time has passed, or `wake` is called; return what has ended."""
        ended: list[Ended] = []
        try:
            each = self._ended.get(timeout=seconds)
            while each is not None:
                ended.append(each)
                each = self._ended.get_nowait()
        except queue.Empty:
            pass
        return ended

    def wake(self) -> None:
        self._ended.put(None)

    def close(self) -> None:
        for _ in range(self._threads):
            self._todo.put(None)


class _PlanThread:
    """Runs a plan from one update to the next in its own thread.

    Python raises `KeyboardInterrupt` wherever the main thread is. Here that thread only waits, so a signal
    cannot lose an answer, or a request that is about to leave: it is raised in the plan where the plan waits.
    """

    def __init__(
        self,
        steps: Generator[Step, Any, None],
        senders: _Senders,
        pause: Callable[[float], object],
        wake: Callable[[], object],
    ) -> None:
        self._steps = steps
        self._senders = senders
        self._pause = pause
        self._wake = wake
        self._interruptions: deque[BaseException] = deque()
        self._given_up = False
        self._is_asked = False
        self._asked: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._arrived: queue.SimpleQueue[Any] = queue.SimpleQueue()
        threading.Thread(target=self._work, name="smsmanager-campaign", daemon=True).start()

    def advance(self) -> Update | None:
        """Continue to the next update; None at the end."""
        self._is_asked = True
        self._asked.put(item=True)
        signals = 0
        while True:
            try:
                arrived = self._arrived.get()
            except BaseException as error:
                signals += 1
                if signals > _PATIENCE:
                    self._given_up = True
                    raise
                self._interruptions.append(error)
                self._senders.wake()
                self._wake()
            else:
                break
        self._is_asked = False
        if self._interruptions:
            # The plan had no wait left in which to raise it, and a user's Ctrl-C must not be ignored.
            failure = arrived if isinstance(arrived, BaseException) else None
            raise self._interruptions.popleft() from failure
        if isinstance(arrived, BaseException):
            raise arrived
        update: Update | None = arrived
        return update

    def close(self) -> None:
        """End the plan at its current step, and end the thread."""
        if self._is_asked:
            # A signal came before the wait began: the plan must not start more requests, or pause for long.
            self._wake()
        self._asked.put(item=False)
        if not self._given_up:
            # Another run may follow at once and need the lock, so wait for the last item, None.
            while self._arrived.get() is not None:
                pass

    def _work(self) -> None:
        while self._asked.get():
            try:
                step = next(self._steps)
                while not isinstance(step, Tell):
                    step = self._after(step)
            except StopIteration:
                self._arrived.put(None)
            except BaseException as error:  # noqa: BLE001 - raised in the caller's thread
                self._arrived.put(error)
            else:
                self._arrived.put(step.update)
        self._steps.close()
        self._arrived.put(None)

    def _after(self, step: Step) -> Step:
        """Perform a step of the plan; return the next one."""
        reply: Any = None
        try:
            match step:
                case Send():
                    self._senders.send(step)
                case Work():
                    reply = step.call()
                case Wait() | Pause() if self._interruptions:
                    return self._steps.throw(self._interruptions.popleft())
                case Wait():
                    reply = self._senders.wait(step.seconds)
                case Pause():
                    self._pause(step.seconds)
        except BaseException as error:  # noqa: BLE001 - the plan raises it again
            return self._steps.throw(error)
        return self._steps.send(reply)


def run(
    steps: Generator[Step, Any, None],
    client: SmsManager,
    concurrency: int,
    pause: Callable[[float], object],
    wake: Callable[[], object],
) -> Iterator[Update]:
    """Run a plan with a blocking client.

    Args:
        steps: The plan.
        client: Sends the requests.
        concurrency: Maximum requests at once.
        pause: Waits a number of seconds, or until woken.
        wake: Ends a pause, and then the run.

    Yields:
        The updates.
    """
    senders = _Senders(client, concurrency)
    thread = _PlanThread(steps, senders, pause, wake)
    try:
        while True:
            with deferred_ends(wake):
                update = thread.advance()
            if update is None:
                return
            yield update
    finally:
        # In this order: the plan may send until it ends.
        try:
            thread.close()
        finally:
            senders.close()


class _Tasks:
    """Runs a plan from one update to the next, with a task for each request."""

    def __init__(self, client: AsyncSmsManager, pause: Callable[[float], Any]) -> None:
        import anyio  # noqa: PLC0415 - httpx loads it as late

        self._anyio = anyio
        self._client = client
        self._pause = pause
        self._news = anyio.Event()
        self._ended: list[Ended] = []
        self._scopes: set[CancelScope] = set()
        # A cancelled task does not wait for its worker thread, but the next step must.
        self._turn = threading.Lock()
        self._interrupted = False

    async def advance(self, steps: Generator[Step, Any, None], step: Step) -> Any:
        """Run the plan to its next update; return that step, or `_DONE`."""
        failed: BaseException | None = None
        async with self._anyio.create_task_group() as tasks:
            try:
                while not isinstance(step, Tell):
                    answer: Any = None
                    try:
                        with self._anyio.CancelScope(shield=self._interrupted):
                            answer = await self._perform(step, tasks)
                    except BaseException as error:  # noqa: BLE001 - the plan raises it again
                        self._interrupted = True
                        step = steps.throw(error)
                    else:
                        step = steps.send(answer)
            except StopIteration:
                return _DONE
            except (Exception, KeyboardInterrupt, SystemExit) as error:  # noqa: BLE001 - raised below
                # Raised here, it would be wrapped in an exception group.
                failed = error
            finally:
                for scope in list(self._scopes):
                    scope.cancel()
        if failed is not None:
            raise failed
        return step

    async def _perform(self, step: Step, tasks: TaskGroup) -> Any:
        match step:
            case Send():
                tasks.start_soon(self._send, step)
            case Wait():
                return await self._wait(step.seconds)
            case Pause():
                await self._pause(step.seconds)
            case Work():
                return await self._anyio.to_thread.run_sync(self._alone, step.call)
        return None

    def _alone(self, call: Callable[[], Any]) -> Any:
        with self._turn:
            return call()

    async def _send(self, step: Send) -> None:
        # Shielded: without a task that waits for the answer, the outcome of a request would be unknown.
        with self._anyio.CancelScope(shield=True) as scope:
            self._scopes.add(scope)
            try:
                ended = Ended(step.batch, result=await self._client.send_batch(step.messages))
            except Exception as error:  # noqa: BLE001 - the plan decides what it means
                ended = _failed(step, error)
            finally:
                self._scopes.discard(scope)
            self._ended.append(ended)
            self._news.set()

    async def _wait(self, seconds: float | None) -> list[Ended]:
        if not self._ended:
            with self._anyio.move_on_after(seconds):
                await self._news.wait()
        self._news = self._anyio.Event()
        ended, self._ended = self._ended, []
        return ended


async def arun(
    steps: Generator[Step, Any, None],
    client: AsyncSmsManager,
    pause: Callable[[float], Any],
    wake: Callable[[], object],
) -> AsyncIterator[Update]:
    """Run a plan with an asynchronous client; see `run`."""
    tasks = _Tasks(client, pause)
    step: Any = next(steps)
    while True:
        with deferred_ends(wake):
            step = await tasks.advance(steps, step)
        if step is _DONE:
            return
        try:
            yield step.update
        except BaseException as error:
            steps.throw(error)
            raise
        try:
            step = steps.send(None)
        except StopIteration:
            return
