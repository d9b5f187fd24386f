"""An outbox on either database, over a service that answers as a test scripts it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from smsmanager import AsyncSmsManager, SmsManager
from smsmanager.outbox import Outbox, add
from smsmanager.outbox._outbox_steps import Clocks
from smsmanager.outbox.outbox_table import table
from tests.postgres import Cluster, running_cluster

BASE_URL = "http://127.0.0.1:9/v2"
START_S = 1_893_492_000.0
NUMBER = "420777123456"


class Time:
    """A clock that stands still."""

    def __init__(self) -> None:
        self.seconds = START_S

    def __call__(self) -> float:
        return self.seconds


Answer = httpx.Response | Exception | Callable[[list[Any]], httpx.Response]


class Service:
    """Accepts messages and records their texts.

    Attributes:
        requests: Path and messages of every request.
        taken: How often each text was accepted.
        script: The next answers.
        on_request: Called with the messages of each request, before it is answered.
    """

    def __init__(self) -> None:
        self.requests: list[tuple[str, list[Any]]] = []
        self.taken: Counter[str] = Counter()
        self.script: list[Answer] = []
        self.on_request: Callable[[list[Any]], object] = lambda _: None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        messages = body if isinstance(body, list) else [body]
        self.requests.append((request.url.path.removeprefix("/v2/"), messages))
        self.on_request(messages)
        step = self.script.pop(0) if self.script else self.accept
        if isinstance(step, Exception):
            raise step
        return step if isinstance(step, httpx.Response) else step(messages)

    def accept(self, messages: list[Any]) -> httpx.Response:
        """Accept all messages."""
        return self.answer(messages, range(len(messages)))

    def answer(self, messages: list[Any], accepted: Any, rejected: Any = ()) -> httpx.Response:
        """Accept some messages."""
        place = len(self.requests)
        self.taken.update(messages[key]["body"] for key in accepted)
        return httpx.Response(
            200,
            json={
                "request_id": f"r{place}",
                "accepted": [
                    {"key": str(key), "message_id": f"m{place}.{key}"} for key in accepted
                ],
                "rejected": [{"key": str(key)} for key in rejected],
            },
        )

    @property
    def bodies(self) -> list[list[str]]:
        """The texts of each request."""
        return [[message["body"] for message in messages] for _, messages in self.requests]


class Office:
    """A client of one kind, and outboxes on one database.

    Attributes:
        kind: `sync`, `asyncio` or `trio`.
        url: URL of the database.
        time: The clock of every outbox.
        waits: The seconds of each wait of a client.
    """

    def __init__(self, kind: str, url: str, service: Service) -> None:
        self.kind, self.url, self.service = kind, url, service
        self.time = Time()
        self.waits: list[float] = []
        self.on_wait: Callable[[], object] = lambda: None
        self._open: list[Outbox] = []
        self.outbox = self.another()
        self.outbox.create_table()

    def another(self, **options: Any) -> Outbox:
        """Return another outbox on the same database, as in another process."""
        outbox = Outbox(self.url, **options)
        outbox._clocks = Clocks(self.time, self.time)
        self._open.append(outbox)
        return outbox

    def _wait(self, seconds: float) -> None:
        self.on_wait()
        self.waits.append(seconds)
        self.time.seconds += seconds

    def call(
        self,
        name: str,
        *arguments: Any,
        outbox: Outbox | None = None,
        options: Any = None,
        **more: Any,
    ) -> Any:
        """Call a method that takes a client."""
        method = getattr(outbox or self.outbox, name)
        transport = httpx.MockTransport(self.service)
        given: Any = {"base_url": BASE_URL, "transport": transport, "retries": 0, **(options or {})}
        if self.kind == "sync":
            with SmsManager("key", **given) as client:
                client._sleep = self._wait
                return method(client, *arguments, **more)

        async def main() -> Any:
            async def wait(seconds: float) -> None:
                self._wait(seconds)

            async with AsyncSmsManager("key", **given) as client:
                client._sleep = wait  # type: ignore[method-assign]
                return await method(client, *arguments, **more)

        return anyio.run(main, backend=self.kind)

    def send_once(self, *arguments: Any, **more: Any) -> Any:
        """Send a message once."""
        return self.call("send_once", *arguments, **{"to": NUMBER, **more})

    def drain(self, **more: Any) -> Any:
        """Send the added messages."""
        return self.call("drain", **more)

    def add(self, text: str, **fields: Any) -> bool:
        """Add a message in a transaction that commits; its key is its text."""
        given: Any = {"key": text, "to": NUMBER, **fields}
        # Rows are due by the test's clock.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("smsmanager.outbox._adding.time.time", self.time)
            with self.outbox._store.engine.begin() as connection:
                return bool(add(connection, text, **given))

    def state(self, key: str) -> str:
        """Return the state of a key."""
        entry = self.outbox.find(key)
        return "none" if entry is None else entry.state.value

    def close(self) -> None:
        for outbox in self._open:
            outbox.close()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """A server for the whole run of this worker."""
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def postgresql_url(postgresql: Cluster) -> Iterator[str]:
    """One database for the whole run: creating one takes longer than a test."""
    with postgresql.database() as url:
        yield url


@pytest.fixture
def service() -> Service:
    return Service()


def office_of(kind: str, url: str, service: Service) -> Iterator[Office]:
    """Yield an office with an empty outbox."""
    office = Office(kind, url, service)
    with office.outbox._store.engine.begin() as connection:
        connection.execute(table.delete())
    yield office
    office.close()


@pytest.fixture
def office(tmp_path: Path, service: Service) -> Iterator[Office]:
    """A blocking client on SQLite."""
    yield from office_of("sync", f"sqlite:///{tmp_path / 'outbox.db'}", service)


@pytest.fixture(params=["sync", "asyncio", "trio"])
def any_office(
    request: pytest.FixtureRequest, tmp_path: Path, service: Service
) -> Iterator[Office]:
    """A client of any kind on SQLite."""
    yield from office_of(request.param, f"sqlite:///{tmp_path / 'outbox.db'}", service)


@pytest.fixture
def postgresql_office(postgresql_url: str, service: Service) -> Iterator[Office]:
    """A blocking client on PostgreSQL."""
    yield from office_of("sync", postgresql_url, service)


@pytest.fixture(params=["sqlite", "postgresql"])
def either_office(request: pytest.FixtureRequest) -> Office:
    """A blocking client on each database."""
    name = "office" if request.param == "sqlite" else "postgresql_office"
    office = request.getfixturevalue(name)
    assert isinstance(office, Office)
    return office
