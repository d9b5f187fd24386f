"""How long a send takes while many pages of the sandbox are open: `python -m bench.page_crowd`.

Each page follows the sandbox as the browser does: it holds a stream of events open and loads the list again
after each. As many programs read the stream of changes from its beginning. Sandbox, readers and sender are
three processes.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import httpx

from bench.figures import Comparison, Kind, Row, Section
from bench.page import fill
from smsmanager.sandbox import Sandbox

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.sharedctypes import Synchronized
    from multiprocessing.synchronize import Event

_AIM_MS = 100.0
_BETWEEN_S = 0.05


def main() -> None:
    """Fill a sandbox, and send without and with readers."""
    parser = argparse.ArgumentParser(prog="python -m bench.page_crowd", description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--sends", type=int, default=100)
    asked = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    ended, all_ended = context.Event(), context.Event()
    sandbox = context.Process(
        target=_sandbox, args=(theirs, all_ended, asked.messages), daemon=True
    )
    sandbox.start()
    url = ours.recv()
    alone = _sends(url, asked.sends)
    loaded = context.Value("i", 0)
    readers = context.Process(target=_read, args=(url, asked.pages, ended, loaded), daemon=True)
    readers.start()
    while loaded.value < asked.pages:
        time.sleep(_BETWEEN_S)
    at_start = loaded.value
    beside = _sends(url, asked.sends)
    shown = loaded.value - at_start
    ended.set()
    readers.join()
    # Its turn comes after those that were left waiting.
    httpx.get(url, timeout=600)
    all_ended.set()
    sandbox.join()
    slower = tuple(with_pages - without for with_pages, without in zip(beside, alone, strict=True))
    title = (
        f"One send, messages: {asked.messages}, pages and streams open: {asked.pages} each, "
        f"pages loaded meanwhile: {shown}"
    )
    compared = Comparison("nobody looks", slower, Kind.DIFFERENCE, _AIM_MS)
    rows = (
        Row("nobody looks", (tuple(alone), (max(alone),))),
        Row("all pages are open", (tuple(beside), (max(beside),)), (compared,)),
    )
    print(Section(title, ("median ms", "highest ms"), rows).as_text())


def _sandbox(pipe: Connection, ended: Event, messages: int) -> None:
    with Sandbox() as sandbox, httpx.Client(timeout=60) as client:
        fill(sandbox, client, messages)
        pipe.send(sandbox.url)
        ended.wait()


def _sends(url: str, count: int) -> list[float]:
    taken = []
    message = {"to": [{"phone_number": "420777123456"}], "body": "Hello"}
    with httpx.Client(timeout=60, headers={"x-api-key": "bench"}) as client:
        for _ in range(count):
            started = time.perf_counter()
            client.post(f"{url}/v2/message", json=message).raise_for_status()
            taken.append((time.perf_counter() - started) * 1000)
            time.sleep(_BETWEEN_S)
    # The first opens the connection.
    return taken[1:]


def _read(url: str, pages: int, ended: Event, loaded: Synchronized[int]) -> None:
    asyncio.run(_read_all(url, pages, ended, loaded))


async def _read_all(url: str, pages: int, ended: Event, loaded: Synchronized[int]) -> None:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(base_url=url, timeout=600, limits=limits) as client:
        readers = [_page(client, loaded) for _ in range(pages)] + [
            _changes(client) for _ in range(pages)
        ]
        tasks = [asyncio.create_task(reader) for reader in readers]
        await asyncio.to_thread(ended.wait)
        for task in tasks:
            task.cancel()
        with suppress(httpx.HTTPError):
            await asyncio.gather(*tasks, return_exceptions=True)


async def _page(client: httpx.AsyncClient, loaded: Synchronized[int]) -> None:
    await client.get("/")
    loaded.value += 1
    async with client.stream("GET", "/events", params={"after": 0}) as events:
        async for line in events.aiter_lines():
            if line.startswith("data:"):
                await client.get("/")
                loaded.value += 1


async def _changes(client: httpx.AsyncClient) -> None:
    async with client.stream("GET", "/sandbox/stream", params={"after": 0}) as events:
        async for _ in events.aiter_raw():
            ...


if __name__ == "__main__":
    main()
