"""Check what is recorded about an attempt, how its steps are limited, and when a stream is not reused."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import inspect
import itertools
import math
import select
import socket
import ssl
import struct
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import anyio
import anyio.lowlevel
import h11
import httpcore
import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st

from smsmanager._transport.async_streams import AsyncBackend, AsyncStream
from smsmanager._transport.connections import Attempt, current_attempt
from smsmanager._transport.streams import WRITING, BlockingBackend, BlockingStream, Received
from smsmanager._transport.streams import _Tls as Tls
from tests.faults.certificate import contexts, trusting

HEAD = b"POST /v2/message HTTP/1.1\r\nHost: api\r\nContent-Length: 2\r\n\r\n"
BODY = b"{}"
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"a": true}'
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
KINDS = ("blocking", "asyncio", "trio")


@pytest.fixture
def attempt() -> Iterator[Attempt]:
    """The attempt of the test, without a deadline, after a connection was opened."""
    made = Attempt()
    made.bounded(None, httpcore.ConnectTimeout)
    token = current_attempt.set(made)
    yield made
    current_attempt.reset(token)


LINES: list[Line] = []


@pytest.fixture(autouse=True)
def no_line_stays_open() -> Iterator[None]:
    yield
    for line in LINES:
        line.close()
    LINES.clear()


class ServerSide:
    """Creates the server's side of TLS instead of a client's."""

    def wrap_bio(self, incoming: Any, outgoing: Any, **_: Any) -> ssl.SSLObject:
        return contexts()[0].wrap_bio(incoming, outgoing, server_side=True)


class Line:
    """A connection of any kind, with one interface, and its peer.

    Args:
        kind: `blocking`, `asyncio` or `trio`.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        with socket.create_server(("127.0.0.1", 0)) as server:
            ours = socket.create_connection(server.getsockname())
            theirs = server.accept()[0]
        self.stream: Any = (BlockingStream if kind == "blocking" else AsyncStream)(ours)
        self.backend: Any = BlockingBackend() if kind == "blocking" else AsyncBackend()
        self.peer = theirs
        # Created here, not by both threads at once.
        contexts()
        self._there = BlockingStream(theirs)
        # The peer records nothing about the attempt of the test.
        self._thread = ThreadPoolExecutor(1)
        LINES.append(self)

    def close(self) -> None:
        self._thread.shutdown()
        self.peer.close()
        self.stream._socket.close()

    def run(self, step: Any) -> Any:
        """Return the result of a call of the stream."""
        if not inspect.iscoroutine(step):
            return step

        async def main() -> Any:
            return await step

        return trio.run(main) if self.kind == "trio" else asyncio.run(main())

    def write(self, data: bytes, timeout: float = 5.0) -> None:
        self.run(self.stream.write(data, timeout))

    def read(self, timeout: float = 5.0) -> Any:
        return self.run(self.stream.read(65536, timeout))

    def start_tls(self, context: ssl.SSLContext | None = None) -> None:
        server: Any = ServerSide()
        theirs = self._thread.submit(self._there.start_tls, server, None, 5.0)
        try:
            self.run(self.stream.start_tls(context or trusting(), "localhost", 5.0))
        finally:
            with suppress(httpcore.ConnectError):
                theirs.result()

    def exchange(self, *answer: bytes) -> None:
        """Send a request and read an answer, as httpcore does."""
        for data in (HEAD, BODY, b""):
            self.write(data)
        for piece in answer:
            self.speak(piece)
            assert self.read() == piece

    def speak(self, data: bytes) -> None:
        """Let the peer send something."""

        def say() -> None:
            self._there._unsent = data
            self._there._do(self._there._send, 5.0, *WRITING)

        self._thread.submit(say).result()

    def reply(self, data: bytes) -> Future[bytes]:
        """Let the peer send something as soon as it has received something, which is the result."""

        def say() -> bytes:
            heard = self._there.read(65536, 5.0)
            self._there._unsent = data
            self._there._do(self._there._send, 5.0, *WRITING)
            return heard

        return self._thread.submit(say)

    def written(self, size: int = 0) -> bytes:
        """Return what the peer has received, at least the given number of bytes."""

        def read() -> bytes:
            found = b""
            while len(found) < size:
                found += self._there.read(65536, 5.0)
            with suppress(BlockingIOError):
                found += self._there._receive(65536)
            return found

        return self._thread.submit(read).result()


@pytest.fixture(params=KINDS)
def line(request: pytest.FixtureRequest) -> Line:
    return Line(request.param)


def answered(*pieces: bytes) -> Received:
    """Return what was recorded about an answer that arrived in these pieces."""
    received = Received()
    for piece in pieces:
        received.add(piece)
    return received


# What is noted of an attempt.


def test_only_a_stream_that_takes_part_knows_that_nothing_left() -> None:
    attempt = Attempt()
    assert attempt.left is None
    attempt.bounded(None, LookupError)
    assert attempt.left is False


@pytest.mark.parametrize(
    "data", [b"CONNECT api.example:443 HTTP/1.1\r\n", b"\x05\x01\x00", b"\x05\x02", b"\x01\x04user"]
)
def test_what_sets_up_a_tunnel_does_not_count(data: bytes) -> None:
    attempt = Attempt()
    attempt.bounded(None, LookupError)
    seen = [attempt.left]
    for written in (data, HEAD, data):
        attempt.writes(written)
        seen.append(attempt.left)
    assert seen == [False, False, True, True]


@pytest.mark.parametrize("data", [HEAD, b"{", b"GET ", b"P", b"CONNECT", b"\x04\x05", b"\r\n"])
def test_any_other_byte_counts_for_good(data: bytes) -> None:
    attempt = Attempt()
    attempt.writes(data)
    assert attempt.left is True
    # A second connection, for instance one of a hook of the caller's, takes nothing back.
    attempt.bounded(None, LookupError)
    assert attempt.left is True


def test_each_thread_or_task_carries_its_own() -> None:
    shared = current_attempt.get()
    assert shared.deadline_at == math.inf

    def inside() -> Attempt:
        current_attempt.set(Attempt(5.0))
        return current_attempt.get()

    assert contextvars.copy_context().run(inside).deadline_at == 5.0
    assert current_attempt.get() is shared


@pytest.mark.parametrize(
    ("timeout", "remaining_s", "addresses", "expected"),
    [
        (None, math.inf, 1, None),
        (5.0, math.inf, 3, 5.0),
        (0.0, math.inf, 1, 0.0),
        (None, 2.0, 1, 2.0),
        (None, 2.0, 4, 0.5),
        (5.0, 2.0, 1, 2.0),
        (1.0, 2.0, 1, 1.0),
        (1.0, 2.0, 4, 0.5),
        (5.0, 0.125, 1, 0.125),
    ],
)
def test_a_step_does_not_outlast_the_call(
    monkeypatch: pytest.MonkeyPatch,
    timeout: float | None,
    remaining_s: float,
    addresses: int,
    expected: float | None,
) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)
    assert Attempt(100.0 + remaining_s).bounded(timeout, LookupError, addresses) == expected


@pytest.mark.parametrize("remaining_s", [0, -0.125, -math.inf])
@pytest.mark.parametrize("timeout", [None, 5.0])
def test_no_step_begins_after_the_deadline(
    monkeypatch: pytest.MonkeyPatch, timeout: float | None, remaining_s: float
) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)
    attempt = Attempt(100.0 + remaining_s)
    with pytest.raises(LookupError, match="deadline"):
        attempt.bounded(timeout, LookupError)
    assert attempt.left is False


# Whether what was read may be more than one answer.

INFORMATIONAL = b"HTTP/1.1 100 Continue\r\n\r\n"
NO_LENGTH = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nhello"


BOTH = b"HTTP/1.1 200 OK\r\nContent-Length: 21\r\nTransfer-Encoding: chunked\r\n\r\n"
IN_CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"
LENGTH_0 = b"\r\nContent-Length: 0\r\n\r\n"
ODD_ENDS = [b"0\r\nX-Trailer: a\r\n\r\n", b"0;a=b\r\n\r\n", b"0 \r\n\r\n"]
WHOLE = {
    "length": ANSWER,
    "chunked": CHUNKED,
    "informational": INFORMATIONAL * 2 + ANSWER,
    "informational, chunked": INFORMATIONAL + CHUNKED,
    "chunks in other words": IN_CHUNKS + b"02\r\n{}\r\n00\r\n\r\n",
    "a last chunk in a chunk": IN_CHUNKS + b"7\r\n\r\n0\r\n\r\n\r\n" + LAST_CHUNK,
    "nothing in chunks": IN_CHUNKS + LAST_CHUNK,
    "a length in the body": b"HTTP/1.1 200 OK\r\nContent-Length: 23\r\n\r\n" + LENGTH_0,
    "no body": b"HTTP/1.1 204 No Content\r\nX-Other: 1\r\n\r\n",
    "length and chunked": BOTH + b"2\r\n{}\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("answer", list(WHOLE.values()), ids=list(WHOLE))
def test_one_whole_answer_is_no_surplus_however_it_arrives(answer: bytes) -> None:
    for cut in range(1, len(answer)):
        assert not answered(answer[:cut], answer[cut:]).holds_surplus()
    assert not answered(answer).holds_surplus()
    assert not answered(*(bytes([byte]) for byte in answer)).holds_surplus()


@pytest.mark.parametrize("answer", list(WHOLE.values()), ids=list(WHOLE))
@pytest.mark.parametrize("more", [b"H", b"\n", b"\r\n", ANSWER, CHUNKED], ids=len)
def test_more_than_one_answer_is_surplus_however_it_arrives(answer: bytes, more: bytes) -> None:
    whole = answer + more
    for cut in range(1, len(whole)):
        assert answered(whole[:cut], whole[cut:]).holds_surplus()


@pytest.mark.parametrize(
    "answer",
    [
        NO_LENGTH,
        NO_LENGTH + LENGTH_0,
        b"HTTP/1.1 204 No Content\r\n\r\n{}",
        b"HTTP/1.1 304 Not Modified\r\n\r\n" + ANSWER,
        b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}",
        INFORMATIONAL,
        INFORMATIONAL + INFORMATIONAL,
        INFORMATIONAL + ANSWER + INFORMATIONAL,
        INFORMATIONAL + ANSWER + ANSWER,
        INFORMATIONAL + CHUNKED + CHUNKED,
        INFORMATIONAL * 2 + NO_LENGTH,
        # The chunks count where there are both, whatever the length says.
        BOTH + b"2\r\n{}\r\n0\r\n\r\nHTTP/1.1 ",
        ANSWER[:-1],
        CHUNKED[:-1],
        b"HTTP/1.1 200 OK\r\nX-Content-Length: 2\r\n\r\n{}",
        # Not plain, so that something behind it can look like its end.
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.0 100 Continue\r\nContent-Length: %d\r\n\r\n" % (2 * len(ANSWER)) + ANSWER * 2,
        b"HTTP/1.1 100 Continue\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\n{}",
        b"HTTP/1.1 204 No Content\r\nContent-Length: %d\r\n\r\n" % len(ANSWER) + ANSWER,
        b"HTTP/1.1 304 Not Modified\r\nContent-Length: %d\r\n\r\n" % len(ANSWER) + ANSWER,
        b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n" + LAST_CHUNK,
        b"HTTP/1.1 200 OK\r\nX: a\r\n content-length: 99\r\nContent-Length: 2\r\n\r\n{}",
        *(IN_CHUNKS + b"2\r\n{}\r\n" + end + more for end in ODD_ENDS for more in (b"", CHUNKED)),
    ],
)
def test_an_answer_whose_end_is_not_certain_counts_as_surplus(answer: bytes) -> None:
    assert answered(answer).holds_surplus()


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length:2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nCONTENT-LENGTH: \t 2 \r\nX-Other: 1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Other: 1\r\nContent-Length: 0002\r\n\r\n",
    ],
)
def test_a_length_in_any_form(head: bytes) -> None:
    assert not answered(head + b"{}").holds_surplus()
    assert answered(head + b"{}{}").holds_surplus()


@pytest.mark.parametrize("size", [16 * 1024, 100_000, 1024 * 1024])
def test_a_long_answer_is_measured_without_being_kept(size: int) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size
    pieces = [head, *[b"x" * 1000] * (size // 1000), b"x" * (size % 1000)]
    whole = answered(*pieces)
    assert not whole.holds_surplus()
    assert len(whole._kept) < 18_000
    assert answered(*pieces, b"x").holds_surplus()


@pytest.mark.parametrize("data", [b"", b"\x05\x00", b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x09"])
def test_what_is_no_answer_is_no_surplus(data: bytes) -> None:
    assert not answered(data).holds_surplus()


@given(st.binary(max_size=80), st.lists(st.integers(0, 300), max_size=5), st.binary(max_size=20))
def test_any_body_with_its_length(body: bytes, cuts: list[int], more: bytes) -> None:
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body + more
    places = [0, *sorted(cut % (len(whole) + 1) for cut in cuts), len(whole)]
    pieces = [whole[a:b] for a, b in itertools.pairwise(places)]
    assert answered(*pieces).holds_surplus() is bool(more)


# Parts of answers, also of those that only some readers understand.
_EOL = st.sampled_from([b"\r\n"] * 6 + [b"\n"])
_VERSION = st.sampled_from([b"HTTP/1.1"] * 6 + [b"HTTP/1.0"])
_STATUS = st.sampled_from([b"200"] * 6 + [b"204", b"304", b"503", b"100", b"103"])
_BODY = st.sampled_from([b"", b"{}", b"x" * 30, b"a\r\n0\r\n\r\nb", ANSWER])
_LENGTH_NAME = st.sampled_from([b"Content-Length: ", b"content-length:", b"CONTENT-LENGTH:\t"])
_CODING = st.sampled_from([b"Transfer-Encoding: chunked", b"transfer-encoding:Chunked"])
_OTHER = st.sampled_from(
    [
        b"X: y",
        b"X: transfer-encoding: chunked",
        b"X:\r\n content-length: 99",
        b"Connection: keep-alive",
    ]
)
_CHUNK_SIZE = st.sampled_from([b"%x", b"%04x", b"%x;a=b", b"%x "])
_END = st.sampled_from([LAST_CHUNK] * 3 + [b"00\r\n\r\n", *ODD_ENDS])


@st.composite
def odd_answers(draw: st.DrawFn) -> bytes:
    """Draw an answer: framed by a length, chunks, both or neither."""
    status, body, framed = draw(_STATUS), draw(_BODY), draw(st.sampled_from("LLLCCBN"))
    fields = [draw(_OTHER)]
    if framed in "LB":
        length = len(body) + draw(st.sampled_from([0] * 9 + [len(ANSWER)]))
        fields.append(draw(_LENGTH_NAME) + b"%d" % length)
    if framed in "CB":
        fields.append(draw(_CODING))
        chunk = draw(_CHUNK_SIZE) % len(body) + b"\r\n" + body + b"\r\n" if body else b""
        body = chunk + draw(_END)
    if status in {b"204", b"304", b"100", b"103"}:
        body = draw(st.sampled_from([b"", b"", body]))
    eol = draw(_EOL)
    head = [draw(_VERSION) + b" " + status + b" Said", *draw(st.permutations(fields))]
    return eol.join(head) + eol + draw(st.sampled_from([eol] * 5 + [b"\n", b"\r\n"])) + body


def left_unread(data: bytes) -> bool:
    """Return whether h11, which httpcore reads with, would keep the connection and has read only a part."""
    peer = h11.Connection(h11.CLIENT)
    peer.send(h11.Request(method="POST", target="/", headers=[("Host", "a")]))
    peer.send(h11.EndOfMessage())
    peer.receive_data(data)
    try:
        while not isinstance(event := peer.next_event(), h11.EndOfMessage):
            if event is h11.NEED_DATA:
                return False
    except h11.RemoteProtocolError:
        return False
    goes_on = peer.our_state is h11.DONE and peer.their_state is h11.DONE
    return goes_on and bool(peer.trailing_data[0])


@settings(max_examples=1500)
@given(st.lists(odd_answers(), min_size=1, max_size=3).map(b"".join))
def test_whatever_the_reader_leaves_unread_is_surplus(data: bytes) -> None:
    assert answered(data).holds_surplus() or not left_unread(data)


def test_a_kept_connection_that_another_thread_closed_is_not_used(
    line: Line, attempt: Attempt
) -> None:
    line.exchange(ANSWER)
    attempt.left = None
    line.stream._socket.close()
    with pytest.raises(httpcore.ConnectionNotAvailable):
        line.write(HEAD)
    assert not attempt.left


def test_a_connection_that_is_closed_while_the_answer_is_due_cannot_be_read(line: Line) -> None:
    for data in (HEAD, BODY, b""):
        line.write(data)
    if line.kind == "blocking":
        line.stream.close()
    else:
        line.run(line.stream.aclose())
    with pytest.raises(httpcore.ReadError):
        line.read()


# What is written, and whether it counts.


def test_a_short_request_is_one_write(line: Line, attempt: Attempt) -> None:
    line.write(HEAD)
    line.write(BODY)
    assert line.written() == b""
    assert attempt.left is False
    line.write(b"")
    assert line.written() == HEAD + BODY
    assert attempt.left is True


def test_reading_sends_what_is_still_there(line: Line, attempt: Attempt) -> None:
    line.write(HEAD)
    heard = line.reply(ANSWER)
    assert line.read() == ANSWER
    assert heard.result() == HEAD
    assert attempt.left is True


def test_a_long_request_goes_out_in_pieces_that_lose_nothing(line: Line, attempt: Attempt) -> None:
    body = bytes(range(256)) * 20_000
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(line.written, len(HEAD + body))
        for data in (HEAD, body, b""):
            line.write(data)
        assert read.result() == HEAD + body
    assert attempt.left is True


@pytest.mark.parametrize(
    "data", [b"CONNECT api.example:443 HTTP/1.1\r\n\r\n", b"\x05\x01\x00", b"\x01\x04user\x04pass"]
)
def test_what_sets_up_a_tunnel_does_not_count_as_left(
    line: Line, attempt: Attempt, data: bytes
) -> None:
    line.write(data)
    line.speak(b"HTTP/1.1 200 Connection established\r\n\r\n")
    line.read()
    assert line.written() == data
    assert attempt.left is False
    line.start_tls()
    line.write(HEAD)
    assert attempt.left is False
    line.write(b"")
    assert attempt.left is True


def test_what_the_peer_closed_cannot_be_written_to_or_read_from(
    line: Line, attempt: Attempt
) -> None:
    line.exchange(ANSWER)
    line.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.peer.close()
    with pytest.raises(httpcore.ReadError):
        line.read()
    line.stream._is_new = True
    with pytest.raises(httpcore.ConnectError):
        line.write(HEAD)
    line.stream._unsent = b"x" * 16 * 1024
    with pytest.raises(httpcore.WriteError):
        line.write(b"")
    assert attempt.left is True


class Flood:
    """A socket that always has something to read."""

    def __init__(self, sock: socket.socket) -> None:
        self.close = sock.close

    def recv(self, size: int) -> bytes:
        return b"record"


class HalfBroken:
    """A socket that can be read but no longer written."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def send(self, data: bytes) -> int:
        raise BrokenPipeError("the peer closed")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


@pytest.mark.parametrize("over_tls", [False, True])
def test_a_refusal_is_read_though_the_request_could_not_be_written_to_its_end(
    line: Line, attempt: Attempt, *, over_tls: bool
) -> None:
    if over_tls:
        line.start_tls()
    line.write(HEAD)
    line.speak(ANSWER)
    line.stream._socket = HalfBroken(line.stream._socket)
    with pytest.raises(httpcore.WriteError):
        line.write(b"")
    assert line.read() == ANSWER
    assert attempt.left is True


@pytest.mark.parametrize("over_tls", [False, True])
def test_the_end_is_read_after_what_arrived(
    line: Line, attempt: Attempt, *, over_tls: bool
) -> None:
    del attempt
    if over_tls:
        line.start_tls()
    line.speak(b"last")
    line.peer.close()
    assert [line.read(), line.read(), line.read()] == [b"last", b"", b""]


def test_what_httpcore_can_ask_of_a_connection(line: Line) -> None:
    ours, theirs = line.peer.getpeername(), line.peer.getsockname()
    asked = ("client_addr", "server_addr", "ssl_object", "socket", "nonsense")
    answers = [line.stream.get_extra_info(info) for info in asked]
    assert answers == [ours, theirs, None, line.stream._socket, None]
    line.start_tls()
    assert line.stream.get_extra_info("ssl_object").version().startswith("TLS")


# TLS.


def test_tls_within_tls(line: Line, attempt: Attempt) -> None:
    line.start_tls()
    line.start_tls()
    line.write(HEAD)
    line.write(b"")
    assert line.written(len(HEAD)) == HEAD
    line.speak(ANSWER * 5_000)
    read = b""
    while len(read) < len(ANSWER) * 5_000:
        read += line.read()
    assert read == ANSWER * 5_000
    assert attempt.left is True


@pytest.mark.parametrize(
    "said", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", b"\x15\x03\x03\x00\x02\x02\x28"], ids=len
)
def test_a_handshake_that_fails_is_no_connection(line: Line, attempt: Attempt, said: bytes) -> None:
    line.peer.sendall(said)
    line.peer.shutdown(socket.SHUT_WR)
    with pytest.raises(httpcore.ConnectError):
        line.run(line.stream.start_tls(trusting(), "localhost", 5.0))
    assert line.stream._socket.fileno() < 0
    assert attempt.left is False


def test_a_certificate_that_nobody_trusts_is_no_connection(line: Line, attempt: Attempt) -> None:
    with pytest.raises(httpcore.ConnectError, match="certificate verify failed"):
        line.start_tls(ssl.create_default_context())
    assert line.stream._socket.fileno() < 0
    assert attempt.left is False


# When a connection is refused.


@pytest.mark.parametrize("over_tls", [False, True])
@pytest.mark.parametrize("said", [ANSWER, None], ids=["spoke", "closed"])
def test_a_new_connection_on_which_the_peer_was_first_is_refused_before_anything_left(
    line: Line, attempt: Attempt, said: bytes | None, *, over_tls: bool
) -> None:
    if over_tls:
        line.start_tls()
    line.peer.close() if said is None else line.speak(said)
    select.select([line.stream._socket], [], [], 10)
    with pytest.raises(httpcore.ConnectError):
        line.write(HEAD)
    assert attempt.left is False


def test_a_new_connection_over_tls_may_have_session_tickets_to_read(
    line: Line, attempt: Attempt
) -> None:
    line.start_tls()
    select.select([line.stream._socket], [], [], 10)
    line.exchange(ANSWER)
    assert attempt.left is True


def test_what_breaks_tls_later_is_seen(line: Line, attempt: Attempt) -> None:
    del attempt
    line.start_tls()
    line.exchange(ANSWER)
    line.peer.sendall(b"no record of TLS")
    with pytest.raises(httpcore.ConnectionNotAvailable):
        line.write(HEAD)


@pytest.mark.parametrize("over_tls", [False, True])
@pytest.mark.parametrize("answer", [(ANSWER,), (ANSWER[:20], ANSWER[20:]), (CHUNKED,)], ids=len)
def test_an_idle_connection_is_used_again(
    line: Line, attempt: Attempt, answer: tuple[bytes, ...], *, over_tls: bool
) -> None:
    if over_tls:
        line.start_tls()
    for _ in range(3):
        line.exchange(*answer)
        assert line.written(len(HEAD + BODY)) == HEAD + BODY
    assert attempt.left is True


UNASKED = {
    "behind the answer": (ANSWER + ANSWER,),
    "in a read of its own": (ANSWER, ANSWER),
    "later": (ANSWER,),
    "end": (ANSWER,),
    "no certain end": (NO_LENGTH,),
}


@pytest.mark.parametrize("over_tls", [False, True])
@pytest.mark.parametrize("how", UNASKED)
def test_an_idle_connection_on_which_something_came_unasked_is_not_used(
    line: Line, how: str, *, over_tls: bool
) -> None:
    if over_tls:
        line.start_tls()
    line.exchange(*UNASKED[how])
    assert line.written(len(HEAD + BODY)) == HEAD + BODY
    if how == "later":
        line.speak(b"H")
    elif how == "end":
        line.peer.close()
    fresh = Attempt()
    token = current_attempt.set(fresh)
    with pytest.raises(httpcore.ConnectionNotAvailable):
        line.write(HEAD)
    current_attempt.reset(token)
    assert not fresh.left


def sealed(line: Line) -> bytes:
    """Return the TLS records in which the peer would send an answer."""
    theirs = line._there
    theirs._give(theirs._layers, ANSWER)
    data, theirs._outgoing = theirs._outgoing, b""
    return data


def arrive(line: Line, data: bytes) -> None:
    line.peer.sendall(data)
    select.select([line.stream._socket], [], [], 10)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("end", [1, 4, 5, 6, -1])
def test_an_idle_connection_to_which_part_of_a_record_has_come_is_not_used(
    line: Line, layers: int, end: int
) -> None:
    for _ in range(layers):
        line.start_tls()
    line.exchange(ANSWER)
    arrive(line, sealed(line)[:end])
    with pytest.raises(httpcore.ConnectionNotAvailable):
        line.write(HEAD)


def test_part_of_a_record_on_a_new_connection_can_be_a_session_ticket(
    line: Line, attempt: Attempt
) -> None:
    line.start_tls()
    data = sealed(line)
    arrive(line, data[:7])
    line.write(HEAD)
    line.write(b"")
    arrive(line, data[7:])
    assert line.read() == ANSWER
    assert attempt.left is True


def test_an_answer_whose_record_came_in_pieces_leaves_the_connection_usable(
    line: Line, attempt: Attempt
) -> None:
    line.start_tls()
    line.exchange()
    data = sealed(line)
    for at in range(8):
        arrive(line, data[at : at + 1])
        with pytest.raises(BlockingIOError):
            line.stream._receive(65536)
    arrive(line, data[8:])
    assert line.read() == ANSWER
    line.exchange()
    assert attempt.left is True


def test_what_nobody_closed_is_closed(line: Line) -> None:
    line.start_tls()
    sock = line.stream._socket
    line.stream = line._there
    gc.collect()
    assert sock.fileno() < 0


@pytest.mark.parametrize("kind", [BlockingStream, AsyncStream])
def test_a_connection_whose_constructor_was_interrupted_is_dropped_quietly(kind: Any) -> None:
    kind.__new__(kind).__del__()


# The deadline.


class Clock:
    """A clock that every wait moves ahead.

    Attributes:
        limits: The time limit of each wait.
    """

    def __init__(self, step_s: float) -> None:
        self.now_s = 100.0
        self.step_s = step_s
        self.limits: list[float | None] = []

    def __call__(self) -> float:
        return self.now_s

    def wait(self, limit_s: float | None) -> bool:
        if limit_s == 0:
            # Nobody waits: this asks whether something has arrived.
            return False
        self.limits.append(limit_s)
        self.now_s += self.step_s
        return limit_s is None or self.step_s <= limit_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock(1.0)
    monkeypatch.setattr(time, "monotonic", made)
    monkeypatch.setattr(BlockingStream, "_is_ready", lambda _, limit_s: made.wait(limit_s))
    return made


@pytest.fixture
def in_3_s(clock: Clock) -> Iterator[Attempt]:
    made = Attempt(clock.now_s + 3)
    token = current_attempt.set(made)
    yield made
    current_attempt.reset(token)


def test_each_wait_to_read_ends_with_the_call(clock: Clock, in_3_s: Attempt) -> None:
    del in_3_s
    with pytest.raises(httpcore.ReadTimeout):
        Line("blocking").read(30.0)
    assert clock.limits == [3.0, 2.0, 1.0]


def test_each_wait_to_write_ends_with_the_call(clock: Clock, in_3_s: Attempt) -> None:
    line = Line("blocking")
    with pytest.raises(httpcore.WriteTimeout):
        line.write(b"P" * 20_000_000, 30.0)
    assert clock.limits == [3.0, 2.0, 1.0]
    assert in_3_s.left is True


def test_each_wait_of_a_handshake_ends_with_the_call(clock: Clock, in_3_s: Attempt) -> None:
    line = Line("blocking")
    with pytest.raises(httpcore.ConnectTimeout):
        line.stream.start_tls(trusting(), "localhost", 30.0)
    assert clock.limits == [3.0, 2.0, 1.0]
    assert in_3_s.left is False


def test_a_peer_that_sends_nothing_but_records_of_tls_meets_the_deadline(
    clock: Clock, in_3_s: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    del in_3_s
    line = Line("blocking")
    reads = 0

    def read(_: int) -> bytes:
        nonlocal reads
        reads += 1
        assert reads < 10
        clock.now_s += 1
        raise ssl.SSLWantReadError

    line.stream._layers.append(tls := Tls(trusting(), "localhost"))
    monkeypatch.setattr(tls, "object", SimpleNamespace(read=read))
    monkeypatch.setattr(tls, "records", lambda _=b"": b"")
    monkeypatch.setattr(line.stream, "_socket", Flood(line.stream._socket))
    with pytest.raises(httpcore.ReadTimeout):
        line.read(30.0)
    # The first second passed while it waited for the answer.
    assert reads == 2


def test_a_timeout_that_is_shorter_stays(clock: Clock, in_3_s: Attempt) -> None:
    del in_3_s
    line = Line("blocking")
    with pytest.raises(httpcore.ReadTimeout):
        line.read(0.5)
    with pytest.raises(httpcore.WriteTimeout):
        line.write(b"P" * 20_000_000, 0.25)
    with pytest.raises(httpcore.ConnectTimeout):
        Line("blocking").stream.start_tls(trusting(), "localhost", 0.125)
    assert clock.limits == [0.5, 0.25, 0.125]


@pytest.mark.parametrize("kind", KINDS)
def test_a_step_ends_in_time(kind: str, attempt: Attempt) -> None:
    del attempt
    with pytest.raises(httpcore.ReadTimeout):
        Line(kind).read(0.002)
    with pytest.raises(httpcore.WriteTimeout):
        Line(kind).write(b"P" * 20_000_000, 0.002)
    line = Line(kind)
    with pytest.raises(httpcore.ConnectTimeout):
        line.run(line.stream.start_tls(trusting(), "localhost", 0.002))
    assert line.stream._socket.fileno() < 0


def test_after_the_deadline_nothing_is_written_or_started(line: Line) -> None:
    attempt = Attempt(time.monotonic() - 1)
    token = current_attempt.set(attempt)
    line.write(HEAD)
    with pytest.raises(httpcore.WriteTimeout):
        line.write(b"")
    with pytest.raises(httpcore.ReadTimeout):
        line.read()
    with pytest.raises(httpcore.ConnectTimeout):
        line.run(line.stream.start_tls(trusting(), "localhost", None))
    assert line.stream._socket.fileno() < 0
    assert line.written() == b""
    assert attempt.left is False
    with pytest.raises(httpcore.ConnectTimeout):
        line.run(line.backend.connect_tcp("127.0.0.1", 9, 5.0))
    current_attempt.reset(token)


@pytest.mark.parametrize(("limit_s", "asked"), [(0.5, 500.0), (2.0, 2000.0), (None, None)])
def test_a_wait_is_as_long_as_it_may_be(
    monkeypatch: pytest.MonkeyPatch, limit_s: float | None, asked: float | None
) -> None:
    """`poll` counts milliseconds."""
    waits: list[float | None] = []
    poll = SimpleNamespace(register=lambda *_: None, poll=waits.append)
    monkeypatch.setattr(select, "poll", lambda: poll)
    assert not Line("blocking").stream._is_ready(limit_s)
    assert waits == [asked]


def test_after_the_deadline_no_host_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("it was"))
    token = current_attempt.set(Attempt(time.monotonic() - 1))
    with pytest.raises(httpcore.ConnectTimeout):
        BlockingBackend().connect_tcp("localhost", 9, 5.0)
    current_attempt.reset(token)


def test_where_there_is_no_poll_it_waits_as_well(
    monkeypatch: pytest.MonkeyPatch, attempt: Attempt
) -> None:
    monkeypatch.delattr(select, "poll")
    line = Line("blocking")
    with pytest.raises(httpcore.ReadTimeout):
        line.read(0.002)
    with pytest.raises(httpcore.WriteTimeout):
        line.write(b"P" * 20_000_000, 0.002)
    test_a_long_request_goes_out_in_pieces_that_lose_nothing(Line("blocking"), attempt)


# Connecting.


def test_the_addresses_of_a_host_share_what_remains(
    clock: Clock, in_3_s: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[tuple[Any, float | None]] = []

    def create_connection(address: Any, timeout: float | None, *_: Any) -> Any:
        tried.append((address, timeout))
        clock.now_s += 1.0
        raise TimeoutError

    found = [(0, 0, 0, "", (f"192.0.2.{n}", 443)) for n in (1, 2, 1, 3)]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: found)
    monkeypatch.setattr("socket.create_connection", create_connection)
    with pytest.raises(httpcore.ConnectTimeout):
        BlockingBackend().connect_tcp("api.example", 443, 30.0)
    assert tried == [((f"192.0.2.{n}", 443), 1.0) for n in (1, 2, 3)]
    assert in_3_s.left is False


@pytest.mark.parametrize("error", [OSError("no such host"), UnicodeError("label too long")])
def test_a_host_that_is_not_found_is_no_connection(
    line: Line, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    monkeypatch.setattr("socket.getaddrinfo", fail)
    with pytest.raises(httpcore.ConnectError):
        line.run(line.backend.connect_tcp("api.example", 443))


def test_a_connection_is_made_from_the_address_and_with_the_options_that_are_asked_for(
    line: Line,
) -> None:
    options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        stream = line.run(line.backend.connect_tcp("127.0.0.1", port, 5.0, "127.0.0.2", options))
        sock = stream.get_extra_info("socket")
        assert sock.getsockname()[0] == "127.0.0.2"
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        sock.close()
        wrong = [(socket.SOL_SOCKET, 9999, 1)]
        with pytest.raises(httpcore.ConnectError):
            line.run(line.backend.connect_tcp("127.0.0.1", port, 5.0, None, wrong))
    with pytest.raises(httpcore.ConnectError):
        line.run(line.backend.connect_tcp("127.0.0.1", port, 5.0))


@pytest.mark.parametrize("kind", ["asyncio", "trio"])
def test_who_waits_on_a_connection_that_is_closed_hears_of_it(kind: str, attempt: Attempt) -> None:
    del attempt
    line = Line(kind)

    async def read() -> None:
        with pytest.raises(httpcore.ReadError):
            await line.stream.read(100, 10.0)

    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(read)
            await anyio.wait_all_tasks_blocked()
            await line.stream.aclose()

    line.run(main())
    assert line.stream._socket.fileno() < 0


@pytest.mark.parametrize(("size", "count"), [(16 * 1024, 50), (1, 500)])
@pytest.mark.parametrize("kind", ["asyncio", "trio"])
def test_a_flood_leaves_other_tasks_their_turns(
    kind: str, attempt: Attempt, size: int, count: int
) -> None:
    del attempt
    line = Line(kind)
    line.stream._take = lambda *_: b"x" * size
    # The first step waits until something has arrived.
    line.speak(b"x")
    turns = 0

    async def main() -> None:
        nonlocal turns
        async with anyio.create_task_group() as group:

            async def read() -> None:
                for _ in range(count):
                    await line.stream.read(65536, 5.0)
                group.cancel_scope.cancel()

            group.start_soon(read)
            while True:
                await anyio.lowlevel.checkpoint()
                turns += 1

    line.run(main())
    assert turns > 10


class Addresses:
    """The addresses of a host, each with what happens to a connection to it.

    Args:
        happens: What happens at each, in order: `answers`, `fails`, `hangs`, or `late`: it answers after the
            last one was tried.

    Attributes:
        sockets: Those that were opened, in order.
    """

    def __init__(self, *happens: str) -> None:
        self.happens = happens
        self.sockets: list[socket.socket] = []
        self.all_tried = anyio.Event()

    @property
    def left_open(self) -> list[int]:
        """Positions of the addresses to which a socket is open."""
        return [at for at, sock in enumerate(self.sockets) if sock.fileno() >= 0]

    async def connect(self) -> AsyncStream:
        """Connect to the host."""

        async def wait(sock: socket.socket) -> None:
            how = self.happens[len(self.sockets)]
            self.sockets.append(sock)
            at = len(self.sockets)
            if at == len(self.happens):
                self.all_tried.set()
            if how == "fails":
                raise ConnectionRefusedError(f"refused by address {at}")
            if how == "late":
                await self.all_tried.wait()
            if how == "hangs":
                await anyio.sleep_forever()

        with (
            socket.create_server(("127.0.0.1", 0)) as server,
            pytest.MonkeyPatch.context() as patch,
        ):
            where = (socket.AF_INET, socket.SOCK_STREAM, 0)

            async def find(*_: object, **__: object) -> list[Any]:
                names = map(str, range(len(self.happens)))
                return [(*where, name, server.getsockname()) for name in names]

            patch.setattr(anyio, "getaddrinfo", find)
            patch.setattr("smsmanager._transport.async_streams._writable", wait)
            return await AsyncBackend().connect_tcp("api.example", 443, 30.0)


NEXT_ADDRESS_AFTER = "smsmanager._transport.async_streams._NEXT_ADDRESS_AFTER_S"


@pytest.fixture(params=["asyncio", "trio"])
def run(request: pytest.FixtureRequest) -> Any:
    return trio.run if request.param == "trio" else lambda main: asyncio.run(main())


@pytest.mark.parametrize(
    ("happens", "next_after_s", "used", "tried"),
    [
        (("answers", "answers"), 30, 0, 1),
        (("hangs", "answers"), 0.005, 1, 2),
        (("fails", "answers"), 30, 1, 2),
        (("late", "hangs"), 0.005, 0, 2),
        (("fails", "fails", "hangs", "answers"), 0.005, 3, 4),
        (("hangs", "fails", "answers"), 0.005, 2, 3),
        (("late", "fails"), 0.005, 0, 2),
    ],
    ids=str,
)
def test_the_first_address_that_answers_is_used_and_no_other_stays_open(
    attempt: Attempt,
    monkeypatch: pytest.MonkeyPatch,
    run: Any,
    happens: tuple[str, ...],
    next_after_s: float,
    used: int,
    tried: int,
) -> None:
    monkeypatch.setattr(NEXT_ADDRESS_AFTER, next_after_s)

    async def main() -> None:
        addresses = Addresses(*happens)
        stream = await addresses.connect()
        assert addresses.left_open == [used]
        assert len(addresses.sockets) == tried
        await stream.aclose()
        assert addresses.left_open == []

    run(main)
    assert attempt.left is False


def test_of_two_connections_made_at_once_one_is_closed(
    attempt: Attempt, monkeypatch: pytest.MonkeyPatch, run: Any
) -> None:
    del attempt
    monkeypatch.setattr(NEXT_ADDRESS_AFTER, 0.005)

    async def main() -> None:
        addresses = Addresses("late", "late")
        stream = await addresses.connect()
        assert len(addresses.sockets) == 2
        assert len(addresses.left_open) == 1
        await stream.aclose()

    run(main)


def test_where_no_address_answers_the_first_says_why(
    attempt: Attempt, monkeypatch: pytest.MonkeyPatch, run: Any
) -> None:
    monkeypatch.setattr(NEXT_ADDRESS_AFTER, 30)

    async def main() -> None:
        addresses = Addresses("fails", "fails", "fails")
        with pytest.raises(httpcore.ConnectError, match="refused by address 1"):
            await addresses.connect()
        assert len(addresses.sockets) == 3
        assert addresses.left_open == []
        with pytest.raises(httpcore.ConnectError, match="no address"):
            await Addresses().connect()

    run(main)
    assert attempt.left is False


def test_who_is_cancelled_while_connecting_leaves_nothing_open(
    attempt: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NEXT_ADDRESS_AFTER, 0.005)

    async def main() -> None:
        addresses = Addresses("hangs", "fails", "hangs")
        connecting = asyncio.create_task(addresses.connect())
        await addresses.all_tried.wait()
        connecting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await connecting
        assert len(addresses.sockets) == 3
        assert addresses.left_open == []
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())
    assert attempt.left is False


def test_connecting_ends_with_the_call(monkeypatch: pytest.MonkeyPatch, run: Any) -> None:
    monkeypatch.setattr(NEXT_ADDRESS_AFTER, 0.005)
    attempt = Attempt()

    async def main() -> None:
        current_attempt.set(attempt)
        addresses = Addresses("hangs", "hangs")
        attempt.deadline_at = time.monotonic() + 0.03
        with pytest.raises(httpcore.ConnectTimeout):
            await addresses.connect()
        assert addresses.left_open == []
        attempt.deadline_at = time.monotonic()
        late = Addresses("answers")
        with pytest.raises(httpcore.ConnectTimeout):
            await late.connect()
        assert late.sockets == []

    run(main)
    assert attempt.left is False
