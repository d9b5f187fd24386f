"""Where webhooks may go, and what is reported about those that fail."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest
import trustme

from smsmanager.sandbox import Sandbox, Settings
from smsmanager.sandbox._server.driver import Driver
from tests.sandbox.conftest import NUMBER, send
from tests.sandbox.engine.conftest import receiver, still
from tests.webhook_receiver import Receiver

if TYPE_CHECKING:
    from smsmanager.sandbox._server.webhook_sender import WebhookSender
    from smsmanager.sandbox.engine.processing import Engine

__all__ = ["receiver", "still"]

TOKEN = "a token of the tests"


@pytest.mark.parametrize("allowed", [True, False])
def test_a_sandbox_that_others_reach_sends_nothing_to_services_of_this_machine(
    receiver: Receiver, *, allowed: bool
) -> None:
    hosts = frozenset({"127.0.0.1"} if allowed else ())
    settings = Settings(callback_hosts=hosts)
    with Sandbox(host="0.0.0.0", token=TOKEN, clock="manual", settings=settings) as sandbox:  # noqa: S104
        callback = {"url": receiver.url, "method": "PUT", "headers": {"x-admin": "1"}}
        message = {"to": [{"phone_number": NUMBER}], "body": "Hello", "callback": callback}
        url = sandbox.base_url.replace("0.0.0.0", "127.0.0.1")  # noqa: S104
        httpx.post(f"{url}/message", json=message, headers={"x-api-key": "k"})
        sandbox.settle()

    states = {delivery.state for delivery in sandbox.deliveries}
    assert states == ({"delivered"} if allowed else {"blocked"})
    assert bool(receiver.calls) is allowed


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "[::]", "127.1", "2130706433", "localhost.", "127.0.0.1.nip.example"],  # noqa: S104
)
def test_another_way_to_write_this_machine_is_another_host(still: Sandbox, host: str) -> None:
    send(still, callback=f"http://{host}:9/")
    still.settle()
    assert {delivery.state for delivery in still.deliveries} == {"blocked"}


@pytest.mark.parametrize(
    "callback",
    [
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:-1/",
        "http://",
        "http://[::1",
        "http://127.0.0.1:1/\n",
        {"url": "http://127.0.0.1:99999/", "batch_size": 9},
        {"url": "http://127.0.0.1:9/", "headers": {"a b": "c"}},
        {"url": "http://127.0.0.1:9/", "headers": {"a": "b\r\nc: d"}},
        {"url": "http://127.0.0.1:9/", "headers": {"a": "\u010d"}},
    ],
)
def test_an_address_that_cannot_be_posted_to_is_a_failed_attempt(
    still: Sandbox, callback: Any
) -> None:
    send(still)
    still.inbox("k").configure(callback="http://127.0.0.1:9/")
    still.messages[-1].message["callback"] = callback
    still.settle()

    first = still.deliveries[0]
    assert first.state in {"given_up", "blocked"}
    if first.state == "given_up":
        assert len(first.attempts) == 5
        assert all(attempt.error for attempt in first.attempts)
    page = httpx.get(f"{still.url}/messages/1")
    assert page.status_code == 200
    assert httpx.get(f"{still.url}/sandbox/deliveries").status_code == 200


def test_callbacks_by_get_are_never_signed(still: Sandbox, receiver: Receiver) -> None:
    still.inbox("k").configure(secret="s")
    send(still, callback={"url": receiver.url, "method": "GET"})
    send(still, callback=receiver.url)
    still.settle()
    signed = {call.method: "x-request-signature" in call.headers for call in receiver.calls}
    assert signed == {"GET": False, "POST": True}


@pytest.fixture
def private(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Return the address of a receiver with a private certificate, and its authority's file."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            return

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    file = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(file)

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """Log nothing: the other end refused the certificate."""

    server = Server(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}/", file
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_private_certificate_is_trusted_as_configured(
    still: Sandbox, private: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, file = private
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    send(still, callback=url)
    still.settle()
    assert {delivery.state for delivery in still.deliveries} == {"delivered"}


def test_the_timeline_says_why_a_connection_failed(
    still: Sandbox, private: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    send(still, callback=private[0])
    send(still, callback="http://127.0.0.1:9/")
    still.settle()
    errors = [delivery.attempts[0].error for delivery in still.deliveries]
    assert "the certificate is not trusted: unable to get local issuer certificate" in errors
    assert "Connection refused" in errors


def test_a_file_of_certificates_that_cannot_be_read_is_named(
    still: Sandbox, private: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/authority.pem")
    send(still, callback=private[0])
    still.settle()
    assert "SSL_CERT_FILE" in str(still.deliveries[0].attempts[0].error)


class _Slow:
    """Replaces the sender: an attempt lasts until it is released."""

    def __init__(self) -> None:
        self.under_way: list[Any] = []
        self.most = 0
        self.released = asyncio.Event()

    async def send(self, delivery: Any, *, by_hand: bool) -> None:
        self.under_way.append(delivery)
        self.most = max(self.most, len(self.under_way))
        await self.released.wait()
        self.under_way.remove(delivery)


def test_an_address_gets_one_webhook_at_a_time_whenever_they_become_due() -> None:
    async def two_passes() -> None:
        due: list[tuple[Any, bool]] = []
        returned: list[Any] = []
        webhooks = SimpleNamespace(
            take_due=lambda: [due.pop() for _ in range(len(due))], give_back=returned.extend
        )
        driver, slow = Driver(cast("Engine", SimpleNamespace(webhooks=webhooks))), _Slow()
        driver._sender = cast("WebhookSender", slow)
        target = SimpleNamespace(url="http://127.0.0.1:9/")
        first, second = (SimpleNamespace(key_fingerprint="k", target=target) for _ in range(2))
        for delivery in (first, second):
            due.append((delivery, False))
            driver._send_due()
            for _ in range(3):
                await asyncio.sleep(0)
        assert slow.under_way == [first]
        slow.released.set()
        await asyncio.gather(*driver._sending)
        assert slow.most == 1

        slow.released.clear()
        due.extend([(second, False), (first, False)])
        driver._send_due()
        (task,) = driver._sending
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        # An attempt that was not begun is due as before.
        assert returned == [(second, False)]

    asyncio.run(two_passes())
