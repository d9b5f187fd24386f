"""Real sockets: what a connection that fails in its own way means, for every transport."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import anyio
import pytest

from smsmanager import (
    AsyncSmsManager,
    ConfigurationError,
    NotSentError,
    OutcomeUnknownError,
    ResponseParseError,
    SmsManager,
    SmsManagerError,
)

TO = "420777123456"
ACCEPTED = json.dumps(
    {"request_id": "r", "accepted": [{"key": "0", "message_id": "m"}], "rejected": []}
).encode()


class Wire:
    """A server on a raw socket that treats each connection as its script says.

    Attributes:
        received: Bodies of the requests that arrived whole.
        connections: How many connections were made.
    """

    def __init__(self, *script: Callable[[socket.socket, Wire], None]) -> None:
        self.script = list(script)
        self.received: list[bytes] = []
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v2"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        for step in self.script:
            connection, _ = self._listener.accept()
            self.connections += 1
            with closing(connection):
                step(connection, self)

    def read(self, connection: socket.socket) -> bytes:
        """Read one whole request and keep its body."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += connection.recv(65536)
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length")
        )
        while len(body) < length:
            body += connection.recv(65536)
        self.received.append(body)
        return body

    def close(self) -> None:
        """Stop listening once the script has run."""
        self._thread.join(timeout=30)
        self._listener.close()


def answer(connection: socket.socket, wire: Wire) -> None:
    """Accept, and leave the connection open for the next request."""
    wire.read(connection)
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(ACCEPTED), ACCEPTED)
    )


def close_without_an_answer(connection: socket.socket, wire: Wire) -> None:
    """Take the request and hang up."""
    wire.read(connection)


def reset_after_reading(connection: socket.socket, wire: Wire) -> None:
    """Take the request and reset."""
    wire.read(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def half_a_head(connection: socket.socket, wire: Wire) -> None:
    """Take the request and answer half a status line."""
    wire.read(connection)
    connection.sendall(b"HTTP/1.1 200")


def half_a_body(connection: socket.socket, wire: Wire) -> None:
    """Take the request and answer half a body."""
    wire.read(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + ACCEPTED)


def not_http(connection: socket.socket, wire: Wire) -> None:
    """Take the request and answer something else."""
    wire.read(connection)
    connection.sendall(b"220 mail.example.com ESMTP\r\n\r\n")


def never_answer(connection: socket.socket, wire: Wire) -> None:
    """Take the request and say nothing until the other side gives up."""
    wire.read(connection)
    connection.recv(1)


def answer_then_hang_up_on_the_second(connection: socket.socket, wire: Wire) -> None:
    """Answer one request, and close the same connection on the next."""
    answer(connection, wire)
    wire.read(connection)


@pytest.fixture(params=["sync", "asyncio", "trio"])
def transport(request: pytest.FixtureRequest) -> str:
    """Every way a request can go out."""
    return str(request.param)


@contextmanager
def wired(*script: Callable[[socket.socket, Wire], None]) -> Iterator[Wire]:
    """Serve a script."""
    wire = Wire(*script)
    yield wire
    wire.close()


def sends(transport: str, url: str, times: int = 1, **options: Any) -> list[object]:
    """Send as often as told over one client; return results and errors."""
    options = {"base_url": url, "retries": 0, "timeout": 20, **options}
    outcomes: list[object] = []
    if transport == "sync":
        with SmsManager("key", **options) as client:
            for _ in range(times):
                try:
                    outcomes.append(client.send("Hello", to=TO))
                except SmsManagerError as error:
                    outcomes.append(error)
        return outcomes

    async def main() -> None:
        async with AsyncSmsManager("key", **options) as client:
            for _ in range(times):
                try:
                    outcomes.append(await client.send("Hello", to=TO))
                except SmsManagerError as error:
                    outcomes.append(error)

    anyio.run(main, backend="trio" if transport == "trio" else "asyncio")
    return outcomes


def test_an_accepted_message(transport: str) -> None:
    with wired(answer) as wire:
        [result] = sends(transport, wire.url)
    assert getattr(result, "ok", False)
    assert wire.received == [b'{"to":[{"phone_number":"420777123456"}],"body":"Hello"}']


def test_a_refused_connection_means_nothing_was_sent(transport: str) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]
    [error] = sends(transport, f"http://127.0.0.1:{port}/v2")
    assert type(error) is NotSentError


def test_tls_that_fails_means_nothing_was_sent(transport: str) -> None:
    def not_tls(connection: socket.socket, _: Wire) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with wired(not_tls) as wire:
        [error] = sends(transport, wire.url.replace("http:", "https:"))
    assert type(error) is NotSentError
    assert wire.received == []


@pytest.mark.parametrize(
    "fault",
    [close_without_an_answer, reset_after_reading, half_a_head, not_http],
)
def test_a_lost_answer_leaves_the_outcome_unknown(
    transport: str, fault: Callable[[socket.socket, Wire], None]
) -> None:
    with wired(fault) as wire:
        [error] = sends(transport, wire.url, retries=5)
    assert type(error) is OutcomeUnknownError
    assert len(wire.received) == 1
    assert wire.connections == 1


def test_half_a_body_was_taken(transport: str) -> None:
    with wired(half_a_body) as wire:
        [error] = sends(transport, wire.url, retries=5)
    assert type(error) is ResponseParseError
    assert error.body == ACCEPTED
    assert len(wire.received) == 1


def test_a_read_timeout_leaves_the_outcome_unknown(transport: str) -> None:
    with wired(never_answer) as wire:
        [error] = sends(transport, wire.url, retries=5, timeout=0.2)
    assert type(error) is OutcomeUnknownError
    assert len(wire.received) == 1


def test_a_kept_connection_that_closes_on_the_next_request(transport: str) -> None:
    with wired(answer_then_hang_up_on_the_second) as wire:
        first, second = sends(transport, wire.url, times=2, retries=5)
    assert getattr(first, "ok", False)
    assert type(second) is OutcomeUnknownError
    assert len(wire.received) == 2
    assert wire.connections == 1


def test_aiohttp_is_refused_with_what_would_work() -> None:
    with pytest.raises(ConfigurationError, match="http_client"):
        AsyncSmsManager("key", transport="aiohttp")  # type: ignore[arg-type,unused-ignore]


def test_many_threads_share_one_client() -> None:
    import httpx

    from tests.client.conftest import Service

    service = Service()
    client = SmsManager(
        "key", base_url="http://127.0.0.1:9/v2", transport=httpx.MockTransport(service)
    )
    results: list[Any] = []

    def work(worker: int) -> None:
        for n in range(25):
            number = f"4207{worker:02d}{n:06d}"
            twin = client.with_options(timeout=1 + worker)
            results.append((number, twin.send(f"{worker}-{n}", to=number)))

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 200
    assert all(result.ok and result[0].phone_number == number for number, result in results)
    assert len(service.requests) == 200
