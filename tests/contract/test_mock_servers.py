"""Send through both clients to the sandbox and to Prism, which know `openapi.yaml` and nothing else of us.

The sandbox accepts whatever is right. Prism answers the same whatever was sent, and 400 to a request that
breaks the description: so there the tests show that requests are right, and that nothing is taken as accepted
that the answer does not name.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from smsmanager import (
    BadRequestError,
    DeliveryWindow,
    Message,
    Rcs,
    SendResult,
    Sms,
    Status,
    Viber,
    WhatsAppTemplate,
    WhatsAppText,
    compose,
)
from smsmanager.sandbox import MagicNumber
from smsmanager_jsonapi.api.messages import send_message, send_messages, send_priority_message
from smsmanager_jsonapi.api.simple import send_simple_message, send_simple_message_by_query
from smsmanager_jsonapi.models import SendResponse, SimpleMessage, SimpleSendResponse
from tests.contract.mock_servers import Caller, outcomes
from tests.contract.spec import operations, resolved

if TYPE_CHECKING:
    from types import ModuleType

    from tests.contract.mock_servers import Service

pytestmark = pytest.mark.timeout(60)

NUMBER = "420777123456"
NUMBERS = [f"4207771234{index:02}" for index in range(25)]
TEXT = "Your parcel is on its way."
OPERATIONS = {operation.id: operation for operation in operations()}


class Case(NamedTuple):
    """A call of a client, and the requests it is to make: operation, and recipients of each message."""

    send: Callable[[Caller], SendResult]
    requests: list[tuple[str, list[int]]]


def case(
    method: str, *arguments: Any, requests: list[tuple[str, list[int]]], **fields: Any
) -> Case:
    return Case(lambda call: call(method, *arguments, **fields), requests)


ONE = [("sendMessage", [1])]
CASES = {
    "one recipient": case("send", TEXT, to="+420 777 123 456", requests=ONE),
    "deadline": case("send", TEXT, to=NUMBER, deadline_s=30, requests=ONE),
    "own sender": case("send", TEXT, to=NUMBER, using={"sender": "Parcels"}, requests=ONE),
    "ten recipients": case("send", TEXT, to=NUMBERS[:10], requests=[("sendMessage", [10])]),
    "25 recipients": case("send", TEXT, to=NUMBERS, requests=[("sendMessages", [10, 10, 5])]),
    "whole message": case("send", compose(TEXT, to=NUMBERS[:2]), requests=[("sendMessage", [2])]),
    "flow": case(
        "send",
        TEXT,
        to=NUMBERS[:3],
        sender="Bistro",
        flow=[
            Viber(ttl=5, ttl_condition="seen"),
            WhatsAppText(sender="104512345678901", preview=False),
            WhatsAppTemplate(template_name="hello", language="en", sender="104512345678901"),
            Rcs(ttl=0.5),
            Sms(gateway="high", type_="sms"),
        ],
        requests=[("sendMessage", [3])],
    ),
    "scheduled": case(
        "send",
        TEXT,
        to=NUMBER,
        at=datetime(2027, 1, 4, 7, tzinfo=UTC),
        window=DeliveryWindow(days=["monday"], start="08:00", end="20:00", tz="Europe/Prague"),
        requests=ONE,
    ),
    "every other field": case(
        "send",
        TEXT,
        to=NUMBER,
        tag="transactional",
        callback={"url": "https://example.com/hook", "headers": {"x-source": "sms"}},
        payload={"order": 17},
        reference="order-17",
        params={"_url": {"type": "all", "get_enhance": False}},
        requests=ONE,
    ),
    "priority": case("send_priority", TEXT, to=NUMBER, requests=[("sendPriorityMessage", [1])]),
    "25 by priority": case(
        "send",
        TEXT,
        to=NUMBERS,
        priority=True,
        requests=[("sendPriorityMessage", [size]) for size in (10, 10, 5)],
    ),
    "batch": case(
        "send_batch",
        [compose("Hello Jana.", to=NUMBER), compose("Hello all.", to=NUMBERS[:12])],
        requests=[("sendMessages", [1, 10, 2])],
    ),
    "23 messages": case(
        "send_batch",
        [compose(f"Message {index}", to=number) for index, number in enumerate(NUMBERS[:23])],
        requests=[("sendMessages", [1] * size) for size in (10, 10, 3)],
    ),
    "simple": case(
        "send_simple", TEXT, to=NUMBER, sender="Parcels", requests=[("sendSimpleMessage", [1])]
    ),
    "scheduled simple": case(
        "send_simple",
        TEXT,
        to=NUMBER,
        sender="Parcels",
        gateway="lowcost",
        at="2027-01-04T08:00:00+01:00",
        custom_id="order-17",
        requests=[("sendSimpleMessage", [1])],
    ),
}


def from_example(operation_id: str, value: Any) -> Case:
    """Return the call that sends an example of the description."""
    if operation_id == "sendMessages":
        messages = [Message.from_dict(item) for item in value]
        sizes = [len(message.to) for message in messages]
        return case("send_batch", messages, requests=[(operation_id, sizes)])
    if operation_id == "sendSimpleMessage":
        simple = SimpleMessage.from_dict(value)
        return case(
            "send_simple",
            simple.message,
            to=simple.phone_number,
            sender=simple.sender,
            gateway=simple.gateway or None,
            custom_id=simple.custom_id or None,
            requests=[(operation_id, [1])],
        )
    method = {"sendMessage": "send", "sendPriorityMessage": "send_priority"}[operation_id]
    message = Message.from_dict(value)
    return case(method, message, requests=[(operation_id, [len(message.to)])])


CASES |= {
    f"{operation.id} {name}": from_example(operation.id, value)
    for operation in OPERATIONS.values()
    for name, value in operation.request_examples()
}


def answer_of_prism(operation_id: str) -> dict[str, Any]:
    """Return what Prism answers unless asked: the first example of the schema of the 200."""
    content = OPERATIONS[operation_id].answer("200")["content"]["application/json"]
    answer: dict[str, Any] = resolved(content["schema"])["examples"][0]
    return answer


@pytest.mark.parametrize("name", CASES)
def test_send(name: str, service: Service, call: Caller) -> None:
    send, requests = CASES[name]
    before = len(service.sandbox.requests) if service.sandbox else 0
    result = send(call)
    assert all(outcome.request_id for outcome in result)
    if service.sandbox is None:
        expected = [
            outcome
            for operation_id, sizes in requests
            for outcome in outcomes(operation_id, sizes, answer_of_prism(operation_id))
        ]
        assert [(outcome.status, outcome.message_id) for outcome in result] == expected
        return
    assert len(result) == sum(sum(sizes) for _, sizes in requests)
    assert result.ok
    assert len({outcome.message_id for outcome in result}) == len(result)
    for outcome in result:
        assert outcome.message_id
        [received] = service.sandbox.find(outcome.message_id)
        assert received.to == outcome.phone_number
    answered = [(r.operation, r.recipients) for r in service.sandbox.requests[before:]]
    assert answered == [(operation_id, sum(sizes)) for operation_id, sizes in requests]


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_going_on_sends_to_the_rejected_alone(kind: str, service: Service) -> None:
    """The sandbox rejects the magic number, and Prism what it is asked to."""
    rejecting = Caller(kind, service.base_url, prefer="code=200, example=refused")
    first = rejecting("send_simple", TEXT, to=MagicNumber.REJECTED, sender="Parcels")
    assert [outcome.status for outcome in first] == [Status.REJECTED]
    again = rejecting("resume", first)
    assert [outcome.status for outcome in again] == [Status.REJECTED]
    assert len(rejecting.answers) == 2
    accepting = Caller(kind, service.base_url, prefer="code=200, example=accepted")
    taken = accepting("send", TEXT, to=NUMBER)
    assert taken.ok
    assert accepting("resume", taken) == taken
    assert len(accepting.answers) == 1


SIMPLE: dict[str, Any] = {"phone_number": NUMBER, "message": TEXT, "sender": "Parcels"}
RAW: dict[str, tuple[ModuleType, dict[str, Any], type[Any]]] = {
    "sendMessage": (send_message, {"body": compose(TEXT, to=NUMBER)}, SendResponse),
    "sendPriorityMessage": (
        send_priority_message,
        {"body": compose(TEXT, to=NUMBER)},
        SendResponse,
    ),
    "sendMessages": (send_messages, {"body": [compose(TEXT, to=NUMBER)]}, SendResponse),
    "sendSimpleMessage": (
        send_simple_message,
        {"body": SimpleMessage(**SIMPLE)},
        SimpleSendResponse,
    ),
    "sendSimpleMessageByQuery": (
        send_simple_message_by_query,
        {
            **SIMPLE,
            "apikey": "contract-test-key",
            "gateway": "lowcost",
            "datetime_": datetime(2027, 1, 4, 7, tzinfo=UTC),
            "custom_id": "order-17",
        },
        SimpleSendResponse,
    ),
}


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_operation_by_the_generated_client(
    operation_id: str, service: Service, call: Caller
) -> None:
    operation, arguments, answer_type = RAW[operation_id]
    answer = call.raw(operation, **arguments)
    assert isinstance(answer, answer_type)
    if service.sandbox is None:
        assert answer.to_dict() == answer_of_prism(operation_id)
    else:
        assert answer.accepted


def recipients(count: int) -> list[dict[str, str]]:
    return [{"phone_number": number} for number in NUMBERS[:count]]


BROKEN: dict[str, tuple[ModuleType, Any]] = {
    "eleven recipients": (send_message, {"body": TEXT, "to": recipients(11)}),
    "no recipient": (send_priority_message, {"body": TEXT, "to": []}),
    "too long a text": (send_message, {"body": "x" * 1001, "to": recipients(1)}),
    "too short a wait": (
        send_message,
        {"body": TEXT, "to": recipients(1), "flow": [{"sms": {"ttl": 0.4}}]},
    ),
    "two channels in a step": (
        send_message,
        {"body": TEXT, "to": recipients(1), "flow": [{"sms": {}, "viber": {}}]},
    ),
    "eleven messages": (send_messages, [{"body": TEXT, "to": recipients(1)}] * 11),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_breaks_the_description_is_refused(name: str, service: Service, call: Caller) -> None:
    """The other tests lean on it: an answer without complaint means that the request was right."""
    operation, value = BROKEN[name]
    body = (
        [Message.from_dict(item) for item in value]
        if isinstance(value, list)
        else Message.from_dict(value)
    )
    with pytest.raises(BadRequestError):
        call.raw(operation, body=body)
