"""Which webhooks are sent, how, and how often."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
import yaml
from jsonschema_rs import Draft202012Validator

from smsmanager.sandbox import MagicNumber, Sandbox, Settings
from smsmanager.sandbox.engine.records.webhook_delivery import signature
from tests.sandbox.conftest import NOON, NUMBER, message_to, post, send
from tests.webhook_receiver import Receiver


def events(receiver: Receiver) -> list[dict[str, Any]]:
    return [event for body in receiver.bodies for event in json.loads(body)]


def test_the_documented_sequence_is_posted_as_arrays(still: Sandbox, receiver: Receiver) -> None:
    (message_id,) = send(still, callback=receiver.url, payload={"order": 17}, sender="Shop")
    still.settle()

    assert [event["result"] for event in events(receiver)] == ["sending", "sent", "delivered"]
    assert [(call.method, call.path) for call in receiver.calls] == [("POST", "/hook")] * 3
    headers = receiver.calls[0].headers
    assert headers["user-agent"] == "SmsManager-Webhook/1.0"
    assert headers["content-type"] == "application/json"
    assert "x-request-signature" not in headers
    assert events(receiver)[-1] == {
        "type": "outgoing",
        "request_id": still.messages[0].request_id,
        "message_id": message_id,
        "gateway": "sms",
        "timestamp": int(NOON.timestamp()) + 3,
        "payload": {"order": 17},
        "to": {"phone_number": NUMBER},
        "result": "delivered",
        "result_info": "[0] Delivered",
        "sms": {
            "sender": "Shop",
            "gateway": "high",
            "country": 230,
            "operator": 1,
            "price_czk": 1.05,
            "price_eur": 0.042,
            "count": 1,
        },
    }


@pytest.mark.parametrize(
    ("step", "name"),
    [
        ({"viber": {}}, "viber"),
        ({"rcs": {}}, "rcs"),
        ({"whatsapp_text": {}}, "whatsapp_body"),
        ({"whatsapp_template": {"template_name": "a", "language": "cs"}}, "whatsapp_template"),
        ({"sms": {"sender": "420900123"}}, "sms"),
    ],
)
def test_every_event_follows_the_description(
    still: Sandbox, receiver: Receiver, description: str, step: dict[str, Any], name: str
) -> None:
    content = yaml.safe_load(description)
    schema = {
        "$ref": "#/components/schemas/SentMessageEvent",
        "components": {"schemas": content["components"]["schemas"]},
    }
    send(still, callback=receiver.url, flow=[step])
    still.settle()

    validator = Draft202012Validator(schema)
    for event in events(receiver):
        assert validator.is_valid(event)
        assert event.keys() >= {name}
        assert not event.keys() - set(
            content["components"]["schemas"]["SentMessageEvent"]["properties"]
        )
    if name == "sms":
        assert events(receiver)[0]["sms"]["gateway"] == "direct"


def test_a_rejected_message_has_one_event_without_a_channel(
    still: Sandbox, receiver: Receiver
) -> None:
    send(still, MagicNumber.NO_CREDIT, callback=receiver.url)
    still.settle()

    (event,) = events(receiver)
    assert (event["result"], event["result_info"]) == ("rejected", "[307] Insufficient credit")
    assert "sms" not in event


def test_the_test_number_has_no_webhooks(still: Sandbox, receiver: Receiver) -> None:
    send(still, MagicNumber.TEST, MagicNumber.REJECTED, callback=receiver.url)
    still.settle()
    assert receiver.calls == []


def test_a_batch_is_reported_with_the_index_of_the_recipient(
    still: Sandbox, receiver: Receiver
) -> None:
    batch = [message_to(NUMBER, "421905123456", callback=receiver.url)]
    answer = post(still, batch, path="/messages").json()
    still.settle()

    sent = answer["accepted"][0]["message_id"]
    assert {event["message_id"] for event in events(receiver)} == {f"{sent}-0", f"{sent}-1"}


def test_a_simple_message_echoes_its_custom_id(still: Sandbox, receiver: Receiver) -> None:
    still.inbox("k").configure(callback=receiver.url)
    form = {"phone_number": NUMBER, "message": "Hello", "sender": "Shop", "customID": "order-17"}
    url = f"{still.base_url}/simple/message"
    httpx.post(url, data={**form, "gateway": "lowcost"}, headers={"x-api-key": "k"})
    still.settle()

    event = events(receiver)[0]
    assert event["payload"] == {"customID": "order-17"}
    assert (event["sms"]["gateway"], event["sms"]["price_czk"]) == ("lowcost", 0.85)


def test_a_secret_signs_the_raw_body(still: Sandbox, receiver: Receiver) -> None:
    still.inbox("k").configure(secret="secret")
    send(
        still,
        callback=receiver.url,
        body="žluťoučký \N{GRINNING FACE}",
        payload={"ž": "\N{GRINNING FACE}"},
    )
    still.settle()

    for call in receiver.calls:
        expected = hmac.new(b"secret", call.body, hashlib.sha256).hexdigest()
        assert call.headers["x-request-signature"] == expected


def test_the_published_signature_comes_out() -> None:
    assert signature("secret", b"body") == (
        "dc46983557fea127b43af721467eb9b3fde2338fe3e14f51952aa8478c13d355"
    )


def test_what_is_not_taken_is_repeated_five_times_in_all_with_one_id(
    still: Sandbox, receiver: Receiver
) -> None:
    receiver.statuses = [500] * 5
    send(still, MagicNumber.NO_CREDIT, callback=receiver.url)
    still.settle()

    (delivery,) = still.deliveries
    seconds = [attempt.at - NOON.timestamp() for attempt in delivery.attempts]
    assert seconds == [0, 30, 90, 210, 450]
    assert (delivery.state, delivery.due) == ("given_up", None)
    ids = {call.headers["x-request-id"] for call in receiver.calls}
    assert ids == {delivery.request_id}
    assert len({call.body for call in receiver.calls}) == 1
    assert [attempt.status for attempt in delivery.attempts] == [500] * 5


@pytest.mark.parametrize("status", [199 + 1, 204, 299])
def test_any_2xx_ends_it(still: Sandbox, receiver: Receiver, status: int) -> None:
    receiver.statuses = [503, status]
    send(still, MagicNumber.NO_CREDIT, callback=receiver.url)
    still.settle()

    (delivery,) = still.deliveries
    assert [attempt.status for attempt in delivery.attempts] == [503, status]
    assert delivery.state == "delivered"


def test_redirects_are_not_followed(still: Sandbox, receiver: Receiver) -> None:
    receiver.statuses = [302] * 5
    receiver.location = receiver.url + "/elsewhere"
    send(still, MagicNumber.NO_CREDIT, callback=receiver.url)
    still.settle()

    assert {call.path for call in receiver.calls} == {"/hook"}
    assert still.deliveries[0].state == "given_up"


def test_an_answer_that_comes_too_late_is_none(still: Sandbox, receiver: Receiver) -> None:
    ended = threading.Event()
    receiver.before_answer = ended.wait
    callback = {"url": receiver.url, "timeout_ms": 1000}
    send(still, MagicNumber.NO_CREDIT, callback=callback)
    still.flush()
    ended.set()

    attempt = still.deliveries[0].attempts[0]
    assert (attempt.status, attempt.error) == (None, "no answer in time")
    assert attempt.latency_ms >= 1000


def test_webhooks_go_to_loopback_and_allowed_hosts_only(still: Sandbox) -> None:
    for url in (
        "http://example.com/hook",
        "http://127.0.0.1.example.com/",
        "http://127.0.0.1@example.com/",
        "http://[2001:db8::1]/",
        "http://10.0.0.1/",
    ):
        send(still, MagicNumber.NO_CREDIT, callback=url)
    still.settle()

    assert [delivery.state for delivery in still.deliveries] == ["blocked"] * 5
    assert all(delivery.attempts == [] for delivery in still.deliveries)


def test_extended_settings_of_a_callback_are_followed(still: Sandbox, receiver: Receiver) -> None:
    callback = {
        "url": receiver.url,
        "method": "PUT",
        "headers": {"X-Source": "sms", "user-agent": "mine", "Content-Length": "1"},
        "batch_size": 3,
    }
    send(still, *[MagicNumber.NO_CREDIT] * 5, callback=callback)
    still.settle()

    assert [len(json.loads(body)) for body in receiver.bodies] == [3, 2]
    call = receiver.calls[0]
    assert call.method == "PUT"
    assert call.headers["x-source"] == "sms"
    assert call.headers["user-agent"] == "SmsManager-Webhook/1.0"


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_form_has_the_fields_of_the_event(
    still: Sandbox, receiver: Receiver, method: str
) -> None:
    callback = {
        "url": f"{receiver.url}?a=1",
        "method": method,
        "content_type": "application/x-www-form-urlencoded",
    }
    send(still, MagicNumber.NO_CREDIT, callback=callback, payload={"a": "ž"})
    still.settle()

    (call,) = receiver.calls
    query = urlsplit(call.path).query
    fields = dict(parse_qsl(query if method == "GET" else call.body.decode()))
    assert (call.method, fields["result"], fields["type"]) == (method, "rejected", "outgoing")
    assert json.loads(fields["payload"]) == {"a": "ž"}
    assert query.startswith("a=1")


def test_duplicates_and_disorder_come_on_request_and_the_same_with_each_seed(
    receiver: Receiver,
) -> None:
    def run() -> list[tuple[str, str]]:
        receiver.calls.clear()
        settings = Settings(duplicates=0.3, disorder=0.5)
        with Sandbox(clock="manual", now=NOON, seed=5, settings=settings) as sandbox:
            for index in range(10):
                send(sandbox, callback=receiver.url, payload={"index": index})
                # Else what is due now races with what the next request makes due.
                sandbox.flush()
            sandbox.settle()
        return [(event["payload"]["index"], event["result"]) for event in events(receiver)]

    found = run()
    assert len(found) > len(set(found)) == 30
    orders = {index: [r for i, r in found if i == index] for index, _ in found}
    assert any(order != ["sending", "sent", "delivered"] for order in orders.values())
    assert run() == found


def test_a_webhook_can_be_sent_again_by_hand(still: Sandbox, receiver: Receiver) -> None:
    send(still, MagicNumber.NO_CREDIT, callback=receiver.url)
    still.flush()
    (delivery,) = still.deliveries
    assert still._engine.resend(delivery.id)
    still.flush()

    assert [attempt.by_hand for attempt in delivery.attempts] == [False, True]
    assert len(receiver.calls) == 2
    assert receiver.bodies[0] == receiver.bodies[1]
    assert not still._engine.resend(10**6)


def test_what_was_sent_again_with_success_is_not_repeated_by_itself(
    still: Sandbox, receiver: Receiver
) -> None:
    receiver.statuses = [500, 204]
    send(still, MagicNumber.NO_CREDIT, callback=receiver.url)
    still.flush()
    still._engine.resend(still.deliveries[0].id)
    still.settle()

    assert len(receiver.calls) == 2
    assert still.deliveries[0].state == "delivered"


def test_a_reply_carries_the_ids_of_the_send_and_goes_where_the_message_says(
    still: Sandbox, receiver: Receiver
) -> None:
    incoming = {"callback": f"{receiver.url}/replies", "reply": "Thank you", "email_to": "a@b.cz"}
    (message_id,) = send(
        still,
        flow=[{"viber": {"sender": "Bistro"}}],
        params={"_incoming": incoming},
        payload={"order": 17},
        callback=receiver.url,
    )
    still.advance(10)
    receiver.calls.clear()
    stored = still.reply("YES", to=NUMBER)

    (event,) = events(receiver)
    assert receiver.calls[0].path == "/hook/replies"
    assert event == {
        "type": "incoming",
        "request_id": still.messages[0].request_id,
        "message_id": message_id,
        "payload": {"order": 17},
        "gateway": "viber",
        "timestamp": int((NOON + timedelta(seconds=10)).timestamp()),
        "sender": NUMBER,
        "recipient": "Bistro",
        "body": "YES",
    }
    assert (stored.auto_reply, stored.email_to) == ("Thank you", "a@b.cz")
    kinds = [entry.kind for entry in still.messages[0].timeline]
    assert kinds[-2:] == ["reply", "auto_reply"]


def test_a_reply_goes_to_the_message_s_callback_or_the_key_s(
    still: Sandbox, receiver: Receiver
) -> None:
    still.inbox("k").configure(callback=f"{receiver.url}/key")
    send(still, callback=f"{receiver.url}/message")
    still.reply("1", to=NUMBER)
    send(still)
    still.reply("2", to=NUMBER)
    still.flush()

    replies = {call.path for call in receiver.calls if b'"incoming"' in call.body}
    assert replies == {"/hook/message", "/hook/key"}


def test_an_unsolicited_message_goes_to_the_key_s_callback(
    still: Sandbox, receiver: Receiver
) -> None:
    inbox = still.inbox("k")
    inbox.configure(callback=receiver.url)
    inbox.receive("Open?", sender="777 123 456", recipient="104512345678901", gateway="whatsapp")

    assert events(receiver) == [
        {
            "type": "incoming",
            "gateway": "whatsapp",
            "timestamp": int(NOON.timestamp()),
            "sender": NUMBER,
            "recipient": "104512345678901",
            "body": "Open?",
        }
    ]
    assert still.inbox("other").incoming == ()


def test_nobody_answers_what_was_not_sent(still: Sandbox) -> None:
    with pytest.raises(LookupError, match="Nothing was sent"):
        still.reply("Hi", to=NUMBER)
    send(still, MagicNumber.REJECTED)
    with pytest.raises(LookupError, match="Nothing was sent"):
        still.reply("Hi", to=MagicNumber.REJECTED)


def test_the_replies_of_magic_numbers_come_by_webhook(still: Sandbox, receiver: Receiver) -> None:
    send(still, MagicNumber.REPLIES, callback=receiver.url)
    still.settle()
    assert events(receiver)[-1]["body"] == "YES"
    assert still.incoming[0].reply_to is still.messages[0]


def test_what_there_is_not_is_left_out(still: Sandbox, receiver: Receiver) -> None:
    send(still, callback=receiver.url)
    still.settle()
    still.reply("Yes", to=NUMBER)

    sending, sent, delivered, reply = events(receiver)
    for event in (sending, sent):
        assert not event.keys() & {"result_info", "payload"}
    assert delivered["result_info"] == "[0] Delivered"
    assert "payload" not in reply


def test_an_empty_callback_is_none(still: Sandbox, receiver: Receiver) -> None:
    send(still, callback="")
    assert still.deliveries == ()
    still.inbox("k").configure(callback=receiver.url)
    still.settle()
    assert [event["result"] for event in events(receiver)] == ["sent", "delivered"]
    assert still.messages[-1].notes == ("/callback: empty, ignored",)


@pytest.mark.parametrize(
    ("wanted", "answered"),
    [
        ("Thanks", "Thanks"),
        ([{"keyword": "no", "body": "a"}, {"keyword": "YES", "body": "b"}], "b"),
        ({"keyword": "yes", "body": "c"}, "c"),
        ([{"keyword": "no", "body": "a"}], None),
        ([[], 5, None, {"keyword": {}, "body": "a"}, {"body": 5, "keyword": "yes"}], None),
        ({}, None),
    ],
)
def test_an_automatic_answer_is_that_of_the_keyword(
    still: Sandbox, wanted: Any, answered: str | None
) -> None:
    send(still)
    # The description of this package may allow the one shape or the other.
    still.messages[-1].message["params"] = {"_incoming": {"reply": wanted}}
    assert still.reply("Yes.", to=NUMBER).auto_reply == answered
