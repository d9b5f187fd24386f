"""Clients as services use them: threads, forks, event loops, dropped clients."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any

import anyio
import pytest

from smsmanager import AsyncSmsManager, ConfigurationError, SmsManager, SmsManagerError
from smsmanager.transport import AsyncHTTPTransport
from tests.faults.answers import whole
from tests.faults.callers import Caller
from tests.faults.processes import played
from tests.faults.script import Fault, Step
from tests.faults.server import FaultServer

Make = Callable[..., Caller]
THREADS = 8
ONE = "{'accepted': 1}"


needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")


def in_threads(work: Callable[[int], None]) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        assert len([*pool.map(work, range(THREADS))]) == THREADS


@pytest.mark.parametrize("deadline_s", [None, 60.0])
def test_many_threads_share_a_client(server: FaultServer, deadline_s: float | None) -> None:
    start = threading.Barrier(THREADS)
    with SmsManager("key", base_url=server.url, deadline_s=deadline_s) as client:

        def work(worker: int) -> None:
            start.wait()
            for n in range(20):
                number = f"4207{worker:02d}{n:06d}"
                [outcome] = client.send(f"{worker}-{n} Hello", to=number)
                assert (outcome.status, outcome.phone_number) == ("accepted", number)
                assert [outcome.message_id] == server.ledger.taken[f"{worker}-{n}", number]

        in_threads(work)
    assert len(server.ledger.taken) == len(server.ledger.requests) == THREADS * 20
    assert server.connections <= THREADS


def test_threads_share_faults_without_sending_twice(server: FaultServer) -> None:
    faults = [Step(Fault.STATUS, 503), Step(Fault.RESET), Step(Fault.CLOSE), Step()]
    server.play(*faults * 20)
    told: list[Any] = []
    with SmsManager("key", base_url=server.url, on_result=told.append) as client:
        client._sleep = lambda _: None

        def work(worker: int) -> None:
            for n in range(10):
                # Its outcome is reported.
                with suppress(SmsManagerError):
                    client.send("shared Hello", to=f"4207{worker:02d}{n:06d}")

        in_threads(work)
    server.settle()
    assert len(told) == THREADS * 10
    for [outcome] in told:
        times = len(server.ledger.taken.get(("shared", outcome.phone_number), []))
        allowed = {"accepted": {1}, "not_sent": {0}, "unknown": {0, 1}}
        assert times in allowed[outcome.status.value]


@needs_fork
@pytest.mark.parametrize("having", ["nothing", "deadline", "multiprocessing"])
def test_a_forked_child_has_connections_of_its_own(server: FaultServer, having: str) -> None:
    if having == "multiprocessing":
        before, child, after = played("fork_by_multiprocessing", server.url)
        sent = 1
    else:
        before, child, after = played("fork", server.url, having)
        sent = 2
        assert " ConfigurationError: " in child, "it was closed"
    assert (before, after) == (ONE, ONE)
    assert child.startswith(" ".join([ONE] * sent))
    cases = [received.case for received, _ in server.ledger.requests]
    assert cases == ["before", *["child"] * sent, "after"]
    assert server.connections == 2


@needs_fork
@pytest.mark.parametrize("own", ["client", "transport"])
def test_what_the_caller_supplied_is_refused_in_a_forked_child(
    server: FaultServer, own: str
) -> None:
    before, child, after = played("fork", server.url, own)
    assert (before, after) == (ONE, ONE)
    assert child.count("ConfigurationError: ") == 3
    assert own in child
    assert "fork" in child
    assert [received.case for received, _ in server.ledger.requests] == ["before", "after"]
    assert server.connections == 1


@needs_fork
def test_a_forked_child_has_one_event_loop_of_its_own(server: FaultServer) -> None:
    before, child, after = played("fork_async", server.url)
    assert (before, after) == (ONE, ONE)
    assert child.startswith(f"{ONE} ConfigurationError: ")
    assert server.connections == 2


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_second_event_loop_is_refused(server: FaultServer, backend: str) -> None:
    client = AsyncSmsManager("key", base_url=server.url)

    async def first() -> None:
        async with client:
            assert (await client.send("loop Hello", to="420777123456")).ok
            with pytest.raises(ConfigurationError, match="another event loop"):
                await anyio.to_thread.run_sync(partial(anyio.run, second, backend=backend))

    async def second() -> None:
        await client.send("loop Hello", to="420777123456")

    anyio.run(first, backend=backend)
    assert len(server.ledger.requests) == 1


def test_an_event_loop_of_another_library_is_refused(server: FaultServer) -> None:
    transport = AsyncHTTPTransport()
    client = AsyncSmsManager("key", base_url=server.url, transport=transport)

    async def main() -> None:
        await client.send("loop Hello", to="420777123456")
        await transport.aclose()

    asyncio.run(main())
    with pytest.raises(ConfigurationError, match="event loop"):
        anyio.run(main, backend="trio")


@pytest.mark.parametrize("backend", [None, "asyncio", "trio"])
def test_a_dropped_client_closes_quietly(server: FaultServer, backend: str | None) -> None:
    scenario = ("dropped_async", server.url, backend) if backend else ("dropped", server.url)
    assert set(played(*scenario)) == {ONE}


def test_no_cookie_of_an_answer_goes_out_again(make: Make, server: FaultServer) -> None:
    accepted = b'{"request_id": "r", "accepted": [{"key": "0", "message_id": "m"}]}'
    answer = whole(200, accepted).replace(b"\r\n", b"\r\nSet-Cookie: route=a; Path=/\r\n", 1)
    server.play(Step(Fault.SURPLUS, odd=answer))
    # A cookie jar keeps cookies for a host name, but not for an IP address.
    caller = make(base_url=server.url.replace("127.0.0.1", "localhost"))
    for case in ("first", "second"):
        assert caller.send(f"{case} Hello", to="420777123456").ok
    assert [received.case for received, _ in server.ledger.requests] == ["first", "second"]
    assert not any("cookie" in received.headers for received, _ in server.ledger.requests)
