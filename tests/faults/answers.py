"""The answers of the fault server: one function per fault; each returns whether the connection stays open."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from tests.faults.script import Content, Fault, Step, said

if TYPE_CHECKING:
    from tests.faults.server import Peer, Received

CHUNK = b"x" * 65536
DRIP_S = 0.002
HTML = b"<html><body><h1>Bad gateway</h1></body></html>"


@dataclass
class Turn:
    """One request and how to handle it.

    Attributes:
        peer: Its sender.
        step: How to handle it.
        received: What was read; None if it was not read in full.
        request_id: Its id in the ledger.
        keep: Whether the connection may stay open.
    """

    peer: Peer
    step: Step
    received: Received | None = None
    request_id: str = ""
    keep: bool = False

    @property
    def acceptance(self) -> bytes:
        """The body that accepts."""
        assert self.received is not None
        keys = len(self.received.recipients)
        answer = self.step.acceptance(self.received.path, keys, self.request_id)
        return json.dumps(answer).encode()


Answerer: TypeAlias = Callable[[Turn], Awaitable[bool]]


def head(status: int, *fields: str, keep: bool = True) -> bytes:
    """Return the head of an answer."""
    last = [] if keep else ["Connection: close"]
    return "\r\n".join([f"HTTP/1.1 {status} Said", *fields, *last, "", ""]).encode()


def whole(status: int, body: bytes, *fields: str, keep: bool = True) -> bytes:
    """Return an answer with a JSON body."""
    length = f"Content-Length: {len(body)}"
    return head(status, "Content-Type: application/json", length, *fields, keep=keep) + body


@cache
def bomb(size: int) -> bytes:
    """Return gzip bytes that decompress to `size` bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    pieces = [packer.compress(CHUNK) for _ in range(size // len(CHUNK))]
    return b"".join(pieces) + packer.flush()


async def answer_status(turn: Turn) -> bool:
    """Answer with a status and any kind of body."""
    step = turn.step
    path = turn.received.path if turn.received else ""
    fields, body = ["Content-Type: application/json"], said(path, step.status)
    chunks = [body]
    if step.content is Content.BOMB:
        fields, chunks = ["Content-Encoding: gzip"], [bomb(step.size)]
    elif step.content is Content.BAD_GZIP:
        fields, chunks = ["Content-Encoding: gzip"], [gzip.compress(body)[:-9] + b"?"]
    elif step.content is Content.HTML:
        fields, chunks = ["Content-Type: text/html"], [HTML]
    elif step.content is Content.EMPTY:
        chunks = []
    elif step.content is Content.GIVEN:
        chunks = [step.odd]
    lazy: Iterable[bytes] = chunks
    length = sum(map(len, chunks))
    if step.content is Content.LONG:
        count = step.size // len(CHUNK)
        lazy, length = (CHUNK for _ in range(count)), count * len(CHUNK)
    if step.retry_after is not None:
        fields.append(f"Retry-After: {step.retry_after}")
    if step.status in {204, 304}:
        await turn.peer.write(head(step.status, *fields, keep=turn.keep))
        return turn.keep
    fields.append(f"Content-Length: {length}")
    await turn.peer.write(head(step.status, *fields, keep=turn.keep))
    for chunk in lazy:
        await turn.peer.write(chunk)
    return turn.keep


async def _accept(turn: Turn) -> bool:
    await turn.peer.write(whole(200, turn.acceptance, keep=turn.keep))
    return turn.keep


async def _slow(turn: Turn) -> bool:
    answer = whole(200, turn.acceptance, keep=turn.keep)
    slowly = 120
    for at in range(slowly):
        await turn.peer.write(answer[at : at + 1])
        await asyncio.sleep(0)
    await turn.peer.write(answer[slowly:])
    return turn.keep


async def _surplus(turn: Turn) -> bool:
    answer = turn.step.odd or whole(200, turn.acceptance)
    surplus = turn.step.surplus or (b"" if turn.step.odd else answer)
    if turn.step.apart:
        held = min(turn.step.held, max(len(surplus) - 1, 0))
        await turn.peer.write(answer, surplus, held=held)
    else:
        await turn.peer.write(answer + surplus)
    return True


async def _hints(turn: Turn) -> bool:
    hints = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n"
    await turn.peer.write(hints)
    return await _accept(turn)


async def _reset(turn: Turn) -> bool:
    turn.peer.reset()
    return False


async def _close(_: Turn) -> bool:
    return False


def _saying(data: bytes) -> Answerer:
    async def say(turn: Turn) -> bool:
        await turn.peer.write(data)
        return False

    return say


async def _cut_length(turn: Turn) -> bool:
    body = turn.acceptance
    await turn.peer.write(head(200, f"Content-Length: {len(body) + 500}") + body)
    return False


async def _cut_chunks(turn: Turn) -> bool:
    body = turn.acceptance
    chunk = b"%x\r\n%s" % (len(body) + 5, body)
    await turn.peer.write(head(200, "Transfer-Encoding: chunked") + chunk)
    return False


async def _odd(turn: Turn) -> bool:
    await turn.peer.write(whole(200, turn.step.odd, keep=turn.keep))
    return turn.keep


async def _redirect(turn: Turn) -> bool:
    location = turn.step.odd or turn.peer.server.elsewhere.encode()
    answer = whole(turn.step.status, b"{}", keep=turn.keep)
    await turn.peer.write(answer.replace(b"\r\n", b"\r\nLocation: " + location + b"\r\n", 1))
    return turn.keep


async def _long_head(turn: Turn) -> bool:
    await turn.peer.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    for _ in range(2**28 // len(CHUNK)):
        await turn.peer.write(CHUNK)
    return False


async def _hang(turn: Turn) -> bool:
    await turn.peer.until_client_leaves()
    return False


def _dripping(start: bytes, drop: bytes) -> Answerer:
    async def drip(turn: Turn) -> bool:
        await turn.peer.write(start)
        while True:
            await turn.peer.write(drop)
            await asyncio.sleep(DRIP_S)

    return drip


FAULTS: dict[Fault, Answerer] = {
    Fault.ACCEPT: _accept,
    Fault.RESET: _reset,
    Fault.CLOSE: _close,
    Fault.HALF_HEAD: _saying(b"HTTP/1.1 200 OK\r\nContent-Le"),
    Fault.NOT_HTTP: _saying(b"220 mail.example.com ESMTP ready\r\n\r\n"),
    Fault.CUT_LENGTH: _cut_length,
    Fault.CUT_CHUNKS: _cut_chunks,
    Fault.HANG: _hang,
    Fault.LONG_HEAD: _long_head,
    Fault.DRIP_HEAD: _dripping(b"HTTP/1.1 200 OK\r\nX-Long: ", b"x"),
    Fault.DRIP_BODY: _dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n", b" "),
    Fault.DRIP_CHUNK: _dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
    Fault.SLOW: _slow,
    Fault.EARLY_HINTS: _hints,
    Fault.SURPLUS: _surplus,
    Fault.STATUS: answer_status,
    Fault.ODD: _odd,
    Fault.REDIRECT: _redirect,
}
