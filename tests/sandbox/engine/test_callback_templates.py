"""The content of a webhook whose callback has templates."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsmanager.sandbox import Sandbox
from smsmanager.sandbox.engine.records.callback_templates import MAX_CHARACTERS, rendered
from tests.sandbox.conftest import NUMBER, send
from tests.webhook_receiver import Receiver

EVENTS: list[dict[str, Any]] = [
    {"message_id": "a", "timestamp": 5, "to": {"phone_number": "420"}, "payload": {"x": 'q"1'}},
    {"message_id": "b", "timestamp": 6},
]


@pytest.mark.parametrize(
    ("item", "body", "found"),
    [
        (None, None, EVENTS),
        ({"id": "{{message_id}}"}, None, [{"id": "a"}, {"id": "b"}]),
        (["{{ timestamp }}", 1, None, True], None, [[5, 1, None, True], [6, 1, None, True]]),
        ("{{to.phone_number}}", None, ["420", None]),
        ("no {{to.phone_number}}!", None, ["no 420!", "no !"]),
        ({"p": "{{payload}}", "{{k}}": "{{payload.x.y}}"}, None, [
            {"p": {"x": 'q"1'}, "{{k}}": None}, {"p": None, "{{k}}": None},
        ]),
        ("{{message_id}}", {"all": "{{items}}", "first": "{{message_id}}"}, {
            "all": ["a", "b"], "first": "a",
        }),
        (None, [], []),
        ("{{message_id}}", '{"ids": {{items}}, "x": "{{payload.x}}"}', (
            '{"ids": ["a", "b"], "x": "q\\"1"}'
        )),
        ("{message_id} {{}} {{a b}} {{{{message_id}}}}", None, [
            "{message_id} {{}} {{a b}} {{a}}", "{message_id} {{}} {{a b}} {{b}}",
        ]),
    ],
)  # fmt: skip
def test_a_template_takes_the_values_of_the_event(item: Any, body: Any, found: Any) -> None:
    assert rendered(item, body, EVENTS, lambda text: json.dumps(text)[1:-1]) == found


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text() | st.just("{{message_id}}{{to}}"),
        lambda below: st.lists(below) | st.dictionaries(st.text(), below),
        max_leaves=8,
    )
)
def test_any_template_can_be_rendered(template: Any) -> None:
    for item, body in ((template, None), (None, template), (template, template)):
        json.dumps(rendered(item, body, EVENTS, str))


def test_values_that_are_named_over_and_over_are_left_out_at_some_point() -> None:
    large = {"payload": "x" * 60_000}
    found = rendered(["{{payload}}"] * 5000, "{{items}} and {{payload}}" * 20, [large], str)
    assert len(found) <= 3 * MAX_CHARACTERS


@pytest.mark.parametrize(
    ("callback", "content_type", "bodies"),
    [
        ({"item": {"id": "{{message_id}}", "is": "{{result}}"}}, "application/json", [
            [{"id": "ID", "is": "sending"}], [{"id": "ID", "is": "sent"}],
        ]),
        ({"body": {"n": "{{items}}"}, "item": {"is": "{{result}}"}, "batch_size": 5}, "application/json", [
            {"n": [{"is": "sending"}]}, {"n": [{"is": "sent"}]},
        ]),
    ],
)  # fmt: skip
def test_webhooks_carry_what_the_templates_say(
    still: Sandbox,
    receiver: Receiver,
    callback: dict[str, Any],
    content_type: str,
    bodies: list[Any],
) -> None:
    (message_id,) = send(still, callback={"url": receiver.url, **callback})
    still.advance(1)

    assert [json.loads(body) for body in receiver.bodies] == json.loads(
        json.dumps(bodies).replace("ID", message_id)
    )
    assert {call.headers["content-type"] for call in receiver.calls} == {content_type}
    (first, _) = httpx.get(f"{still.url}/sandbox/deliveries").json()["deliveries"]
    assert first["body"] == receiver.bodies[0].decode()
    assert (
        receiver.bodies[0].decode().replace('"', "&#34;")
        in httpx.get(f"{still.url}/messages/1").text
    )


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "form"])
def test_a_form_has_the_fields_of_the_template(
    still: Sandbox, receiver: Receiver, content_type: str
) -> None:
    callback = {"url": receiver.url, "item": {"n": "{{to.phone_number}}", "p": "{{payload}}"}}
    # The description of this package may allow the one name or the other.
    send(still, callback=callback, payload={"a": "ž&"})
    still.messages[-1].message["callback"]["content_type"] = content_type
    still.advance(1)

    fields = parse_qs(receiver.bodies[-1].decode())
    assert fields == {"n": [NUMBER], "p": ['{"a": "ž&"}']}
    assert receiver.calls[-1].headers["content-type"] == "application/x-www-form-urlencoded"


def test_by_get_the_template_is_in_the_query(still: Sandbox, receiver: Receiver) -> None:
    callback = {"url": receiver.url, "method": "GET", "body": {"is": "{{result}}", "id": 5}}
    send(still, callback=callback)
    still.advance(1)
    assert urlsplit(receiver.calls[-1].path).query == "is=sent&id=5"
