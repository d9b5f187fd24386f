"""How the server stops."""

from __future__ import annotations

import logging
import socket
import threading

import pytest

from smsmanager.sandbox import Sandbox, Settings
from tests.sandbox.conftest import send


@pytest.mark.parametrize("path", ["messages/wait", "changes?timeout_s=30"])
def test_what_waits_when_it_stops_is_answered_without_a_traceback(
    path: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smsmanager.sandbox._server.server._SHUTDOWN_S", 0)
    sandbox = Sandbox(clock="manual")
    sandbox.start()
    host, port = sandbox.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(f"GET /sandbox/{path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        feed = sandbox._engine.feed
        while not feed._listeners:  # Until it waits.
            pass
        with caplog.at_level(logging.DEBUG, "uvicorn"):
            sandbox.stop()
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"The sandbox was stopped." in answer
    assert not [record for record in caplog.records if record.exc_info]


def test_a_name_that_is_still_looked_up_does_not_hold_up_the_stop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Before force is used: it would end the wait for the resolver too.
    monkeypatch.setattr("smsmanager.sandbox._server.server._PATIENCE_S", None)
    asked, answered = threading.Event(), threading.Event()
    resolve = socket.getaddrinfo

    def slow(host: str | bytes | None, *rest: object, **options: object) -> object:
        if host not in {"receiver.invalid", b"receiver.invalid"}:
            return resolve(host, *rest, **options)  # type: ignore[arg-type]
        asked.set()
        answered.wait()
        raise socket.gaierror(socket.EAI_AGAIN, "no answer")

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    settings = Settings(callback_hosts=frozenset({"receiver.invalid"}))
    with Sandbox(settings=settings) as sandbox:
        send(sandbox, callback="http://receiver.invalid/hook")
        assert asked.wait(20)
        stopping = threading.Thread(target=sandbox.stop)
        stopping.start()
        stopping.join(10)
        is_stopped = not stopping.is_alive()
        answered.set()
        stopping.join()
    assert is_stopped, "it waited for the resolver"
