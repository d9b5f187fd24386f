"""Check the spans and metrics of calls: every outcome, repetitions, interruptions, and nothing private."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from opentelemetry.trace import SpanKind, StatusCode, get_current_span

from smsmanager import (
    OutcomeUnknownError,
    PartialSendError,
    RetryPolicy,
    SendResult,
    Sms,
    SmsManagerError,
    Viber,
    compose,
)
from tests.faults.callers import KEY, Caller
from tests.faults.canaries import shown
from tests.otel.conftest import BASE_URL, Watched

NUMBER = "420601987654"
TEXT = "canary text 5b1e"
MANY = [f"42060198{n:04}" for n in range(120)]
MESSAGING = {
    "messaging.system": "smsmanager",
    "messaging.operation.type": "send",
    "server.address": "127.0.0.1",
    "server.port": 9,
}
LOST = httpx.ReadTimeout("late")

Make = Callable[..., Caller]


def test_a_call_has_a_span_and_one_for_its_request(make: Make, watched: Watched) -> None:
    make(watched.telemetry).send(TEXT, to=NUMBER)
    call, request = watched.spans
    assert (call.name, request.name) == ("send", "POST /message")
    assert request.parent == call.get_span_context()
    assert {call.kind, request.kind} == {SpanKind.CLIENT}
    assert dict(call.attributes or {}) == {
        **MESSAGING,
        "messaging.operation.name": "send",
        "messaging.batch.message_count": 1,
        "smsmanager.recipients.accepted": 1,
    }
    assert dict(request.attributes or {}) == {
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "url.template": "/message",
        "url.full": f"{BASE_URL}/message",
        "server.address": "127.0.0.1",
        "server.port": 9,
    }
    assert not get_current_span().get_span_context().is_valid


def test_a_call_is_a_child_of_the_span_around_it(make: Make, watched: Watched, kind: str) -> None:
    caller = make(watched.telemetry)

    def around() -> None:
        with watched.tracers.get_tracer("shop").start_as_current_span("order"):
            caller.client.send(TEXT, to=NUMBER)

    async def around_asynchronously() -> None:
        with watched.tracers.get_tracer("shop").start_as_current_span("order"):
            await caller.client.send(TEXT, to=NUMBER)
            assert get_current_span().is_recording()

    around() if kind == "sync" else caller.run(around_asynchronously)
    order, call, _ = watched.spans
    assert call.parent == order.get_span_context()


@pytest.mark.parametrize(
    ("name", "arguments", "path", "route"),
    [
        ("send_priority", {"to": NUMBER}, "/message/priority", "send_priority"),
        ("send", {"to": MANY}, "/messages", "send"),
        ("send_simple", {"to": NUMBER, "sender": "Shop"}, "/simple/message", "send_simple"),
    ],
)
def test_an_operation_has_its_name_and_its_path(
    make: Make, watched: Watched, name: str, arguments: Any, path: str, route: str
) -> None:
    make(watched.telemetry).call(name, TEXT, **arguments)
    assert watched.named("send")[0]["messaging.operation.name"] == route
    assert watched.named(f"POST {path}")
    [(attributes, _)] = watched.points("messaging.client.sent.messages")
    assert attributes == {**MESSAGING, "messaging.operation.name": route}


def test_a_repetition_has_a_span_a_wait_and_a_reason(make: Make, watched: Watched) -> None:
    policy = RetryPolicy(retries=2, first_wait_s=1, jitter=0)
    make(watched.telemetry, 503, 429, retries=policy).send(TEXT, to=NUMBER)
    _, first, second, third = watched.spans
    assert [
        dict(span.attributes or {}).get("http.request.resend_count")
        for span in (first, second, third)
    ] == [None, 1, 2]
    statuses = [
        dict(span.attributes or {})["http.response.status_code"] for span in watched.spans[1:]
    ]
    assert statuses == [503, 429, 200]
    assert [span.status.status_code for span in watched.spans] == [
        StatusCode.UNSET,
        StatusCode.ERROR,
        StatusCode.ERROR,
        StatusCode.UNSET,
    ]
    reasons = {"ServiceError": 1, "RateLimitError": 1}
    assert watched.sums("smsmanager.retries", "error.type") == reasons
    assert watched.sums("smsmanager.wait.duration", "error.type") == reasons
    by_status = watched.sums("http.client.request.duration", "http.response.status_code")
    assert by_status == {503: 1, 429: 1, 200: 1}
    assert watched.sums("smsmanager.recipients", "smsmanager.outcome") == {"accepted": 1}
    assert watched.sums("messaging.client.sent.messages", "error.type") == {None: 1}


def test_an_unknown_outcome_is_an_error_without_its_text(make: Make, watched: Watched) -> None:
    caller = make(watched.telemetry, LOST)
    with pytest.raises(OutcomeUnknownError):
        caller.send(TEXT, to=NUMBER)
    for span in watched.spans:
        assert span.status.status_code is StatusCode.ERROR
        assert span.status.description is None
        assert not span.events
        assert dict(span.attributes or {})["error.type"] == "OutcomeUnknownError"
    assert watched.named("send")[0]["smsmanager.recipients.unknown"] == 1
    assert watched.sums("smsmanager.recipients", "smsmanager.outcome") == {"unknown": 1}
    errors = watched.sums("messaging.client.operation.duration", "error.type")
    assert errors == {"OutcomeUnknownError": 1}


def test_each_recipient_is_counted_once_over_a_call_and_its_resuming(
    make: Make, watched: Watched
) -> None:
    refused = {"accepted": [], "rejected": [{"key": str(key)} for key in range(10)]}
    caller = make(watched.telemetry, lambda _: httpx.Response(200, json=refused), 400)
    with pytest.raises(PartialSendError) as caught:
        caller.send(TEXT, to=MANY)
    outcomes = watched.sums("smsmanager.recipients", "smsmanager.outcome")
    assert outcomes == {"rejected": 100, "not_sent": 20}
    assert watched.named("send")[0]["error.type"] == "BadRequestError"
    caller.call("resume", caught.value)
    outcomes = watched.sums("smsmanager.recipients", "smsmanager.outcome")
    assert outcomes == {"rejected": 100, "not_sent": 20, "accepted": 120}


def test_what_was_settled_before_is_not_counted_again(make: Make, watched: Watched) -> None:
    half = {"accepted": [{"key": "0", "message_id": "m"}], "rejected": [{"key": "1"}]}
    caller = make(watched.telemetry, lambda _: httpx.Response(200, json=half))
    result = caller.send(TEXT, to=MANY[:2])
    caller.call("resume", result)
    outcomes = watched.sums("smsmanager.recipients", "smsmanager.outcome")
    assert outcomes == {"accepted": 2, "rejected": 1}
    assert watched.sums("messaging.client.sent.messages", "error.type") == {None: 3}


@pytest.mark.parametrize(
    ("kind", "interruption"), [("sync", KeyboardInterrupt), ("asyncio", asyncio.CancelledError)]
)
def test_the_outcome_of_an_interrupted_call_is_counted(
    make: Make, watched: Watched, interruption: type[BaseException]
) -> None:
    with pytest.raises(interruption):
        make(watched.telemetry, interruption()).send(TEXT, to=NUMBER)
    assert watched.sums("smsmanager.recipients", "smsmanager.outcome") == {"unknown": 1}
    [attributes] = watched.named("send")
    assert attributes["error.type"] == interruption.__name__


@pytest.mark.parametrize(
    ("fields", "counted"),
    [
        ({"to": MANY[:3]}, {"gsm-7": 3}),
        ({"to": NUMBER, "body": "á" * 71}, {"ucs-2": 2}),
        ({"to": NUMBER, "flow": [Sms(body="á" * 71, type_="sms")]}, {"gsm-7": 1}),
        ({"to": NUMBER, "flow": [Viber(sender="Shop"), Sms()]}, {}),
    ],
)
def test_the_parts_of_accepted_sms_are_counted(
    make: Make, watched: Watched, fields: dict[str, Any], counted: dict[str, int]
) -> None:
    make(watched.telemetry).send(**{"body": TEXT, **fields})
    assert watched.sums("smsmanager.parts", "smsmanager.encoding") == counted


def test_parts_of_a_form_are_counted(make: Make, watched: Watched) -> None:
    make(watched.telemetry).call("send_simple", TEXT, to=NUMBER, sender="Shop")
    assert watched.sums("smsmanager.parts", "smsmanager.encoding") == {"gsm-7": 1}


def test_parts_of_what_was_not_accepted_are_not_counted(make: Make, watched: Watched) -> None:
    with pytest.raises(SmsManagerError):
        make(watched.telemetry, 400).send(TEXT, to=NUMBER)
    assert watched.points("smsmanager.parts") == []


def test_spans_of_requests_can_be_left_out(make: Make) -> None:
    watched = Watched(http_spans=False)
    make(watched.telemetry).send(TEXT, to=NUMBER)
    assert [span.name for span in watched.spans] == ["send"]
    assert watched.points("http.client.request.duration")


@pytest.mark.parametrize("answer", [None, LOST, httpx.ConnectError("no"), 302, 400, 401, 429, 503])
def test_no_key_number_or_text_is_in_a_span_or_a_metric(make: Make, answer: Any) -> None:
    def echo(request: httpx.Request) -> httpx.Response:
        said = f"{request.headers['x-api-key']} {request.content.decode()} {NUMBER} {TEXT}"
        return httpx.Response(answer, json={"message": said, "request_id": said})

    watched = Watched(carry_trace=True)
    answers = [] if answer is None else [echo if isinstance(answer, int) else answer] * 20
    caller = make(watched.telemetry, *answers, retries=1)
    fields: dict[str, Any] = {"tag": TEXT, "payload": {"a": TEXT}, "reference": TEXT}
    calls: list[Callable[[], SendResult]] = [
        lambda: caller.send(TEXT, to=NUMBER, **fields),
        lambda: caller.send(to=[NUMBER] * 120, flow=[Sms(body=TEXT)]),
        lambda: caller.call("send_batch", [compose(TEXT, to=NUMBER, reference=TEXT)]),
        lambda: caller.call("send_simple", TEXT, to=NUMBER, sender="Shop", custom_id=TEXT),
    ]
    for call in calls:
        try:
            call()
        except SmsManagerError as error:
            frames = "".join(shown(error))
            assert TEXT not in frames
            assert NUMBER not in frames
    made = watched.everything()
    assert "messaging.batch.message_count" in made
    assert not any(secret in made for secret in (KEY, NUMBER, TEXT, "canary"))
