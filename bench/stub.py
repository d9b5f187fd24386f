"""A stand-in of the service that answers as fast as can be: nothing checked, every recipient accepted.

Run as `python -m bench.stub [SECONDS]`, those after which it answers: it prints its base URL, and ends when
its standard input closes, so that it never outlives the process that started it.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

from bench.cores import STUB, pin

if TYPE_CHECKING:
    from collections.abc import Iterator

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]+)", re.IGNORECASE)
_taken: Counter[str] = Counter()
_BLANK_LINE = b"\r\n\r\n"


@lru_cache(maxsize=64)
def _response(target: bytes, body: bytes) -> bytes:
    content = json.loads(body)
    taken = content if target.endswith(b"/messages") else content["to"]
    answer = json.dumps(
        {
            "request_id": "5e0c1a52-8d6e-4a55-9c0e-3f1d2b7a9c10",
            "accepted": [
                {"key": str(key), "message_id": f"{key:08x}-6b1f-4c44-8f0e-2a9d5c3e7b10"}
                for key in range(len(taken))
            ],
            "rejected": [],
        }
    ).encode()
    return _framed(answer)


def _framed(answer: bytes) -> bytes:
    head = (
        "HTTP/1.1 200 OK\r\n"
        "date: Mon, 05 Jan 2026 12:00:00 GMT\r\n"
        "content-type: application/json\r\n"
        f"content-length: {len(answer)}\r\n"
        "connection: keep-alive\r\n\r\n"
    )
    return head.encode() + answer


class _Connection(asyncio.Protocol):
    """One connection of a client that sends well-formed requests, each with a Content-Length."""

    def __init__(self, answer_s: float) -> None:
        self._answer_s = answer_s
        self._received = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where the answers go."""
        if isinstance(transport, asyncio.WriteTransport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        self._received += data
        while (head_end := self._received.find(_BLANK_LINE)) >= 0 and self._transport is not None:
            head = self._received[:head_end]
            length = _LENGTH.search(head)
            end = head_end + len(_BLANK_LINE) + (int(length[1]) if length else 0)
            if len(self._received) < end:
                return
            body = self._received[head_end + len(_BLANK_LINE) : end]
            self._received = self._received[end:]
            answer = self._answer(head.split(b" ", 2)[1], body)
            if self._answer_s:
                loop = asyncio.get_running_loop()
                loop.call_later(self._answer_s, self._transport.write, answer)
            else:
                self._transport.write(answer)

    def _answer(self, target: bytes, body: bytes) -> bytes:
        if target.endswith(b"/taken"):
            return _framed(json.dumps({"taken": _taken.total()}).encode())
        _taken["recipients"] += body.count(b'"phone_number"')
        return _response(target, body)


async def _serve(answer_s: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(answer_s), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    print(f"http://127.0.0.1:{port}/v2", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


@contextmanager
def running_stub(answer_s: float = 0.0) -> Iterator[str]:
    """Run the stub in a process of its own; yield its base URL.

    Args:
        answer_s: Seconds until a request is answered.
    """
    with subprocess.Popen(
        [sys.executable, "-m", "bench.stub", str(answer_s)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the stub has no pipes")
        base_url = process.stdout.readline().strip()
        if not base_url:
            raise RuntimeError("the stub did not start: see its error above")
        try:
            yield base_url
        finally:
            process.stdin.close()


if __name__ == "__main__":
    pin(STUB)
    asyncio.run(_serve(float(sys.argv[1]) if len(sys.argv) > 1 else 0.0))
