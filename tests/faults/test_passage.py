"""A request that began to go out may have been taken, whatever is raised afterwards and by whom."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import anyio
import httpcore
import httpx
import pytest
from httpx_aiohttp import AiohttpTransport

from smsmanager import (
    AsyncSmsManager,
    ConfigurationError,
    NotSentError,
    OutcomeUnknownError,
    SendResult,
    SmsManager,
    SmsManagerError,
    Status,
    _streams,
)
from smsmanager_jsonapi.api.simple import send_simple_message_by_query
from tests.faults.callers import Caller, fail_elsewhere
from tests.faults.cases import ODD_LOCATIONS
from tests.faults.script import Fault, Step
from tests.faults.server import FaultServer

Make = Callable[..., Caller]
TO = "420777123456"


@pytest.mark.parametrize("location", ODD_LOCATIONS, ids=lambda value: str(value[:20]))
def test_a_redirect_to_nowhere_is_a_redirect(
    make: Make, server: FaultServer, location: bytes
) -> None:
    server.play(*[Step(Fault.REDIRECT, 302, odd=location)] * 3)
    with pytest.raises(OutcomeUnknownError) as caught:
        make(retries=2).send("redirected Hello", to=TO)
    unknown(caught.value)
    assert server.ledger.arrived["redirected", TO] == 1


def unknown(error: SmsManagerError) -> None:
    assert error.result is not None
    assert error.result[0].status is Status.UNKNOWN
    assert error.safe_to_retry is False


def busy_elsewhere(_: httpx.Response) -> None:
    request = httpx.Request("POST", "http://127.0.0.1:9/")
    httpx.Response(503, request=request).raise_for_status()


def unreachable_elsewhere(_: httpx.Response) -> None:
    raise httpx.UnsupportedProtocol("ftp:", request=httpx.Request("GET", "ftp://127.0.0.1/"))


@pytest.mark.parametrize("hook", [fail_elsewhere, busy_elsewhere, unreachable_elsewhere])
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_what_a_hook_raises_is_not_taken_for_our_request(
    server: FaultServer, hook: Callable[[httpx.Response], None], kind: str
) -> None:
    async def hook_async(response: httpx.Response) -> None:
        hook(response)

    def send() -> SendResult:
        with httpx.Client(event_hooks={"response": [hook]}) as own:
            client = SmsManager("key", base_url=server.url, http_client=own, retries=2)
            return client.send("hooked Hello", to=TO)

    async def send_async() -> SendResult:
        async with httpx.AsyncClient(event_hooks={"response": [hook_async]}) as own:
            client = AsyncSmsManager("key", base_url=server.url, http_client=own, retries=2)
            return await client.send("hooked Hello", to=TO)

    with pytest.raises(OutcomeUnknownError) as caught:
        send() if kind == "sync" else anyio.run(send_async)
    unknown(caught.value)
    assert server.ledger.arrived["hooked", TO] == 1


class Persistent(httpx.BaseTransport):
    """A transport that repeats what failed, as those do that are sold for it."""

    def __init__(self, between: Callable[[], None] = lambda: None) -> None:
        self._inner = httpx.HTTPTransport()
        self._between = between

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return self._inner.handle_request(request)
        except httpx.TransportError:
            self._between()
            return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


def test_a_transport_that_repeats_does_not_hide_that_the_first_one_went_out(
    server: FaultServer,
) -> None:
    server.play(Step(Fault.RESET), Step(Fault.REFUSE))
    with (
        SmsManager("key", base_url=server.url, transport=Persistent(), retries=0) as client,
        pytest.raises(OutcomeUnknownError) as caught,
    ):
        client.send("repeated Hello", to=TO)
    assert type(caught.value.__cause__) is httpx.ConnectError
    unknown(caught.value)
    assert server.ledger.arrived["repeated", TO] == 1


def test_a_transport_that_repeats_is_watched_on_each_connection(server: FaultServer) -> None:
    # It never ends by itself, and each byte comes within the timeout.
    server.play(Step(Fault.RESET_UNREAD), Step(Fault.DRIP_HEAD))
    with (
        SmsManager("key", base_url=server.url, transport=Persistent(), retries=0) as client,
        pytest.raises(OutcomeUnknownError),
    ):
        client.send("dripped Hello", to=TO, deadline_s=0.2)


class Clock:
    """Stands where the connections read the time."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(_streams, "time", made)
    return made


def test_nothing_goes_out_after_a_name_was_looked_up_for_too_long(
    server: FaultServer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = socket.getaddrinfo

    def slow(*arguments: Any, **options: Any) -> Any:
        clock.ahead_s += 30
        return original(*arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    with (
        SmsManager("key", base_url=server.url, retries=0, deadline_s=20) as client,
        pytest.raises(NotSentError, match="the deadline passed"),
    ):
        client.send("late Hello", to=TO)
    assert server.connections == 0


@pytest.mark.parametrize("tls", [False, True])
def test_nothing_goes_out_after_connecting_took_too_long(
    server: FaultServer, clock: Clock, monkeypatch: pytest.MonkeyPatch, *, tls: bool
) -> None:
    original = socket.create_connection
    open_sockets: list[socket.socket] = []

    def slow(*arguments: Any, **options: Any) -> socket.socket:
        made = original(*arguments, **options)
        open_sockets.append(made)
        clock.ahead_s += 30
        return made

    monkeypatch.setattr(socket, "create_connection", slow)
    url = server.url.replace("http:", "https:") if tls else server.url
    with (
        SmsManager("key", base_url=url, retries=0, deadline_s=20) as client,
        pytest.raises(NotSentError, match="the deadline passed"),
    ):
        client.send("late Hello", to=TO)
    assert [made.fileno() for made in open_sockets] == [-1]
    assert not server.ledger.requests


def test_nothing_goes_out_over_a_kept_connection_after_the_deadline(
    server: FaultServer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SmsManager("key", base_url=server.url, retries=0, deadline_s=20) as client:
        assert client.send("first Hello", to=TO).ok
        original = httpx.Client.send

        def slow(self: httpx.Client, *arguments: Any, **options: Any) -> httpx.Response:
            clock.ahead_s += 30
            return original(self, *arguments, **options)

        monkeypatch.setattr(httpx.Client, "send", slow)
        with pytest.raises(NotSentError, match="the deadline passed"):
            client.send("second Hello", to=TO)
        monkeypatch.undo()
        assert client.send("third Hello", to=TO).ok
    assert [received.case for received, _ in server.ledger.requests] == ["first", "third"]


def test_the_addresses_of_a_host_share_what_is_left(
    server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = socket.getaddrinfo("127.0.0.1", 9, type=socket.SOCK_STREAM)
    given: list[float] = []

    def dead(_: object, timeout: float, **options: object) -> socket.socket:
        given.append(timeout)
        raise TimeoutError

    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: one * 4)
    monkeypatch.setattr(socket, "create_connection", dead)
    with SmsManager("key", base_url=server.url, retries=0, timeout=50) as client:
        for deadline_s in (8, 400, None):
            with pytest.raises(NotSentError):
                client.send("dead Hello", to=TO, deadline_s=deadline_s)
    assert 1 < given[0] <= 2
    assert given[1:] == [50, 50]


def test_each_step_of_a_connection_is_given_what_is_left(clock: Clock) -> None:
    given: list[float | None] = []

    class Stream:
        def read(self, _: int, timeout: float | None) -> bytes:
            given.append(timeout)
            return b""

        def write(self, _: bytes, timeout: float | None) -> None:
            given.append(timeout)

    stream: Any = Stream()
    _streams.Watch(stream)

    def steps(timeout: float | None) -> list[tuple[Callable[[], object], type[Exception]]]:
        return [
            (lambda: stream.read(1, timeout), httpcore.ReadTimeout),
            (lambda: stream.write(b"x", timeout), httpcore.WriteTimeout),
        ]

    for timeout, least, most in ((None, 9, 10), (50, 9, 10), (3, 3, 3)):
        with _streams.all_ends_at(time.monotonic() + 10):
            for step, _ in steps(timeout):
                step()
        assert all(limit is not None and least <= limit <= most for limit in given)
        given.clear()
    with _streams.all_ends_at(time.monotonic() + 10):
        clock.ahead_s = 11
        for step, late in steps(None):
            with pytest.raises(late, match="the deadline passed"):
                step()
    assert given == []
    for step, _ in steps(7):
        step()
    assert given == [7, 7]


def test_a_handshake_ends_with_the_call_and_is_begun_in_any_case(clock: Clock) -> None:
    # httpcore closes a connection whose handshake failed, and not one whose handshake never began.
    given: list[float | None] = []

    class Stream:
        def start_tls(self, _: object, __: object, timeout: float | None) -> None:
            given.append(timeout)

    stream: Any = Stream()
    _streams.Watch(stream)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    stream.start_tls(context, "host", 7)
    with _streams.all_ends_at(time.monotonic() + 10):
        stream.start_tls(context, "host", 50)
        stream.start_tls(context, "host", None)
        clock.ahead_s = 30
        stream.start_tls(context, "host", 50)
    assert given[0] == 7
    assert all(limit is not None and 9 < limit <= 10 for limit in given[1:3])
    assert given[3:] == [_streams._AN_INSTANT_S]


def test_a_long_request_is_bounded_piece_by_piece(clock: Clock) -> None:
    written: list[bytes] = []

    class Slow:
        def write(self, piece: bytes, _: float | None) -> None:
            written.append(piece)
            clock.ahead_s += 4

    stream: Any = Slow()
    _streams.Watch(stream)
    whole = bytes(range(256)) * 400
    stream.write(whole, 30)
    assert b"".join(written) == whole
    written.clear()
    with (
        _streams.all_ends_at(clock.monotonic() + 10),
        pytest.raises(httpcore.WriteTimeout, match="the deadline passed"),
    ):
        stream.write(whole, 30)
    assert len(written) == 3


HTTP11 = "http11.send_request_headers.started"
PROGRESS: list[tuple[list[tuple[str, bytes]], bool]] = [
    ([], False),
    ([("connection.connect_tcp.started", b"")], True),
    ([("connection.connect_tcp.started", b""), ("connection.connect_tcp.failed", b"")], True),
    ([("connection.connect_tcp.complete", b"")], False),
    ([("connection.connect_tcp.complete", b""), ("connection.start_tls.started", b"")], True),
    ([("connection.connect_tcp.started", b""), ("connection.called_otherwise", b"")], False),
    ([("connection.connect_tcp.started", b""), (HTTP11, b"POST")], False),
    ([(HTTP11, b"CONNECT"), ("http11.receive_response_headers.failed", b"")], True),
    ([(HTTP11, b"CONNECT"), ("http_proxy.start_tls.complete", b""), (HTTP11, b"POST")], False),
    ([(HTTP11, b"POST"), ("connection.connect_tcp.started", b"")], False),
]


@pytest.mark.parametrize(("events", "certain"), PROGRESS, ids=range(len(PROGRESS)))
def test_what_was_heard_tells_whether_a_request_was_begun(
    events: list[tuple[str, bytes]], *, certain: bool
) -> None:
    class Stream:
        pass

    passage = _streams.Passage(once=False)
    for event, method in events:
        request = SimpleNamespace(method=method, extensions={})
        passage(event, {"request": request, "return_value": Stream()})
    assert passage.certainly_not_begun is certain


def silent() -> socket.socket:
    """Return a listening socket that accepts into its queue, and never says anything."""
    made = socket.create_server(("127.0.0.1", 0))
    made.settimeout(30)
    return made


@pytest.mark.parametrize("kind", ["asyncio", "trio"])
def test_a_deadline_that_passes_while_connecting_leaves_nothing_sent(
    kind: str, full_port: int
) -> None:
    async def main() -> SmsManagerError:
        url = f"http://127.0.0.1:{full_port}/v2"
        async with AsyncSmsManager("key", base_url=url, retries=0, timeout=30) as client:
            # Later than the deadline by more than the grace that the phases are given.
            client._connections._http.event_hooks = {"request": [hold]}
            with pytest.raises(NotSentError) as caught:
                await client.send("Hello", to=TO, deadline_s=0.4)
            return caught.value

    async def hold(_: httpx.Request) -> None:
        await anyio.sleep(0.2)

    error = anyio.run(main, backend=kind)
    assert error.result is not None
    assert error.result[0].status is Status.NOT_SENT


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_proxy_that_says_nothing_leaves_nothing_sent(kind: str) -> None:
    def send(proxy: str) -> None:
        with SmsManager("key", base_url="https://127.0.0.1:9/v2", proxy=proxy, retries=0) as client:
            client.send("Hello", to=TO, deadline_s=0.2)

    async def send_async(proxy: str) -> None:
        async with AsyncSmsManager(
            "key", base_url="https://127.0.0.1:9/v2", proxy=proxy, retries=0
        ) as client:
            await client.send("Hello", to=TO, deadline_s=0.2)

    with silent() as listener:
        proxy = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(NotSentError):
            send(proxy) if kind == "sync" else anyio.run(send_async, proxy)


class Renewing(httpx.BaseTransport):
    """A transport that repeats by a request of its own, of which nothing is heard."""

    def __init__(self) -> None:
        self._inner = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        made = httpx.Request(
            request.method, request.url, headers=request.headers, content=request.read()
        )
        try:
            return self._inner.handle_request(made)
        except httpx.TransportError:
            return self._inner.handle_request(made)

    def close(self) -> None:
        self._inner.close()


@pytest.mark.parametrize("own", [False, True])
def test_an_unknown_transport_tells_nothing_by_the_kind_of_its_error(
    server: FaultServer, *, own: bool
) -> None:
    server.play(Step(Fault.RESET), Step(Fault.REFUSE))
    with httpx.Client(transport=Renewing()) as http:
        client = (
            SmsManager("key", base_url=server.url, http_client=http)
            if own
            else SmsManager("key", base_url=server.url, transport=Renewing())
        )
        with client, pytest.raises(OutcomeUnknownError) as caught:
            client.send("renewed Hello", to=TO)
    unknown(caught.value)
    assert server.ledger.arrived["renewed", TO] == 1


def test_a_transport_that_connects_again_ends_with_the_call(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[float] = []

    def dead(_: object, timeout: float, **__: object) -> socket.socket:
        tries.append(timeout)
        clock.ahead_s += 30
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", dead)
    transport = httpx.HTTPTransport(retries=5)
    with (
        SmsManager("key", base_url="http://127.0.0.1:9/v2", transport=transport) as client,
        pytest.raises(NotSentError, match="the deadline passed"),
    ):
        client.send("Hello", to=TO, deadline_s=20)
    assert len(tries) == 1


def test_the_request_that_opens_a_tunnel_is_not_ours() -> None:
    passage = _streams.Passage(once=True)
    extensions = {"trace": passage}
    event = "http11.send_request_headers.started"
    passage(event, {"request": SimpleNamespace(method=b"CONNECT", extensions=extensions)})
    assert (passage.begun, extensions) == (False, {"trace": passage})
    passage(event, {"request": SimpleNamespace(method=b"POST", extensions=extensions)})
    assert (passage.begun, extensions) == (True, {})


def test_the_get_form_is_refused_over_an_own_aiohttp_transport(server: FaultServer) -> None:
    async def main() -> None:
        async with httpx.AsyncClient(transport=AiohttpTransport()) as own:
            client = AsyncSmsManager("key", base_url=server.url, http_client=own)
            with pytest.raises(ConfigurationError, match="GET form"):
                await send_simple_message_by_query.asyncio(
                    client=client.raw, apikey="k", phone_number=TO, message="Hello", sender="Shop"
                )

    anyio.run(main)
    assert server.connections == 0


@pytest.mark.parametrize(
    ("cls", "wrong", "right"),
    [
        (SmsManager, httpx.AsyncClient, "httpx.Client"),
        (AsyncSmsManager, httpx.Client, "httpx.AsyncClient"),
        (SmsManager, dict, "httpx.Client"),
    ],
)
def test_an_httpx_client_of_the_other_kind_is_refused(cls: Any, wrong: Any, right: str) -> None:
    with pytest.raises(ConfigurationError, match=right):
        cls("key", http_client=wrong())
