"""A service that receives a sandbox's webhooks."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Call(NamedTuple):
    """One webhook as received."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """Receives webhooks, and answers with the `statuses`, then with 204."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.calls: list[Call] = []
        self.events: queue.Queue[dict[str, Any]] = queue.Queue()
        self.statuses: list[int] = []
        self.location: str | None = None
        self.before_answer: Callable[[], object] = lambda: None

    @property
    def bodies(self) -> list[bytes]:
        return [call.body for call in self.calls]

    def took(self, call: Call) -> int:
        """Record a call; return the status of the answer."""
        self.calls.append(call)
        with suppress(ValueError):
            for event in json.loads(call.body):
                self.events.put(event)
        return self.statuses.pop(0) if self.statuses else 204

    def next(self, **wanted: object) -> dict[str, Any]:
        """Wait for the next event that has these fields."""
        while True:
            event = self.events.get(timeout=20)
            if wanted.items() <= event.items():
                return event


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run one."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle(self) -> None:
            with suppress(ConnectionError):
                super().handle()

        def do(self) -> None:
            size = int(self.headers.get("content-length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            call = Call(self.command, self.path, headers, self.rfile.read(size))
            status = found.took(call)
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
