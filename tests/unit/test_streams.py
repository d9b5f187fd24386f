"""Check what is noted of an attempt, how its steps are bounded, and when a stream is not used again."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import itertools
import math
import socket
import ssl
import time
from collections.abc import Iterator
from typing import Any

import h11
import httpcore
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsmanager._transport.async_streams import AsyncBackend, AsyncioStream, TrioStream
from smsmanager._transport.connections import Attempt, current_attempt
from smsmanager._transport.streams import BlockingBackend, BlockingStream, Watched

HEAD = b"POST /v2/message HTTP/1.1\r\nHost: api\r\nContent-Length: 2\r\n\r\n"
BODY = b"{}"
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"a": true}'
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"


@pytest.fixture
def attempt() -> Iterator[Attempt]:
    """The attempt that the test carries, without a deadline, after a connection was opened."""
    made = Attempt()
    made.bounded(None, httpcore.ConnectTimeout)
    token = current_attempt.set(made)
    yield made
    current_attempt.reset(token)


MADE: list[Inner] = []


@pytest.fixture(autouse=True)
def sockets_are_readable_as_their_streams_say(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def readable(sock: object) -> bool:
        return any(inner.info["is_readable"] and inner.info["socket"] is sock for inner in MADE)

    monkeypatch.setattr("smsmanager._transport.streams.is_readable", readable)
    yield
    MADE.clear()


class Inner(httpcore.NetworkStream):
    """A connection that does nothing but note.

    Attributes:
        written: What was written, and the timeout of each piece.
        arrived: What is read next, piece by piece.
        info: What it answers when asked.
        closed: Whether it was closed.
    """

    def __init__(self, *arrived: bytes, **info: Any) -> None:
        self.written: list[tuple[bytes, float | None]] = []
        self.read_within: list[float | None] = []
        self.arrived = list(arrived)
        self.info = {"is_readable": False, "socket": self, **info}
        self.closed = False
        MADE.append(self)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.read_within.append(timeout)
        return self.arrived.pop(0) if self.arrived else b""

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.written.append((buffer, timeout))

    def close(self) -> None:
        self.closed = True

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> Inner:
        self.read_within.append(timeout)
        return self

    def get_extra_info(self, info: str) -> Any:
        return self.info.get(info)

    @property
    def bytes_written(self) -> list[bytes]:
        return [data for data, _ in self.written]


class FakeTransport(asyncio.Transport):
    """A transport of the event loop that notes what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Any] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.calls.append(bytes(data))

    def pause_reading(self) -> None:
        self.calls.append("pause")

    def resume_reading(self) -> None:
        self.calls.append("resume")

    def abort(self) -> None:
        self.calls.append("abort")

    def is_closing(self) -> bool:
        return "abort" in self.calls


def told(stream: AsyncioStream) -> list[Any]:
    transport: Any = stream._transport
    return [call for call in transport.calls if call != "resume"]


class AsyncInner(httpcore.AsyncNetworkStream):
    """The same as `Inner`, asynchronous."""

    def __init__(self, inner: Inner) -> None:
        self.inner = inner

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        return self.inner.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        self.inner.write(buffer, timeout)

    async def aclose(self) -> None:
        self.inner.close()

    async def start_tls(self, ssl_context: ssl.SSLContext, *_: Any, **__: Any) -> AsyncInner:
        del ssl_context
        return self

    def get_extra_info(self, info: str) -> Any:
        return self.inner.get_extra_info(info)


class Line:
    """A stream of any kind, called in one way.

    Args:
        kind: `blocking`, `asyncio` or `trio`.
        inner: What is below it; for asyncio a transport of the event loop takes its place.

    Attributes:
        arrived: What is read next, piece by piece.
    """

    def __init__(self, kind: str, inner: Inner) -> None:
        self.kind = kind
        self.arrived = inner.arrived
        self.inner = inner
        self.stream: Any
        if kind == "asyncio":
            self.stream = AsyncioStream()
            self.stream.connection_made(FakeTransport())
        else:
            self.stream = (
                BlockingStream(inner) if kind == "blocking" else TrioStream(AsyncInner(inner))
            )

    def _run(self, step: Any) -> Any:
        return asyncio.run(step) if inspect.iscoroutine(step) else step

    def write(self, data: bytes, timeout: float = 5.0) -> None:
        self._run(self.stream.write(data, timeout))

    def read(self, timeout: float = 5.0) -> Any:
        async def later() -> Any:
            asyncio.get_running_loop().call_soon(self.stream.data_received, self.arrived.pop(0))
            return await self.stream.read(65536, timeout)

        read = self.stream.read(65536, timeout) if self.kind != "asyncio" else later()
        return self._run(read)

    def start_tls(self, timeout: float | None = None) -> None:
        self._run(self.stream.start_tls(ssl.create_default_context(), None, timeout))

    def exchange(self, *answer: bytes) -> None:
        """Send a request and read an answer, as httpcore does."""
        self.arrived[:] = answer
        for data in (HEAD, BODY, b""):
            self.write(data)
        for _ in answer:
            self.read()

    def speak(self, data: bytes) -> None:
        """Let the peer say what nobody reads."""
        if self.kind == "asyncio":
            self.stream.data_received(data)
        else:
            self.inner.info["is_readable"] = True

    @property
    def written(self) -> list[bytes]:
        return told(self.stream) if self.kind == "asyncio" else self.inner.bytes_written


@pytest.fixture(params=["blocking", "asyncio", "trio"])
def line(request: pytest.FixtureRequest) -> Line:
    return Line(request.param, Inner())


@pytest.fixture(params=["blocking", "trio"])
def slow(request: pytest.FixtureRequest, clock: Clock) -> Line:
    """A line to a peer that takes a second for every piece."""
    return Line(request.param, Slow(clock))


def answered(*pieces: bytes) -> Watched:
    """Return a stream that has read an answer in these pieces."""
    stream = Watched()
    for piece in pieces:
        stream._has_read(piece)
    return stream


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
        assert not answered(answer[:cut], answer[cut:])._holds_surplus()
    assert not answered(answer)._holds_surplus()
    assert not answered(*(bytes([byte]) for byte in answer))._holds_surplus()


@pytest.mark.parametrize("answer", list(WHOLE.values()), ids=list(WHOLE))
@pytest.mark.parametrize("more", [b"H", b"\n", b"\r\n", ANSWER, CHUNKED], ids=len)
def test_more_than_one_answer_is_surplus_however_it_arrives(answer: bytes, more: bytes) -> None:
    whole = answer + more
    for cut in range(1, len(whole)):
        assert answered(whole[:cut], whole[cut:])._holds_surplus()


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
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\n{}",
        b"HTTP/1.1 204 No Content\r\nContent-Length: %d\r\n\r\n" % len(ANSWER) + ANSWER,
        b"HTTP/1.1 304 Not Modified\r\nContent-Length: %d\r\n\r\n" % len(ANSWER) + ANSWER,
        b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n" + LAST_CHUNK,
        b"HTTP/1.1 200 OK\r\nX: a\r\n content-length: 99\r\nContent-Length: 2\r\n\r\n{}",
        *(IN_CHUNKS + b"2\r\n{}\r\n" + end + more for end in ODD_ENDS for more in (b"", CHUNKED)),
    ],
)
def test_an_answer_whose_end_is_not_certain_counts_as_surplus(answer: bytes) -> None:
    assert answered(answer)._holds_surplus()


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length:2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nCONTENT-LENGTH: \t 2 \r\nX-Other: 1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Other: 1\r\nContent-Length: 0002\r\n\r\n",
    ],
)
def test_a_length_in_any_form(head: bytes) -> None:
    assert not answered(head + b"{}")._holds_surplus()
    assert answered(head + b"{}{}")._holds_surplus()


@pytest.mark.parametrize("size", [16 * 1024, 100_000, 1024 * 1024])
def test_a_long_answer_is_measured_without_being_kept(size: int) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size
    pieces = [head, *[b"x" * 1000] * (size // 1000), b"x" * (size % 1000)]
    whole = answered(*pieces)
    assert not whole._holds_surplus()
    assert len(whole._kept) < 18_000
    assert answered(*pieces, b"x")._holds_surplus()


@pytest.mark.parametrize("data", [b"", b"\x05\x00", b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x09"])
def test_what_is_no_answer_is_no_surplus(data: bytes) -> None:
    assert not answered(data)._holds_surplus()


@given(st.binary(max_size=80), st.lists(st.integers(0, 300), max_size=5), st.binary(max_size=20))
def test_any_body_with_its_length(body: bytes, cuts: list[int], more: bytes) -> None:
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body + more
    places = [0, *sorted(cut % (len(whole) + 1) for cut in cuts), len(whole)]
    pieces = [whole[a:b] for a, b in itertools.pairwise(places)]
    assert answered(*pieces)._holds_surplus() is bool(more)


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
    assert answered(data)._holds_surplus() or not left_unread(data)


# What is written, and whether it counts.


def test_a_short_request_is_one_write(line: Line, attempt: Attempt) -> None:
    line.write(HEAD)
    line.write(BODY)
    assert line.written == []
    assert attempt.left is False
    line.write(b"")
    assert line.written == [HEAD + BODY]
    assert attempt.left is True


def test_reading_sends_what_is_still_there(line: Line, attempt: Attempt) -> None:
    line.write(HEAD)
    line.arrived.append(ANSWER)
    assert line.read() == ANSWER
    assert line.written == [HEAD]
    assert attempt.left is True


def test_a_long_request_goes_out_in_pieces_that_lose_nothing(line: Line, attempt: Attempt) -> None:
    body = bytes(range(256)) * 200
    for data in (HEAD, body, b""):
        line.write(data)
    assert b"".join(line.written) == HEAD + body
    if line.kind == "blocking":
        # Elsewhere the event loop cuts them.
        assert max(map(len, line.written)) <= 16 * 1024
    assert attempt.left is True


@pytest.mark.parametrize(
    "data", [b"CONNECT api.example:443 HTTP/1.1\r\n\r\n", b"\x05\x01\x00", b"\x01\x04user\x04pass"]
)
def test_what_sets_up_a_tunnel_does_not_count_as_left(attempt: Attempt, data: bytes) -> None:
    inner = Inner(b"HTTP/1.1 200 Connection established\r\n\r\n")
    stream = BlockingStream(inner)
    stream.write(data, 5.0)
    stream.write(b"", 5.0)
    stream.read(65536, 5.0)
    assert inner.bytes_written == [data]
    assert attempt.left is False
    over_tls = stream.start_tls(ssl.create_default_context())
    inner.info["socket"] = IDLE
    over_tls.write(HEAD, 5.0)
    over_tls.write(b"", 5.0)
    assert attempt.left is True


# When a connection is refused.


class FakeTls(ssl.SSLObject):
    """TLS, as the socket of a blocking connection or as the object of any other."""

    outcome: Exception | bytes

    def __init__(self) -> None:
        raise NotImplementedError

    @classmethod
    def with_outcome(cls, outcome: Exception | bytes) -> FakeTls:
        made = object.__new__(cls)
        made.outcome = outcome
        return made

    def settimeout(self, seconds: float) -> None:
        assert seconds == 0

    def read(self, *_: Any, **__: Any) -> Any:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


IDLE = FakeTls.with_outcome(ssl.SSLWantReadError())
UNREAD_IN_TLS: list[tuple[Exception | bytes, bool]] = [
    (b"H", True),
    (b"", True),
    (ssl.SSLError("broken"), True),
    (ssl.SSLZeroReturnError("closed"), True),
    (ConnectionResetError("reset"), True),
    (ssl.SSLWantReadError(), False),
]


def test_a_new_connection_that_speaks_first_is_refused_before_anything_left(
    line: Line, attempt: Attempt
) -> None:
    line.speak(ANSWER)
    with pytest.raises(httpcore.ConnectError):
        line.write(HEAD)
    assert line.written == []
    assert attempt.left is False


def test_a_new_connection_over_tls_may_have_session_tickets_to_read(attempt: Attempt) -> None:
    inner = Inner(is_readable=True, socket=IDLE)
    stream = BlockingStream(inner, over_tls=True)
    stream.write(HEAD, 5.0)
    stream.write(b"", 5.0)
    assert attempt.left is True


@pytest.mark.parametrize("info", ["socket", "ssl_object"])
@pytest.mark.parametrize(("outcome", "holds"), UNREAD_IN_TLS, ids=repr)
def test_unread_data_in_tls_is_seen(
    attempt: Attempt, info: str, outcome: Exception | bytes, *, holds: bool
) -> None:
    del attempt
    tls = FakeTls.with_outcome(outcome)
    new = BlockingStream(Inner(**{info: tls}), over_tls=True)
    if holds:
        with pytest.raises(httpcore.ConnectError):
            new.write(HEAD, 5.0)
    else:
        new.write(HEAD, 5.0)
    inner = Inner(ANSWER, socket=IDLE)
    used = BlockingStream(inner, over_tls=True)
    for data in (HEAD, BODY, b""):
        used.write(data, 5.0)
    used.read(65536, 5.0)
    inner.info[info] = tls
    if holds:
        with pytest.raises(httpcore.ConnectionNotAvailable):
            used.write(HEAD, 5.0)
    else:
        used.write(HEAD, 5.0)


@pytest.mark.parametrize("answer", [(ANSWER,), (ANSWER[:20], ANSWER[20:]), (CHUNKED,)], ids=len)
def test_an_idle_connection_is_used_again(
    line: Line, attempt: Attempt, answer: tuple[bytes, ...]
) -> None:
    for _ in range(3):
        line.exchange(*answer)
        assert not line.stream.get_extra_info("is_readable")
    assert line.written == [HEAD + BODY] * 3
    assert attempt.left is True


UNASKED = {
    "behind the answer": (ANSWER + ANSWER,),
    "in a read of its own": (ANSWER, ANSWER),
    "later": (ANSWER,),
    "no certain end": (NO_LENGTH,),
}


@pytest.mark.parametrize("how", UNASKED)
def test_an_idle_connection_on_which_something_came_unasked_is_not_used(
    line: Line, how: str
) -> None:
    line.exchange(*UNASKED[how])
    if how == "later":
        line.speak(b"H")
    # What comes later is looked for when the next request is written; asyncio has it by then.
    seen = how != "later" or line.kind == "asyncio"
    assert line.stream.get_extra_info("is_readable") is seen
    fresh = Attempt()
    token = current_attempt.set(fresh)
    with pytest.raises(httpcore.ConnectionNotAvailable):
        line.write(HEAD)
    current_attempt.reset(token)
    assert line.written == [HEAD + BODY]
    assert not fresh.left


# The deadline.


class Clock:
    """A clock that every read and write moves on."""

    def __init__(self, step_s: float) -> None:
        self.now_s = 100.0
        self.step_s = step_s

    def __call__(self) -> float:
        return self.now_s


class Slow(Inner):
    """A peer that takes its time for every piece."""

    def __init__(self, clock: Clock, *arrived: bytes) -> None:
        super().__init__(*arrived, socket=IDLE)
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._clock.now_s += self._clock.step_s
        return super().read(max_bytes, timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._clock.now_s += self._clock.step_s
        super().write(buffer, timeout)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock(1.0)
    monkeypatch.setattr(time, "monotonic", made)
    return made


@pytest.fixture
def in_3_s(clock: Clock) -> Iterator[Attempt]:
    made = Attempt(clock.now_s + 3)
    token = current_attempt.set(made)
    yield made
    current_attempt.reset(token)


def test_each_read_ends_with_the_call(slow: Line, in_3_s: Attempt) -> None:
    del in_3_s
    slow.arrived += [b"H"] * 9
    for _ in range(3):
        slow.read(30.0)
    with pytest.raises(httpcore.ReadTimeout):
        slow.read(30.0)
    assert slow.inner.read_within == [3.0, 2.0, 1.0]
    assert len(slow.arrived) == 6


def test_each_written_piece_ends_with_the_call(clock: Clock, in_3_s: Attempt) -> None:
    line = Line("blocking", Slow(clock))
    with pytest.raises(httpcore.WriteTimeout):
        line.write(b"P" * 100_000, 30.0)
    assert [timeout for _, timeout in line.inner.written] == [3.0, 2.0, 1.0]
    assert in_3_s.left is True


def test_a_timeout_that_is_shorter_stays(slow: Line, in_3_s: Attempt) -> None:
    del in_3_s
    slow.arrived.append(b"x")
    slow.read(0.5)
    slow.write(HEAD)
    slow.write(b"", 0.25)
    assert slow.inner.read_within == [0.5]
    assert slow.inner.written == [(HEAD, 0.25)]
    if slow.kind == "blocking":
        slow.start_tls(0.125)
        assert slow.inner.read_within == [0.5, 0.125]


def test_after_the_deadline_nothing_is_written_or_started(
    slow: Line, clock: Clock, in_3_s: Attempt
) -> None:
    clock.now_s += 3
    slow.write(HEAD)
    for step in (lambda: slow.write(b""), slow.read):
        with pytest.raises(httpcore.WriteTimeout):
            step()
    with pytest.raises(httpcore.PoolTimeout):
        slow.start_tls()
    assert slow.inner.closed
    assert slow.inner.written == []
    assert in_3_s.left is False


@pytest.mark.parametrize("remaining_s", [0.0, -1.0])
def test_after_the_deadline_no_connection_is_opened(clock: Clock, remaining_s: float) -> None:
    attempt = Attempt(clock.now_s + remaining_s)
    token = current_attempt.set(attempt)
    with pytest.raises(httpcore.PoolTimeout):
        BlockingBackend().connect_tcp("127.0.0.1", 9, 5.0)
    current_attempt.reset(token)
    assert attempt.left is False


def test_the_addresses_of_a_host_share_what_remains(
    clock: Clock, in_3_s: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[tuple[str, float | None]] = []

    def connect_tcp(_: Any, host: str, __: int, timeout: float | None, *___: Any) -> Any:
        tried.append((host, timeout))
        clock.now_s += 1.0
        raise httpcore.ConnectTimeout

    found = [(0, 0, 0, "", (f"192.0.2.{n}", 443)) for n in (1, 2, 1, 3)]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: found)
    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect_tcp)
    with pytest.raises(httpcore.ConnectTimeout):
        BlockingBackend().connect_tcp("api.example", 443, 30.0)
    assert tried == [("192.0.2.1", 1.0), ("192.0.2.2", 1.0), ("192.0.2.3", 1.0)]
    assert in_3_s.left is False


@pytest.mark.parametrize("error", [OSError("no such host"), UnicodeError("label too long")])
def test_a_host_that_is_not_found_is_no_connection(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    monkeypatch.setattr("socket.getaddrinfo", fail)
    with pytest.raises(httpcore.ConnectError):
        BlockingBackend().connect_tcp("api.example", 443)


# Asynchronous ones.


@pytest.fixture
def stream() -> AsyncioStream:
    made = AsyncioStream()
    made.connection_made(FakeTransport())
    return made


@pytest.mark.parametrize("closes", ["reads", "lost"])
def test_asyncio_a_connection_that_was_closed_is_not_used(
    stream: AsyncioStream, attempt: Attempt, closes: str
) -> None:
    async def main() -> None:
        for data in (HEAD, BODY, b""):
            await stream.write(data, 5.0)
        stream.data_received(ANSWER)
        await stream.read(65536, 5.0)
        if closes == "reads":
            stream.eof_received()
        else:
            stream.connection_lost(ConnectionResetError())
        assert stream.get_extra_info("is_readable") is True
        with pytest.raises(httpcore.ConnectionNotAvailable):
            await stream.write(HEAD, 5.0)

    asyncio.run(main())
    assert told(stream) == [HEAD + BODY]
    assert attempt.left is True


def test_asyncio_a_flood_is_paused_and_read_on(stream: AsyncioStream, attempt: Attempt) -> None:
    del attempt

    async def main() -> None:
        stream.data_received(b"x" * 128 * 1024)
        assert told(stream) == []
        stream.data_received(b"x")
        assert told(stream) == ["pause"]
        read = b""
        while len(read) < 128 * 1024 + 1:
            read += await stream.read(50_000, 5.0)
        transport: Any = stream._transport
        assert transport.calls[-1] == "resume"

    asyncio.run(main())


def test_asyncio_the_end_is_read_after_what_arrived(
    stream: AsyncioStream, attempt: Attempt
) -> None:
    del attempt

    async def main() -> None:
        stream.data_received(b"last")
        stream.connection_lost(ConnectionResetError("reset"))
        assert await stream.read(65536, 5.0) == b"last"
        with pytest.raises(httpcore.ReadError, match="reset"):
            await stream.read(65536, 5.0)

    asyncio.run(main())


def test_asyncio_a_step_ends_with_the_call(stream: AsyncioStream) -> None:
    async def main() -> None:
        token = current_attempt.set(Attempt(time.monotonic() + 0.005))
        with pytest.raises(httpcore.ReadTimeout):
            await stream.read(1, 30.0)
        current_attempt.set(Attempt(time.monotonic() + 0.005))
        stream.pause_writing()
        with pytest.raises(httpcore.WriteTimeout):
            await stream.write(b"P" * 20_000, 30.0)
        stream.resume_writing()
        written = told(stream)
        late = Attempt(time.monotonic() - 1)
        current_attempt.set(late)
        await stream.write(HEAD, 30.0)
        for step in (stream.write(b"", 30.0), stream.read(1, 30.0)):
            with pytest.raises(httpcore.WriteTimeout):
                await step
        current_attempt.reset(token)
        assert late.left is False
        assert told(stream) == written

    asyncio.run(main())


# Connecting under asyncio.


class Addresses:
    """The addresses of a host, each with what happens to who connects to it.

    Args:
        happens: What happens at each, in order: `answers`, `fails`, `hangs`, or `late`: it answers after the
            last one was tried.

    Attributes:
        sockets: Those that were opened, in order.
    """

    def __init__(self, *happens: str) -> None:
        self.happens = {f"192.0.2.{number}": how for number, how in enumerate(happens, 1)}
        self.sockets: dict[str, socket.socket] = {}
        self.all_tried = asyncio.Event()

    @property
    def left_open(self) -> list[str]:
        return [address for address, sock in self.sockets.items() if sock.fileno() >= 0]

    async def connect(self) -> httpcore.AsyncNetworkStream:
        """Connect to the host."""
        loop = asyncio.get_running_loop()
        with (
            socket.create_server(("127.0.0.1", 0)) as server,
            pytest.MonkeyPatch.context() as patch,
        ):
            to_server = loop.sock_connect

            async def find(*_: object, **__: object) -> list[Any]:
                return [(0, 0, 0, "", (address, 443)) for address in self.happens]

            async def sock_connect(sock: socket.socket, address: Any) -> None:
                self.sockets[address[0]] = sock
                if len(self.sockets) == len(self.happens):
                    self.all_tried.set()
                how = self.happens[address[0]]
                if how == "fails":
                    raise ConnectionRefusedError(f"refused by {address[0]}")
                if how == "late":
                    await self.all_tried.wait()
                if how == "hangs":
                    await asyncio.Event().wait()
                await to_server(sock, server.getsockname())

            patch.setattr(loop, "getaddrinfo", find)
            patch.setattr(loop, "sock_connect", sock_connect)
            return await AsyncBackend().connect_tcp("api.example", 443, 30.0)


NEXT_ADDRESS_AFTER = "smsmanager._transport.async_streams._NEXT_ADDRESS_AFTER_S"


@pytest.mark.parametrize(
    ("happens", "next_after_s", "used", "tried"),
    [
        (("answers", "answers"), 30, "192.0.2.1", 1),
        (("hangs", "answers"), 0.005, "192.0.2.2", 2),
        (("fails", "answers"), 30, "192.0.2.2", 2),
        (("late", "hangs"), 0.005, "192.0.2.1", 2),
        (("fails", "fails", "hangs", "answers"), 0.005, "192.0.2.4", 4),
        (("hangs", "fails", "answers"), 0.005, "192.0.2.3", 3),
        (("late", "fails"), 0.005, "192.0.2.1", 2),
    ],
    ids=str,
)
def test_asyncio_the_first_address_that_answers_is_used_and_no_other_stays_open(
    attempt: Attempt,
    monkeypatch: pytest.MonkeyPatch,
    happens: tuple[str, ...],
    next_after_s: float,
    used: str,
    tried: int,
) -> None:
    monkeypatch.setattr(NEXT_ADDRESS_AFTER, next_after_s)

    async def main() -> None:
        addresses = Addresses(*happens)
        stream = await addresses.connect()
        await asyncio.sleep(0)
        assert addresses.left_open == [used]
        assert len(addresses.sockets) == tried
        await stream.aclose()
        await asyncio.sleep(0)
        assert addresses.left_open == []

    asyncio.run(main())
    assert attempt.left is False


def test_asyncio_of_two_connections_made_at_once_one_is_closed(
    attempt: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    del attempt
    monkeypatch.setattr(NEXT_ADDRESS_AFTER, 0.005)
    made: list[FakeTransport] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        both_tried = asyncio.Event()

        async def find(*_: object, **__: object) -> list[Any]:
            return [(0, 0, 0, "", (address, 443)) for address in ("192.0.2.1", "192.0.2.2")]

        async def create_connection(protocol: Any, address: str, *_: object, **__: object) -> Any:
            both_tried.set() if address == "192.0.2.2" else await both_tried.wait()
            made.append(FakeTransport())
            stream = protocol()
            stream.connection_made(made[-1])
            return made[-1], stream

        monkeypatch.setattr(loop, "getaddrinfo", find)
        monkeypatch.setattr(loop, "create_connection", create_connection)
        stream: Any = await AsyncBackend().connect_tcp("api.example", 443, 30.0)
        [closed] = [transport for transport in made if transport.is_closing()]
        assert len(made) == 2
        assert stream._transport is not closed

    asyncio.run(main())


def test_asyncio_where_no_address_answers_the_first_says_why(
    attempt: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NEXT_ADDRESS_AFTER, 30)
    addresses = Addresses("fails", "fails", "fails")
    with pytest.raises(httpcore.ConnectError, match=r"refused by 192\.0\.2\.1"):
        asyncio.run(addresses.connect())
    assert len(addresses.sockets) == 3
    assert addresses.left_open == []
    assert attempt.left is False


def test_asyncio_who_is_cancelled_while_connecting_leaves_nothing_open(
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
        await asyncio.sleep(0)
        assert len(addresses.sockets) == 3
        assert addresses.left_open == []
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())
    assert attempt.left is False


def test_asyncio_connecting_ends_with_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NEXT_ADDRESS_AFTER, 0.005)
    attempt = Attempt()

    async def main() -> None:
        current_attempt.set(attempt)
        addresses = Addresses("hangs", "hangs")
        attempt.deadline_at = time.monotonic() + 0.03
        with pytest.raises(httpcore.ConnectTimeout):
            await addresses.connect()
        await asyncio.sleep(0)
        assert addresses.left_open == []
        attempt.deadline_at = time.monotonic()
        late = Addresses("answers")
        with pytest.raises(httpcore.PoolTimeout):
            await late.connect()
        assert late.sockets == {}

    asyncio.run(main())
    assert attempt.left is False
