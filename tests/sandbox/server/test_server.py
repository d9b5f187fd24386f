"""How the server stops."""

from __future__ import annotations

import logging
import socket

import pytest

from smsmanager.sandbox import Sandbox


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
