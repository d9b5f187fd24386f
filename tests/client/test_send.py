"""What each client sends and returns when nothing fails."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from smsmanager import Message, Recipient, Status, compose
from tests.faults.callers import KEY

NUMBERS = [f"4207771{n:05d}" for n in range(250)]


def test_one_recipient(client: Any, service: Any) -> None:
    result = client.send("Ahoj 😀\u2028€", to="+420 777 123 456")
    [outcome] = result
    assert (outcome.given, outcome.phone_number) == ("+420 777 123 456", "420777123456")
    assert (outcome.status, outcome.message_id) == (Status.ACCEPTED, "m0")
    assert outcome.request_id
    assert result.ok
    [request] = service.requests
    assert (request.method, request.url.path) == ("POST", "/v2/message")
    body = '{"to":[{"phone_number":"420777123456"}],"body":"Ahoj 😀\u2028€"}'
    assert request.content == body.encode()
    assert request.headers["x-api-key"] == KEY
    assert request.headers["content-type"] == "application/json"


def test_many_recipients_take_as_few_requests_as_possible(client: Any, service: Any) -> None:
    result = client.send("Hello", to=NUMBERS)
    assert service.paths == ["/v2/messages"] * 3
    assert [outcome.given for outcome in result] == NUMBERS
    assert [r["phone_number"] for body in service.bodies for m in body for r in m["to"]] == NUMBERS
    assert result[11].message_id == "m1-1"


def test_priority_goes_to_its_queue_ten_a_request(client: Any, service: Any) -> None:
    result = client.send_priority("Code 1234", to=NUMBERS[:21])
    client.send("Code 1234", to=NUMBERS[0], priority=True)
    client.send(Message(to=[Recipient(NUMBERS[0])], body="Code 1234"), priority=True)
    assert service.paths == ["/v2/message/priority"] * 5
    assert [len(body["to"]) for body in service.bodies] == [10, 10, 1, 1, 1]
    assert len(result.accepted) == 21
    assert result[10].message_id == "m0"


def test_a_batch_says_which_message(client: Any, service: Any) -> None:
    result = client.send_batch([compose("One", to=NUMBERS[0]), compose("Two", to=NUMBERS[:12])])
    client.send_batch([compose("One", to=NUMBERS[0])])
    assert service.paths == ["/v2/messages"] * 2
    assert [len(message["to"]) for message in service.bodies[0]] == [1, 10, 2]
    assert [outcome.message_index for outcome in result] == [0] + [1] * 12
    assert result[-1].message_id == "m2-1"


def test_simple_is_a_form_of_what_was_set(client: Any, service: Any) -> None:
    result = client.send_simple("Zpráva & více", to="+420777123456", sender="Shop")
    client.send_simple(
        "Hello",
        to="420777123456",
        sender="Shop",
        gateway="lowcost",
        at="2027-01-04T08:00:00+01:00",
        custom_id="order-17",
    )
    [short, whole] = service.requests
    assert (short.url.path, short.url.query) == ("/v2/simple/message", b"")
    assert short.headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(short.content.decode()) == {
        "phone_number": ["420777123456"],
        "message": ["Zpráva & více"],
        "sender": ["Shop"],
    }
    assert parse_qs(whole.content.decode()) == {
        "phone_number": ["420777123456"],
        "message": ["Hello"],
        "sender": ["Shop"],
        "gateway": ["lowcost"],
        "datetime": ["2027-01-04T07:00:00Z"],
        "customID": ["order-17"],
    }
    assert result.find("simple") is result[0]
