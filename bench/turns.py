"""Contenders in turns within one process, rounds in fresh processes.

Run as `python -m bench.turns MODULE BASE_URL CALLS NAME...`: one round of the contenders of `MODULE` that are
named, as JSON.
"""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import AbstractAsyncContextManager, AbstractContextManager, ExitStack
from dataclasses import dataclass
from importlib import import_module
from statistics import median
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bench.options import Options

    Blocking: TypeAlias = Callable[[str], AbstractContextManager[Callable[[], object]]]
    Asynchronous: TypeAlias = Callable[
        [str], AbstractAsyncContextManager[Callable[[], Awaitable[object]]]
    ]

_CALLS_A_TURN = 5
"""Enough that a turn is far longer than the clock's step; with 25 the ratios spread three times wider."""
_WARM_UP_TURNS = 10


@dataclass(frozen=True, slots=True)
class Contender:
    """Something whose time is measured, call by call.

    Attributes:
        name: As the table has it.
        blocking: Opens it for a base URL; yields the call.
        asynchronous: The same for an asynchronous call; one of the two is set.
        recipients: How many recipients one call reaches; figures are per recipient.
        share: Part of the turn's calls it makes, for calls that take longer than others.
    """

    name: str
    blocking: Blocking | None = None
    asynchronous: Asynchronous | None = None
    recipients: int = 1
    share: float = 1.0


class _Module(Protocol):
    CONTENDERS: tuple[Contender, ...]


@dataclass(frozen=True, slots=True)
class Cost:
    """Time of one recipient in microseconds, for each round.

    Attributes:
        cpu_us: CPU time of the process, user and system.
        wall_us: Time that went by.
    """

    cpu_us: tuple[float, ...]
    wall_us: tuple[float, ...]


def cost_of_rounds(
    module: str, contenders: Sequence[Contender], options: Options
) -> dict[str, Cost]:
    """Run rounds of some of a module's contenders and return the cost of each by name."""
    names = [contender.name for contender in contenders]
    command = ["bench.turns", module, options.base_url, str(options.sends), *names]
    rounds: list[dict[str, list[float]]] = [
        json.loads(
            subprocess.run(
                [sys.executable, "-m", *command], check=True, stdout=subprocess.PIPE
            ).stdout
        )
        for _ in range(options.rounds)
    ]
    return {
        name: Cost(
            cpu_us=tuple(one[name][0] for one in rounds),
            wall_us=tuple(one[name][1] for one in rounds),
        )
        for name in names
    }


def _timed(call: Callable[[], object], calls: int) -> tuple[float, float]:
    call()
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(calls):
        call()
    gc.collect()
    return time.process_time() - cpu, time.perf_counter() - wall


async def _timed_asynchronous(
    call: Callable[[], Awaitable[object]], calls: int
) -> tuple[float, float]:
    await call()
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(calls):
        await call()
    gc.collect()
    return time.process_time() - cpu, time.perf_counter() - wall


def _opened(
    contender: Contender, base_url: str, runner: asyncio.Runner, stack: ExitStack
) -> Callable[[int], tuple[float, float]]:
    """Open a contender; return what makes a number of calls and tells their time."""
    if contender.blocking is not None:
        call = stack.enter_context(contender.blocking(base_url))
        return lambda calls: _timed(call, calls)
    if contender.asynchronous is None:
        raise ValueError(f"{contender.name} has neither a blocking nor an asynchronous call")
    entered = contender.asynchronous(base_url)
    awaited = runner.run(entered.__aenter__())
    stack.callback(lambda: runner.run(entered.__aexit__(None, None, None)))
    return lambda calls: runner.run(_timed_asynchronous(awaited, calls))


def one_round(
    contenders: Sequence[Contender], base_url: str, calls: int
) -> dict[str, tuple[float, float]]:
    """Return the microseconds of CPU and wall time a recipient, for each contender."""
    turns = max(1, calls // _CALLS_A_TURN)
    calls = min(calls, _CALLS_A_TURN)
    times: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    with asyncio.Runner() as runner, ExitStack() as stack:
        opened = [(one, _opened(one, base_url, runner, stack)) for one in contenders]
        for turn in range(-min(turns, _WARM_UP_TURNS), turns):
            if turn == 0:
                gc.collect()
                gc.freeze()
            for contender, run in opened[:: -1 if turn % 2 else 1]:
                own_calls = max(1, round(calls * contender.share))
                cpu_s, wall_s = run(own_calls)
                if turn >= 0:
                    scale = 1e6 / (own_calls * contender.recipients)
                    times[contender.name].append((cpu_s * scale, wall_s * scale))
    return {
        name: (median(cpu for cpu, _ in taken), median(wall for _, wall in taken))
        for name, taken in times.items()
    }


def _main(module: str, base_url: str, calls: str, *names: str) -> None:
    measured: _Module = cast("Any", import_module(module))
    by_name = {contender.name: contender for contender in measured.CONTENDERS}
    contenders = [by_name[name] for name in names]
    print(json.dumps(one_round(contenders, base_url, int(calls))))


if __name__ == "__main__":
    _main(*sys.argv[1:])
