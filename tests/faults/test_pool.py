"""However many sends were cancelled, and at any point, there is a connection for the next one."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import pytest

from smsmanager import NotSentError, SmsManager, SmsManagerError
from smsmanager.transport import AsyncHTTPTransport
from tests.faults.callers import CROWD, Caller, cancel_a_burst
from tests.faults.cases import BURST_TURNS
from tests.faults.script import Fault, Step
from tests.faults.server import FaultServer
from tests.marks import thorough

Make = Callable[..., Caller]
Send = Callable[..., Coroutine[Any, Any, object]]
AFTERWARDS = 10
ROUNDS = 6
TO = "420777123456"
# Long, because no test should wait for it, but short enough for a test that fails.
PATIENCE_S = 10.0


def sending(caller: Caller) -> Send:
    async def send(name: str, **options: Any) -> object:
        return await caller.client.with_options(**options).send(f"{name} Hello", to=TO)

    return send


async def all_arrive(send: Send, server: FaultServer) -> None:
    """Send a few at once, and expect that each is taken and reported as such."""
    names = [f"after-{number}" for number in range(AFTERWARDS)]
    async with anyio.create_task_group() as group:
        for name in names:
            group.start_soon(send, name)
    assert all(server.ledger.arrived[name, TO] == 1 for name in names)


def test_a_connection_that_the_server_closed_meanwhile_is_not_used(
    server: FaultServer, make: Make, over: dict[str, Any]
) -> None:
    """Even if the event loop had no chance to notice it."""
    caller = make(retries=0, **over)
    for number in range(3):
        assert caller.send(f"sent-{number} Hello", to=TO).ok
        server.drop()
    assert server.connections == 3


# A socket that trio or asyncio is connecting belongs to that library when it is cancelled.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize("turns", [*BURST_TURNS[1:2], *thorough(BURST_TURNS[:1] + BURST_TURNS[2:])])
@pytest.mark.parametrize("kind", ["asyncio", "trio"])
def test_a_burst_of_cancelled_sends_leaves_a_client_that_works(
    server: FaultServer, over: dict[str, Any], kind: str, turns: int
) -> None:
    """The point that a send has reached after so many turns differs; each of these has lost a connection."""
    with Caller(kind, timeout=PATIENCE_S, retries=0, **over) as caller:
        send = sending(caller)

        async def main() -> None:
            for _ in range(ROUNDS):
                await cancel_a_burst(send, turns)
            await all_arrive(send, server)

        caller.run(main)
    # A connection that a cancellation left to the garbage collector is closed too.
    gc.collect()
    server.until_left()


def test_a_client_whose_closing_is_cancelled_leaves_no_connection_open(
    server: FaultServer, over: dict[str, Any]
) -> None:
    with Caller("asyncio", timeout=PATIENCE_S, retries=0, **over) as caller:
        send = sending(caller)

        async def main() -> None:
            await all_arrive(send, server)
            assert server.connections > 1
            closing = asyncio.create_task(caller.client.aclose())
            await asyncio.sleep(0)
            closing.cancel()
            await asyncio.gather(closing, return_exceptions=True)
            await asyncio.to_thread(server.until_left)

        caller.run(main)


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_a_pool_that_is_never_replaced_is_found(
    server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AsyncHTTPTransport, "_has_dead_places", lambda _: False)
    with Caller("asyncio", server.url, timeout=0.2, retries=0) as caller:
        send = sending(caller)

        async def main() -> None:
            for turns in BURST_TURNS * ROUNDS:
                await cancel_a_burst(send, turns)
                await send("after")

        with pytest.raises(NotSentError):
            caller.run(main)


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize("deadline_s", [0.01, *thorough([0.05])])
@pytest.mark.parametrize("kind", ["asyncio", "trio"])
def test_a_burst_of_sends_that_end_by_their_deadline_leaves_a_client_that_works(
    server: FaultServer, over: dict[str, Any], kind: str, deadline_s: float
) -> None:
    server.play(*[Step(Fault.HANG)] * CROWD * ROUNDS)
    with Caller(kind, timeout=PATIENCE_S, retries=0, **over) as caller:
        send = sending(caller)

        async def late(number: int) -> None:
            with pytest.raises(SmsManagerError):
                await send(f"late-{number}", deadline_s=deadline_s)

        async def main() -> None:
            for _ in range(ROUNDS):
                async with anyio.create_task_group() as group:
                    for number in range(CROWD):
                        group.start_soon(late, number)
            server.play()
            await all_arrive(send, server)

        caller.run(main)


def test_threads_whose_sends_end_by_their_deadline_leave_a_client_that_works(
    server: FaultServer, over: dict[str, Any]
) -> None:
    server.play(*[Step(Fault.HANG)] * CROWD)
    arrived: list[bool] = []
    with SmsManager("key", timeout=PATIENCE_S, retries=0, **over) as client:

        def late(number: int) -> None:
            with pytest.raises(SmsManagerError):
                client.send(f"late-{number} Hello", to=TO, deadline_s=0.05)

        def after(number: int) -> None:
            arrived.append(client.send(f"after-{number} Hello", to=TO).ok)

        for work, count in ((late, CROWD), (after, AFTERWARDS)):
            with ThreadPoolExecutor(count) as pool:
                assert len([*pool.map(work, range(count))]) == count
            server.play()
    assert arrived == [True] * AFTERWARDS


@pytest.mark.parametrize("kind", ["asyncio", "trio"])
def test_a_pool_whose_connections_are_all_in_use_is_left_alone_and_named(
    server: FaultServer, kind: str
) -> None:
    places = 100
    everyone = threading.Event()
    server.on_received = lambda _: everyone.set() if len(server.ledger.requests) == places else None
    server.play(*[Step(Fault.HANG)] * places)
    with Caller(kind, server.url, timeout=20, retries=0) as caller:
        send = sending(caller)

        async def main() -> None:
            async with anyio.create_task_group() as group:
                for number in range(places):
                    group.start_soon(send, f"slow-{number}")
                await anyio.to_thread.run_sync(everyone.wait, 30)
                with pytest.raises(NotSentError, match=r"(?i)\bin use\b"):
                    await send("crowded", timeout=0.05)
                assert server.connections == places
                group.cancel_scope.cancel()

        caller.run(main)
    assert server.ledger.arrived["crowded", TO] == 0
