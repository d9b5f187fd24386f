"""Going on after a call that did not reach every recipient."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from smsmanager import (
    ConfigurationError,
    NotSentError,
    OutcomeUnknownError,
    PartialSendError,
    SendResult,
    SmsManagerError,
    compose,
)
from tests.client.conftest import accept_all

NUMBERS = [f"4207771{n:05d}" for n in range(250)]
REFUSED = httpx.ConnectError("refused")
LOST = httpx.ReadTimeout("lost")


def sent(service: Any) -> list[str]:
    """Return every number that was received, in order."""
    return [
        recipient["phone_number"]
        for body in service.bodies
        for message in (body if isinstance(body, list) else [body])
        for recipient in message["to"]
    ]


def failed(client: Any, **fields: Any) -> SmsManagerError:
    with pytest.raises(SmsManagerError) as caught:
        client.send("Hello", **{"to": NUMBERS, **fields})
    return caught.value


def test_only_what_is_certainly_unsent_is_sent(make: Callable[..., Any], service: Any) -> None:
    client = make(retries=0)
    service.script = [accept_all, LOST]
    error = failed(client)
    service.requests.clear()
    result = client.resume(error)
    assert sent(service) == NUMBERS[200:]
    assert [outcome.given for outcome in result] == NUMBERS
    assert result.counts() == {"accepted": 150, "unknown": 100}
    assert error.result is not None
    assert result[:100] == error.result[:100]


def test_unknown_ones_only_on_request(make: Callable[..., Any], service: Any) -> None:
    client = make(retries=0)
    service.script = [LOST]
    error = failed(client, to=NUMBERS[:3])
    assert isinstance(error, OutcomeUnknownError)
    assert client.resume(error) is error.result
    assert len(service.requests) == 1
    assert client.resume(error, resend_unknown=True).ok
    assert sent(service) == NUMBERS[:3] * 2


def test_a_resumed_call_can_fail_and_be_resumed(make: Callable[..., Any], service: Any) -> None:
    client = make(retries=0)
    service.script = [accept_all, REFUSED, REFUSED]
    first = failed(client)
    with pytest.raises(NotSentError) as caught:
        client.resume(first)
    assert caught.value.result is not None
    assert caught.value.result.counts() == {"accepted": 100, "not_sent": 150}
    service.requests.clear()
    assert client.resume(pickle.loads(pickle.dumps(caught.value))).ok  # noqa: S301
    assert sent(service) == NUMBERS[100:]


def test_rejected_ones_are_sent_again(client: Any, service: Any) -> None:
    answer = {"accepted": [{"key": "1", "message_id": "m"}], "rejected": [{"key": "0"}]}
    service.script = [httpx.Response(200, json=answer)]
    result = client.send("Hello", to=NUMBERS[:3], payload={"a": 1})
    again = client.retry_rejected(result)
    assert again.counts() == {"accepted": 2, "unconfirmed": 1}
    assert again[1] == result[1]
    assert service.bodies[1] == {**service.bodies[0], "to": [{"phone_number": NUMBERS[0]}]}
    assert client.retry_rejected(again) is again
    assert len(service.requests) == 2


def test_each_message_of_a_batch_keeps_its_own_text(make: Callable[..., Any], service: Any) -> None:
    client = make(retries=0)
    messages = [compose(f"Text {n}", to=NUMBERS[n]) for n in range(25)]
    service.script = [accept_all, REFUSED]
    with pytest.raises(PartialSendError) as caught:
        client.send_batch(messages)
    service.requests.clear()
    result = client.resume(caught.value)
    assert result.ok
    assert service.paths == ["/v2/messages"] * 2
    bodies = [message["body"] for body in service.bodies for message in body]
    assert bodies == [f"Text {n}" for n in range(10, 25)]
    assert [outcome.message_index for outcome in result] == list(range(25))


@pytest.mark.parametrize("route", ["priority", "simple"])
def test_other_routes_go_on_by_the_same_operation(
    make: Callable[..., Any], service: Any, route: str
) -> None:
    client = make(retries=0, sender="Shop")
    service.script = [REFUSED]
    call = client.send_simple if route == "simple" else client.send_priority
    with pytest.raises(NotSentError) as caught:
        call("Hello", to=NUMBERS[0] if route == "simple" else NUMBERS[:12])
    assert client.resume(caught.value).ok
    assert len(set(service.paths)) == 1
    assert len(service.requests) == (2 if route == "simple" else 3)


def test_what_cannot_be_resumed_says_so(client: Any) -> None:
    with pytest.raises(SmsManagerError) as caught:
        client.send("x" * 1001, to=NUMBERS[0])
    result = SendResult.from_json(client.send("Hello", to=NUMBERS[0]).to_json())
    for thing in (caught.value, result):
        with pytest.raises(ConfigurationError, match="nothing to go on with"):
            client.resume(thing)


def test_a_deadline_stops_between_requests(make: Callable[..., Any], service: Any) -> None:
    client = make()
    service.script = [httpx.Response(503, headers={"retry-after": "20"})]
    error = failed(client, deadline_s=10)
    assert client.waits == []
    assert error.result is not None
    assert len(error.result.not_sent) == 250
    for value in (0, -1, "soon", float("nan")):
        with pytest.raises(ConfigurationError, match="deadline_s"):
            client.send("Hello", to=NUMBERS[0], deadline_s=value)
        with pytest.raises(ConfigurationError, match="deadline_s"):
            client.with_options(deadline_s=value)
    assert len(service.requests) == 1


def test_a_deadline_that_passed_sends_nothing_more(
    make: Callable[..., Any], service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])

    def slow(request: httpx.Request) -> httpx.Response:
        now[0] += 60
        return accept_all(request)

    if make().kind != "sync":
        pytest.skip("an event loop runs by the clock that this test turns")
    service.script = [slow]
    client = make(deadline_s=30)
    with pytest.raises(PartialSendError) as caught:
        client.send("Hello", to=NUMBERS)
    assert "deadline passed" in str(caught.value.error)
    assert caught.value.result.counts() == {"accepted": 100, "not_sent": 150}
    assert len(service.requests) == 1


def test_the_hook_is_told_of_every_result(make: Callable[..., Any], service: Any) -> None:
    told: list[SendResult] = []
    client = make(retries=0, on_result=told.append)
    result = client.send("Hello", to=NUMBERS[0])
    service.script = [accept_all, LOST]
    error = failed(client)
    assert told == [result, error.result]


def test_a_hook_that_raises_does_not_hide_the_result(
    make: Callable[..., Any], service: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("canary 420777123456")

    client = make(on_result=broken, on_retry=broken)
    service.script = [httpx.Response(503)]
    assert client.send("Hello", to=NUMBERS[0]).ok
    assert "a hook raised RuntimeError" in caplog.text
    assert "canary" not in caplog.text


def test_a_reference_is_on_the_wire_the_result_and_the_error(
    make: Callable[..., Any], service: Any
) -> None:
    client = make(retries=0)
    result = client.send("Hello", to=NUMBERS[:2], payload={"a": 1}, reference="order-17")
    assert service.bodies[0]["payload"] == {"a": 1, "smsmanager_reference": "order-17"}
    assert [outcome.reference for outcome in result] == ["order-17"] * 2
    service.script = [LOST]
    assert failed(client, reference="order-18").references == ("order-18",)
    with pytest.raises(SmsManagerError) as caught:
        client.send("x" * 1001, to=NUMBERS[0], reference="order-19")
    assert caught.value.references == ("order-19",)
    whole = compose("x" * 1001, to=NUMBERS[0], reference="order-22")
    with pytest.raises(SmsManagerError) as caught:
        client.send(whole)
    assert caught.value.references == ("order-22",)
    fine, nameless = compose("a", to=NUMBERS[0], reference="fine"), compose("", to=NUMBERS[0])
    with pytest.raises(SmsManagerError) as caught:
        client.send_batch([fine, whole, nameless, whole])
    assert caught.value.references == ("order-22",)
    with pytest.raises(SmsManagerError) as caught:
        client.send_simple("x" * 1001, to=NUMBERS[0], sender="Shop", custom_id="order-23")
    assert caught.value.references == ("order-23",)
    message = compose("Hello", to=NUMBERS[0], payload={"b": 2})
    client.send(message, reference="order-20")
    assert service.bodies[-1]["payload"] == {"b": 2, "smsmanager_reference": "order-20"}
    taken = {"smsmanager_reference": "other"}
    with pytest.raises(SmsManagerError, match=r"reference: .*payload"):
        client.send("Hello", to=NUMBERS[0], payload=taken, reference="order-21")


def test_a_batch_and_a_form_have_references_too(client: Any, service: Any) -> None:
    result = client.send_batch(
        [compose("a", to=NUMBERS[:2], reference="one"), compose("b", to=NUMBERS[2])]
    )
    assert [outcome.reference for outcome in result] == ["one", "one", None]
    assert result.references == ("one",)
    result = client.send_simple("Hello", to=NUMBERS[0], sender="Shop", custom_id="two")
    assert result.references == ("two",)


def test_automatic_references(make: Callable[..., Any], service: Any) -> None:
    client = make(auto_reference=True, sender="Shop")
    one = client.send("Hello", to=NUMBERS[:12], payload={"a": 1})
    two = client.send("Hello", to=NUMBERS[0], reference="own")
    three = client.send_simple("Hello", to=NUMBERS[0])
    [reference] = one.references
    assert len(reference) == 32
    assert [m["payload"] for m in service.bodies[0]] == [
        {"a": 1, "smsmanager_reference": reference}
    ] * 2
    assert two.references == ("own",)
    assert len(three.references[0]) == 32
    assert three.references != one.references
