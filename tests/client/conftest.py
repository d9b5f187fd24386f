"""Both clients behind one face, and a service that answers as a test tells it to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import httpx
import pytest
from anyio.from_thread import start_blocking_portal

from smsmanager import AsyncSmsManager, SendResult, SmsManager
from tests.faults.server import FaultServer

KEY = "test-key-0123456789"
BASE_URL = "http://127.0.0.1:9/v2"

METHODS = ("send", "send_priority", "send_batch", "send_simple", "resume", "retry_rejected")

Handler = Callable[[httpx.Request], httpx.Response]


class Service:
    """Answers requests from a script, then accepts everything; keeps what it received.

    Attributes:
        requests: Every request, in order.
        script: What to answer next: a response, an exception to raise, or a function.
    """

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.script: list[httpx.Response | Exception | Handler] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        step = self.script.pop(0) if self.script else accept_all
        if isinstance(step, Exception):
            raise step
        return step if isinstance(step, httpx.Response) else step(request)

    @property
    def bodies(self) -> list[Any]:
        """The JSON values that were received; forms are left out."""
        return [json.loads(r.content) for r in self.requests if r.content.startswith((b"{", b"["))]

    @property
    def paths(self) -> list[str]:
        """The paths that were called."""
        return [request.url.path for request in self.requests]


def accept_all(request: httpx.Request) -> httpx.Response:
    """Accept everything, with ids that tell where they belong."""
    request_id = f"request-{len(request.content)}"
    if request.url.path.endswith("/simple/message"):
        answer = {"request_id": request_id, "message_id": "simple", "accepted": True}
        return httpx.Response(200, json=answer)
    body = json.loads(request.content)
    keys = range(len(body) if isinstance(body, list) else len(body["to"]))
    accepted = [{"key": str(key), "message_id": f"m{key}"} for key in keys]
    return httpx.Response(
        200, json={"request_id": request_id, "accepted": accepted, "rejected": []}
    )


class Face:
    """One client of either kind, called the same way.

    Attributes:
        kind: `sync`, `asyncio` or `trio`.
        client: The client itself.
        waits: Seconds it would have waited; nothing ever waits.
    """

    def __init__(self, kind: str, service: Handler, options: dict[str, Any]) -> None:
        self.kind = kind
        self.waits: list[float] = []
        options = {"api_key": KEY, "base_url": BASE_URL, **options}
        if "http_client" not in options:
            options["transport"] = httpx.MockTransport(service)
        self.client: Any
        if kind == "sync":
            self.client = SmsManager(**options)
            self.client._sleep = self.waits.append
        else:
            # One event loop for the life of the client, as in a service.
            self._loop = start_blocking_portal(backend=kind)
            self.portal = self._loop.__enter__()
            self.client = AsyncSmsManager(**options)
            self.client._sleep = self._sleep

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    def with_options(self, **options: Any) -> Face:
        """Return a face of the copy."""
        twin = object.__new__(Face)
        twin.__dict__.update(self.__dict__)
        twin.client = self.client.with_options(**options)
        return twin

    def _call(self, name: str, *arguments: Any, **fields: Any) -> SendResult:
        method = getattr(self.client, name)
        if self.kind == "sync":
            result = method(*arguments, **fields)
        else:

            async def main() -> Any:
                return await method(*arguments, **fields)

            result = self.portal.call(main)
        assert isinstance(result, SendResult)
        return result

    def __getattr__(self, name: str) -> Callable[..., SendResult]:
        """Call a method of the client, and wait for it."""
        if name not in METHODS:
            raise AttributeError(name)
        return partial(self._call, name)

    def close(self) -> None:
        """Close the client."""
        if self.kind == "sync":
            self.client.close()
        else:
            self.portal.call(self.client.aclose)

    def end(self) -> None:
        """End the event loop."""
        if self.kind != "sync":
            self.portal.call(self.client.aclose)
            self._loop.__exit__(None, None, None)


@pytest.fixture
def server() -> Iterator[FaultServer]:
    """A server on real sockets that treats each request as a script says."""
    with FaultServer() as serving:
        yield serving


@pytest.fixture
def service() -> Service:
    """A service that accepts everything unless told otherwise."""
    return Service()


@pytest.fixture(params=["sync", "asyncio", "trio"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which client: the blocking one, or the awaiting one under either library."""
    return str(request.param)


@pytest.fixture
def make(kind: str, service: Service) -> Iterator[Callable[..., Face]]:
    """Make a client with options."""
    faces: list[Face] = []

    def face(**options: Any) -> Face:
        faces.append(Face(kind, service, options))
        return faces[-1]

    yield face
    for used in faces:
        used.end()


@pytest.fixture
def client(make: Callable[..., Face]) -> Face:
    """A client with default options."""
    return make()
