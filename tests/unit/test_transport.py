"""Check the public transports: the streams they open, and what happens to a pool with dead connections."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from typing import Any

import httpcore
import httpx
import pytest

from smsmanager import ConfigurationError
from smsmanager._transport.async_streams import AsyncBackend
from smsmanager._transport.streams import BlockingBackend
from smsmanager.transport import AsyncHTTPTransport, HTTPTransport

REQUEST = httpx.Request("POST", "http://127.0.0.1:9/v2/message", content=b"{}")
PROXIES: list[Any] = [None, "http://proxy.example:3128", httpx.Proxy("https://proxy.example")]


class Connection:
    """A connection of a pool, in any state."""

    def __init__(self, state: str) -> None:
        self._state = state

    def is_idle(self) -> bool:
        return self._state == "idle"

    def is_closed(self) -> bool:
        return self._state == "closed"


class Waiting:
    """A request that has no connection yet."""

    def is_queued(self) -> bool:
        return True


class Body:
    """The body of an answer, which refers to its pool, as httpcore's does."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"{}"

    async def aclose(self) -> None:
        """Nothing is open."""


class Pool:
    """Replaces httpcore's pool.

    Attributes:
        made: Every pool, in order.
        requests: How many requests each of them got.
        connections: Its connections.
        is_open: Whether it was not closed.
        waits: Requests wait for it, until it is set.
    """

    made: list[Pool]
    requests: list[int]
    fails: BaseException | None = None

    def __init__(self, **options: Any) -> None:
        self.options = options
        self.connections: list[Connection] = []
        self.waits: asyncio.Event | None = None
        self._requests: list[Waiting] = []
        self._network_backend: Any = None
        self._number = len(Pool.made)
        Pool.made.append(self)
        Pool.requests.append(0)
        self.is_open = True

    async def aclose(self) -> None:
        self.is_open = False

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        del request
        Pool.requests[self._number] += 1
        if self.waits is not None:
            await self.waits.wait()
        if self.fails is not None:
            raise self.fails
        return httpcore.Response(200, content=Body(self))


@pytest.fixture
def transport(monkeypatch: pytest.MonkeyPatch) -> AsyncHTTPTransport:
    Pool.made, Pool.requests = [], []
    monkeypatch.setattr(httpcore, "AsyncConnectionPool", Pool)
    return AsyncHTTPTransport(verify=False, limits=httpx.Limits(max_connections=3))


def pool(number: int) -> Any:
    """Return a pool."""
    return Pool.made[number]


def state() -> list[tuple[int, bool]]:
    """Return how many requests each pool got, and whether it is open."""
    return [(count, made.is_open) for count, made in zip(Pool.requests, Pool.made, strict=True)]


@pytest.mark.parametrize("proxy", PROXIES, ids=repr)
def test_every_connection_is_one_that_knows_what_left(proxy: Any) -> None:
    blocking, asynchronous = HTTPTransport(proxy=proxy), AsyncHTTPTransport(proxy=proxy)
    assert isinstance(blocking._pool._network_backend, BlockingBackend)
    assert isinstance(asynchronous._pool._network_backend, AsyncBackend)
    assert isinstance(blocking, httpx.HTTPTransport)
    assert isinstance(asynchronous, httpx.AsyncHTTPTransport)


@pytest.mark.parametrize("cls", [HTTPTransport, AsyncHTTPTransport])
@pytest.mark.parametrize(
    "options", [{"http1": False}, {"http2": True}, {"retries": 1}, {"uds": "/run/s"}], ids=list
)
def test_what_its_connections_cannot_do_is_refused(cls: Any, options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(options))):
        cls(**options)


@pytest.mark.parametrize("cls", [HTTPTransport, AsyncHTTPTransport])
def test_all_that_is_refused_is_named_at_once(cls: Any) -> None:
    with pytest.raises(ConfigurationError, match="http2, uds"):
        cls(uds="/run/s", http2=True, trust_env=False)


@pytest.mark.parametrize("states", [[], ["idle"], ["closed", "closed"], ["idle", "closed"]])
def test_a_pool_without_dead_places_is_kept(
    transport: AsyncHTTPTransport, states: list[str]
) -> None:
    async def main() -> None:
        for _ in range(3):
            pool(0).connections = [*map(Connection, states)]
            await (await transport.handle_async_request(REQUEST)).aclose()

    asyncio.run(main())
    assert state() == [(3, True)]


def test_connections_of_requests_in_flight_are_not_dead(transport: AsyncHTTPTransport) -> None:
    async def main() -> None:
        answers = []
        for count in range(3):
            pool(0).connections = [Connection("active")] * count
            answers.append(await transport.handle_async_request(REQUEST))
        for answer in answers:
            await answer.aclose()

    asyncio.run(main())
    assert state() == [(3, True)]


def test_a_pool_with_a_dead_place_is_replaced_and_closed(transport: AsyncHTTPTransport) -> None:
    options = pool(0).options

    async def main() -> None:
        pool(0).connections = [Connection("active")]
        answer = await transport.handle_async_request(REQUEST)
        assert await answer.aread() == b"{}"
        await (await transport.handle_async_request(REQUEST)).aclose()

    asyncio.run(main())
    assert state() == [(0, False), (2, True)]
    second = pool(1)
    assert second.options.pop("ssl_context") is not None
    assert options.pop("ssl_context") is not None
    assert options == second.options
    assert second.options["max_connections"] == 3
    assert isinstance(second._network_backend, AsyncBackend)


def test_requests_that_wait_do_not_hide_dead_places(transport: AsyncHTTPTransport) -> None:
    async def main() -> None:
        everyone = pool(0).waits = asyncio.Event()
        waiting = [asyncio.create_task(transport.handle_async_request(REQUEST)) for _ in range(3)]
        await asyncio.sleep(0)
        pool(0).connections = [Connection("active")] * 3
        pool(0)._requests = [Waiting()] * 3
        await (await transport.handle_async_request(REQUEST)).aclose()
        assert state() == [(3, True), (1, True)]
        everyone.set()
        for answer in waiting:
            await (await answer).aclose()

    asyncio.run(main())
    assert state() == [(3, False), (1, True)]


def test_requests_on_a_replaced_pool_finish_before_it_is_closed(
    transport: AsyncHTTPTransport,
) -> None:
    async def main() -> None:
        answered = await transport.handle_async_request(REQUEST)
        everyone = pool(0).waits = asyncio.Event()
        waiting = asyncio.create_task(transport.handle_async_request(REQUEST))
        await asyncio.sleep(0)
        pool(0).connections = [Connection("active")] * 3
        await (await transport.handle_async_request(REQUEST)).aclose()
        assert state() == [(2, True), (1, True)]
        assert await answered.aread() == b"{}"
        await answered.aclose()
        del answered
        assert state() == [(2, True), (1, True)]
        everyone.set()
        late = await waiting
        assert await late.aread() == b"{}"
        await late.aclose()

    asyncio.run(main())
    assert state() == [(2, False), (1, True)]


@pytest.mark.parametrize("how", ["fails", "cancelled"])
def test_a_request_that_ends_without_an_answer_leaves_its_place(
    transport: AsyncHTTPTransport, how: str
) -> None:
    async def main() -> None:
        everyone = pool(0).waits = asyncio.Event()
        waiting = asyncio.create_task(transport.handle_async_request(REQUEST))
        await asyncio.sleep(0)
        if how == "fails":
            pool(0).fails = httpcore.ReadError()
            everyone.set()
            with pytest.raises(httpx.ReadError):
                await waiting
        else:
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
        # Nothing is left in the pool that this connection could belong to.
        pool(0).connections = [Connection("active")]
        await (await transport.handle_async_request(REQUEST)).aclose()

    asyncio.run(main())
    assert state() == [(1, False), (1, True)]


def test_an_answer_that_is_closed_twice_leaves_once(transport: AsyncHTTPTransport) -> None:
    async def main() -> None:
        first = await transport.handle_async_request(REQUEST)
        held = await transport.handle_async_request(REQUEST)
        for _ in range(3):
            await first.stream.aclose()  # type: ignore[union-attr]
        pool(0).connections = [Connection("active")]
        await (await transport.handle_async_request(REQUEST)).aclose()
        await held.aclose()

    asyncio.run(main())
    assert state() == [(3, True)]


def test_an_answer_that_nobody_closed_does_not_keep_its_place(
    transport: AsyncHTTPTransport,
) -> None:
    async def main() -> None:
        await transport.handle_async_request(REQUEST)
        gc.collect()
        pool(0).connections = [Connection("active")]
        await (await transport.handle_async_request(REQUEST)).aclose()

    asyncio.run(main())
    assert state() == [(1, False), (1, True)]
