"""What is refused, in which shape, and for which reason."""

import json

import httpx
import pytest

from smsmanager.sandbox import Sandbox
from tests.sandbox.conftest import FORM_TYPE, message_to, post, raw, simple

TO = [{"phone_number": "420777123456"}]
SIMPLE = {"phone_number": "420777123456", "message": "Hello", "sender": "Shop"}
PERSONAL = ("420777123456", "Hello", "SECRET")


def with_step(channel: str, **step: object) -> dict[str, object]:
    return message_to(flow=[{channel: step}])


LINK = {"link": "https://example.com/SECRET"}
REFUSED_MESSAGES: dict[str, tuple[object, str]] = {
    "not an object": ("SECRET", "/: this value is not of type "),
    "null": (None, "/: this value is not of type "),
    "nothing": ({}, "/: to is missing (required)"),
    "no recipient": ({"to": [], "body": "Hello"}, "/to: "),
    "11 recipients": ({"to": TO * 11, "body": "Hello"}, "/to: "),
    "recipient is a text": ({"to": ["420777123456"], "body": "Hello"}, "/to/0: "),
    "number is a number": (
        {"to": [*TO, {"phone_number": 420777123456}], "body": "Hello"},
        "/to/1/phone_number: ",
    ),
    "unknown field": (message_to(bdy="SECRET"), "/: unknown field bdy ("),
    "personal field name": (
        {"to": TO, "body": "x", "420777123456": 1},
        "/: unknown field (a name)",
    ),
    "no text": ({"to": TO}, "/body: is missing, and there is no flow"),
    "long text": ({"to": TO, "body": "x" * 1001}, "/body: this value is longer than 1000"),
    "long text of a step": (with_step("sms", body="x" * 1001), "/flow/0/sms/body: this value is"),
    "empty flow": (message_to(flow=[]), "/flow: "),
    "two channels in a step": (message_to(flow=[{"sms": {}, "viber": {}}]), "/flow/0: "),
    "unknown channel": (with_step("pigeon"), "/flow/0: unknown field pigeon"),
    "unknown gateway": (
        with_step("sms", gateway="SECRET"),
        "/flow/0/sms/gateway: this value is none of high, lowcost, direct, custom, simhost, gsm, test",
    ),
    "ttl too short": (with_step("sms", ttl=0.1), "/flow/0/sms/ttl: "),
    "two buttons": (
        with_step("viber", buttons=[{"title": "a", "url": "b"}] * 2),
        "/flow/0/viber/buttons: ",
    ),
    "template without name": (
        with_step("whatsapp_template", language="en"),
        "/flow/0/whatsapp_template: template_name is missing",
    ),
    "not a time": (message_to(datetime="SECRET"), "/datetime: "),
    "no such hour": (message_to(delivery_time={"start": "24:00"}), "/delivery_time/start: "),
    "callback is not a URL": (message_to(callback="SECRET"), "/callback: "),
    "callback without url": (
        message_to(callback={"method": "POST"}),
        "/callback: url is missing (required)",
    ),
    "callback of two kinds wrong": (message_to(callback=5), "/callback: "),
    "step without text": (
        {"to": TO, "flow": [{"sms": {"body": "Hello"}}, {"rcs": {}}]},
        "/flow/1/rcs/body: is missing, and so is /body",
    ),
    "two contents": (
        with_step("whatsapp_text", image=LINK, video=LINK),
        "/flow/0/whatsapp_text: has image and video, where one content is allowed",
    ),
    "picture and buttons": (
        with_step("whatsapp_text", image=LINK, buttons=[{"title": "a"}]),
        "/flow/0/whatsapp_text: has image and buttons, where",
    ),
    "half a link button": (
        with_step("whatsapp_text", url="https://example.com"),
        "/flow/0/whatsapp_text: url and title only go together",
    ),
    "other half": (
        with_step("whatsapp_text", title="SECRET"),
        "/flow/0/whatsapp_text: url and title only go together",
    ),
}


@pytest.mark.parametrize("path", ["/message", "/message/priority"])
@pytest.mark.parametrize("case", REFUSED_MESSAGES)
def test_a_wrong_message_is_refused_with_the_place_and_the_rule(
    sandbox: Sandbox, path: str, case: str
) -> None:
    message, reason = REFUSED_MESSAGES[case]
    answer = raw(sandbox, json.dumps(message), path)

    assert answer.status_code == 400
    (request,) = sandbox.requests
    assert answer.json() == {"Message": request.reason}
    assert request.reason is not None
    assert request.reason.startswith(reason)
    assert not any(personal in request.reason for personal in PERSONAL)
    assert (request.status_code, request.recipients) == (400, 0)
    assert sandbox.messages == ()


@pytest.mark.parametrize(
    ("batch", "reason"),
    [
        ([], "/: "),
        (message_to(), "/: "),
        ([message_to()] * 11, "/: this value has more than 10 items"),
        ([message_to(), {"to": TO}], "/1/body: is missing, and there is no flow"),
        ([{"to": TO, "body": "x" * 1001}], "/0/body: this value is longer"),
    ],
)
def test_a_wrong_batch_is_refused_as_a_whole(sandbox: Sandbox, batch: object, reason: str) -> None:
    answer = post(sandbox, batch, path="/messages")

    assert answer.status_code == 400
    assert answer.json()["Message"].startswith(reason)
    assert sandbox.messages == ()


BROKEN_JSON = {
    "empty": b"",
    "cut off": b'{"to": [',
    "not UTF-8": b'{"to": [{"phone_number": "1"}], "body": "\xff"}',
    "byte order mark": b'\xef\xbb\xbf{"to": [{"phone_number": "1"}], "body": "x"}',
    "NaN": b'{"to": [{"phone_number": "1"}], "body": "x", "payload": {"a": NaN}}',
    "endless number": b'{"to": [{"phone_number": "1"}], "body": "x", "payload": {"a": 1e999}}',
    "endless digits": b'{"to": [{"phone_number": "1"}], "body": "x", "payload": {"a": %s}}'
    % (b"9" * 5000),
    "very deep": b"[" * 50_000,
}


@pytest.mark.parametrize("case", BROKEN_JSON)
@pytest.mark.parametrize("path", ["/message", "/messages"])
def test_what_is_no_json_is_refused(sandbox: Sandbox, case: str, path: str) -> None:
    answer = raw(sandbox, BROKEN_JSON[case], path)

    assert answer.status_code == 400
    assert answer.json() == {"Message": "/: the body is not valid JSON in UTF-8"}
    assert sandbox.requests[-1].reason == "/: the body is not valid JSON in UTF-8"


@pytest.mark.parametrize("text", ["\ud83d", "\ude00\ud83d", "a\udfffb"])
def test_half_a_surrogate_pair_is_refused(sandbox: Sandbox, text: str) -> None:
    for message in ({"to": TO, "body": text}, {"to": TO, "body": "x", "payload": {text: 1}}):
        answer = raw(sandbox, json.dumps(message))

        assert answer.status_code == 400
        assert answer.json() == {"Message": "/: a string of the body has a lone surrogate"}


def test_a_whole_surrogate_pair_is_one_character(sandbox: Sandbox) -> None:
    content = r'{"to": [{"phone_number": "420777123456"}], "body": "\uD83D\uDE00 \\ud83d"}'
    answer = raw(sandbox, content)

    assert answer.status_code == 200
    assert sandbox.messages[0].body == "\N{GRINNING FACE} \\ud83d"


def nested(levels: int) -> str:
    payload = '{"a":' * levels + "1" + "}" * levels
    return f'{{"to": [{{"phone_number": "1"}}], "body": "x", "payload": {payload}}}'


def test_a_body_may_be_nested_a_hundred_levels_deep_and_no_deeper(
    sandbox: Sandbox, api: httpx.Client
) -> None:
    taken = raw(sandbox, nested(99))
    refused = raw(sandbox, nested(100))

    assert taken.status_code == 200
    assert refused.status_code == 400
    assert refused.json() == {"Message": "/: the body is nested deeper than 100 levels"}
    assert len(api.get("/messages").json()["messages"]) == 1


def test_many_brackets_side_by_side_are_not_deep(sandbox: Sandbox) -> None:
    message = {"to": TO, "body": "x", "payload": {"a": [{}] * 300}}

    assert post(sandbox, message).status_code == 200


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded"])
def test_json_under_another_content_type_is_refused(sandbox: Sandbox, content_type: str) -> None:
    content = json.dumps(message_to())
    answer = raw(sandbox, content, content_type=content_type)

    assert answer.status_code == 400
    assert answer.json() == {"Message": "/: the content type is not application/json"}
    assert sandbox.messages == ()


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "Application/JSON", "application/json;"]
)
def test_a_content_type_may_have_parameters(sandbox: Sandbox, content_type: str) -> None:
    content = json.dumps(message_to())
    answer = raw(sandbox, content, content_type=content_type)

    assert answer.status_code == 200


SIMPLE_REFUSALS: dict[str, tuple[dict[str, str], str]] = {
    "no number": ({"message": "Hello", "sender": "Shop"}, "/: phone_number is missing"),
    "no text": ({"phone_number": "420777123456", "sender": "Shop"}, "/: message is missing"),
    "no sender": ({"phone_number": "420777123456", "message": "Hello"}, "/: sender is missing"),
    "long text": ({**SIMPLE, "message": "x" * 1001}, "/message: this value is longer than 1000"),
    "wrong gateway": ({**SIMPLE, "gateway": "SECRET"}, "/gateway: this value is none of high"),
    "wrong time": ({**SIMPLE, "datetime": "SECRET"}, "/datetime: "),
    "wrong older time": (
        {"number": "420777123456", "body": "Hello", "sender": "Shop", "time": "SECRET"},
        "/datetime: ",
    ),
    "unknown field": ({**SIMPLE, "customId": "SECRET"}, "/: unknown field customId"),
}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("case", SIMPLE_REFUSALS)
def test_a_wrong_simple_message_is_not_accepted(sandbox: Sandbox, case: str, method: str) -> None:
    fields, reason = SIMPLE_REFUSALS[case]
    answer = simple(sandbox, method, fields)

    assert answer.status_code == 400
    (request,) = sandbox.requests
    assert answer.json() == {"request_id": request.request_id, "accepted": False}
    assert request.request_id
    assert request.reason is not None
    assert request.reason.startswith(reason)
    assert not any(personal in request.reason for personal in PERSONAL)
    assert sandbox.messages == ()


@pytest.mark.parametrize(
    "content_type", ["application/json", "", "multipart/form-data; boundary=x"]
)
def test_a_simple_message_is_a_form_or_unsupported(sandbox: Sandbox, content_type: str) -> None:
    answer = raw(sandbox, b'{"a": 1}', "/simple/message", content_type=content_type)

    assert answer.status_code == 415
    assert answer.json() == {"message": "Unsupported Media Type"}
    assert sandbox.requests[0].reason == (
        "/: the content type is not application/x-www-form-urlencoded"
    )


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        (b"phone_number=%ff&message=a&sender=b", "/: the fields cannot be read"),
        (b"phone_number=\xff&message=a&sender=b", "/: the fields cannot be read"),
        (b"a=1&" * 101, "/: the fields cannot be read"),
        (b"phone_number=1&phone_number=2&message=a&sender=b", "/: a field is given more than once"),
    ],
)
def test_a_form_that_cannot_be_read_is_not_accepted(
    sandbox: Sandbox, form: bytes, reason: str
) -> None:
    answer = raw(sandbox, form, "/simple/message", content_type=FORM_TYPE)

    assert (answer.status_code, answer.json()["accepted"]) == (400, False)
    assert sandbox.requests[0].reason == reason


def test_an_empty_text_is_a_text(sandbox: Sandbox) -> None:
    assert post(sandbox, {"to": TO, "body": ""}).status_code == 200
    assert simple(sandbox, "POST", {**SIMPLE, "message": ""}).status_code == 200
