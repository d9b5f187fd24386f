"""Answer a request as a fault prescribes."""

from __future__ import annotations

import json
import zlib
from http import HTTPStatus
from typing import TYPE_CHECKING

import anyio

from smsmanager.sandbox._server.tcp import Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from starlette.types import Receive, Scope, Send

    from smsmanager.sandbox._operations.answers import Answer
    from smsmanager.sandbox._operations.faults import Fault
    from smsmanager.sandbox.engine.records import JsonObject

_MEBIBYTE = 1024 * 1024
_HUGE_MEBIBYTES = 256
_DRIP_S = 0.05

_JSON = (b"content-type", b"application/json")
_HTML = (b"content-type", b"text/html; charset=utf-8")
_MESSAGE = b'{"message": "The sandbox answers this on request."}'
_PAGE = b"<!doctype html><title>Error</title><p>The sandbox answers this on request."
_BODIES = {
    "json": ([_JSON], _MESSAGE),
    "html": ([_HTML], _PAGE),
    "empty": ([], b""),
    "null": ([_JSON], b"null"),
}
_BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.RESET_CONTENT, HTTPStatus.NOT_MODIFIED})


async def answer_faultily(
    fault: Fault,
    answer: Answer,
    scope: Scope,
    receive: Receive,
    send: Send,
) -> None:
    """Do what the fault says.

    Args:
        fault: What goes wrong.
        answer: What the service would answer; of no meaning if the request was not processed.
        scope: ASGI scope of a request whose body was read.
        receive: Where the end of the connection is reported.
        send: Takes the answer.
    """
    wire = Wire.of(scope)
    if fault.kind in _ABANDONED:
        # To the server, an application that returns without an answer is broken; it would answer 500
        # itself, so that it has to stay until the connection is gone.
        with wire.kept_open():
            _ABANDONED[fault.kind](wire)
            await _gone(receive)
    elif fault.kind in _STREAMS:
        with wire.kept_open():
            await _stream(fault, receive, send)
    elif fault.kind == "truncate":
        content = json.dumps(answer.content).encode()
        await _start(send, answer.status_code, [_JSON, _length(content)])
        half = content[: len(content) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        wire.close()
        await _gone(receive)
    elif fault.kind == "short":
        content = json.dumps(_shortened(answer.content)).encode()
        await _whole(send, answer.status_code, [_JSON], content)
    elif fault.kind == "delay":
        with wire.kept_open(), anyio.move_on_after(fault.delay_s) as waiting:
            await _gone(receive)
        if waiting.cancelled_caught:
            content = json.dumps(answer.content).encode()
            await _whole(send, answer.status_code, [_JSON], content)
    elif fault.kind == "not_json":
        await _whole(send, 200, [_JSON], b"accepted, thank you")
    else:
        await _status(fault, send)


async def _status(fault: Fault, send: Send) -> None:
    status_code = fault.answered_status(200) or 200
    headers, content = _BODIES[fault.body or ("html" if fault.kind == "redirect" else "json")]
    extra = {b"retry-after": fault.retry_after, b"location": fault.location}
    extra_headers = [(name, str(v).encode()) for name, v in extra.items() if v is not None]
    if status_code in _BODILESS:
        await _start(send, status_code, extra_headers)
        await send({"type": "http.response.body", "body": b""})
        return
    await _whole(send, status_code, [*headers, *extra_headers], content)


async def _stream(fault: Fault, receive: Receive, send: Send) -> None:
    headers = [(b"content-encoding", b"gzip")] if fault.kind == "gzip_bomb" else []
    await _start(send, 200, [_JSON, *headers])
    pause_s = _DRIP_S if fault.kind == "drip" else 0
    for chunk in _STREAMS[fault.kind]():
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
        # Without a pause as well: other connections have their turn while a client reads fast.
        with anyio.move_on_after(pause_s) as waiting:
            await _gone(receive)
        if not waiting.cancelled_caught:
            return
    await send({"type": "http.response.body", "body": b""})


async def _start(send: Send, status_code: int, headers: list[tuple[bytes, bytes]]) -> None:
    await send({"type": "http.response.start", "status": status_code, "headers": headers})


async def _whole(
    send: Send, status_code: int, headers: list[tuple[bytes, bytes]], content: bytes
) -> None:
    await _start(send, status_code, [*headers, _length(content)])
    await send({"type": "http.response.body", "body": content})


def _length(content: bytes) -> tuple[bytes, bytes]:
    return b"content-length", str(len(content)).encode()


async def _gone(receive: Receive) -> None:
    """Wait until the connection is gone."""
    while (await receive())["type"] != "http.disconnect":
        ...


def _shortened(content: JsonObject) -> JsonObject:
    """Return the content of an answer without its last accepted item, if it has one."""
    accepted = content.get("accepted")
    if isinstance(accepted, bool):
        return {name: value for name, value in content.items() if name != "accepted"}
    return {**content, "accepted": accepted[:-1]} if isinstance(accepted, list) else content


def _drops() -> Iterator[bytes]:
    while True:
        # A space, so that what came is the beginning of valid JSON.
        yield b" "


def _blanks() -> Iterator[bytes]:
    chunk = b" " * _MEBIBYTE
    for _ in range(_HUGE_MEBIBYTES):
        yield chunk


def _bomb() -> Iterator[bytes]:
    """Yield a gzip file of spaces.

    A full flush forgets all that came before, so that the compressed form of one chunk can be
    repeated: only its checksum is computed again.
    """
    chunk = b" " * _MEBIBYTE
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = deflate.compress(chunk) + deflate.flush(zlib.Z_FULL_FLUSH)
    # Magic number, deflate, no flags, no time, no extra flags, unknown system: RFC 1952.
    yield b"\x1f\x8b\x08" + bytes(6) + b"\xff"
    checksum = 0
    for _ in range(_HUGE_MEBIBYTES):
        checksum = zlib.crc32(chunk, checksum)
        yield packed
    size = _HUGE_MEBIBYTES * _MEBIBYTE
    yield deflate.flush() + checksum.to_bytes(4, "little") + size.to_bytes(4, "little")


_ABANDONED: Mapping[str, Callable[[Wire], None]] = {
    "hang": lambda _wire: None,
    "reset": Wire.reset,
    "close": Wire.close,
}
_STREAMS: Mapping[str, Callable[[], Iterator[bytes]]] = {
    "drip": _drops,
    "huge": _blanks,
    "gzip_bomb": _bomb,
}
