"""Tools built around httpx see our requests: tracing, and mocks in a user's tests."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx
import vcr  # type: ignore[import-untyped]
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind
from pytest_httpx import HTTPXMock

from smsmanager import NotSentError, OutcomeUnknownError, SendResult, ServiceError, SmsManagerError
from tests.faults.callers import KEY, Caller
from tests.faults.script import Fault, Step
from tests.faults.server import FaultServer

SERVICE = "https://api.smsmanager.com/v2"
TO = "420777123456"
TEXT = "text-of-the-tests Hello"
BODY = {"to": [{"phone_number": TO}], "body": TEXT}
ACCEPTED = {"request_id": "r", "accepted": [{"key": "0", "message_id": "mocked"}], "rejected": []}
FAILURES: list[tuple[type[httpx.TransportError], type[SmsManagerError]]] = [
    (httpx.ConnectError, NotSentError),
    (httpx.ConnectTimeout, NotSentError),
    (httpx.ReadError, OutcomeUnknownError),
    (httpx.ReadTimeout, OutcomeUnknownError),
    (httpx.RemoteProtocolError, OutcomeUnknownError),
]


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("a connection was made")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)


def send(kind: str, base_url: str = SERVICE, **options: Any) -> SendResult:
    """Send in the normal way, with a new client."""
    with Caller(kind, base_url, **{"retries": 0, **options}) as caller:
        return caller.send(TEXT, to=TO)


def as_expected(request: httpx.Request) -> None:
    assert (request.method, str(request.url)) == ("POST", f"{SERVICE}/message")
    assert json.loads(request.read()) == BODY
    assert request.headers["x-api-key"] == KEY


@contextmanager
def traced() -> Iterator[Callable[[], tuple[ReadableSpan, ...]]]:
    """Instrument httpx like an application; yield a function that reads the spans."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    instrumentor = HTTPXClientInstrumentor()
    instrumentor.instrument(tracer_provider=provider)
    try:
        yield exporter.get_finished_spans
    finally:
        instrumentor.uninstrument()
        provider.shutdown()


@pytest.mark.parametrize("earlier", [False, True], ids=["made after", "made before"])
def test_opentelemetry_makes_one_client_span_per_request(
    kind: str, server: FaultServer, *, earlier: bool
) -> None:
    server.play(Step(Fault.STATUS, 503), Step(), Step(Fault.STATUS, 400))
    with Caller(kind, server.url, retries=1) as before, traced() as spans:
        with Caller(kind, server.url, retries=1) as after:
            caller = before if earlier else after
            assert caller.send(TEXT, to=TO).ok
            with pytest.raises(SmsManagerError):
                caller.send(TEXT, to=TO)
        seen = spans()
    assert [span.kind for span in seen] == [SpanKind.CLIENT] * 3
    attributes = [dict(span.attributes or {}) for span in seen]
    assert [str(found) for found in map(_status, attributes)] == ["503", "200", "400"]
    printed = "".join(span.to_json() for span in seen)
    assert server.url in printed
    assert not any(secret in printed for secret in (KEY, TO, TEXT))
    # The request carries the span in a separate header.
    assert all("traceparent" in received.headers for received, _ in server.ledger.requests)


def _status(attributes: dict[str, Any]) -> object:
    [found] = [value for name, value in attributes.items() if name.endswith("status_code")]
    return found


def test_opentelemetry_makes_a_span_of_a_request_that_fails(kind: str, server: FaultServer) -> None:
    server.play(Step(Fault.CLOSE))
    with traced() as spans, pytest.raises(OutcomeUnknownError):
        send(kind, server.url)
    [span] = spans()
    assert not span.status.is_ok


@pytest.mark.usefixtures("no_network")
def test_respx_answers_in_place_of_the_service(kind: str) -> None:
    with respx.mock as mock:
        answers = [httpx.Response(503), httpx.Response(200, json=ACCEPTED)]
        route = mock.post(f"{SERVICE}/message").mock(side_effect=answers)
        assert send(kind, retries=1)[0].message_id == "mocked"
    as_expected(route.calls.last.request)
    assert route.call_count == 2


@pytest.mark.usefixtures("no_network")
def test_pytest_httpx_answers_in_place_of_the_service(kind: str, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(method="POST", url=f"{SERVICE}/message", json=ACCEPTED)
    assert send(kind)[0].message_id == "mocked"
    [request] = httpx_mock.get_requests()
    as_expected(request)


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("by", ["respx", "pytest-httpx"])
@pytest.mark.parametrize(("raised", "expected"), FAILURES)
def test_what_a_mock_raises_means_what_it_does_where_httpx_raises_it(
    kind: str,
    by: str,
    request: pytest.FixtureRequest,
    raised: type[httpx.TransportError],
    expected: type[SmsManagerError],
) -> None:
    with respx.mock if by == "respx" else nullcontext() as mock:
        if mock is None:
            request.getfixturevalue("httpx_mock").add_exception(raised("as mocked"))
        else:
            mock.post(f"{SERVICE}/message").mock(side_effect=raised)
        with pytest.raises(expected) as caught:
            send(kind)
    assert isinstance(caught.value.__cause__, raised)


def test_vcr_records_and_replays(
    kind: str, server: FaultServer, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    recorder = vcr.VCR(
        filter_headers=["x-api-key"], record_mode=vcr.mode.ONCE, match_on=["uri", "body"]
    )
    server.play(Step(Fault.STATUS, 503), Step())
    with recorder.use_cassette(str(tmp_path / "sent.yaml")):
        result = send(kind, server.url, retries=1)
    assert KEY not in (tmp_path / "sent.yaml").read_text(encoding="utf-8")
    connections = server.connections
    request.getfixturevalue("no_network")
    with recorder.use_cassette(str(tmp_path / "sent.yaml")) as cassette:
        assert send(kind, server.url, retries=1) == result
        assert cassette.play_count == 2
    assert server.connections == connections


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("by", ["transport", "http_client"])
def test_the_mock_transport_of_httpx(kind: str, by: str) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        status = 503 if len(seen) == 1 else 200
        return httpx.Response(status, json=ACCEPTED)

    mock = httpx.MockTransport(answer)
    http = httpx.Client if kind == "sync" else httpx.AsyncClient
    options: dict[str, Any] = {by: mock if by == "transport" else http(transport=mock)}
    with pytest.raises(ServiceError):
        send(kind, **options)
    assert send(kind, **options)[0].message_id == "mocked"
    for request in seen:
        as_expected(request)
