"""Both services behind one interface, and a service that answers as a test specifies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import httpx
import pytest
from anyio.from_thread import start_blocking_portal

from smsmanager import AsyncSmsManager, SmsManager

KEY = "test-key-0123456789"
SANDBOX = "http://127.0.0.1:9/v2"

Handler = Callable[[httpx.Request], httpx.Response]


class Service:
    """Answers by method and path, and records what it received.

    Attributes:
        answers: A response, an exception, a function, or a list of them to use one after another, by `GET
            /path`.
        requests: Every request, in order.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers[f"{request.method} {request.url.path.removeprefix('/v1')}"]
        if isinstance(answer, list):
            answer = answer.pop(0)
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            return answer
        return httpx.Response(200, json=answer)

    @property
    def queries(self) -> list[dict[str, str]]:
        """The queries, in order."""
        return [dict(request.url.params) for request in self.requests]


class Asking:
    """The service of one client of either kind, called the same way.

    Attributes:
        client: The client.
        waits: The seconds of each wait; nothing really waits.
    """

    def __init__(self, kind: str, service: Handler, options: dict[str, Any]) -> None:
        self.kind = kind
        self.waits: list[float] = []
        options = {"api_key": KEY, "base_url": SANDBOX, "retries": 0, **options}
        if "http_client" not in options:
            options["transport"] = httpx.MockTransport(service)
        self.client: Any
        if kind == "sync":
            self.client = SmsManager(**options)
            self.client._sleep = self.waits.append
        else:
            self._loop = start_blocking_portal(backend=kind)
            self.portal = self._loop.__enter__()
            self.client = AsyncSmsManager(**options)
            self.client._sleep = self._sleep

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    def call(self, path: str, *arguments: Any, **options: Any) -> Any:
        """Call a method of the client, such as `service.optouts.add`."""
        method: Any = self.client
        for name in path.split("."):
            method = getattr(method, name)
        if self.kind == "sync":
            return method(*arguments, **options)

        async def main() -> Any:
            return await method(*arguments, **options)

        return self.portal.call(main)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Call a method of the service."""
        return lambda *arguments, **options: self.call(f"service.{name}", *arguments, **options)

    def items(self, name: str, *arguments: Any, most: int = 1_000, **options: Any) -> list[Any]:
        """Return the items of an iterator of the service."""
        iterator = getattr(self.client.service, name)(*arguments, **options)
        if self.kind == "sync":
            return [*islice(iterator, most)]

        async def main() -> list[Any]:
            found: list[Any] = []
            async for item in iterator:
                found.append(item)
                if len(found) == most:
                    break
            return found

        return self.portal.call(main)

    def end(self) -> None:
        """Close the client and end its event loop."""
        if self.kind == "sync":
            self.client.close()
        else:
            self.portal.call(self.client.aclose)
            self._loop.__exit__(None, None, None)


@pytest.fixture
def service() -> Service:
    """A service without answers."""
    return Service()


@pytest.fixture(params=["sync", "asyncio", "trio"])
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of client: blocking, or asynchronous under either library."""
    return str(request.param)


@pytest.fixture
def make(kind: str, service: Service) -> Iterator[Callable[..., Asking]]:
    """Make a client with options."""
    made: list[Asking] = []

    def asking(**options: Any) -> Asking:
        made.append(Asking(kind, service, options))
        return made[-1]

    yield asking
    for used in made:
        used.end()


@pytest.fixture
def ask(make: Callable[..., Asking]) -> Asking:
    """A client of a sandbox."""
    return make()
