"""Check how bodies become events, element by element."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest

from smsmanager import SmsManagerError
from smsmanager.webhooks import (
    ChannelDetails,
    DeliveryReport,
    DeliveryResult,
    Event,
    Gateway,
    IncomingMessage,
    Reply,
    ResultInfo,
    UnknownEvent,
    UnlistedName,
    WebhookParseError,
    parse_webhook,
)
from smsmanager_jsonapi.models import SentMessageEvent
from smsmanager_jsonapi.types import Unset
from tests.webhooks.bodies import (
    MESSAGE_ID,
    NUMBER,
    documented,
    encoded,
    read,
    read_incoming,
    read_reply,
    referring,
    reply,
    report,
    schemas,
    touched,
    unknown,
)

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_delivery_report() -> None:
    raw = report()
    event = read(raw)
    assert event == DeliveryReport(
        message_id=MESSAGE_ID,
        result=DeliveryResult.DELIVERED,
        gateway=Gateway.SMS,
        at=NEW_YEAR,
        phone_number=NUMBER,
        request_id="bc36f3d1-d284-463a-921b-a3560c154649",
        payload={"campaign": 17},
        raw=raw,
    )
    assert event.result is DeliveryResult.DELIVERED
    assert event.gateway is Gateway.SMS
    assert event.result_info == ResultInfo(0, "Delivered")
    assert event.channel == ChannelDetails(
        sender="Shop",
        route="high",
        mcc=230,
        mnc=1,
        price_czk=Decimal("1.05"),
        price_eur=Decimal("0.042"),
        parts=2,
    )
    assert event.reference is None


def test_a_reply_and_an_incoming_message() -> None:
    answer = read_reply(reply())
    assert (answer.message_id, answer.body, answer.sender) == (MESSAGE_ID, "YES", NUMBER)
    assert (answer.recipient, answer.gateway, answer.at) == ("420900123", Gateway.SMS, NEW_YEAR)
    assert answer.payload == {"campaign": 17}
    message = read_incoming(reply(message_id=None, gateway="whatsapp"))
    assert message == IncomingMessage(
        "YES", NUMBER, "420900123", Gateway.WHATSAPP, NEW_YEAR, message.raw
    )


@pytest.mark.parametrize(("name", "body"), documented(), ids=lambda value: str(value)[:40])
def test_what_openapi_yaml_documents(name: str, body: Any) -> None:
    kinds = {
        "sentMessage": DeliveryReport,
        "incomingReplyMessage": Reply,
        "incomingMessage": IncomingMessage,
    }
    for event in parse_webhook(json.dumps(body)):
        assert isinstance(event, kinds[name.partition(".")[0]])
        touched(event)


@pytest.mark.parametrize(
    "element",
    [
        *[element for _, body in documented() for element in body if element["type"] == "outgoing"],
        report(),
        report(result="queued", gateway="telegram", payload=None, to=None),
        {"type": "outgoing", "message_id": "m", "result": "sent"},
    ],
)
def test_reports_are_read_as_the_generated_model_reads_them(element: dict[str, Any]) -> None:
    """The parser reads the JSON itself, for speed; this compares it with the model of the spec."""
    model, event = SentMessageEvent.from_dict(element), read(element)
    for field in ("message_id", "result", "gateway", "request_id"):
        theirs = getattr(model, field)
        assert getattr(event, field) == (None if isinstance(theirs, Unset) else theirs)
    assert event.payload == (model.payload.to_dict() if model.payload else {})
    assert event.phone_number == (model.to.phone_number if model.to else None)
    if event.at is not None:
        assert event.at.timestamp() == model.timestamp


def test_every_property_of_the_spec_is_read() -> None:
    """A property that a newer description adds fails here until an event has it."""
    properties = schemas()["SentMessageEvent"]["properties"]
    channels = {"sms", "viber", "whatsapp_body", "whatsapp_template", "rcs"}
    renamed = {"timestamp": "at", "to": "phone_number", "type": "raw"}
    ours = {field.name for field in attrs.fields(DeliveryReport)} | {"result_info"}
    for name in properties.keys() - channels:
        assert renamed.get(name, name) in ours
    for name in channels:
        assert read({**report(sms=None), name: {"count": 3}}).channel == ChannelDetails(parts=3)
    details = {"country": "mcc", "operator": "mnc", "count": "parts", "gateway": "route"}
    ours = {field.name for field in attrs.fields(ChannelDetails)}
    assert {details.get(name, name) for name in schemas()["SmsReport"]["properties"]} == ours
    reply_fields = {field.name for field in attrs.fields(Reply)}
    for name in schemas()["IncomingReplyMessageEvent"]["properties"]:
        assert renamed.get(name, name) in reply_fields


def test_the_known_words_are_those_of_the_spec() -> None:
    assert [str(one) for one in DeliveryResult] == schemas()["DeliveryResult"]["enum"]
    channels = {*schemas()["Channel"]["enum"], *schemas()["IncomingChannel"]["enum"]}
    assert {str(one) for one in Gateway} == channels


def test_words_that_are_not_known_stay_texts() -> None:
    event = read(report(result="expired", gateway="telegram", telegram={"count": "1"}, sms=None))
    assert (event.result, event.gateway) == ("expired", "telegram")
    assert {type(event.result), type(event.gateway)} == {UnlistedName}
    assert pickle.loads(pickle.dumps(event)) == event  # noqa: S301
    assert not isinstance(event.result, DeliveryResult)
    assert not isinstance(event.gateway, Gateway)
    assert event.channel == ChannelDetails(parts=1)


@pytest.mark.parametrize(
    ("text", "code", "description"),
    [
        ("[0] Delivered", 0, "Delivered"),
        ("[307]", 307, ""),
        ("[302]Number format", 302, "Number format"),
        (" [131026] Message undeliverable ", 131026, "Message undeliverable"),
        ("Delivered", None, "Delivered"),
        ("[x] Strange", None, "[x] Strange"),
        ("[1234567890] Long", None, "[1234567890] Long"),
        ("[\u0663] Digits of another script", None, "[\u0663] Digits of another script"),
        ("[1] two\nlines", 1, "two\nlines"),
        ("", None, ""),
        (None, None, ""),
        (17, None, ""),
    ],
)
def test_result_info(text: object, code: int | None, description: str) -> None:
    assert read(report(result_info=text)).result_info == ResultInfo(code, description)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (302, "is_number_format"),
        (303, "is_not_allowed"),
        (304, "is_blacklisted"),
        (306, "is_duplicate"),
        (307, "is_credit"),
    ],
)
def test_each_documented_code_has_a_name(code: int, name: str) -> None:
    names = [one for one in dir(ResultInfo) if one.startswith("is_")]
    assert {one: getattr(ResultInfo(code), one) for one in names} == {
        one: one == name for one in names
    }


@pytest.mark.parametrize(
    ("gateway", "key"),
    [
        ("viber", "viber"),
        ("whatsapp_text", "whatsapp_body"),
        ("whatsapp_template", "whatsapp_template"),
        ("rcs", "rcs"),
        ("viber", "rcs"),
        (None, "sms"),
        ("payload", "viber"),
    ],
)
def test_the_channel_object_has_one_name(gateway: str | None, key: str) -> None:
    event = read(
        report(**{"sms": None, "gateway": gateway, key: {"sender": "S", "price_czk": "0.60"}})
    )
    assert event.channel == ChannelDetails(sender="S", price_czk=Decimal("0.60"))


def test_a_report_without_a_channel_object() -> None:
    assert read(report(sms=None)).channel is None
    assert read(report(sms="x")).channel is None
    assert read(report(sms={})).channel == ChannelDetails()


def test_odd_cosmetics_of_the_channel_object() -> None:
    odd = {"country": "230", "operator": 0, "price_czk": "1,05", "price_eur": "free", "count": 2.0}
    assert read(report(sms=odd)).channel == ChannelDetails(
        mcc=230, mnc=None, price_czk=Decimal("1.05"), price_eur=None, parts=2
    )
    strange = {"country": True, "count": -1, "price_czk": "1e99999999", "sender": ["x"]}
    assert read(report(sms=strange)).channel == ChannelDetails()


@pytest.mark.parametrize(
    ("value", "at"),
    [
        (1767225600, NEW_YEAR),
        (1767225600.0, NEW_YEAR),
        ("1767225600", NEW_YEAR),
        ("1767225600.5", NEW_YEAR.replace(microsecond=500_000)),
        (None, None),
        (True, None),
        ("today", None),
        ("9" * 41, None),
        (1e300, None),
        (10**400, None),
        (float("nan"), None),
        (float("inf"), None),
        ({}, None),
    ],
)
def test_timestamps(value: object, at: datetime | None) -> None:
    assert read(report(timestamp=value)).at == at


def test_numbers_where_texts_belong() -> None:
    event = read(report(message_id=17, request_id=5.0, to={"phone_number": 420777123456}))
    assert (event.message_id, event.request_id, event.phone_number) == ("17", "5", NUMBER)
    assert read(report(to=NUMBER)).phone_number == NUMBER
    assert read_reply(reply(body=481516)).body == "481516"
    assert read_reply(reply(body=None)).body == ""
    assert read(report(payload=None)).payload == {}
    assert read(report(payload=[1])).payload == {}


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(report()),
        json.dumps([report()]),
        json.dumps({"notifications": [report()]}),
        "\ufeff" + json.dumps([report()]),
        json.dumps([report()]).encode("utf-8-sig"),
        json.dumps([report()]).encode("utf-16"),
        report(),
        [report()],
        (report(),),
        {"notifications": [report()]},
    ],
    ids=lambda body: type(body).__name__,
)
def test_envelopes(body: Any) -> None:
    [event] = parse_webhook(body)
    assert event == read(report())


def test_nothing_is_an_empty_list() -> None:
    assert parse_webhook(b"[]") == []


@pytest.mark.parametrize(
    ("element", "reason"),
    [
        (17, "it is not an object"),
        (None, "it is not an object"),
        ([report()], "it is not an object"),
        ({}, "without a usable message_id"),
        ({"type": ""}, "its type is neither outgoing nor incoming"),
        (report(type="Outgoing"), "its type is neither outgoing nor incoming"),
        (report(message_id=None), "without a usable message_id"),
        (report(message_id=""), "without a usable message_id"),
        (report(message_id="x" * 201), "without a usable message_id"),
        (report(message_id="a\x00b"), "without a usable message_id"),
        (report(message_id="a\ud800"), "without a usable message_id"),
        (report(message_id=10**400), "without a usable message_id"),
        (report(result=None), "without a usable result"),
        (report(result=["sent"]), "without a usable result"),
        (report(result="x" * 65), "without a usable result"),
        (reply(message_id={}), "a reply without a usable message_id"),
        ({"notifications": None}, "without a usable message_id"),
    ],
)
def test_one_bad_element_does_not_spoil_the_rest(element: object, reason: str) -> None:
    first, bad, last = parse_webhook([report(), element, reply()])
    assert isinstance(first, DeliveryReport)
    assert isinstance(last, Reply)
    assert bad == unknown(element)
    assert reason in unknown(element).reason
    assert unknown(element).raw == element
    touched(bad)


def test_an_event_without_a_type_is_a_report() -> None:
    """The service's description gives `type` the default `outgoing`."""
    element = report()
    del element["type"]
    assert read(element) == attrs.evolve(read(report()), raw=element)
    assert read({**element, "type": None}).result == "delivered"
    assert "without a usable result" in unknown(reply(type=None)).reason


@pytest.mark.parametrize(
    "spoilt",
    [
        b"9" * 5_000,
        b"-" + b"9" * 5_000,
        b'{"x": [' + b"9" * 5_000 + b"]}",
        b'{"payload": {"y": "[", "x": ' + b"[" * 50_000 + b"]" * 50_000 + b"}}",
        json.dumps(report(timestamp=0)).replace("0", "1" * 5_000).encode(),
    ],
    ids=["number", "negative", "inside", "depth", "report"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("around", ["[{}, {}, {}]", '{{"notifications": [{}, {}, {}]}}'])
def test_what_python_cannot_decode_spoils_one_element(
    spoilt: bytes, encoding: str, around: str
) -> None:
    told = report(result_info='[0] "\\ ] [ 7.' + "7" * 5_000, payload={"x": 7e200})
    body = around.format(json.dumps(told), spoilt.decode(), json.dumps(reply())).encode(encoding)
    first, bad, last = parse_webhook(body)
    assert first == read(told)
    assert last == read_reply(reply())
    assert isinstance(bad, UnknownEvent)
    assert bad.raw is None
    touched(bad)


def test_a_number_in_json_that_the_caller_decoded() -> None:
    event = unknown({"type": "new", "x": 10**5_000})
    touched(event)
    assert event.dedup_key != unknown({"type": "new"}).dedup_key


def test_depth_is_bounded() -> None:
    def nested(levels: int) -> Any:
        value: Any = 1
        for _ in range(levels):
            value = [value]
        return value

    assert isinstance(read(report(payload={"x": nested(31)})), DeliveryReport)
    deep = unknown(report(payload={"x": nested(32)}))
    assert deep.reason == "it is nested more than 32 levels deep"
    assert deep.raw is None
    assert unknown(nested(40)).raw is None
    with pytest.raises(WebhookParseError):
        parse_webhook(b"[" * 1_000_000)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x",
        b"[",
        b"\xff\xfe\xfd",
        "{",
        b"17",
        b'"x"',
        b"null",
        b"NaN",
        b"9" * 5000,
        b"[" + b"9" * 5000,
        b"[" + b"9" * 5000 + b",]",
    ],
)
def test_a_body_that_is_not_json_of_events(body: bytes) -> None:
    with pytest.raises(WebhookParseError) as caught:
        parse_webhook(body)
    assert isinstance(caught.value, SmsManagerError)
    assert isinstance(caught.value, ValueError)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own bytes
    assert again.args == caught.value.args


def test_size_is_bounded() -> None:
    body = encoded(report())
    assert parse_webhook(body, max_bytes=len(body))
    with pytest.raises(WebhookParseError, match=f"longer than {len(body) - 1} bytes"):
        parse_webhook(body, max_bytes=len(body) - 1)
    assert len(parse_webhook([1, 2], max_events=2)) == 2
    with pytest.raises(WebhookParseError, match="more than 2 events"):
        parse_webhook([1, 2, 3], max_events=2)


def test_keys_tell_duplicates() -> None:
    again = read(report(timestamp=5, result_info="other", payload=None))
    assert read(report()).dedup_key == again.dedup_key == f"{MESSAGE_ID}:delivered:sms"
    others: list[Event] = [
        read(report(result="seen")),
        read(report(message_id="other")),
        read(report(gateway="viber")),
        read_reply(reply()),
        read_reply(reply(body="NO")),
        read_reply(reply(timestamp=1)),
        read_incoming(reply(message_id=None)),
        unknown({"a": 1}),
        unknown({"a": 2}),
    ]
    keys = {event.dedup_key for event in [again, *others]}
    assert len(keys) == 1 + len(others)
    assert read_reply(reply()).dedup_key == read_reply(reply(payload=None)).dedup_key


def test_keys_tell_references() -> None:
    """Anyone who may report on one message can name the id of another."""
    for make in (report, reply):
        events = parse_webhook(
            [make(), *(make(payload={"smsmanager_reference": name}) for name in ("a", "b", "b"))]
        )
        none, one, other, again = (event.dedup_key for event in events)
        assert len({none, one, other}) == 3
        assert other == again
    assert read(report(payload={"customID": "b"})).dedup_key == read(referring("b")).dedup_key
    assert len(read(referring("x" * 100_000)).dedup_key) < 400


def test_keys_of_events_without_a_reference_stay_what_they_were() -> None:
    assert read(report()).dedup_key == f"{MESSAGE_ID}:delivered:sms"
    assert read_reply(reply()).dedup_key == "reply:1a457ff1dd3b10444d1a5f8c0392cb3e47f35bab"
    assert (
        read_incoming(reply(message_id=None)).dedup_key
        == "incoming:21578fb2d1634838e804e47d518a86775724e883"
    )
    assert unknown({"a": 1}).dedup_key == "unknown:b9d6afacfe85cc29632e4be618c2cc58d7e1f61d"
    assert read(referring("r")).earlier_key == f"{MESSAGE_ID}:delivered:sms"
    assert read_reply(reply(payload={"customID": "r"})).earlier_key == read_reply(reply()).dedup_key
    assert unknown({"a": 1}).dedup_key == unknown({"a": 1}).dedup_key


def test_references() -> None:
    assert read(referring("order-17")).reference == "order-17"
    assert read(report(payload={"customID": "order-17"})).reference == "order-17"
    assert read_reply(reply(payload={"smsmanager_reference": "a"})).reference == "a"


def test_events_are_frozen_and_survive_pickle() -> None:
    for event in parse_webhook([report(), reply(), reply(message_id=None), 17]):
        touched(event)
        assert pickle.loads(pickle.dumps(event)) == event  # noqa: S301 - our own bytes
        assert copy.deepcopy(event) == event
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            event.raw = 1  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


def test_nothing_personal_in_a_repr() -> None:
    private = {"secret-payload": "secret-value"}
    events = parse_webhook(
        [
            report(payload=private),
            reply(payload=private, body="secret-text"),
            reply(message_id=None, body="secret-text"),
            report(type="secret-kind"),
        ]
    )
    shown = repr(events)
    assert "secret" not in shown
    assert NUMBER not in shown
    assert "420900123" not in shown
    assert "…456" in shown
