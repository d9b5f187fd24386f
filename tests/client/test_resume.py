"""Continuing a call that did not reach every recipient."""

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
    again = client.resume(result)
    assert again.counts() == {"accepted": 2, "unconfirmed": 1}
    assert again[1] == result[1]
    assert service.bodies[1] == {**service.bodies[0], "to": [{"phone_number": NUMBERS[0]}]}
    assert client.resume(again) is again
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
        with pytest.raises(ConfigurationError, match="nothing to resume"):
            client.resume(thing)


def test_a_reference_is_on_the_wire_the_result_and_the_error(
    make: Callable[..., Any], service: Any
) -> None:
    client = make(retries=0)
    result = client.send("Hello", to=NUMBERS[:2], payload={"a": 1}, reference="order-17")
    assert service.bodies[0]["payload"] == {"a": 1, "smsmanager_reference": "order-17"}
    assert result.references == ("order-17",)
    service.script = [LOST]
    assert failed(client, reference="order-18").references == ("order-18",)


def test_a_refusal_has_the_references_of_what_was_refused(client: Any) -> None:
    long = "x" * 1001
    whole = compose(long, to=NUMBERS[0], reference="o")
    fine, nameless = compose("a", to=NUMBERS[0], reference="fine"), compose("", to=NUMBERS[0])
    refusals: list[Callable[[], object]] = [
        lambda: client.send(long, to=NUMBERS[0], reference="o"),
        lambda: client.send(whole),
        lambda: client.send_batch([fine, whole, nameless, whole]),
        lambda: client.send_simple(long, to=NUMBERS[0], sender="Shop", custom_id="o"),
    ]
    for refuse in refusals:
        with pytest.raises(SmsManagerError) as caught:
            refuse()
        assert caught.value.references == ("o",)
