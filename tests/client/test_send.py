"""What goes out, and what comes back, when all is well."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from smsmanager import (
    Message,
    Recipient,
    Sms,
    Status,
    Viber,
    WhatsAppTemplate,
    compose,
)

TEN = [f"42077712000{n}" for n in range(10)]


def numbers(count: int) -> list[str]:
    return [f"4207771{n:05d}" for n in range(count)]


def test_one_recipient(client: Any, service: Any) -> None:
    result = client.send("Hello", to="+420 777 123 456")
    [outcome] = result
    assert outcome.given == "+420 777 123 456"
    assert outcome.phone_number == "420777123456"
    assert outcome.status is Status.ACCEPTED
    assert outcome.message_id == "m0"
    assert outcome.request_id
    assert result.ok
    [request] = service.requests
    assert request.method == "POST"
    assert request.url.path == "/v2/message"
    assert request.content == b'{"to":[{"phone_number":"420777123456"}],"body":"Hello"}'
    assert request.headers["x-api-key"] == "test-key-0123456789"
    assert request.headers["content-type"] == "application/json"


def test_ten_recipients_take_one_message_with_plain_ids(client: Any, service: Any) -> None:
    result = client.send("Hello", to=TEN)
    assert service.paths == ["/v2/message"]
    assert [outcome.message_id for outcome in result] == [f"m{n}" for n in range(10)]
    assert [outcome.phone_number for outcome in result] == TEN


def test_eleven_recipients_take_one_batch_with_expanded_ids(client: Any, service: Any) -> None:
    result = client.send("Hello", to=numbers(11))
    assert service.paths == ["/v2/messages"]
    assert [outcome.message_id for outcome in result] == [f"m0-{n}" for n in range(10)] + ["m1-0"]


@pytest.mark.parametrize("count", [25, 100, 101, 250])
def test_as_few_requests_as_possible(client: Any, service: Any, count: int) -> None:
    given = numbers(count)
    result = client.send("Hello", to=given)
    assert len(service.requests) == math.ceil(count / 100)
    assert [outcome.given for outcome in result] == given
    sent = [r["phone_number"] for body in service.bodies for m in body for r in m["to"]]
    assert sent == given
    assert [outcome.index for outcome in result] == list(range(count))


def test_recipients_of_every_form(client: Any, service: Any) -> None:
    client.send("Hello", to=(n for n in ["+420777123456", Recipient(phone_number="420777123457")]))
    client.send("Hello", to=Recipient(phone_number="420777123458"))
    assert [[r["phone_number"] for r in body["to"]] for body in service.bodies] == [
        ["420777123456", "420777123457"],
        ["420777123458"],
    ]


def test_priority_goes_to_its_queue_ten_a_request(client: Any, service: Any) -> None:
    result = client.send_priority("Code 1234", to=numbers(21))
    assert service.paths == ["/v2/message/priority"] * 3
    assert [len(body["to"]) for body in service.bodies] == [10, 10, 1]
    assert len(result.accepted) == 21
    assert result[10].message_id == "m0"


def test_priority_keyword_is_the_same(client: Any, service: Any) -> None:
    client.send("Code 1234", to=TEN[0], priority=True)
    client.send(Message(to=[Recipient(TEN[0])], body="Code 1234"), priority=True)
    assert service.paths == ["/v2/message/priority"] * 2
    assert service.bodies[0] == service.bodies[1]


def test_flow_takes_the_generated_steps(client: Any, service: Any) -> None:
    client.send(
        "Your table is ready.",
        to=TEN[0],
        sender="Bistro",
        flow=[Viber(ttl=5, ttl_condition="seen"), Sms()],
    )
    assert service.bodies == [
        {
            "to": [{"phone_number": TEN[0]}],
            "body": "Your table is ready.",
            "sender": "Bistro",
            "flow": [{"viber": {"ttl": 5, "ttl_condition": "seen"}}, {"sms": {}}],
        }
    ]


def test_template_without_text(client: Any, service: Any) -> None:
    client.send(
        to=TEN[0], flow=WhatsAppTemplate(template_name="shipped", language="en", params=["Jana"])
    )
    assert service.bodies[0]["flow"] == [
        {"whatsapp_template": {"template_name": "shipped", "language": "en", "params": ["Jana"]}}
    ]


def test_every_keyword_field(client: Any, service: Any) -> None:
    client.send(
        "Hello",
        to=TEN[0],
        sender="Shop",
        tag="winter,transactional",
        at=datetime(2027, 1, 4, 8, 0, tzinfo=timezone(timedelta(hours=1))),
        window={"days": ["monday"], "start": "08:00", "end": "20:00", "tz": "Europe/Prague"},
        callback="https://example.com/hook",
        payload={"order": 17, "lines": [{"sku": "a"}]},
        params={"_url": {"type": "all"}, "_incoming": {"reply": "Thanks"}},
    )
    assert service.bodies == [
        {
            "to": [{"phone_number": TEN[0]}],
            "body": "Hello",
            "sender": "Shop",
            "tag": "winter,transactional",
            "datetime": "2027-01-04T07:00:00Z",
            "delivery_time": {
                "days": ["monday"],
                "start": "08:00",
                "end": "20:00",
                "tz": "Europe/Prague",
            },
            "callback": "https://example.com/hook",
            "payload": {"order": 17, "lines": [{"sku": "a"}]},
            "params": {"_url": {"type": "all"}, "_incoming": {"reply": "Thanks"}},
        }
    ]


def test_keywords_replace_the_fields_of_a_message_and_leave_it_alone(
    client: Any, service: Any
) -> None:
    message = Message(to=[Recipient(TEN[0])], body="Hello", tag="a")
    client.send(message, tag="b", to=TEN[1])
    assert service.bodies == [{"to": [{"phone_number": TEN[1]}], "body": "Hello", "tag": "b"}]
    assert message.tag == "a"
    assert message.to == [Recipient(TEN[0])]


def test_a_message_keeps_its_time_in_utc(client: Any, service: Any) -> None:
    at = datetime(2027, 1, 4, 7, 0, tzinfo=UTC)
    client.send(Message(to=[Recipient(TEN[0])], body="Hello", datetime_=at))
    assert service.bodies[0]["datetime"] == "2027-01-04T07:00:00Z"


def test_the_clients_sender_fills_in_only_where_there_is_none(
    make: Callable[..., Any], service: Any
) -> None:
    client = make(sender="Shop")
    client.send("Hello", to=TEN[0])
    client.send("Hello", to=TEN[0], sender="Other")
    assert [body["sender"] for body in service.bodies] == ["Shop", "Other"]


def test_a_batch_keeps_order_and_says_which_message(client: Any, service: Any) -> None:
    result = client.send_batch(
        [compose("One", to=TEN[0]), compose("Two", to=numbers(12)), compose("Three", to=TEN[:2])]
    )
    assert service.paths == ["/v2/messages"]
    assert [len(message["to"]) for message in service.bodies[0]] == [1, 10, 2, 2]
    assert [outcome.message_index for outcome in result] == [0] + [1] * 12 + [2] * 2
    assert [outcome.message_id for outcome in result][-3:] == ["m2-1", "m3-0", "m3-1"]


def test_a_batch_of_one_message_is_a_batch(client: Any, service: Any) -> None:
    result = client.send_batch([compose("One", to=TEN[0])])
    assert service.paths == ["/v2/messages"]
    assert result[0].message_id == "m0-0"
    assert result.find("m0") is result[0]


def test_a_batch_of_many_messages(client: Any, service: Any) -> None:
    result = client.send_batch(compose(f"Text {n}", to=n_) for n, n_ in enumerate(numbers(25)))
    assert [len(body) for body in service.bodies] == [10, 10, 5]
    assert [m["body"] for body in service.bodies for m in body] == [f"Text {n}" for n in range(25)]
    assert result.ok


def test_requests_stay_under_128_kb(client: Any, service: Any) -> None:
    payload = {"note": "x" * 40_000}
    messages = [compose("Hello", to=TEN[0], payload=payload) for _ in range(7)]
    result = client.send_batch(messages)
    assert [len(body) for body in service.bodies] == [3, 3, 1]
    assert all(len(request.content) < 128_000 for request in service.requests)
    assert result.ok


def test_simple_is_a_form(client: Any, service: Any) -> None:
    result = client.send_simple(
        "Zpráva & více",
        to="+420777123456",
        sender="Shop",
        gateway="lowcost",
        at="2027-01-04T08:00:00+01:00",
        custom_id="order-17",
    )
    [request] = service.requests
    assert request.url.path == "/v2/simple/message"
    assert request.url.query == b""
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(request.content.decode()) == {
        "phone_number": ["420777123456"],
        "message": ["Zpráva & více"],
        "sender": ["Shop"],
        "gateway": ["lowcost"],
        "datetime": ["2027-01-04T07:00:00Z"],
        "customID": ["order-17"],
    }
    assert result[0].message_id == "simple"
    assert result.find("simple") is result[0]


def test_simple_sends_only_what_was_set(client: Any, service: Any) -> None:
    client.send_simple("Hello", to="420777123456", sender="Shop")
    assert sorted(parse_qs(service.requests[0].content.decode())) == [
        "message",
        "phone_number",
        "sender",
    ]


@pytest.mark.parametrize(
    ("accepted", "status"),
    [(False, Status.REJECTED), (None, Status.UNCONFIRMED), ("true", Status.UNCONFIRMED)],
)
def test_simple_decides_by_accepted(
    client: Any, service: Any, accepted: object, status: Status
) -> None:
    answer = {"request_id": "r", "message_id": "m", "accepted": accepted}
    service.script = [httpx.Response(200, json=answer)]
    result = client.send_simple("Hello", to="420777123456", sender="Shop")
    assert (result[0].status, result[0].message_id, result[0].request_id) == (status, None, "r")


def test_rejected_and_unconfirmed_are_told_apart(client: Any, service: Any) -> None:
    answer = {
        "request_id": "r",
        "accepted": [{"key": "1", "message_id": "m"}],
        "rejected": [{"key": "0"}],
    }
    service.script = [httpx.Response(200, json=answer)]
    result = client.send("Hello", to=TEN[:3])
    assert [outcome.status for outcome in result] == [
        Status.REJECTED,
        Status.ACCEPTED,
        Status.UNCONFIRMED,
    ]
    assert [len(part) for part in (result.accepted, result.rejected, result.unconfirmed)] == [
        1,
        1,
        1,
    ]


def test_a_text_goes_out_as_written(client: Any, service: Any) -> None:
    text = 'Ahoj "světe"\\ \n\u2028 😀 \u200f€'
    client.send(text, to=TEN[0])
    assert json.loads(service.requests[0].content)["body"] == text
    assert "😀".encode() in service.requests[0].content


def test_a_message_takes_bare_steps_as_well(client: Any, service: Any) -> None:
    message = Message(to=[Recipient(TEN[0])], body="Hello")
    message.flow = [Sms(gateway="lowcost")]  # type: ignore[list-item]  # pyright: ignore[reportAttributeAccessIssue]
    client.send(message)
    assert service.bodies[0]["flow"] == [{"sms": {"gateway": "lowcost"}}]
