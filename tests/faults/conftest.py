"""What the fault tests share: a server per test, a bench per worker, and the four kinds of client."""

from __future__ import annotations

import gc
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.faults.callers import KINDS, Caller
from tests.faults.certificate import trusting
from tests.faults.ledger import Bench
from tests.faults.server import FaultServer

FOLDER = Path(__file__).parent
# If a connection breaks under trio, httpx and httpcore leave generators to the garbage collector.
LEFT = pytest.mark.filterwarnings("ignore:Async generator 'http:ResourceWarning")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if FOLDER in item.path.parents:
            item.add_marker(LEFT)


@pytest.fixture(autouse=True)
def _collected(request: pytest.FixtureRequest) -> Iterator[None]:
    """Collect what a test under trio left behind, while its warning filters are active."""
    yield
    if "trio" in request.node.name:
        gc.collect()


@pytest.fixture(scope="session")
def bench() -> Iterator[Bench]:
    with Bench() as made:
        yield made


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as serving:
        yield serving


@pytest.fixture
def full_port() -> Iterator[int]:
    """A port that neither completes nor refuses a connection: nothing accepts, and its queue is full."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(8):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)  # noqa: FBT003 - the only way to say it
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["plain", "tls"])
def over(request: pytest.FixtureRequest, server: FaultServer) -> dict[str, Any]:
    """Options of a client that reaches the server over plain TCP, and over TLS."""
    if request.param == "plain":
        return {"base_url": server.url}
    return {"base_url": server.tls_url, "verify": trusting()}


@pytest.fixture
def make(kind: str, server: FaultServer) -> Iterator[Callable[..., Caller]]:
    """Make a client with options."""
    with ExitStack() as stack:

        def caller(*, base_url: str = server.url, **options: Any) -> Caller:
            return stack.enter_context(Caller(kind, base_url, server.next_attempt, **options))

        yield caller
