"""No step of a call lasts beyond its deadline, and nothing goes out after it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import httpcore
import httpx
import pytest

from smsmanager import (
    ConfigurationError,
    NotSentError,
    OutcomeUnknownError,
    ResponseParseError,
    SmsManager,
    SmsManagerError,
    Status,
    compose,
)
from smsmanager._transport.connections import Attempt
from smsmanager.transport import AsyncHTTPTransport, HTTPTransport
from tests.faults.callers import Caller
from tests.faults.moments import Clock, at
from tests.faults.script import Fault, Step
from tests.faults.server import FaultServer
from tests.marks import thorough

Make = Callable[..., Caller]
TO = "420777123456"
DEADLINE_S = 0.3
# Not a measurement: it only distinguishes a call that ends from one that does not.
FOREVER_S = 20.0
DRIPS = [Fault.HANG, Fault.DRIP_HEAD, Fault.DRIP_BODY, Fault.DRIP_CHUNK]


def ends(call: Callable[[], object]) -> SmsManagerError:
    """Return the error of a call that ends."""
    began = time.monotonic()
    with pytest.raises(SmsManagerError) as caught:
        call()
    assert time.monotonic() - began < FOREVER_S
    return caught.value


@pytest.mark.parametrize("fault", DRIPS)
@pytest.mark.parametrize(
    "by", ["call over a connection that had none", *thorough(["call", "client"])]
)
def test_a_deadline_ends_a_call(
    make: Make, server: FaultServer, over: dict[str, Any], fault: Fault, by: str
) -> None:
    caller = make(**over, deadline_s=DEADLINE_S if by == "client" else None)
    own = {} if by == "client" else {"deadline_s": DEADLINE_S}
    before = by not in {"call", "client"}
    if before:
        assert caller.send("slow Hello", to=TO).ok
    server.play(Step(fault))
    error = ends(lambda: caller.send("slow Hello", to=TO, **own))
    assert type(error) in {OutcomeUnknownError, ResponseParseError}
    assert error.request_may_be_taken
    assert error.result is not None
    assert [outcome.status for outcome in error.result] == [Status.UNKNOWN]
    server.settle()
    assert len(server.ledger.requests) == before + 1
    assert caller.send("slow Hello", to=TO).ok


@pytest.mark.parametrize("name", ["send", "send_batch", "send_simple", "resume"])
def test_every_method_takes_a_deadline(make: Make, server: FaultServer, name: str) -> None:
    caller = make(retries=0)
    server.play(Step(Fault.STATUS, 503), Step(Fault.DRIP_BODY))
    with pytest.raises(SmsManagerError) as caught:
        caller.send("slow Hello", to=TO)
    arguments: dict[str, tuple[tuple[object, ...], dict[str, object]]] = {
        "send": (("slow Hello",), {"to": TO}),
        "send_batch": (([compose("slow Hello", to=TO)],), {}),
        "send_simple": (("slow Hello",), {"to": TO, "sender": "Shop"}),
        "resume": ((caught.value,), {}),
    }
    given, fields = arguments[name]
    error = ends(lambda: caller.call(name, *given, **fields, deadline_s=DEADLINE_S))
    assert error.request_may_be_taken


@pytest.mark.parametrize("fault", DRIPS)
def test_a_deadline_ends_a_call_over_an_own_client_with_our_transport(
    server: FaultServer, fault: Fault
) -> None:
    with httpx.Client(transport=HTTPTransport()) as own:
        client = SmsManager("key", base_url=server.url, http_client=own)
        assert client.send("before Hello", to=TO).ok
        server.play(Step(fault))
        ends(lambda: client.send("slow Hello", to=TO, deadline_s=DEADLINE_S))


@pytest.mark.parametrize("silent", ["while connecting", "in the handshake"])
def test_a_deadline_ends_what_comes_before_the_request(
    make: Make, full_port: int, silent: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as accepting:
        if silent == "while connecting":
            url = f"http://127.0.0.1:{full_port}/v2"
        else:
            url = f"https://127.0.0.1:{accepting.getsockname()[1]}/v2"
        caller = make(base_url=url, retries=0)
        error = ends(lambda: caller.send("slow Hello", to=TO, deadline_s=DEADLINE_S))
    assert type(error) is NotSentError
    assert error.result is not None
    assert error.result[0].status is Status.NOT_SENT


SMALL = [(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)]
# More than a client with a small buffer can write before the other side reads.
LARGE = [compose("slow Hello", to=TO, payload={"filler": "x" * 100_000}) for _ in range(10)]


def test_a_deadline_ends_a_request_that_is_not_read(
    kind: str, make: Make, server: FaultServer, over: dict[str, Any]
) -> None:
    server.play(Step(Fault.UNREAD))
    transport = HTTPTransport if kind == "sync" else AsyncHTTPTransport
    options = {"verify": over["verify"]} if "verify" in over else {}
    own = transport(socket_options=SMALL, **options)
    caller = make(retries=0, base_url=over["base_url"], transport=own)
    error = ends(lambda: caller.call("send_batch", LARGE, deadline_s=DEADLINE_S))
    assert type(error) is OutcomeUnknownError


def test_retries_end_with_the_deadline(make: Make, server: FaultServer) -> None:
    server.play(*[Step(Fault.STATUS, 503, retry_after="5")] * 3)
    caller = make(retries=3)
    error = ends(lambda: caller.send("slow Hello", to=TO, deadline_s=4))
    assert error.safe_to_retry
    assert caller.waits == []
    assert len(server.ledger.requests) == 1


def test_no_request_begins_after_the_deadline(make: Make, server: FaultServer) -> None:
    numbers = [f"4207770{n:05d}" for n in range(30)]
    server.play(Step(), Step(Fault.HANG))
    caller = make(retries=0)
    error = ends(
        lambda: caller.send("slow Hello", to=numbers, priority=True, deadline_s=DEADLINE_S)
    )
    assert error.result is not None
    assert error.result.counts() == {"accepted": 10, "not_sent": 10, "unknown": 10}
    server.settle()
    assert len(server.ledger.requests) == 2


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_nothing_goes_out_after_a_name_was_looked_up_for_too_long(
    server: FaultServer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = socket.getaddrinfo

    def slow(*arguments: Any, **options: Any) -> Any:
        clock.pass_by()
        return original(*arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    with (
        SmsManager("key", base_url=server.url, retries=0, deadline_s=20) as client,
        pytest.raises(NotSentError, match="deadline"),
    ):
        client.send("late Hello", to=TO)
    assert server.connections == 0


@pytest.mark.parametrize(
    "event",
    [
        "connection.connect_tcp.started",
        "connection.connect_tcp.complete",
        "connection.start_tls.started",
        "connection.start_tls.complete",
        "http11.send_request_headers.started",
    ],
)
def test_nothing_goes_out_once_the_deadline_has_passed_on_the_way(
    server: FaultServer, over: dict[str, Any], clock: Clock, event: str
) -> None:
    """At whatever moment it passes; and connections opened in vain are closed."""
    if "tls" in event and "verify" not in over:
        return
    with SmsManager("key", retries=0, deadline_s=20, **over) as client:
        with at(event, clock.pass_by), pytest.raises(NotSentError, match="deadline"):
            client.send("late Hello", to=TO)
        server.until_left()
        assert client.send("after Hello", to=TO).ok
    assert [received.case for received, _ in server.ledger.requests] == ["after"]


def test_nothing_goes_out_over_a_kept_connection_after_the_deadline(
    server: FaultServer, over: dict[str, Any], clock: Clock
) -> None:
    with SmsManager("key", retries=0, deadline_s=20, **over) as client:
        assert client.send("first Hello", to=TO).ok
        with (
            at("http11.send_request_headers.started", clock.pass_by),
            pytest.raises(NotSentError, match="deadline"),
        ):
            client.send("second Hello", to=TO)
        assert client.send("third Hello", to=TO).ok
    assert [received.case for received, _ in server.ledger.requests] == ["first", "third"]


def test_a_write_that_no_deadline_bounds_is_found(
    server: FaultServer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    bounded = Attempt.bounded

    def unbounded(
        self: Attempt, timeout: float | None, error: type[Exception], *shares: int
    ) -> float | None:
        is_write = error is httpcore.WriteTimeout
        return timeout if is_write else bounded(self, timeout, error, *shares)

    monkeypatch.setattr(Attempt, "bounded", unbounded)
    with pytest.raises(OutcomeUnknownError):
        test_nothing_goes_out_over_a_kept_connection_after_the_deadline(
            server, {"base_url": server.url}, clock
        )


def test_the_addresses_of_a_host_share_what_is_left(
    server: FaultServer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three of four addresses do not answer, and the fourth is still reached in time."""
    look_up = socket.getaddrinfo
    addresses = ("127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.1")
    given: list[float | None] = []

    def several(host: str, port: int, *arguments: Any, **options: Any) -> list[Any]:
        names = addresses if host == "localhost" else [host]
        return [found for name in names for found in look_up(name, port, *arguments, **options)]

    def wait(sock: socket.socket, address: Any) -> None:
        if address[0] != "127.0.0.1":
            given.append(sock.gettimeout())
            clock.pass_by(given[-1] or 1000)
            raise TimeoutError

    def connect(self: socket.socket, address: Any, /) -> None:
        if threading.current_thread() is sender:
            wait(self, address)
        really(self, address)

    sender, really = threading.current_thread(), socket.socket.connect
    monkeypatch.setattr(socket, "getaddrinfo", several)
    monkeypatch.setattr(socket.socket, "connect", connect)
    url = f"http://localhost:{server.port}/v2"
    with SmsManager("key", base_url=url, retries=0, timeout=50) as client:
        for deadline_s, longest in ((8, 2), (400, 50), (None, 50)):
            given.clear()
            assert client.send("shared Hello", to=TO, deadline_s=deadline_s).ok
            server.drop()
            assert len(given) == 3
            assert all(limit is not None and limit <= longest for limit in given)


@pytest.mark.parametrize("transport", [HTTPTransport, AsyncHTTPTransport])
def test_a_transport_that_connects_again_by_itself_is_refused(transport: Any) -> None:
    with pytest.raises(ConfigurationError, match="retries"):
        transport(retries=5)


class Sipping:
    """A server that reads small pieces, slowly."""

    def __init__(self, clock: Clock, a_time_s: float) -> None:
        self.read = 0
        self._clock = clock
        self._a_time_s = a_time_s
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(1)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v2"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            while data := connection.recv(4096):
                self.read += len(data)
                self._clock.pass_by(self._a_time_s)

    def close(self) -> None:
        """Wait until the client has disconnected."""
        self._thread.join(30)
        self._listener.close()


def test_a_long_request_is_bounded_piece_by_piece(clock: Clock) -> None:
    """Each piece that the other side reads would restart the timeout."""
    server = Sipping(clock, a_time_s=0.5)
    transport = HTTPTransport(socket_options=SMALL)
    with (
        SmsManager("key", base_url=server.url, transport=transport, retries=0) as client,
        pytest.raises(OutcomeUnknownError),
    ):
        client.with_options(timeout=10).send_batch(LARGE, deadline_s=20)
    server.close()
    assert server.read < 500_000
