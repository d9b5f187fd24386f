"""What a service does with a client, in a process of its own: forks, and clients that are only dropped.

`python -m tests.faults.processes SCENARIO URL`, because a test process has threads and must not fork.
"""

from __future__ import annotations

import asyncio
import gc
import json
import multiprocessing
import os
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx
import trio
import trio.lowlevel

from smsmanager import AsyncSmsManager, ConfigurationError, SmsManager, SmsManagerError
from smsmanager.transport import HTTPTransport

TO = "420777123456"


def said(client: SmsManager, text: str, **options: Any) -> str:
    """Send; return what came of it."""
    try:
        return str(client.send(f"{text} Hello", to=TO, **options).counts())
    except SmsManagerError as error:
        return type(error).__name__


def in_child(work: Callable[[], str]) -> str:
    """Return what a forked child says."""
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


def fork(url: str) -> list[str]:
    """Send before a fork, in the child, and after it; the child closes what it used."""
    client = SmsManager("key", base_url=url)
    before = said(client, "before")

    def child() -> str:
        answers = [said(client, "child"), said(client, "child")]
        client.close()
        return " ".join([*answers, said(client, "closed")])

    answers = [before, in_child(child), said(client, "after")]
    client.close()
    return answers


def fork_with_deadline(url: str) -> list[str]:
    """Send with a deadline before a fork, in the child, and after it."""
    with SmsManager("key", base_url=url, deadline_s=30) as client:
        return [
            said(client, "before"),
            in_child(partial(said, client, "child")),
            said(client, "after"),
        ]


def _refused(client: SmsManager) -> str:
    """Send; return why that was refused."""
    try:
        return str(client.send("child Hello", to=TO).counts())
    except ConfigurationError as error:
        return str(error)


def fork_with_own_client(url: str) -> list[str]:
    """Fork with an own httpx client: the child is refused."""
    with httpx.Client() as own:
        client = SmsManager("key", base_url=url, http_client=own)
        return [said(client, "before"), in_child(partial(_refused, client)), said(client, "after")]


def fork_with_own_transport(url: str) -> list[str]:
    """Fork with an own transport: the child is refused."""
    with SmsManager("key", base_url=url, transport=HTTPTransport()) as client:
        return [said(client, "before"), in_child(partial(_refused, client)), said(client, "after")]


def _in_a_pool(client: SmsManager, text: str) -> str:
    return said(client, text)


def fork_by_multiprocessing(url: str) -> list[str]:
    """Fork as multiprocessing does, with a client that was used before."""
    context = multiprocessing.get_context("fork")
    with SmsManager("key", base_url=url) as client:
        answers = [said(client, "before")]
        queue = context.SimpleQueue()
        child = context.Process(target=lambda: queue.put(_in_a_pool(client, "child")))
        child.start()
        child.join()
        assert child.exitcode == 0
        return [*answers, queue.get(), said(client, "after")]


async def _said(client: AsyncSmsManager, text: str) -> str:
    try:
        return str((await client.send(f"{text} Hello", to=TO)).counts())
    except SmsManagerError as error:
        return type(error).__name__


def fork_async(url: str) -> list[str]:
    """Send before a fork; the child has an event loop of its own, and then another one."""
    with asyncio.Runner() as runner:
        client = AsyncSmsManager("key", base_url=url)
        answers = [runner.run(_said(client, "before"))]

        def child() -> str:
            answers = []
            for _ in range(2):
                with asyncio.Runner() as own:
                    answers.append(own.run(_said(client, "child")))
            return " ".join(answers)

        answers += [in_child(child), runner.run(_said(client, "after"))]
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


def dropped_async(url: str) -> list[str]:
    """Drop a client inside a running event loop."""

    async def main() -> list[str]:
        client = AsyncSmsManager("key", base_url=url)
        answers = [await _said(client, "dropped")]
        del client
        gc.collect()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return answers

    return asyncio.run(main(), debug=False)


def dropped_trio(url: str) -> list[str]:
    """Do the same under trio."""

    async def main() -> list[str]:
        client = AsyncSmsManager("key", base_url=url)
        answers = [await _said(client, "dropped")]
        del client
        gc.collect()
        await trio.lowlevel.checkpoint()
        return answers

    return trio.run(main)


SCENARIOS: dict[str, Callable[[str], list[str]]] = {
    work.__name__: work
    for work in (
        *(fork, fork_with_deadline, fork_with_own_client, fork_with_own_transport),
        *(fork_by_multiprocessing, fork_async, dropped, dropped_async, dropped_trio),
    )
}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(SCENARIOS[sys.argv[1]](sys.argv[2])))
