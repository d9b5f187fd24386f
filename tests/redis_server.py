"""The tests' own Redis server: in a temporary folder, on a port of 127.0.0.1, nothing kept."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from tests.postgres import REQUIRED

_STARTS_WITHIN_S = 60.0
# The end of its input is the end of the tests, however they ended: a killed worker leaves no server behind.
_WATCH = '"$@" & cat >/dev/null; kill -9 $!; rm -rf "$SERVER_FOLDER"'


@contextmanager
def running_redis() -> Iterator[str]:
    """Start a server and yield its URL, or skip the test if Redis is not installed."""
    program = shutil.which("redis-server")
    if program is None:
        reason = "Redis is not installed (Debian: apt-get install redis-server)"
        if os.environ.get(REQUIRED):
            pytest.fail(reason)
        pytest.skip(reason)
    folder = tempfile.mkdtemp(prefix="redis", dir=tempfile.gettempdir())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder)
    watcher = subprocess.Popen(
        ["sh", "-c", _WATCH, "sh", program, "--port", str(port), *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "SERVER_FOLDER": folder},
        start_new_session=True,
    )
    try:
        _wait_for(port, watcher)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        watcher.communicate()


def _wait_for(port: int, watcher: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _STARTS_WITHIN_S
    while time.monotonic() < until and watcher.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as connection:
            connection.sendall(b"PING\r\n")
            if connection.recv(16).startswith(b"+PONG"):
                return
        time.sleep(0.02)
    raise RuntimeError("Redis did not start")
