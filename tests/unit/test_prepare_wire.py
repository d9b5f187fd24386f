"""Each flow step goes out byte for byte as the caller wrote it: nothing added, nothing changed."""

from __future__ import annotations

from typing import Any

import pytest

from smsmanager import (
    FlowStep,
    Message,
    NamedVariable,
    OpenObject,
    Rcs,
    RcsButton,
    RcsCard,
    RcsCarouselCard,
    RcsRaw,
    Recipient,
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
from smsmanager._message.prepare import Rules, prepare_batch, prepare_send
from smsmanager._message.requests import encode

TO = "420777123456"
# Quotes, a backslash, a line break, a tab, a joined emoji, a line separator, a decomposed letter.
ODD = "Žluťoučký \"kůň\" \\ 'x'\n\t👨‍👩‍👧\u2028c\u030c €{}\x7f </b>  "
ODD_WIRE = '"Žluťoučký \\"kůň\\" \\\\ \'x\'\\n\\t👨‍👩‍👧\u2028c\u030c €{}\x7f </b>  "'


def open_object(**values: Any) -> OpenObject:
    return OpenObject.from_dict(values)


def wire(message: str | Message | None, **fields: Any) -> bytes:
    [request] = prepare_send(message, fields, Rules()).requests()
    [part] = request.messages
    return encode(part.to_dict())


STEPS = [
    pytest.param(
        Sms(body=ODD),
        '{"sms":{"body":' + ODD_WIRE + "}}",
        id="sms",
    ),
    pytest.param(
        Sms(
            body="Hi",
            sender="Shop",
            ttl=0.5,
            ttl_condition="delivered",
            gateway="direct",
            type_="sms",
        ),
        '{"sms":{"body":"Hi","sender":"Shop","ttl":0.5,"ttl_condition":"delivered",'
        '"gateway":"direct","type":"sms"}}',
        id="sms-all",
    ),
    pytest.param(
        Viber(body=ODD, sender="Shop"),
        '{"viber":{"body":' + ODD_WIRE + ',"sender":"Shop"}}',
        id="viber",
    ),
    pytest.param(
        Viber(
            body="Hi",
            sender="Shop",
            ttl=5,
            ttl_condition="seen",
            buttons=[ViberButton(title="Účet 🧾", url="https://example.com/?a=1&b=č")],
        ),
        '{"viber":{"body":"Hi","sender":"Shop","ttl":5,"ttl_condition":"seen",'
        '"buttons":[{"title":"Účet 🧾","url":"https://example.com/?a=1&b=č"}]}}',
        id="viber-all",
    ),
    pytest.param(
        WhatsAppText(body=ODD, sender="123", ttl_condition="seen", preview=False),
        '{"whatsapp_text":{"body":' + ODD_WIRE + ',"sender":"123","ttl_condition":"seen",'
        '"preview":false}}',
        id="whatsapp",
    ),
    pytest.param(
        WhatsAppText(
            body="Look",
            sender="1",
            image=WhatsAppMedia(link="https://example.com/a.png", caption=ODD),
        ),
        '{"whatsapp_text":{"body":"Look","sender":"1","image":{"link":"https://example.com/a.png","caption":'
        + ODD_WIRE
        + "}}}",
        id="whatsapp-image",
    ),
    pytest.param(
        WhatsAppText(
            body="Look", sender="1", video=WhatsAppMedia(link="https://example.com/a.mp4")
        ),
        '{"whatsapp_text":{"body":"Look","sender":"1","video":{"link":"https://example.com/a.mp4"}}}',
        id="whatsapp-video",
    ),
    pytest.param(
        WhatsAppText(
            body="Read",
            sender="1",
            document=WhatsAppMedia(link="https://example.com/a", filename="účet.pdf", caption=""),
        ),
        '{"whatsapp_text":{"body":"Read","sender":"1","document":{"link":"https://example.com/a",'
        '"filename":"účet.pdf","caption":""}}}',
        id="whatsapp-document",
    ),
    pytest.param(
        WhatsAppText(
            body="Listen", sender="1", audio=WhatsAppMedia(link="https://example.com/a.ogg")
        ),
        '{"whatsapp_text":{"body":"Listen","sender":"1","audio":{"link":"https://example.com/a.ogg"}}}',
        id="whatsapp-audio",
    ),
    pytest.param(
        WhatsAppText(
            body="Come?",
            sender="1",
            header="Hello",
            footer="Bye",
            buttons=[WhatsAppButton(title="Yes", id="y"), WhatsAppButton(title="No")],
        ),
        '{"whatsapp_text":{"body":"Come?","sender":"1","buttons":[{"title":"Yes","id":"y"},'
        '{"title":"No"}],"header":"Hello","footer":"Bye"}}',
        id="whatsapp-buttons",
    ),
    pytest.param(
        WhatsAppText(body="Look", sender="1", url="https://example.com", title="Otevřít"),
        '{"whatsapp_text":{"body":"Look","sender":"1","url":"https://example.com",'
        '"title":"Otevřít"}}',
        id="whatsapp-link",
    ),
    pytest.param(
        WhatsAppText(
            body="Pick",
            sender="1",
            raw=WhatsAppRaw(interactive=open_object(type="list", action={"a": [None]})),
        ),
        '{"whatsapp_text":{"body":"Pick","sender":"1","raw":{"interactive":{"type":"list",'
        '"action":{"a":[null]}}}}}',
        id="whatsapp-raw",
    ),
    pytest.param(
        WhatsAppTemplate(template_name="welcome", language="cs"),
        '{"whatsapp_template":{"template_name":"welcome","language":"cs"}}',
        id="template",
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
        id="template-all",
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
        id="template-older-names",
    ),
    pytest.param(
        Rcs(
            body=ODD,
            sender="Shop",
            ttl=10,
            ttl_condition="seen",
            buttons=[
                RcsButton(type_="reply", text="Yes", postback="y"),
                RcsButton(
                    type_="url",
                    text="Web",
                    postback="w",
                    url="https://example.com",
                    description="Our shop",
                    webview={"mode": "full"},
                ),
            ],
        ),
        '{"rcs":{"body":' + ODD_WIRE + ',"sender":"Shop","ttl":10,"ttl_condition":"seen",'
        '"buttons":[{"type":"reply","text":"Yes","postback":"y"},{"type":"url","text":"Web",'
        '"postback":"w","url":"https://example.com","description":"Our shop",'
        '"webview":{"mode":"full"}}]}}',
        id="rcs-buttons",
    ),
    pytest.param(
        Rcs(
            body="Hi",
            sender="Shop",
            card=RcsCard(
                title="Lunch",
                description=ODD,
                file="https://example.com/a.jpg",
                thumbnail="https://example.com/b.jpg",
                buttons=[RcsButton(type_="reply", text="Book", postback="b")],
            ),
        ),
        '{"rcs":{"body":"Hi","sender":"Shop","card":{"title":"Lunch","description":'
        + ODD_WIRE
        + ","
        '"file":"https://example.com/a.jpg","thumbnail":"https://example.com/b.jpg",'
        '"buttons":[{"type":"reply","text":"Book","postback":"b"}]}}}',
        id="rcs-card",
    ),
    pytest.param(
        Rcs(
            body="Hi",
            sender="Shop",
            carousel=[
                RcsCarouselCard(type_="medium", title="One"),
                RcsCarouselCard(description="Two"),
            ],
        ),
        '{"rcs":{"body":"Hi","sender":"Shop","carousel":[{"type":"medium","title":"One"},'
        '{"description":"Two"}]}}',
        id="rcs-carousel",
    ),
    pytest.param(
        Rcs(body="Hi", sender="Shop", raw=RcsRaw(suggestions=[open_object(reply={"text": "Hi"})])),
        '{"rcs":{"body":"Hi","sender":"Shop","raw":{"suggestions":[{"reply":{"text":"Hi"}}]}}}',
        id="rcs-raw-suggestions",
    ),
    pytest.param(
        Rcs(body="Hi", sender="Shop", raw=RcsRaw(rich_card=open_object(standaloneCard={"a": 1}))),
        '{"rcs":{"body":"Hi","sender":"Shop","raw":{"richCard":{"standaloneCard":{"a":1}}}}}',
        id="rcs-raw-card",
    ),
]


@pytest.mark.parametrize(("step", "expected"), STEPS)
def test_each_step(step: Any, expected: str) -> None:
    whole = ('{"to":[{"phone_number":"420777123456"}],"flow":[' + expected + "]}").encode()
    assert wire(None, to=TO, flow=[step]) == whole
    assert wire(None, to=TO, flow=step) == whole
    assert wire(Message(to=[Recipient(phone_number=TO)], flow=[step])) == whole
    [request] = prepare_batch(
        [compose(to=[TO, TO], flow=(step, Sms(body="x")))], Rules()
    ).requests()
    assert (
        encode([part.to_dict() for part in request.messages])
        == (
            '[{"to":[{"phone_number":"420777123456"},{"phone_number":"420777123456"}],"flow":['
            + expected
            + ',{"sms":{"body":"x"}}]}]'
        ).encode()
    )


@pytest.mark.parametrize("step", [Sms(), Viber(), WhatsAppText(), Rcs()])
def test_a_step_without_fields_stays_empty(step: Any) -> None:
    channel = {"Sms": "sms", "Viber": "viber", "WhatsAppText": "whatsapp_text", "Rcs": "rcs"}
    name = channel[type(step).__name__]
    expected = (
        '{"to":[{"phone_number":"420777123456"}],"body":"Hi","sender":"Shop",'
        '"flow":[{"' + name + '":{}}]}'
    ).encode()
    assert wire("Hi", to=TO, sender="Shop", flow=[step]) == expected
    given = FlowStep(**{name: step})
    assert wire("Hi", to=TO, sender="Shop", flow=[given]) == expected
