"""Check how a reference is carried, and where it is found."""

from __future__ import annotations

from typing import Any

import pytest

from smsmanager import Message, Payload, Recipient, ValidationError, compose
from smsmanager._message.prepare import Rules, prepare_batch, prepare_send, prepare_simple
from smsmanager._message.requests import Prepared
from smsmanager.ids import REFERENCE_KEY, new_reference, reference_of

TO = "420777123456"


def payload_of(prepared: Prepared) -> Any:
    [content] = prepared.contents
    return content.fields.get("payload")


def send(text: str | Message, **fields: Any) -> Any:
    """Return the payload that goes out."""
    return payload_of(prepare_send(text, fields, Rules()))


def simple(custom_id: str | None, rules: Rules) -> Prepared:
    return prepare_simple(
        "Hi", TO, sender="Shop", gateway=None, at=None, custom_id=custom_id, rules=rules
    )


@pytest.mark.parametrize(
    ("payload", "reference"),
    [
        ({REFERENCE_KEY: "order-17"}, "order-17"),
        ({"customID": "order-17"}, "order-17"),
        ({"customID": "form", REFERENCE_KEY: "own"}, "own"),
        ({"customID": "form", REFERENCE_KEY: ""}, "form"),
        ({"customID": "form", REFERENCE_KEY: 17}, "form"),
        ({"customID": 17}, None),
        ({"customID": ""}, None),
        ({"order": "17"}, None),
        ({}, None),
        (None, None),
        ("order-17", None),
        ([REFERENCE_KEY], None),
    ],
)
def test_reference_of_a_payload(payload: Any, reference: str | None) -> None:
    assert reference_of(payload) == reference


def test_new_references_differ() -> None:
    made = {new_reference() for _ in range(100)}
    assert len(made) == 100
    assert all(reference_of({REFERENCE_KEY: one}) == one for one in made)


def test_references_go_into_the_payload_and_disturb_nothing() -> None:
    payload = {"order": 17}
    prepared = prepare_send("Hi", {"to": TO, "payload": payload, "reference": "o-17"}, Rules())
    assert payload_of(prepared) == {"order": 17, "smsmanager_reference": "o-17"}
    assert payload == {"order": 17}
    assert [one.reference for one in prepared.contents] == ["o-17"]
    own = Message(to=[Recipient(phone_number=TO)], body="Hi", payload=Payload.from_dict({"own": 1}))
    assert send(own, reference="r") == {"own": 1, "smsmanager_reference": "r"}
    assert own.to_dict()["payload"] == {"own": 1}
    assert send("Hi", to=TO, reference="r") == {"smsmanager_reference": "r"}
    twice = compose("Hi", to=TO, payload=Payload.from_dict({"a": 1}), reference="r")
    assert send(twice, reference="r") == {"a": 1, "smsmanager_reference": "r"}
    assert send("Hi", to=TO, reference=None) is None
    with pytest.raises(ValidationError, match="reference: stands in payload") as caught:
        send(twice, reference="another")
    assert "another" not in str(caught.value)


def test_automatic_references_are_given_where_there_is_none() -> None:
    rules = Rules(auto_reference=True)
    messages = [compose("Hi", to=TO), compose("Hi", to=TO, reference="own")]
    prepared = prepare_batch(messages, rules)
    first, second = [one.reference for one in prepared.contents]
    assert first
    assert second == "own"
    [request] = prepared.requests()
    assert [m.to_dict()["payload"]["smsmanager_reference"] for m in request.messages] == [
        first,
        "own",
    ]
    assert "payload" not in messages[0].to_dict()
    form = simple(None, rules)
    assert form.contents[0].fields["customID"] == form.contents[0].reference
    assert simple("c", rules).contents[0].reference == "c"
    assert simple(None, Rules()).contents[0].reference is None
    again = {prepare_send("Hi", {"to": TO}, rules).contents[0].reference for _ in range(20)}
    assert len(again) == 20
