"""An interrupted call: answered recipients are known, those in flight unknown, the rest not sent."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import anyio
import pytest
import trio

import smsmanager
from smsmanager import SendResult, SmsManager, Status
from tests.faults.callers import Caller
from tests.faults.moments import at
from tests.faults.script import Fault, Step
from tests.faults.server import FaultServer

NUMBERS = [f"4207770{n:05d}" for n in range(30)]
AFTER_ONE = {"accepted": 10, "not_sent": 10, "unknown": 10}
WRAPPER = str(Path(smsmanager.__file__).parent)


@pytest.fixture
def told() -> list[SendResult]:
    return []


def agrees(result: SendResult, server: FaultServer) -> None:
    """Compare a result with the ledger."""
    server.settle()
    for outcome in result:
        times = len(server.ledger.taken.get(("cut", outcome.phone_number), []))
        assert times <= 1
        if outcome.status is Status.ACCEPTED:
            assert times == 1
        if outcome.status is Status.NOT_SENT:
            assert times == 0


def at_request(server: FaultServer, number: int, act: Callable[[], object]) -> None:
    """Act once the server has received the given number of requests in full."""

    def count(_: object) -> None:
        if len(server.ledger.requests) == number:
            act()

    server.on_received = count


def ctrl_c() -> None:
    """Interrupt the main thread wherever it waits."""
    assert threading.current_thread() is not threading.main_thread()
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


ENDLESSLY = pytest.mark.parametrize("fault", [Fault.HANG, Fault.DRIP_HEAD, Fault.DRIP_BODY])
ASYNC = pytest.mark.parametrize("kind", ["asyncio", "trio"])


@ENDLESSLY
def test_ctrl_c_in_the_middle_of_a_request(
    server: FaultServer, told: list[SendResult], fault: Fault
) -> None:
    server.play(Step(), Step(fault))
    at_request(server, 2, ctrl_c)
    with SmsManager("key", base_url=server.url, on_result=told.append) as client:
        with pytest.raises(KeyboardInterrupt) as caught:
            client.send("cut Hello", to=NUMBERS, priority=True)
        assert type(caught.value) is KeyboardInterrupt
        [result] = told
        assert result.counts() == AFTER_ONE
        assert [o.status.value for o in result[::10]] == ["accepted", "unknown", "not_sent"]
        agrees(result, server)
        assert any("10 unknown" in note for note in caught.value.__notes__)
        server.on_received = None
        rest = client.resume(result)
        assert rest.counts() == {"accepted": 20, "unknown": 10}
        agrees(rest, server)


def test_ctrl_c_while_a_retry_waits(server: FaultServer, told: list[SendResult]) -> None:
    server.play(Step(), Step(Fault.STATUS, 503))

    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    with SmsManager("key", base_url=server.url, on_result=told.append) as client:
        client._sleep = interrupted
        with pytest.raises(KeyboardInterrupt):
            client.send("cut Hello", to=NUMBERS, priority=True)
    [result] = told
    assert result.counts() == {"accepted": 10, "not_sent": 20}
    agrees(result, server)


Cancel = Callable[[], object]
When = Callable[[Caller, FaultServer, Cancel], AbstractContextManager[None]]


def cut(caller: Caller, server: FaultServer, when: When) -> None:
    """Send, and cancel this after some time, in the way of each library."""

    async def send(cancel: Cancel) -> None:
        with when(caller, server, cancel):
            await caller.client.send("cut Hello", to=NUMBERS, priority=True)

    async def under_trio() -> bool:
        with trio.CancelScope() as scope:
            await send(scope.cancel)
        return scope.cancelled_caught

    async def under_asyncio() -> bool:
        task = asyncio.current_task()
        assert task is not None
        with pytest.raises(asyncio.CancelledError) as caught:
            await send(task.cancel)
        task.uncancel()
        return type(caught.value) is asyncio.CancelledError

    assert caller.run(under_trio if caller.kind == "trio" else under_asyncio) is True


@contextmanager
def before_it_began(_: Caller, __: FaultServer, cancel: Cancel) -> Iterator[None]:
    cancel()
    yield


@contextmanager
def in_the_second_request(caller: Caller, server: FaultServer, cancel: Cancel) -> Iterator[None]:
    here = (
        trio.lowlevel.current_trio_token().run_sync_soon
        if caller.kind == "trio"
        else asyncio.get_running_loop().call_soon_threadsafe
    )
    at_request(server, 2, lambda: here(cancel))
    yield


@contextmanager
def while_a_retry_waits(caller: Caller, server: FaultServer, cancel: Cancel) -> Iterator[None]:
    async def waits(_: float) -> None:
        cancel()
        await anyio.sleep_forever()

    server.play(Step(), Step(Fault.STATUS, 503))
    caller.client._sleep = waits
    yield


def between_requests(_: Caller, __: FaultServer, cancel: Cancel) -> AbstractContextManager[None]:
    return at("http11.response_closed.started", cancel)


def before_the_next(_: Caller, __: FaultServer, cancel: Cancel) -> AbstractContextManager[None]:
    return at("http11.response_closed.complete", cancel)


@ASYNC
@ENDLESSLY
@pytest.mark.parametrize("deadline_s", [None, 30.0])
def test_cancelled_in_the_middle_of_a_request(
    server: FaultServer, told: list[SendResult], kind: str, fault: Fault, deadline_s: float | None
) -> None:
    server.play(Step(), Step(fault))
    with Caller(kind, server.url, on_result=told.append, deadline_s=deadline_s) as caller:
        cut(caller, server, in_the_second_request)
        [result] = told
        assert result.counts() == AFTER_ONE
        agrees(result, server)
        server.on_received = None
        assert caller.call("resume", result).counts() == {"accepted": 20, "unknown": 10}


@ASYNC
@pytest.mark.parametrize(
    ("when", "counts"),
    [
        (before_it_began, [{"not_sent": 30}, {"unknown": 10, "not_sent": 20}]),
        (while_a_retry_waits, [{"accepted": 10, "not_sent": 20}]),
        # A request that was about to leave may have left; asyncio does not even read an answer to its end.
        (between_requests, [AFTER_ONE, {"unknown": 10, "not_sent": 20}]),
        (before_the_next, [AFTER_ONE]),
    ],
)
def test_cancelled_outside_of_a_request(
    server: FaultServer,
    told: list[SendResult],
    kind: str,
    when: When,
    counts: list[dict[str, int]],
) -> None:
    with Caller(kind, server.url, on_result=told.append) as caller:
        cut(caller, server, when)
    [result] = told
    assert result.counts() in counts
    agrees(result, server)


@ASYNC
def test_a_failure_that_cancels_sends_beside_it_goes_on_in_its_own_task(
    server: FaultServer, kind: str
) -> None:
    """Under trio the cancellation has that failure as its context, whose frames are still running."""
    server.play(Step(Fault.HANG), Step(Fault.HANG))
    both = threading.Event()
    at_request(server, 2, both.set)

    def fail() -> None:
        raise LookupError("something else")

    with Caller(kind, server.url) as caller:

        async def main() -> str:
            failed = "not yet"
            try:
                async with anyio.create_task_group() as group:
                    for number in NUMBERS[:2]:
                        group.start_soon(partial(caller.client.send, "cut Hello", to=number))
                    await anyio.to_thread.run_sync(both.wait, 30)
                    fail()
            except* LookupError:
                failed = "as it should"
            return failed

        assert caller.run(main) == "as it should"


def _collecting(frame: FrameType | None) -> bool:
    """Return whether a finalizer is running: one can start anywhere, and CPython swallows what it raises."""
    while frame is not None:
        if frame.f_code.co_name == "__del__":
            return True
        frame = frame.f_back
    return False


class _Interrupter:
    """Raises KeyboardInterrupt at the nth line that the library executes, as Ctrl-C can at any line."""

    def __init__(self, at: int | None = None) -> None:
        self.at = at
        self.lines: list[tuple[str, int]] = []
        self.where = ""

    def __call__(self, frame: FrameType, event: str, _: object) -> Any:
        if not frame.f_code.co_filename.startswith(WRAPPER) or _collecting(frame):
            return None
        if event == "line":
            self.lines.append((frame.f_code.co_filename, frame.f_lineno))
            if len(self.lines) == self.at:
                self.where = f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"
                raise KeyboardInterrupt
        return self

    def moments(self) -> list[int]:
        """Return when each line ran for the first, the second and the last time.

        Lines that loop over recipients run hundreds of times in the same way; only the requests differ.
        """
        when: dict[tuple[str, int], list[int]] = {}
        for number, line in enumerate(self.lines, 1):
            when.setdefault(line, []).append(number)
        return sorted({n for times in when.values() for n in (*times[:2], times[-1])})


@pytest.fixture
def _untraced() -> Iterator[None]:
    """Restore the tracer of a coverage run."""
    before = sys.gettrace()
    yield
    sys.settrace(before)


# httpcore leaves a connection that is interrupted while it opens to the garbage collector.
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
@pytest.mark.thorough
@pytest.mark.usefixtures("_untraced")
@pytest.mark.parametrize("offset", range(2))
def test_ctrl_c_at_any_line_tells_the_truth(server: FaultServer, offset: int) -> None:
    """Stop a call of three requests, the second tried twice, at each line in turn."""
    wrong: list[str] = []
    untold = 0
    with SmsManager("key", base_url=server.url) as plain:
        plain._sleep = lambda _: None
        plain.send("warm Hello", to=NUMBERS[0])

        def stop(at: int | None) -> tuple[_Interrupter, list[SendResult]]:
            server.play(Step(), Step(Fault.STATUS, 503), Step(), Step())
            server.ledger.clear()
            told: list[SendResult] = []
            client = plain.with_options(on_result=told.append)
            interrupter = _Interrupter(at)
            sys.settrace(interrupter)
            try:
                client.send("cut Hello", to=NUMBERS, priority=True)
            except KeyboardInterrupt:
                pass
            finally:
                sys.settrace(None)
            server.settle()
            return interrupter, told

        whole, _ = stop(None)
        moments = whole.moments()[offset::2]
        for at in moments:
            interrupter, told = stop(at)
            taken = {number for _, number in server.ledger.taken}
            # An interruption of the lines that report the result cannot be reported; it must be rare.
            untold += bool(taken and not told)
            for result in told:
                unsent = {o.phone_number for o in result if o.status is Status.NOT_SENT}
                if unsent & taken:
                    wrong.append(f"{interrupter.where}: taken, yet told not_sent")
    assert len(moments) > 300
    assert untold < len(moments) / 5
    assert sorted(set(wrong)) == []
