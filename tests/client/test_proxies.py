"""Proxies of the environment: never for this machine, named in every failure, never able to read."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import Any

import pytest

from smsmanager import ConfigurationError, NotSentError, OutcomeUnknownError, SendResult
from tests.faults.callers import KEY, Caller
from tests.faults.certificate import trusting
from tests.faults.script import Fault, Step
from tests.faults.server import FaultServer

TEXT = "text-of-the-proxy-tests Hello"
TO = "420777123456"
SERVICE = "https://sms.invalid/v2"
TARGET = b"CONNECT sms.invalid:443 HTTP/1.1\r\n"
UPPER = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
LOWER = tuple(name.lower() for name in UPPER)


class Proxy:
    """A proxy that records what it receives, and gives every CONNECT the same answer.

    Args:
        answer: Its answer.
        onward: Where a tunnel leads, if anywhere; without it the connection is closed after the answer.

    Attributes:
        said: What it received on each of its connections.
    """

    def __init__(self, answer: bytes = b"", onward: int | None = None) -> None:
        self.said: list[bytes] = []
        self._answer = answer
        self._onward = onward
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._serve, daemon=True)]
        self._threads[0].start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._threads.append(threading.Thread(target=self._treat, args=(connection,)))
                self._threads[-1].start()

    def _treat(self, connection: socket.socket) -> None:
        place = len(self.said)
        self.said.append(b"")
        with closing(connection), suppress(OSError):
            while b"\r\n\r\n" not in self.said[place]:
                if not (data := connection.recv(65536)):
                    return
                self.said[place] += data
            connection.sendall(self._answer)
            if self._onward is not None:
                self._tunnel(connection, place)
                return
            connection.shutdown(socket.SHUT_WR)
            while data := connection.recv(65536):
                self.said[place] += data

    def _tunnel(self, connection: socket.socket, place: int) -> None:
        with socket.create_connection(("127.0.0.1", self._onward)) as onward:
            back = threading.Thread(target=_copy, args=(onward, connection))
            back.start()
            while data := connection.recv(65536):
                self.said[place] += data
                onward.sendall(data)
            onward.shutdown(socket.SHUT_WR)
            back.join()

    def close(self) -> None:
        """Stop listening, and wait for open connections."""
        # Closing alone does not wake the thread that accepts.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(30)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Proxy]]:
    """Start a proxy and name it in the environment."""
    made: list[Proxy] = []

    def proxy(*answer: Any, variables: tuple[str, ...] = ("HTTPS_PROXY",)) -> Proxy:
        made.append(Proxy(*answer))
        for name in variables:
            monkeypatch.setenv(name, made[-1].url)
        return made[-1]

    yield proxy
    for used in made:
        used.close()


@pytest.fixture
def send(kind: str) -> Callable[..., SendResult]:
    """Make a client, send, and close it."""

    def once(base_url: str, **options: Any) -> SendResult:
        with Caller(kind, base_url, retries=0, **options) as caller:
            return caller.send(TEXT, to=TO)

    return once


Send = Callable[..., SendResult]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LocalHost"])
@pytest.mark.parametrize("variables", [UPPER, LOWER, ("ALL_PROXY",)])
def test_nothing_for_this_machine_goes_to_a_proxy(
    send: Send, server: FaultServer, proxied: Callable[..., Proxy], variables: Any, host: str
) -> None:
    proxy = proxied(variables=variables)
    url = server.url.replace("127.0.0.1", host)
    assert send(url).ok
    assert send(url.replace("http:", "https:"), verify=trusting()).ok
    assert proxy.said == []
    assert len(server.ledger.requests) == 2


def test_a_proxy_that_the_caller_names_is_used_for_this_machine_too(
    send: Send, server: FaultServer, proxied: Callable[..., Proxy]
) -> None:
    proxy = proxied(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", variables=())
    with pytest.raises(NotSentError):
        send(server.tls_url, proxy=proxy.url, verify=trusting())
    assert len(proxy.said) == 1
    assert server.connections == 0


@pytest.mark.parametrize("value", ["fe80::/10", "::1", "[::1]", "localhost,fd00::1"])
def test_exceptions_from_the_proxy_that_cannot_be_read_are_named(
    send: Send, proxied: Callable[..., Proxy], monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    """A value that httpx can read is used; any other is an error that names the variable."""
    refused = proxied(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
    monkeypatch.setenv("NO_PROXY", value)
    with pytest.raises((ConfigurationError, NotSentError)) as caught:
        send(SERVICE)
    if isinstance(caught.value, ConfigurationError):
        assert "NO_PROXY" in str(caught.value)
        assert refused.said == []


def test_no_proxy_is_heeded(
    send: Send, proxied: Callable[..., Proxy], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = proxied()
    monkeypatch.setenv("NO_PROXY", "sms.invalid")

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NotSentError):
        send(SERVICE)
    assert proxy.said == []


@pytest.mark.parametrize("name", ["ALL_PROXY", "HTTP_PROXY", "NO_PROXY"])
def test_what_is_wrong_in_the_environment_does_not_matter_to_this_machine(
    send: Send, server: FaultServer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "[::1" if name == "NO_PROXY" else "socks5://127.0.0.1:9")
    assert send(server.url).ok


REFUSALS = {
    "bad gateway": b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
    "who are you": b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n",
    "nothing": b"",
    "half a head": b"HTTP/1.1 200 Connec",
    "no http": b"220 mail.example.com ESMTP ready\r\n",
    "no tls behind it": b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 400 Bad Request\r\n\r\n",
}


def test_a_proxy_that_says_nothing_until_the_deadline_leaves_nothing_sent(send: Send) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        proxy = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(NotSentError):
            send(SERVICE, proxy=proxy, deadline_s=0.2)


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_tunnel_that_was_not_made_means_not_sent(
    send: Send, proxied: Callable[..., Proxy], refusal: str
) -> None:
    """The bytes of a CONNECT do not belong to the request."""
    proxy = proxied(REFUSALS[refusal])
    with pytest.raises(NotSentError) as caught:
        send(SERVICE)
    assert caught.value.safe_to_retry
    assert [said[: len(TARGET)] for said in proxy.said] == [TARGET]
    hidden(proxy)


def hidden(proxy: Proxy) -> None:
    """Check that a proxy saw nothing but the destination."""
    for said in proxy.said:
        assert KEY.encode() not in said
        assert TEXT.encode() not in said
        assert TO.encode() not in said


def test_a_request_goes_through_the_tunnel_unread(
    send: Send, server: FaultServer, proxied: Callable[..., Proxy]
) -> None:
    proxy = proxied(b"HTTP/1.1 200 OK\r\n\r\n", server.port)
    assert send(SERVICE, verify=trusting()).ok
    assert len(server.ledger.requests) == 1
    assert [said[: len(TARGET)] for said in proxy.said] == [TARGET]
    hidden(proxy)


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.CLOSE, Fault.HALF_HEAD])
def test_an_answer_lost_in_the_tunnel_leaves_the_outcome_unknown(
    send: Send, server: FaultServer, proxied: Callable[..., Proxy], fault: Fault
) -> None:
    server.play(Step(fault))
    proxied(b"HTTP/1.1 200 OK\r\n\r\n", server.port)
    with pytest.raises(OutcomeUnknownError):
        send(SERVICE, verify=trusting())
    assert len(server.ledger.requests) == 1
