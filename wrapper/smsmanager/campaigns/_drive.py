"""The two drivers of a run: the only places that wait."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, Any

from smsmanager._privacy import without_frames
from smsmanager.campaigns._steps import Ended, Pause, Send, Step, Tell, Wait, Work

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator, Iterator

    from anyio import CancelScope
    from anyio.abc import TaskGroup

    from smsmanager.aio import AsyncSmsManager
    from smsmanager.campaigns.updates import Update
    from smsmanager.client import SmsManager

_DONE = object()


class _Senders:
    """Threads that send. They are no obstacle to the end of the process: the ledger knows what was out."""

    def __init__(self, client: SmsManager, count: int) -> None:
        self._client = client
        self._count = count
        self._threads = 0
        self._todo: queue.SimpleQueue[Send | None] = queue.SimpleQueue()
        self._ended: queue.SimpleQueue[Ended] = queue.SimpleQueue()

    def send(self, step: Send) -> None:
        if self._threads < self._count:
            self._threads += 1
            threading.Thread(target=self._work, name="smsmanager-campaign", daemon=True).start()
        self._todo.put(step)

    def _work(self) -> None:
        while (step := self._todo.get()) is not None:
            try:
                ended = Ended(step.batch, result=self._client.send_batch(step.messages))
            except BaseException as error:  # noqa: BLE001 - the plan decides what it means
                ended = Ended(step.batch, error=without_frames(error))
            self._ended.put(ended)

    def wait(self, seconds: float | None) -> list[Ended]:
        ended: list[Ended] = []
        try:
            ended.append(self._ended.get(timeout=seconds))
            while True:
                ended.append(self._ended.get_nowait())
        except queue.Empty:
            return ended

    def close(self) -> None:
        for _ in range(self._threads):
            self._todo.put(None)


def run(
    steps: Generator[Step, Any, None],
    client: SmsManager,
    concurrency: int,
    pause: Callable[[float], object],
) -> Iterator[Update]:
    """Run a plan with a blocking client.

    Args:
        steps: The plan.
        client: Who sends.
        concurrency: Most requests at once.
        pause: Waits a number of seconds, or until the run is asked to stop.

    Yields:
        The updates.
    """
    senders = _Senders(client, concurrency)
    try:
        step = next(steps)
        while True:
            answer: Any = None
            try:
                match step:
                    case Tell():
                        yield step.update
                    case Send():
                        senders.send(step)
                    case Wait():
                        answer = senders.wait(step.seconds)
                    case Pause():
                        pause(step.seconds)
                    case Work():
                        answer = step.call()
            except BaseException as error:  # noqa: BLE001 - the plan raises it again
                step = steps.throw(error)
            else:
                step = steps.send(answer)
    except StopIteration:
        return
    finally:
        senders.close()


class _Tasks:
    """Tasks that send, from one update to the next."""

    def __init__(self, client: AsyncSmsManager, pause: Callable[[float], Any]) -> None:
        import anyio  # noqa: PLC0415 - httpx loads it as late

        self._anyio = anyio
        self._client = client
        self._pause = pause
        self._news = anyio.Event()
        self._ended: list[Ended] = []
        self._scopes: set[CancelScope] = set()
        # A cancelled task does not wait for the thread that works for it.
        self._turn = threading.Lock()
        self._interrupted = False

    async def advance(self, steps: Generator[Step, Any, None], step: Step) -> Any:
        """Run the plan up to its next update; return that step, or `_DONE`."""
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
                # Here it would be put into an exception group.
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
        # Shielded: a request whose answer nobody awaits is one whose outcome is not known.
        with self._anyio.CancelScope(shield=True) as scope:
            self._scopes.add(scope)
            try:
                ended = Ended(step.batch, result=await self._client.send_batch(step.messages))
            except Exception as error:  # noqa: BLE001 - the plan decides what it means
                ended = Ended(step.batch, error=without_frames(error))
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
) -> AsyncIterator[Update]:
    """Run a plan with an awaiting client; see `run`."""
    tasks = _Tasks(client, pause)
    step: Any = next(steps)
    while (step := await tasks.advance(steps, step)) is not _DONE:
        try:
            yield step.update
        except BaseException as error:
            steps.throw(error)
            raise
        try:
            step = steps.send(None)
        except StopIteration:
            return
