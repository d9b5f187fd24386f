"""One message to one recipient: raw httpx beside the library, blocking and asynchronous.

The baseline is what somebody writes who has httpx and the service's documentation: one client with base URL
and header, `post(json=...)`, `raise_for_status()`, `json()`.
"""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import httpx

from bench.figures import Comparison, Kind, Row, Section, quotients
from bench.turns import Contender, cost_of_rounds
from smsmanager import AsyncSmsManager, SmsManager

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from bench.options import Options
    from bench.turns import Cost

KEY = "bench-key"
TEXT = "Your parcel is on its way and will arrive tomorrow between 9:00 and 11:00."
NUMBER = "420777123456"
AIM = 0.75
"""Most that a blocking send should take of the CPU time of raw httpx."""
ASYNC_AIM = 0.80
"""Most that an asynchronous send should take of that of raw httpx's asynchronous client."""

_HEADERS = {"x-api-key": KEY}


def _message() -> dict[str, Any]:
    return {"body": TEXT, "to": [{"phone_number": NUMBER}]}


@contextmanager
def raw(base_url: str) -> Iterator[Callable[[], object]]:
    """Yield a send by raw httpx."""
    with httpx.Client(base_url=base_url, headers=_HEADERS) as client:

        def send() -> object:
            response = client.post("/message", json=_message())
            response.raise_for_status()
            return response.json()

        yield send


@contextmanager
def ours(base_url: str) -> Iterator[Callable[[], object]]:
    """Yield a send by the library."""
    with SmsManager(KEY, base_url=base_url) as client:
        yield lambda: client.send(TEXT, to=NUMBER)


@asynccontextmanager
async def raw_async(base_url: str) -> AsyncIterator[Callable[[], Awaitable[object]]]:
    """Yield a send by raw httpx's asynchronous client."""
    async with httpx.AsyncClient(base_url=base_url, headers=_HEADERS) as client:

        async def send() -> object:
            response = await client.post("/message", json=_message())
            response.raise_for_status()
            return response.json()

        yield send


@asynccontextmanager
async def ours_async(base_url: str) -> AsyncIterator[Callable[[], Awaitable[object]]]:
    """Yield a send by the library's."""
    async with AsyncSmsManager(KEY, base_url=base_url) as client:
        yield lambda: client.send(TEXT, to=NUMBER)


RAW = Contender("httpx", blocking=raw)
_OURS = Contender("SmsManager", blocking=ours)
_RAW_ASYNC = Contender("httpx async", asynchronous=raw_async)
_OURS_ASYNC = Contender("AsyncSmsManager", asynchronous=ours_async)

CONTENDERS = (RAW, _OURS, _RAW_ASYNC, _OURS_ASYNC)


def measure(options: Options) -> Section:
    """Measure single sends."""
    # In processes of their own: an event loop beside them makes blocking sends slower.
    blocking = cost_of_rounds(__name__, (RAW, _OURS), options)
    costs = cost_of_rounds(__name__, (RAW, _RAW_ASYNC, _OURS_ASYNC), options)
    rows = (
        _row(blocking, RAW, ()),
        _row(blocking, _OURS, (_compared(blocking, _OURS, RAW, AIM),)),
        _row(costs, _RAW_ASYNC, (_compared(costs, _RAW_ASYNC, RAW),)),
        _row(costs, _OURS_ASYNC, (_compared(costs, _OURS_ASYNC, _RAW_ASYNC, ASYNC_AIM),)),
    )
    return Section("One send", ("CPU us", "wall us"), rows, "  Ratios of CPU time.")


def _row(costs: dict[str, Cost], one: Contender, compared: tuple[Comparison, ...]) -> Row:
    cost = costs[one.name]
    return Row(one.name, (cost.cpu_us, cost.wall_us), compared)


def _compared(
    costs: dict[str, Cost], one: Contender, other: Contender, aim: float | None = None
) -> Comparison:
    ratios = quotients(costs[one.name].cpu_us, costs[other.name].cpu_us)
    return Comparison(other.name, ratios, Kind.RATIO, aim)
