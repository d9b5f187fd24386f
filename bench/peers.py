"""Measure other SDKs beside this library: `python -m bench.peers` prints the figures of docs/comparison.md.

Each SDK gets an environment of its own, with its newest version, and sends to a stub on this machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import subprocess
import sys
import threading
import venv
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

_PROGRAM = Path(__file__).with_name("peer_sends.py")
_ROOT = _PROGRAM.parents[1]
# Enough for a slow import as well: what is killed without a request is an error, not a figure.
_WAITS_S = 30
# It does not wait by a socket's timeout, which is what `peer_sends` shortens.
_WAITS_OURS_S = 40
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]+)", re.IGNORECASE)
_IMPORT = "import time; began = time.process_time(); import {0}; print(time.process_time() - began)"


@dataclass(frozen=True)
class Peer:
    """One SDK.

    Attributes:
        packages: What pip installs.
        module: What a program imports.
        answer: What the service answers to a good send.
        status: With this status.
    """

    packages: tuple[str, ...]
    module: str
    answer: Any
    status: int = 200


_OURS = {
    "request_id": "5e0c1a52-8d6e-4a55-9c0e-3f1d2b7a9c10",
    "accepted": [{"key": "0", "message_id": "0000000a-6b1f-4c44-8f0e-2a9d5c3e7b10"}],
    "rejected": [],
}
_TWILIO = {"sid": "SM1", "status": "queued", "error_code": None, "error_message": None}
_DATE = "2026-11-27T00:00:00.000Z"
PEERS = {
    "httpx": Peer(("httpx",), "httpx", _OURS),
    "aiohttp_async": Peer(("aiohttp",), "aiohttp", _OURS),
    "smsmanager": Peer((str(_ROOT),), "smsmanager", _OURS),
    "smsmanager_async": Peer((str(_ROOT),), "smsmanager", _OURS),
    "twilio": Peer(("twilio",), "twilio.rest", _TWILIO, 201),
    "twilio_async": Peer(("twilio", "aiohttp"), "twilio.rest", _TWILIO, 201),
    "vonage": Peer(("vonage",), "vonage", {"message_uuid": "1"}, 202),
    "messagebird": Peer(
        ("messagebird",), "messagebird", {"id": "1", "recipients": {"items": []}}, 201
    ),
    "plivo": Peer(("plivo",), "plivo", {"api_id": "1", "message_uuid": ["1"], "message": "m"}, 202),
    "telnyx": Peer(("telnyx",), "telnyx", {"data": {"id": "1"}}),
    "sinch": Peer(
        ("sinch",),
        "sinch",
        {
            "id": "1",
            "to": ["420777123456"],
            "from": "Shop",
            "canceled": False,
            "body": "b",
            "type": "mt_text",
            "created_at": _DATE,
            "modified_at": _DATE,
        },
        201,
    ),
    "smsapi": Peer(("smsapi-client",), "smsapi.client", {"count": 1, "list": [{"id": "1"}]}),
    "infobip": Peer(
        ("infobip-api-python-client",),
        "infobip_api_client",
        {"bulkId": "1", "messages": [{"messageId": "1", "destination": "420777123456"}]},
    ),
    "clicksend": Peer(("clicksend-client",), "clicksend", {"http_code": 200, "data": {}}),
    "svix": Peer(
        ("svix",),
        "svix.api",
        {"id": "msg_1", "eventType": "sms", "payload": {}, "timestamp": _DATE},
        202,
    ),
}


class Stub:
    """A server in a thread of this process: answers, or does what `mode` says; counts."""

    def __init__(self) -> None:
        self.mode: str = "answer"
        self.peer = PEERS["httpx"]
        self.fails_after: int | None = None
        self.requests = self.connections = 0
        self.url = ""
        self._started = threading.Event()

    def start(self) -> None:
        """Start it."""
        threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True).start()
        self._started.wait()

    def set(self, peer: Peer, mode: str, fails_after: int | None = None) -> None:
        """Count from zero, for the next program."""
        self.peer, self.mode, self.fails_after = peer, mode, fails_after
        self.requests = self.connections = 0

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._started.set()
        await server.serve_forever()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = _LENGTH.search(head)
                await reader.readexactly(int(length[1]) if length else 0)
                self.requests += 1
                if self.mode == "silent":
                    await reader.read()
                if self.mode in {"drop", "silent"}:
                    return
                writer.write(self._answer())
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    def _answer(self) -> bytes:
        status, content = self.peer.status, self.peer.answer
        if self.mode.isdecimal() or (
            self.fails_after is not None and self.requests > self.fails_after
        ):
            status, content = int(self.mode) if self.mode.isdecimal() else 500, {"message": "no"}
        body = json.dumps(content).encode()
        head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        return head.encode() + body


def installed(peer: Peer, folder: Path) -> Path:
    """Return the interpreter of an environment with an SDK; make it if it is not there."""
    environment = folder / "-".join(Path(one).name for one in peer.packages)
    python = environment / "bin" / "python"
    if not (environment / "made").is_file():
        venv.create(environment)
        subprocess.run(
            [
                sys.executable,
                "-m",
                "pip",
                "--python",
                str(python),
                "install",
                "--quiet",
                "--no-compile",
                *peer.packages,
            ],
            check=True,
            stderr=subprocess.DEVNULL,
        )
        (environment / "made").touch()
    return python


def size_mb(python: Path) -> float:
    """Return what is installed, without what Python compiles."""
    [packages] = python.parents[1].glob("lib/*/site-packages")
    files = (one for one in packages.rglob("*") if one.is_file() and "__pycache__" not in one.parts)
    return sum(one.stat().st_size for one in files) / 1e6


def version(python: Path, peer: Peer) -> str:
    """Return the version of the first package."""
    name = "smsmanager" if peer.packages[0] == str(_ROOT) else peer.packages[0]
    program = f"import importlib.metadata as m; print(m.version({name!r}))"
    return _said(python, "-c", program).strip()


def _said(python: Path, *arguments: str, within_s: float | None = None) -> str:
    return subprocess.run(
        [str(python), "-I", *arguments],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=within_s,
    ).stdout


def run(stub: Stub, python: Path, name: str, what: str, count: int = 1) -> Any:
    """Run the program of an SDK; return what it printed, `None` if it waits forever."""
    within_s = None if what == "cost" else _WAITS_OURS_S if name == "smsmanager" else _WAITS_S
    try:
        said = _said(python, str(_PROGRAM), name, stub.url, what, str(count), within_s=within_s)
    except subprocess.TimeoutExpired:
        return None
    return json.loads(said)


def behaviour(stub: Stub, python: Path, name: str) -> dict[str, Any]:
    """Return how many requests a send makes when something goes wrong, and what leaks."""
    found: dict[str, Any] = {}
    for mode in ("answer", "drop", "silent", "500", "503"):
        stub.set(PEERS[name], mode)
        ended = run(stub, python, name, mode)
        if not stub.requests:
            raise RuntimeError(f"{name} sent nothing within {_WAITS_S} s: the machine is too busy")
        found[mode] = {"requests": stub.requests, **(ended or {"said": "waits forever"})}
    stub.set(PEERS[name], "answer", fails_after=2)
    found["leaks"] = run(stub, python, name, "leaks")
    return found


def main() -> int:
    """Measure those that are named, or all; print JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.add_argument(
        "--folder", type=Path, default=Path("build/peers"), help="for the environments"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sends", type=int, default=1000)
    parser.add_argument("names", nargs="*", default=[*PEERS])
    asked = parser.parse_args()
    stub = Stub()
    stub.start()
    names = dict.fromkeys(["httpx", *asked.names])
    pythons = {name: installed(PEERS[name], asked.folder.resolve()) for name in names}
    found: dict[str, dict[str, Any]] = {}
    for name in asked.names:
        python = pythons[name]
        found[name] = {
            "version": version(python, PEERS[name]),
            "size_mb": round(size_mb(python), 1),
        }
        if not name.endswith("_async") and name != "httpx":
            found[name] |= behaviour(stub, python, name)
        print(name, found[name], file=sys.stderr, flush=True)
    costs: dict[str, list[float]] = {name: [] for name in pythons}
    imports: dict[str, list[float]] = {name: [] for name in pythons}
    for _ in range(asked.rounds):
        for name, python in pythons.items():
            stub.set(PEERS[name], "answer")
            costs[name].append(run(stub, python, name, "cost", asked.sends))
            imports[name].append(float(_said(python, "-c", _IMPORT.format(PEERS[name].module))))
            if name in found:
                found[name]["connections"] = stub.connections
                found[name]["sends"] = stub.requests
    for name, one in found.items():
        for what, figures in (("cpu", costs), ("import", imports)):
            ratios = [a / b for a, b in zip(figures[name], figures["httpx"], strict=True)]
            one[what] = [round(each, 2) for each in (median(ratios), min(ratios), max(ratios))]
    print(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
