"""A message and its steps go out byte for byte as the caller wrote them: nothing added, nothing changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import attrs
import pytest

from smsmanager import (
    Callback,
    CallbackHeaders,
    DeliveryWindow,
    FlowStep,
    LinkShortening,
    Message,
    MessageParams,
    NamedVariable,
    OpenObject,
    Payload,
    Rcs,
    RcsButton,
    RcsCard,
    RcsCarouselCard,
    RcsRaw,
    Recipient,
    ReplyHandling,
    Sms,
    TemplateButton,
    TemplateCarouselItem,
    TemplateHeader,
    TemplateProduct,
    Viber,
    ViberButton,
    VoiceCall,
    WhatsAppButton,
    WhatsAppMedia,
    WhatsAppRaw,
    WhatsAppTemplate,
    WhatsAppText,
    compose,
)
from smsmanager._config import Settings
from smsmanager._message.compose import SimpleFields
from smsmanager._message.prepare import prepare_batch, prepare_send, prepare_simple
from smsmanager._message.wire_requests import encode
from tests.unit.client_settings import settings_with

TO = "420777123456"
# Quotes, a backslash, a line break, a tab, a joined emoji, a line separator, a decomposed letter.
ODD = "Žluťoučký \"kůň\" \\ 'x'\n\t👨‍👩‍👧\u2028c\u030c €{}\x7f </b>  "
ODD_WIRE = '"Žluťoučký \\"kůň\\" \\\\ \'x\'\\n\\t👨‍👩‍👧\u2028c\u030c €{}\x7f </b>  "'


def open_object(**values: Any) -> OpenObject:
    return OpenObject.from_dict(values)


def wire(message: str | Message | None, rules: Settings | None = None, **fields: Any) -> bytes:
    [request] = prepare_send(message, fields, rules or settings_with()).requests()
    return encode(request.messages[0])


def message(**fields: Any) -> Message:
    return Message(**{"to": [Recipient(phone_number=TO)], "body": "Hi", **fields})


MEDIA = WhatsAppMedia(link="https://example.com/a", filename="účet.pdf", caption="")
BUTTON = RcsButton(
    type_="url",
    text="Web",
    postback="w",
    url="https://example.com",
    description="Our shop",
    webview={"mode": "full"},
)
CARD: dict[str, Any] = {
    "title": "Lunch",
    "description": ODD,
    "file": "https://a.example",
    "thumbnail": "t",
}
CARD_WIRE = f'"description":{ODD_WIRE},"file":"https://a.example","thumbnail":"t"'
BUTTON_WIRE = (
    '{"type":"url","text":"Web","postback":"w","url":"https://example.com",'
    '"description":"Our shop","webview":{"mode":"full"}}'
)
MEDIA_WIRE = '{"link":"https://example.com/a","filename":"účet.pdf","caption":""}'
# Every field of every step: whether they may be combined is not checked here.
STEPS = [
    pytest.param(
        Sms(
            body=ODD,
            sender="Shop",
            ttl=0.5,
            ttl_condition="delivered",
            gateway="direct",
            type_="sms",
        ),
        f'{{"sms":{{"body":{ODD_WIRE},"sender":"Shop","ttl":0.5,"ttl_condition":"delivered",'
        '"gateway":"direct","type":"sms"}}',
        id="sms",
    ),
    pytest.param(
        Viber(
            body=ODD,
            sender="Shop",
            ttl=5,
            ttl_condition="seen",
            buttons=[ViberButton(title="Účet 🧾", url="https://example.com/?a=1&b=č")],
        ),
        f'{{"viber":{{"body":{ODD_WIRE},"sender":"Shop","ttl":5,"ttl_condition":"seen",'
        '"buttons":[{"title":"Účet 🧾","url":"https://example.com/?a=1&b=č"}]}}',
        id="viber",
    ),
    pytest.param(
        WhatsAppText(
            body=ODD,
            sender="123",
            ttl_condition="seen",
            preview=False,
            image=MEDIA,
            video=WhatsAppMedia(link="https://example.com/a.mp4"),
            document=MEDIA,
            audio=WhatsAppMedia(link="https://example.com/a.ogg", caption=ODD),
            buttons=[WhatsAppButton(title="Yes", id="y"), WhatsAppButton(title="No")],
            url="https://example.com",
            title="Otevřít",
            raw=WhatsAppRaw(interactive=open_object(type="list", action={"a": [None]})),
            header="Hello",
            footer="Bye",
        ),
        f'{{"whatsapp_text":{{"body":{ODD_WIRE},"sender":"123","ttl_condition":"seen",'
        f'"preview":false,"image":{MEDIA_WIRE},"video":{{"link":"https://example.com/a.mp4"}},'
        f'"document":{MEDIA_WIRE},"audio":{{"link":"https://example.com/a.ogg","caption":{ODD_WIRE}}},'
        '"buttons":[{"title":"Yes","id":"y"},{"title":"No"}],"url":"https://example.com",'
        '"title":"Otevřít","raw":{"interactive":{"type":"list","action":{"a":[null]}}},'
        '"header":"Hello","footer":"Bye"}}',
        id="whatsapp",
    ),
    pytest.param(
        WhatsAppTemplate(
            template_name="welcome",
            language="cs",
            sender="1",
            ttl=1.5,
            ttl_condition="delivered",
            params=[ODD, NamedVariable.from_dict({"jméno": "Jana"})],
            params_header=[TemplateHeader(document=open_object(link="https://example.com/a.pdf"))],
            params_buttons=[
                None,
                "track/1",
                TemplateButton(url="track/2"),
                TemplateButton(payload="p"),
                TemplateButton(code="c"),
                TemplateButton(catalog={}),
                TemplateButton(voice_call=VoiceCall(ttl_minutes=5)),
                TemplateButton(mpm={"sections": []}),
                TemplateButton(flow=None),
                TemplateButton(flow=open_object(token="t")),
            ],
            params_carousel=[
                TemplateCarouselItem(
                    product=TemplateProduct(product_retailer_id="r", catalog_id="c")
                )
            ],
            params_lto=[1798963200000],
        ),
        '{"whatsapp_template":{"template_name":"welcome","language":"cs","sender":"1","ttl":1.5,'
        '"ttl_condition":"delivered","params":[' + ODD_WIRE + ',{"jméno":"Jana"}],'
        '"params_header":[{"document":{"link":"https://example.com/a.pdf"}}],'
        '"params_buttons":[null,"track/1",{"url":"track/2"},{"payload":"p"},{"code":"c"},'
        '{"catalog":{}},{"voice_call":{"ttl_minutes":5}},{"mpm":{"sections":[]}},{"flow":null},'
        '{"flow":{"token":"t"}}],"params_carousel":[{"product":{"product_retailer_id":"r",'
        '"catalog_id":"c"}}],"params_lto":[1798963200000]}}',
        id="template",
    ),
    pytest.param(
        WhatsAppTemplate(
            template_name="old",
            language="en_GB",
            parameters_body=["a"],
            parameters_header=["h"],
            parameters_buttons=[None],
            params_lto=["1798963200000"],
        ),
        '{"whatsapp_template":{"template_name":"old","language":"en_GB",'
        '"params_lto":["1798963200000"],"parameters_body":["a"],"parameters_header":["h"],'
        '"parameters_buttons":[null]}}',
        id="template with older names",
    ),
    pytest.param(
        Rcs(
            body=ODD,
            sender="Shop",
            ttl=10,
            ttl_condition="seen",
            buttons=[RcsButton(type_="reply", text="Yes", postback="y"), BUTTON],
            card=RcsCard(**CARD, buttons=[BUTTON]),
            carousel=[RcsCarouselCard(type_="medium", title="One"), RcsCarouselCard(**CARD)],
            raw=RcsRaw(
                suggestions=[open_object(reply={"text": "Hi"})],
                rich_card=open_object(standaloneCard={"a": 1}),
            ),
        ),
        f'{{"rcs":{{"body":{ODD_WIRE},"sender":"Shop","ttl":10,"ttl_condition":"seen",'
        f'"buttons":[{{"type":"reply","text":"Yes","postback":"y"}},{BUTTON_WIRE}],'
        f'"card":{{"title":"Lunch",{CARD_WIRE},"buttons":[{BUTTON_WIRE}]}},'
        f'"carousel":[{{"type":"medium","title":"One"}},{{"title":"Lunch",{CARD_WIRE}}}],'
        '"raw":{"suggestions":[{"reply":{"text":"Hi"}}],"richCard":{"standaloneCard":{"a":1}}}}}',
        id="rcs",
    ),
]


def test_recipients_and_steps_are_those_of_a_message() -> None:
    made = compose(to=[TO, Recipient(phone_number=TO)], flow=(Sms(body="x"), FlowStep(sms=Sms())))
    assert made.to == [Recipient(phone_number=TO)] * 2
    assert made.flow == [FlowStep(sms=Sms(body="x")), FlowStep(sms=Sms())]
    assert compose("Hi", to=TO, flow=Sms()).flow == [FlowStep(sms=Sms())]


@pytest.mark.parametrize(("step", "expected"), STEPS)
def test_each_step(step: Any, expected: str) -> None:
    rules = settings_with(validate=False)
    whole = '{"to":[{"phone_number":"420777123456"}],"flow":[' + expected + "]}"
    assert wire(None, rules, to=TO, flow=[step]) == whole.encode()
    assert wire(None, rules, to=TO, flow=step) == whole.encode()
    assert wire(Message(to=[Recipient(phone_number=TO)], flow=[step]), rules) == whole.encode()
    batch = [compose(to=[TO, TO], flow=(step, Sms(body="x")))]
    [request] = prepare_batch(batch, rules).requests()
    [part] = [encode(one.to_dict()) for one in request.messages]
    to = '{"to":[{"phone_number":"420777123456"},{"phone_number":"420777123456"}],"flow":['
    assert part == (to + expected + ',{"sms":{"body":"x"}}]}').encode()


@pytest.mark.parametrize(
    ("step", "name"),
    [(Sms(), "sms"), (Viber(), "viber"), (WhatsAppText(), "whatsapp_text"), (Rcs(), "rcs")],
)
def test_a_step_without_fields_stays_empty(step: Any, name: str) -> None:
    expected = (
        b'{"to":[{"phone_number":"420777123456"}],"body":"Hi","sender":"Shop",'
        b'"flow":[{"' + name.encode() + b'":{}}]}'
    )
    assert wire("Hi", to=TO, sender="Shop", flow=[step]) == expected
    assert wire("Hi", to=TO, sender="Shop", flow=[FlowStep(**{name: step})]) == expected


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
    payload = {"order": 17, "é": [1.5, None, True]}
    fields: dict[str, Any] = {
        "to": TO,
        "sender": "Shop",
        "flow": [Viber(), Sms()],
        "tag": "News,Spring",
        "window": {
            "days": ["monday", "sunday"],
            "start": "08:00",
            "end": "20:00",
            "tz": "Europe/Prague",
        },
        "callback": {
            "url": "https://example.com/in",
            "method": "POST",
            "headers": {"X-A": "b"},
            "batch_size": 5,
            "secret": 1,
        },
        "payload": payload,
        "params": {
            "_url": {"type": "all", "get_enhance": False},
            "_incoming": {"email_to": "a@example.com"},
            "other": {"a": 1},
        },
    }
    at = datetime(2027, 1, 4, 8, tzinfo=timezone(timedelta(hours=1)))
    assert wire("Hi", at=at, **fields) == expected
    assert wire("Hi", at="2027-01-04T08:00+01:00", **fields) == expected

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
    whole = message(
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
    assert wire(whole) == expected


def test_a_callback_can_be_a_url() -> None:
    sent = wire("Hi", to=TO, callback="https://example.com/in?č=1")
    assert '"callback":"https://example.com/in?č=1"}'.encode() in sent


def test_the_clients_sender_is_the_only_thing_added() -> None:
    assert wire(message(message_tag="old"), settings_with(sender="Shop")) == (
        b'{"to":[{"phone_number":"420777123456"}],"body":"Hi","messageTag":"old","sender":"Shop"}'
    )


def test_a_simple_message_holds_what_was_given() -> None:
    def form(body: str, to: str | Recipient, fields: SimpleFields, **options: Any) -> bytes:
        [request] = prepare_simple(body, to, fields, settings_with(**options)).requests()
        return encode(request.messages[0])

    expected = '{"phone_number":"420777123456","message":' + ODD_WIRE + ',"sender":"Shop"}'
    assert form(ODD, TO, {"sender": "Shop"}) == expected.encode()
    to = Recipient(phone_number="+420 777 123 456")
    fields: SimpleFields = {"gateway": "test", "at": "2027-01-04T08:00+01:00", "custom_id": "c-1"}
    assert form("Hi", to, fields, sender="Shop") == (
        b'{"phone_number":"420777123456","message":"Hi","sender":"Shop","gateway":"test",'
        b'"customID":"c-1","datetime":"2027-01-04T07:00:00Z"}'
    )


@pytest.mark.parametrize(
    "field", [field.name for field in attrs.fields(Message) if field.name not in {"to", "body"}]
)
def test_none_in_a_message_is_unset(field: str) -> None:
    sent = wire(message(**{field: None}), settings_with(sender="Shop"))
    assert sent == b'{"to":[{"phone_number":"420777123456"}],"body":"Hi","sender":"Shop"}'


@pytest.mark.parametrize(
    "window",
    [
        {"start": "08:00", "end": None},
        DeliveryWindow(start="08:00", end=None),  # type: ignore[arg-type]
    ],
    ids=["mapping", "model"],
)
def test_none_in_a_window_is_unset(window: Any) -> None:
    assert b'"delivery_time":{"start":"08:00"}' in wire("Hi", to=TO, window=window)


def test_an_unchecked_window_goes_out_as_given() -> None:
    rules = settings_with(validate=False)
    window: dict[str, Any] = {"start": "8:00", "tz": "Nowhere/At-All"}
    expected = b'"delivery_time":{"start":"8:00","tz":"Nowhere/At-All"}'
    assert expected in wire(message(delivery_time=DeliveryWindow(**window)), rules)
    assert expected in wire("Hi", rules, to=TO, window=window)


@pytest.mark.parametrize("at", ["2027-01-04T08:00:00+01:00", "2027-01-04T07:00:00Z"])
def test_a_text_in_datetime_schedules_a_message(at: Any) -> None:
    assert b'"datetime":"2027-01-04T07:00:00Z"' in wire(message(datetime_=at))
