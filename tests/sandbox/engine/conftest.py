"""A sandbox whose clock stands still, and a receiver of webhooks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import pytest

from smsmanager.sandbox import Sandbox
from tests.sandbox.conftest import NOON


class Call(NamedTuple):
    """One webhook as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """Receives webhooks, and answers with what `statuses` holds, then with 204."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.calls: list[Call] = []
        self.statuses: list[int] = []
        self.location: str | None = None
        self.before_answer: Callable[[], object] = lambda: None

    @property
    def bodies(self) -> list[bytes]:
        return [call.body for call in self.calls]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle(self) -> None:
            try:
                super().handle()
            except ConnectionError:
                return

        def do(self) -> None:
            size = int(self.headers.get("content-length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            found.calls.append(Call(self.command, self.path, headers, self.rfile.read(size)))
            status = found.statuses.pop(0) if found.statuses else 204
            found.before_answer()
            self.send_response(status)
            if found.location is not None:
                self.send_header("location", found.location)
            self.send_header("content-length", "0")
            self.end_headers()

        do_POST = do_PUT = do_PATCH = do_GET = do  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found = Receiver(f"http://127.0.0.1:{server.server_port}/hook")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def still() -> Iterator[Sandbox]:
    """Return a sandbox whose clock stands at noon on a Friday."""
    with Sandbox(clock="manual", now=NOON, seed=1) as sandbox:
        yield sandbox
