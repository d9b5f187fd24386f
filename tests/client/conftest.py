"""Both clients behind one interface, and a service that answers as a test specifies."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import httpx
import pytest

from smsmanager import SendResult
from tests.faults.callers import KINDS, Caller
from tests.faults.server import FaultServer

BASE_URL = "http://127.0.0.1:9/v2"

METHODS = ("send_priority", "send_batch", "send_simple", "resume")

Handler = Callable[[httpx.Request], httpx.Response]


class Service:
    """Answers requests from a script, then accepts everything; records what it received.

    Attributes:
        requests: Every request, in order.
        script: The next answers: a response, an exception to raise, or a function.
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
        """The received JSON values; forms are left out."""
        return [json.loads(r.content) for r in self.requests if r.content.startswith((b"{", b"["))]

    @property
    def paths(self) -> list[str]:
        """The paths of the requests."""
        return [request.url.path for request in self.requests]


def accept_all(request: httpx.Request) -> httpx.Response:
    """Accept everything, with ids that show which recipient they are for."""
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


class Face(Caller):
    """A client of a test's service; its methods are called by name."""

    def __getattr__(self, name: str) -> Callable[..., SendResult]:
        """Return a function that calls a method of the client and waits for its result."""
        if name not in METHODS:
            raise AttributeError(name)
        return partial(self.call, name)

    def close_client(self) -> None:
        """Close the client, but keep its event loop."""
        if self.kind == "sync":
            self.client.close()
        else:
            self.run(self.client.aclose)


@pytest.fixture
def server() -> Iterator[FaultServer]:
    """A server on real sockets that handles each request according to a script."""
    with FaultServer() as serving:
        yield serving


@pytest.fixture
def service() -> Service:
    """A service that accepts everything by default."""
    return Service()


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of client: blocking, or asynchronous under either library."""
    return str(request.param)


@pytest.fixture
def make(kind: str, service: Service) -> Iterator[Callable[..., Face]]:
    """Make a client with options."""
    with ExitStack() as stack:

        def face(**options: Any) -> Face:
            if "http_client" not in options:
                options["transport"] = httpx.MockTransport(service)
            return stack.enter_context(Face(kind, BASE_URL, **options))

        yield face


@pytest.fixture
def client(make: Callable[..., Face]) -> Face:
    """A client with default options."""
    return make()
