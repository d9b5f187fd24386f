"""A message goes out byte for byte as the caller wrote it: nothing added, nothing changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from smsmanager import (
    Callback,
    CallbackHeaders,
    DeliveryWindow,
    FlowStep,
    LinkShortening,
    Message,
    MessageParams,
    Payload,
    Recipient,
    ReplyHandling,
    Sms,
    Viber,
)
from smsmanager._message.prepare import Rules, prepare_send, prepare_simple
from smsmanager._message.requests import encode

TO = "420777123456"
# Quotes, a backslash, a line break, a tab, a joined emoji, a line separator, a decomposed letter.
ODD = "Žluťoučký \"kůň\" \\ 'x'\n\t👨‍👩‍👧\u2028c\u030c €{}\x7f </b>  "
ODD_WIRE = '"Žluťoučký \\"kůň\\" \\\\ \'x\'\\n\\t👨‍👩‍👧\u2028c\u030c €{}\x7f </b>  "'


def wire(message: str | Message | None, **fields: Any) -> bytes:
    [request] = prepare_send(message, fields, Rules()).requests()
    [part] = request.messages
    return encode(part.to_dict())


def test_a_plain_text_holds_text_and_number_only() -> None:
    expected = ('{"to":[{"phone_number":"420777123456"}],"body":' + ODD_WIRE + "}").encode()
    assert wire(ODD, to="+420 777 123 456") == expected
    assert wire(Message(to=[Recipient(phone_number="00420777123456")], body=ODD)) == expected


def test_every_field_of_a_message() -> None:
    expected = (
        '{"to":[{"phone_number":"420777123456"}],"body":"Hi","sender":"Shop",'
        '"flow":[{"viber":{}},{"sms":{}}],"tag":"News,Spring",'
        '"delivery_time":{"days":["monday","sunday"],"start":"08:00","end":"20:00",'
        '"tz":"Europe/Prague"},"callback":{"secret":1,"url":"https://example.com/in",'
        '"method":"POST","headers":{"X-A":"b"},"batch_size":5},"payload":{"order":17,"é":[1.5,'
        'null,true]},"params":{"other":{"a":1},"_url":{"type":"all","get_enhance":false},'
        '"_incoming":{"email_to":"a@example.com"}},"datetime":"2027-01-04T07:00:00Z"}'
    ).encode()
    window = {
        "days": ["monday", "sunday"],
        "start": "08:00",
        "end": "20:00",
        "tz": "Europe/Prague",
    }
    callback = {
        "url": "https://example.com/in",
        "method": "POST",
        "headers": {"X-A": "b"},
        "batch_size": 5,
        "secret": 1,
    }
    payload = {"order": 17, "é": [1.5, None, True]}
    params = {
        "_url": {"type": "all", "get_enhance": False},
        "_incoming": {"email_to": "a@example.com"},
        "other": {"a": 1},
    }
    fields: dict[str, Any] = {"to": TO, "sender": "Shop", "flow": [Viber(), Sms()]}
    fields["tag"] = "News,Spring"
    at = datetime(2027, 1, 4, 8, tzinfo=timezone(timedelta(hours=1)))
    plain = {"window": window, "callback": callback, "payload": payload, "params": params}
    assert wire("Hi", at=at, **fields, **plain) == expected
    assert wire("Hi", at="2027-01-04T08:00+01:00", **fields, **plain) == expected

    own_callback = Callback(
        url="https://example.com/in",
        method="POST",
        headers=CallbackHeaders.from_dict({"X-A": "b"}),
        batch_size=5,
    )
    own_callback["secret"] = 1
    own_params = MessageParams(
        param_url=LinkShortening(type_="all", get_enhance=False),
        param_incoming=ReplyHandling(email_to="a@example.com"),
    )
    own_params["other"] = {"a": 1}
    message = Message(
        to=[Recipient(phone_number=TO)],
        body="Hi",
        sender="Shop",
        flow=[FlowStep(viber=Viber()), FlowStep(sms=Sms())],
        tag="News,Spring",
        datetime_=at.astimezone(UTC),
        delivery_time=DeliveryWindow(
            days=["monday", "sunday"], start="08:00", end="20:00", tz="Europe/Prague"
        ),
        callback=own_callback,
        payload=Payload.from_dict(payload),
        params=own_params,
    )
    assert wire(message) == expected


def test_a_callback_can_be_a_url() -> None:
    assert (
        wire("Hi", to=TO, callback="https://example.com/in?č=1")
        == (
            '{"to":[{"phone_number":"420777123456"}],"body":"Hi",'
            '"callback":"https://example.com/in?č=1"}'
        ).encode()
    )


def test_the_clients_sender_is_the_only_thing_added() -> None:
    message = Message(to=[Recipient(phone_number=TO)], body="Hi", message_tag="old")
    [request] = prepare_send(message, {}, Rules(sender="Shop")).requests()
    assert encode(request.messages[0].to_dict()) == (
        b'{"to":[{"phone_number":"420777123456"}],"body":"Hi","messageTag":"old","sender":"Shop"}'
    )


def test_a_simple_message_holds_what_was_given() -> None:
    prepared = prepare_simple(
        ODD, TO, sender="Shop", gateway=None, at=None, custom_id=None, rules=Rules()
    )
    [request] = prepared.requests()
    assert (
        encode(request.body.to_dict())
        == ('{"phone_number":"420777123456","message":' + ODD_WIRE + ',"sender":"Shop"}').encode()
    )
    prepared = prepare_simple(
        "Hi",
        Recipient(phone_number="+420 777 123 456"),
        sender=None,
        gateway="test",
        at="2027-01-04T08:00+01:00",
        custom_id="c-1",
        rules=Rules(sender="Shop"),
    )
    [request] = prepared.requests()
    assert encode(request.body.to_dict()) == (
        b'{"phone_number":"420777123456","message":"Hi","sender":"Shop","gateway":"test",'
        b'"customID":"c-1","datetime":"2027-01-04T07:00:00Z"}'
    )
