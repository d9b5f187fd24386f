"""Many threads, or many tasks, that send over one client: how long each message takes beside raw httpx."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from bench.figures import Comparison, Row, Section, quotients
from bench.sends import ours, ours_async, raw, raw_async
from bench.turns import Contender, cost_of_rounds

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
    from contextlib import AbstractAsyncContextManager, AbstractContextManager

    from bench.options import Options

AIM = 1.0
"""Most time that a message should take beside raw httpx."""
_THREADS = 8
_TASKS = 50
_SENDS = 100
_SHARE = 0.05


def _threads(
    sending: Callable[[str], AbstractContextManager[Callable[[], object]]],
) -> Callable[[str], AbstractContextManager[Callable[[], object]]]:
    @contextmanager
    def crowd(base_url: str) -> Iterator[Callable[[], object]]:
        with sending(base_url) as send, ThreadPoolExecutor(_THREADS) as pool:
            yield lambda: list(pool.map(lambda _: send(), range(_SENDS)))

    return crowd


def _tasks(
    sending: Callable[[str], AbstractAsyncContextManager[Callable[[], Awaitable[object]]]],
) -> Callable[[str], AbstractAsyncContextManager[Callable[[], Awaitable[object]]]]:
    @asynccontextmanager
    async def crowd(base_url: str) -> AsyncIterator[Callable[[], Awaitable[object]]]:
        async with sending(base_url) as send:

            async def all_at_once() -> object:
                for _ in range(_SENDS // _TASKS):
                    await asyncio.gather(*[send() for _ in range(_TASKS)])
                return None

            yield all_at_once

    return crowd


_PAIRS = (
    (
        Contender("httpx, threads", blocking=_threads(raw), recipients=_SENDS, share=_SHARE),
        Contender("SmsManager, threads", blocking=_threads(ours), recipients=_SENDS, share=_SHARE),
    ),
    (
        Contender("httpx, tasks", asynchronous=_tasks(raw_async), recipients=_SENDS, share=_SHARE),
        Contender(
            "AsyncSmsManager, tasks",
            asynchronous=_tasks(ours_async),
            recipients=_SENDS,
            share=_SHARE,
        ),
    ),
)
CONTENDERS = tuple(contender for pair in _PAIRS for contender in pair)


def measure(options: Options) -> Section:
    """Measure threads and tasks."""
    rows: list[Row] = []
    for theirs, own in _PAIRS:
        costs = cost_of_rounds(__name__, (theirs, own), options)
        ratios = quotients(costs[own.name].wall_us, costs[theirs.name].wall_us)
        compared = {own: (Comparison(theirs.name, ratios, aim=AIM),), theirs: ()}
        rows += [
            Row(one.name, (costs[one.name].cpu_us, costs[one.name].wall_us), compared[one])
            for one in (theirs, own)
        ]
    note = f"  Ratios of wall time. {_THREADS} threads, or {_TASKS} tasks at once, over one client."
    return Section("One send of a crowd", ("CPU us", "wall us"), tuple(rows), note)
