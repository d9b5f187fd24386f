"""Requests to `POST /message`: the sandbox and Prism, each alone on one core, checking every request.

Prism checks and answers with an example; the sandbox checks, stores, decides the outcome and reports. The
load comes from another core over a few connections that are never idle, so that the server is the limit.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from bench.cores import CLIENT, STUB, pin
from bench.figures import Comparison, Kind, Row, Section, quotients

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from bench.options import Options

_ROOT = Path(__file__).resolve().parents[1]
_PRISM = _ROOT / "tools" / "node" / "node_modules" / ".bin" / "prism"
_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)(/v2)?")
_CONNECTIONS = 4
_AIM_US = 1_000_000 / 1500
_TEXT = "Your parcel is on its way and will arrive tomorrow between 9:00 and 11:00."
_MESSAGES_A_SEND = 100


class _Server(NamedTuple):
    """A server, where it listens and under which path."""

    pid: int
    port: int
    path: str

    def cpu_s(self) -> float:
        """Return the CPU time that it has used; wall time where the system does not tell."""
        try:
            fields = (
                Path(f"/proc/{self.pid}/stat")
                .read_text(encoding="ascii")
                .rpartition(")")[2]
                .split()
            )
        except OSError:
            return time.perf_counter()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class _Cost(NamedTuple):
    """What one request took, in microseconds."""

    cpu_us: float
    wall_us: float


@contextmanager
def _sandbox() -> Iterator[_Server]:
    command = [sys.executable, "-m", "smsmanager.sandbox", "--quiet"]
    with _running(command) as found:
        yield found


@contextmanager
def _prism() -> Iterator[_Server]:
    spec = str(_ROOT / "openapi.yaml")
    options = ["--host", "127.0.0.1", "--port", "0", "--errors", "--multiprocess=false"]
    with _running([str(_PRISM), "mock", spec, *options]) as found:
        yield found


@contextmanager
def _running(command: list[str]) -> Iterator[_Server]:
    """Yield a server on the other core."""
    pin(STUB)
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    pin(CLIENT)
    with process:
        try:
            output = process.stdout or ()
            found = next(filter(None, map(_ADDRESS.search, output)), None)
            if found is None:
                raise RuntimeError(f"{command[0]} did not start.")
            # Prism logs each request, and would stand still once nobody empties the pipe.
            threading.Thread(target=list, args=(output,), daemon=True).start()
            yield _Server(process.pid, int(found[1]), found[2] or "")
        finally:
            process.terminate()


def _request(path: str) -> bytes:
    body = json.dumps({"body": _TEXT, "to": [{"phone_number": "420777123456"}]}).encode()
    head = (
        f"POST {path}/message HTTP/1.1\r\nhost: 127.0.0.1\r\nx-api-key: bench\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _cost(server: _Server, count: int) -> _Cost:
    request = _request(server.path)
    connections = [
        socket.create_connection(("127.0.0.1", server.port)) for _ in range(_CONNECTIONS)
    ]
    try:
        for connection in connections:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        rounds = max(1, count // _CONNECTIONS)
        cpu, wall = server.cpu_s(), time.perf_counter()
        for _ in range(rounds):
            for connection in connections:
                connection.sendall(request)
            for connection in connections:
                _read_answer(connection)
        each = 1e6 / (rounds * _CONNECTIONS)
        # The system counts in hundredths of a second.
        used = max(server.cpu_s() - cpu, 0.01)
        return _Cost(used * each, (time.perf_counter() - wall) * each)
    finally:
        for connection in connections:
            connection.close()


def _read_answer(connection: socket.socket) -> None:
    received = b""
    # Both answer with one object that ends with the list of what was rejected.
    while not received.endswith((b"]}", b"]}\r\n0\r\n\r\n")):
        chunk = connection.recv(65_536)
        if not chunk:
            raise RuntimeError("The server closed the connection.")
        received += chunk
    if not received.startswith(b"HTTP/1.1 200"):
        raise RuntimeError("The server refused the message.")


def measure(options: Options) -> Section:
    """Measure requests, and the memory of what is kept."""
    contenders = {"sandbox": _sandbox}
    if _PRISM.exists() and shutil.which("node") is not None:
        contenders = {"Prism": _prism, **contenders}
    costs = {name: _rounds(start, options) for name, start in contenders.items()}
    ours = costs["sandbox"]
    rows = []
    for name, rounds in costs.items():
        cpu = tuple(cost.cpu_us for cost in rounds)
        compared: tuple[Comparison, ...] = ()
        if name == "sandbox" and "Prism" in costs:
            prism = tuple(cost.cpu_us for cost in costs["Prism"])
            compared = (Comparison("Prism", quotients(cpu, prism), Kind.RATIO),)
        wall = tuple(cost.wall_us for cost in rounds)
        rows.append(Row(name, (cpu, wall, tuple(1e6 / us for us in cpu)), compared))
    kept = _MESSAGES_A_SEND * options.sends
    verdict = "met" if median(cost.cpu_us for cost in ours) <= _AIM_US else "missed"
    note = (
        f"  Ratios of CPU time. The aim of 1,500 requests a second of one core is {verdict}.\n"
        f"  Memory with {kept:,} messages kept: {_kept_mib(kept):.0f} MiB; aim: under 300 with 100,000."
    )
    if "Prism" not in costs:
        note += "\n  Prism is not installed (`make node`), so it is left out."
    columns = ("CPU us", "wall us", "a CPU second")
    return Section("One request to a stand-in", columns, tuple(rows), note)


def _rounds(start: Callable[[], AbstractContextManager[_Server]], options: Options) -> list[_Cost]:
    with start() as server:
        _cost(server, options.sends // 5)
        return [_cost(server, options.sends) for _ in range(options.rounds)]


def _kept_mib(count: int) -> float:
    """Return the memory of a process that keeps messages, each with its journey done."""
    command = [sys.executable, "-m", "bench.kept", str(count)]
    output = subprocess.run(command, capture_output=True, text=True, check=True, cwd=_ROOT)
    return float(output.stdout)
