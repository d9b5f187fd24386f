"""Clients as services use them: threads, forks, event loops, dropped clients."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import anyio
import pytest

from smsmanager import AsyncSmsManager, ConfigurationError, SmsManager
from smsmanager.transport import AsyncHTTPTransport
from tests.faults.answers import whole
from tests.faults.callers import Caller
from tests.faults.processes import SCENARIOS
from tests.faults.script import Fault, Step
from tests.faults.server import FaultServer

ONE = "{'accepted': 1}"


def played(scenario: str, server: FaultServer) -> list[str]:
    """Run a scenario in a process in which every warning is an error; it may say nothing else."""
    assert scenario in SCENARIOS
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.faults.processes", scenario, server.url],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.stderr.decode() == ""
    assert done.returncode == 0
    answers = json.loads(done.stdout)
    assert isinstance(answers, list)
    return answers


@pytest.mark.parametrize("deadline_s", [None, 60.0])
def test_many_threads_share_a_client(server: FaultServer, deadline_s: float | None) -> None:
    failed: list[BaseException] = []
    start = threading.Barrier(8)
    with SmsManager("key", base_url=server.url, deadline_s=deadline_s) as client:

        def work(worker: int) -> None:
            start.wait()
            try:
                for n in range(20):
                    number = f"4207{worker:02d}{n:06d}"
                    result = client.send(f"{worker}-{n} Hello", to=number)
                    assert result.ok
                    assert result[0].phone_number == number
                    ids = server.ledger.taken[f"{worker}-{n}", number]
                    assert [result[0].message_id] == ids
            except BaseException as error:  # noqa: BLE001 - told in the main thread
                failed.append(error)

        threads = [threading.Thread(target=work, args=(worker,)) for worker in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failed == []
    assert len(server.ledger.taken) == len(server.ledger.requests) == 160
    assert server.connections <= 8


def test_threads_share_faults_without_sending_twice(server: FaultServer) -> None:
    faults = [Step(Fault.STATUS, 503), Step(Fault.RESET), Step(Fault.CLOSE), Step()]
    server.play(*faults * 20)
    told: list[Any] = []
    with SmsManager("key", base_url=server.url, on_result=told.append) as client:
        client._sleep = lambda _: None

        def work(worker: int) -> None:
            for n in range(10):
                try:
                    client.send("shared Hello", to=f"4207{worker:02d}{n:06d}")
                except Exception:  # noqa: BLE001, S112 - what became of it is told
                    continue

        threads = [threading.Thread(target=work, args=(worker,)) for worker in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    server.settle()
    assert len(told) == 80
    for [outcome] in told:
        times = len(server.ledger.taken.get(("shared", outcome.phone_number), []))
        allowed = {"accepted": {1}, "not_sent": {0}, "unknown": {0, 1}}
        assert times in allowed[outcome.status.value]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.parametrize("scenario", ["fork", "fork_with_deadline", "fork_by_multiprocessing"])
def test_a_forked_child_has_connections_of_its_own(server: FaultServer, scenario: str) -> None:
    before, child, after = played(scenario, server)
    assert (before, after) == (ONE, ONE)
    assert child == (f"{ONE} {ONE} ConfigurationError" if scenario == "fork" else ONE)
    cases = [received.case for received, _ in server.ledger.requests]
    assert cases == ["before", *["child"] * (2 if scenario == "fork" else 1), "after"]
    assert server.connections == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.parametrize("own", ["client", "transport"])
def test_what_the_caller_supplied_is_refused_in_a_forked_child(
    server: FaultServer, own: str
) -> None:
    before, child, after = played(f"fork_with_own_{own}", server)
    assert (before, after) == (ONE, ONE)
    assert own in child
    assert "fork" in child
    assert [received.case for received, _ in server.ledger.requests] == ["before", "after"]
    assert server.connections == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_child_has_one_event_loop_of_its_own(server: FaultServer) -> None:
    assert played("fork_async", server) == [ONE, f"{ONE} ConfigurationError", ONE]
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


@pytest.mark.parametrize("scenario", ["dropped", "dropped_async", "dropped_trio"])
def test_a_dropped_client_closes_quietly(server: FaultServer, scenario: str) -> None:
    assert set(played(scenario, server)) == {ONE}


def test_no_cookie_of_an_answer_goes_out_again(
    make: Callable[..., Caller], server: FaultServer
) -> None:
    accepted = b'{"request_id": "r", "accepted": [{"key": "0", "message_id": "m"}]}'
    answer = whole(200, accepted).replace(b"\r\n", b"\r\nSet-Cookie: route=a; Path=/\r\n", 1)
    server.play(Step(Fault.SURPLUS, odd=answer))
    # A jar keeps cookies of a name, and none of an address.
    caller = make(base_url=server.url.replace("127.0.0.1", "localhost"))
    for case in ("first", "second"):
        assert caller.send(f"{case} Hello", to="420777123456").ok
    assert [received.case for received, _ in server.ledger.requests] == ["first", "second"]
    assert not any("cookie" in received.headers for received, _ in server.ledger.requests)
