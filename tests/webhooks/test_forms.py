"""Check the requests that a `Callback` can set besides JSON by POST: forms, other methods, templates."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsmanager.webhooks import (
    CallbackSigner,
    DeliveryReport,
    Event,
    Reply,
    UnknownEvent,
    WebhookParseError,
    WebhookReceiver,
    parse_webhook,
    sign,
)
from smsmanager_jsonapi.models.callback_content_type import CALLBACK_CONTENT_TYPE_VALUES
from smsmanager_jsonapi.models.callback_method import CALLBACK_METHOD_VALUES
from tests.webhooks.bodies import (
    MESSAGE_ID,
    SECRET,
    collecting,
    encoded,
    read,
    read_reply,
    referring,
    reply,
    report,
    touched,
)

FORM = "application/x-www-form-urlencoded"
SIGNER = CallbackSigner("https://example.com/sms?shop=1", SECRET)


def with_json(*elements: dict[str, Any]) -> str:
    """Return events as a form whose objects are JSON."""
    fields = [
        (
            name if len(elements) == 1 else f"{index}[{name}]",
            value if isinstance(value, str) else json.dumps(value),
        )
        for index, element in enumerate(elements)
        for name, value in element.items()
    ]
    return urlencode(fields)


def with_brackets(*elements: dict[str, Any]) -> str:
    """Return events as a form whose objects are nested by brackets, as PHP and `qs` do."""

    def pairs(name: str, value: Any) -> list[tuple[str, str]]:
        if isinstance(value, dict):
            return [pair for key in value for pair in pairs(f"{name}[{key}]", value[key])]
        if isinstance(value, list):
            return [pair for item in value for pair in pairs(f"{name}[]", item)]
        return [(name, "" if value is None else str(value))]

    return urlencode(
        [
            pair
            for index, element in enumerate(elements)
            for name, value in element.items()
            for pair in pairs(name if len(elements) == 1 else f"{index}[{name}]", value)
        ]
    )


def told(event: Event) -> tuple[Any, ...]:
    """Return the content of an event, whatever its fields looked like."""
    if isinstance(event, DeliveryReport):
        return event.dedup_key, event.at, event.phone_number, event.request_id, event.channel
    return (event.dedup_key, *((event.body, event.sender) if isinstance(event, Reply) else ()))


@pytest.mark.parametrize("make", [with_json, with_brackets])
@pytest.mark.parametrize("content_type", [FORM, f"{FORM}; charset=utf-8", FORM.upper()])
def test_a_form_is_read_as_the_same_json(make: Any, content_type: str) -> None:
    one = referring("order-17", result_info="[0] Delivered")
    other = reply(body="[1] {not JSON} Žluťoučký & kůň", payload={"smsmanager_reference": "b"})
    for elements in ([one], [other], [one, other, one]):
        events = parse_webhook(make(*elements).encode(), content_type=content_type)
        assert [told(event) for event in events] == [told(e) for e in parse_webhook(elements)]
        assert parse_webhook(make(*elements), content_type=content_type) == events


def test_texts_that_happen_to_be_json_stay_texts() -> None:
    for text in ("[1]", "{}", '{"a": 1}', "null", "17", ""):
        [event] = parse_webhook(with_json(reply(body=text)), content_type=FORM)
        assert isinstance(event, Reply)
        assert event.body == text
    [event] = parse_webhook(with_json(report(result_info="[302]")), content_type=FORM)
    assert isinstance(event, DeliveryReport)
    assert event.result_info.is_number_format


def test_empty_fields_are_fields_that_the_event_does_not_have() -> None:
    [event] = parse_webhook(
        with_brackets(reply(message_id=None, request_id=None)), content_type=FORM
    )
    assert type(event).__name__ == "IncomingMessage"
    [event] = parse_webhook("message_id=m&result=sent&type=&gateway=", content_type=FORM)
    assert event == DeliveryReport(
        "m", read(report(result="sent")).result, raw={"message_id": "m", "result": "sent"}
    )


def test_payloads_with_numbers_for_names_stay_objects() -> None:
    [event] = parse_webhook(with_json(report(payload={"0": "x", "1": "y"})), content_type=FORM)
    assert isinstance(event, DeliveryReport)
    assert event.payload == {"0": "x", "1": "y"}


def test_json_that_is_called_a_form_is_json() -> None:
    """`curl -d` sends this by default."""
    for body in (encoded(report()), b"  " + json.dumps(report()).encode()):
        assert parse_webhook(body, content_type=FORM) == [read(report())]
    with pytest.raises(WebhookParseError, match="not JSON"):
        parse_webhook(with_json(report()), content_type="text/plain")


@pytest.mark.parametrize(
    "body",
    [
        "=",
        "&",
        "a[[b]=1&a]b=2",
        "a[b]=1&a=2&a[b]=3",
        "a=1&a[b]=2&message_id=m&result=sent",
        "[]=1&[]=2&[x]=3",
        "x" + "[a]" * 50 + "=1",
        "a[" + "9" * 50 + "]=1&a[1]=2",
        "payload={&to=[&sms={}}",
        "payload=" + "[" * 5_000,
        "notifications=[17]",
        "%ff=%ff&%00=1",
        "message_id=m&result=sent&result=seen",
    ],
)
def test_odd_forms(body: str) -> None:
    try:
        events = parse_webhook(body.encode(), content_type=FORM)
    except WebhookParseError:
        assert body in {"&", "[]=1&[]=2&[x]=3"}
        return
    for event in events:
        touched(event)


@given(
    st.lists(
        st.tuples(st.text("ab[]0 &=%", max_size=8), st.text('{[]}"1,', max_size=6)), max_size=6
    )
)
@settings(deadline=None, max_examples=300)
def test_any_form_gives_events_or_one_error(fields: list[tuple[str, str]]) -> None:
    for body in (urlencode(fields), "&".join(f"{name}={value}" for name, value in fields)):
        try:
            events = parse_webhook(body, content_type=FORM)
        except WebhookParseError:
            continue
        for event in events:
            touched(event)


def test_a_form_is_bounded() -> None:
    with pytest.raises(WebhookParseError, match="longer than"):
        parse_webhook("a=1&b=2", max_bytes=6, content_type=FORM)
    with pytest.raises(WebhookParseError, match="1 to 100000 fields"):
        parse_webhook("a=1&" * 100_001, content_type=FORM)
    with pytest.raises(WebhookParseError, match="more than 2 events"):
        parse_webhook(with_json(*[report()] * 3), max_events=2, content_type=FORM)


def ways() -> list[tuple[str, str]]:
    """Return every method and content type that the client lets a caller ask for."""
    types = sorted(CALLBACK_CONTENT_TYPE_VALUES)
    return [(method, one) for method in sorted(CALLBACK_METHOD_VALUES) for one in types]


def test_the_client_can_ask_for_these() -> None:
    assert {"GET", "PATCH", "POST", "PUT"} == CALLBACK_METHOD_VALUES
    assert {content_type for _, content_type in ways()} >= {"application/json", FORM}


@pytest.mark.parametrize(("method", "content_type"), ways())
@pytest.mark.parametrize("is_bytes", [True, False])
def test_the_receiver_takes_what_a_callback_can_ask_for(
    method: str, content_type: str, *, is_bytes: bool
) -> None:
    receiver = WebhookReceiver(callbacks=SIGNER)
    seen = collecting(receiver)
    element = referring("order-17", result_info="Žluťoučký & kůň")
    query = urlsplit(SIGNER.callback_for("order-17")).query
    body = encoded(element) if content_type.endswith("json") else with_json(element).encode()
    if method == "GET":
        query, body = f"{query}&{with_json(element)}", b""
    queries = [query, f"{with_json(element)}&{query}"] if method == "GET" else [query]
    for each in queries:
        response = receiver.handle(
            method,
            {"Content-Type": content_type},
            each.encode() if is_bytes else each,
            body,
        )
        assert (response.status, response.body) == (204, b"")
        response.finish()
        assert told(seen.pop()) == told(read(element))
    assert seen == []


def test_a_get_with_a_body() -> None:
    receiver = WebhookReceiver(callbacks=SIGNER)
    query = urlsplit(SIGNER.callback_for("r")).query
    response = receiver.handle("GET", {}, query, encoded(referring("r")))
    assert [event.dedup_key for event in response.events] == [read(referring("r")).dedup_key]


def test_an_answer_to_a_get_is_not_kept_by_proxies() -> None:
    receiver = WebhookReceiver(insecure=True)
    answer = receiver.handle("get", {}, "message_id=m&result=sent", b"")
    assert (answer.status, answer.headers) == (204, {"cache-control": "no-store"})
    assert receiver.handle("PUT", {}, "", encoded(report())).headers == {}


def test_a_get_without_an_event() -> None:
    receiver = WebhookReceiver(callbacks=SIGNER)
    token = urlsplit(SIGNER.callback_for("r")).query
    assert receiver.handle("GET", {}, token, b"").status == 400
    [event] = receiver.handle("GET", {}, f"{token}&%ff", b"").events
    assert isinstance(event, UnknownEvent)


def test_fields_of_the_base_are_no_fields_of_an_event() -> None:
    signer = CallbackSigner("https://example.com/sms?type=shop&0=1&result=", SECRET)
    receiver = WebhookReceiver(callbacks=signer)
    query = urlsplit(signer.callback_for("r")).query
    for several in (1, 3):
        form = with_brackets(*[referring("r")] * several)
        events = receiver.handle("GET", {}, f"{query}&{form}", b"").events
        assert [told(event) for event in events] == [told(read(referring("r")))] * several
    open_to_all = WebhookReceiver(insecure=True)
    [event, _] = open_to_all.handle("GET", {}, f"shop=1&{with_json(report(), reply())}", b"").events
    assert told(event) == told(read(report()))


def test_a_long_query() -> None:
    receiver = WebhookReceiver(insecure=True, max_body_bytes=100)
    assert receiver.handle("GET", {}, "message_id=m&result=sent&x=" + "x" * 100, b"").status == 413


def test_the_token_allows_as_little_in_a_form() -> None:
    receiver = WebhookReceiver(callbacks=SIGNER)
    query = urlsplit(SIGNER.callback_for("a")).query
    for make in (with_json, with_brackets):
        for elements in ([referring("b")], [report()], [referring("a"), referring("b")]):
            form = make(*elements)
            assert receiver.handle("GET", {}, f"{query}&{form}", b"").status == 401
            answer = receiver.handle("POST", {"content-type": FORM}, query, form.encode())
            assert answer.status == 401


def test_a_signature_covers_a_form_and_no_get() -> None:
    receiver = WebhookReceiver(signature_secrets="s")
    form = with_json(report()).encode()
    headers = {"content-type": FORM, "x-request-signature": sign(form, "s")}
    assert receiver.handle("POST", headers, "", form).status == 204
    assert receiver.handle("POST", headers, "", form + b"&a=1").status == 401
    # The service does not sign a GET, because there is no body.
    assert receiver.handle("GET", {}, form, b"").status == 401


def test_what_a_template_has_to_keep() -> None:
    """An event with other names is passed on unchanged; with a token it must keep its reference."""
    receiver = WebhookReceiver(callbacks=SIGNER)
    query = urlsplit(SIGNER.callback_for("order-17")).query
    payload = {"smsmanager_reference": "order-17"}
    least = {"message_id": MESSAGE_ID, "result": "delivered", "payload": payload}
    own = {"id": MESSAGE_ID, "state": "delivered", "payload": payload}
    response = receiver.handle("POST", {}, query, json.dumps(least).encode())
    assert [event.dedup_key for event in response.events] == [
        read(referring("order-17", gateway=None)).dedup_key
    ]
    [event] = receiver.handle("POST", {}, query, json.dumps(own).encode()).events
    assert isinstance(event, UnknownEvent)
    assert event.raw == own
    del least["payload"]
    assert receiver.handle("POST", {}, query, json.dumps(least).encode()).status == 401
    assert quote("order-17") not in repr(event)
    assert read_reply(reply()).message_id == MESSAGE_ID
