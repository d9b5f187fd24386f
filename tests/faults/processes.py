"""Ways in which services use a client, in a separate process: forks, dropped clients, endless answers.

`python -m tests.faults.processes SCENARIO URL ...`, because a test process has threads and must not fork, and
because a process's peak memory never decreases.
"""

from __future__ import annotations

import asyncio
import gc
import json
import multiprocessing
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import httpx

from smsmanager import AsyncSmsManager, SmsManager, SmsManagerError
from smsmanager.transport import HTTPTransport
from tests.faults.callers import Caller

TO = "420777123456"


def played(scenario: str, *arguments: str, strict: bool = True) -> list[Any]:
    """Run a scenario in a separate process; if `strict`, every warning is an error, and it prints nothing."""
    assert scenario in SCENARIOS
    warnings = ("-W", "error") if strict else ()
    done = subprocess.run(
        [sys.executable, *warnings, "-m", "tests.faults.processes", scenario, *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=False,
        timeout=100,
    )
    assert not strict or done.stderr.decode() == ""
    assert done.returncode == 0
    answers = json.loads(done.stdout)
    assert isinstance(answers, list)
    return answers


def said(client: SmsManager, text: str, **options: Any) -> str:
    """Send; return the outcome."""
    try:
        return str(client.send(f"{text} Hello", to=TO, **options).counts())
    except SmsManagerError as error:
        return f"{type(error).__name__}: {error}"


def in_child(work: Callable[[], str]) -> str:
    """Return the output of a forked child."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.write(writer, work().encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        answer = pipe.read()
    _, status = os.wait()
    assert status == 0
    return answer


def fork(url: str, having: str) -> list[str]:
    """Send before a fork, in the child, and after it; the child closes the clients that it may use."""
    with httpx.Client() as own:
        ways: dict[str, dict[str, Any]] = {
            "nothing": {},
            "deadline": {"deadline_s": 30},
            "client": {"http_client": own},
            "transport": {"transport": HTTPTransport()},
        }
        with SmsManager("key", base_url=url, **ways[having]) as client:

            def child() -> str:
                answers = [said(client, "child"), said(client, "child")]
                if having in {"nothing", "deadline"}:
                    client.close()
                return " ".join([*answers, said(client, "closed")])

            return [said(client, "before"), in_child(child), said(client, "after")]


def fork_by_multiprocessing(url: str) -> list[str]:
    """Fork as multiprocessing does, with a client that was already used."""
    context = multiprocessing.get_context("fork")
    with SmsManager("key", base_url=url) as client:
        answers = [said(client, "before")]
        queue = context.SimpleQueue()
        child = context.Process(target=lambda: queue.put(said(client, "child")))
        child.start()
        child.join()
        assert child.exitcode == 0
        return [*answers, queue.get(), said(client, "after")]


async def said_async(client: AsyncSmsManager, text: str) -> str:
    """Do the same asynchronously."""
    try:
        return str((await client.send(f"{text} Hello", to=TO)).counts())
    except SmsManagerError as error:
        return f"{type(error).__name__}: {error}"


def fork_async(url: str) -> list[str]:
    """Send before a fork; the child has its own event loop, and then another one."""
    with asyncio.Runner() as runner:
        client = AsyncSmsManager("key", base_url=url)
        answers = [runner.run(said_async(client, "before"))]

        def child() -> str:
            answers = []
            for _ in range(2):
                with asyncio.Runner() as own:
                    answers.append(own.run(said_async(client, "child")))
            return " ".join(answers)

        answers += [in_child(child), runner.run(said_async(client, "after"))]
        runner.run(client.aclose())
    return answers


def dropped(url: str) -> list[str]:
    """Use clients and drop them without closing them."""
    answers = []
    for options in ({}, {"deadline_s": 30}):
        client = SmsManager("key", base_url=url, **options)  # type: ignore[arg-type]
        answers.append(said(client, "dropped"))
        del client
        gc.collect()
    return answers


def dropped_async(url: str, backend: str) -> list[str]:
    """Drop a client inside a running event loop."""

    async def main() -> list[str]:
        client = AsyncSmsManager("key", base_url=url)
        answers = [await said_async(client, "dropped")]
        del client
        gc.collect()
        await anyio.lowlevel.checkpoint()
        await anyio.lowlevel.checkpoint()
        return answers

    return anyio.run(main, backend=backend)


def peak_kib() -> int:
    """Return the peak memory of this process."""
    status = Path("/proc/self/status")
    if status.exists():
        # On Linux, `getrusage` includes the memory of the process that started this one.
        lines = status.read_text(encoding="ascii").splitlines()
        [peak] = [line.split()[1] for line in lines if line.startswith("VmHWM")]
        return int(peak)
    peak_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak_bytes // 1024 if sys.platform == "darwin" else peak_bytes


def measured(url: str, kind: str, count: str) -> list[tuple[str, int]]:
    """Send the given number of times; return the outcome of each call, and the peak memory after it."""
    seen: list[tuple[str, int]] = []
    with Caller(kind, url, retries=0) as caller:
        for _ in range(int(count)):
            try:
                caller.send("measured Hello", to=TO)
                came = "returned"
            except SmsManagerError as error:
                came = type(error).__name__
            seen.append((came, peak_kib()))
    return seen


SCENARIOS: dict[str, Callable[..., list[Any]]] = {
    work.__name__: work
    for work in (fork, fork_by_multiprocessing, fork_async, dropped, dropped_async, measured)
}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(SCENARIOS[sys.argv[1]](*sys.argv[2:])))
