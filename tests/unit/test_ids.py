"""Check the two forms of a message id, and where a message carries the caller's reference."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsmanager import (
    Message,
    Payload,
    Recipient,
    ValidationError,
    compose,
    expand_message_id,
    same_message,
    split_message_id,
)
from smsmanager._message.compose import SimpleFields
from smsmanager._message.prepare import prepare_batch, prepare_send, prepare_simple
from smsmanager._message.wire_requests import Prepared, encode
from smsmanager.ids import REFERENCE_KEY, new_reference, reference_of
from tests.unit.client_settings import settings_with

TO = "420777123456"
A_UUID = "0f5e8e3e-2a4b-4c55-9d3b-0123456789ab"

ids = st.one_of(
    st.uuids().map(str), st.text(min_size=1), st.from_regex(r"[a-z]{1,4}(-[0-9]{1,3}){0,3}")
)


@pytest.mark.parametrize(
    ("message_id", "index", "expanded"),
    [
        (A_UUID, 0, f"{A_UUID}-0"),
        (A_UUID, 9, f"{A_UUID}-9"),
        ("42", 10, "42-10"),
        ("a-b", 3, "a-b-3"),
    ],
)
def test_an_expanded_id_has_the_index_as_suffix(message_id: str, index: int, expanded: str) -> None:
    assert expand_message_id(message_id, index) == expanded
    assert split_message_id(expanded) == (message_id, index)


@pytest.mark.parametrize("index", [-1, -10])
def test_index_counts_from_zero(index: int) -> None:
    with pytest.raises(ValueError, match="recipient_index counts from 0"):
        expand_message_id(A_UUID, index)


@pytest.mark.parametrize(
    "message_id",
    [
        A_UUID,
        "42",
        "",
        "-0",
        "abc",
        "abc-",
        "abc-00",
        "abc-01",
        "abc-100",
        "abc-x",
        "abc-1x",
        "abc-0\n",
        "abc--",
        "abc-\N{ARABIC-INDIC DIGIT ONE}",
    ],
)
def test_what_is_not_a_suffix_stays(message_id: str) -> None:
    assert split_message_id(message_id) == (message_id, None)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (A_UUID, A_UUID, True),
        (A_UUID, f"{A_UUID}-0", True),
        (f"{A_UUID}-0", A_UUID, True),
        (f"{A_UUID}-3", f"{A_UUID}-3", True),
        (A_UUID, f"{A_UUID}-1", False),
        (f"{A_UUID}-0", f"{A_UUID}-1", False),
        (A_UUID, A_UUID.upper(), False),
        ("a", "b", False),
        ("a", "a-00", False),
    ],
)
def test_same_message_takes_an_id_and_its_first_recipient_as_one(
    one: str, other: str, *, same: bool
) -> None:
    assert same_message(one, other) is same
    assert same_message(other, one) is same


@given(ids, st.integers(0, 99))
def test_split_undoes_expand(message_id: str, index: int) -> None:
    assert split_message_id(expand_message_id(message_id, index)) == (message_id, index)


@given(ids)
def test_split_loses_nothing(message_id: str) -> None:
    base, index = split_message_id(message_id)
    assert (base if index is None else f"{base}-{index}") == message_id


@given(st.uuids())
def test_a_uuid_has_no_suffix(uuid: UUID) -> None:
    assert split_message_id(str(uuid)) == (str(uuid), None)


@given(ids, ids)
def test_same_message_does_not_depend_on_the_order(one: str, other: str) -> None:
    assert same_message(one, one)
    assert same_message(one, other) is same_message(other, one)


@given(ids, st.integers(1, 99))
def test_only_the_first_recipient_can_go_without_a_suffix(message_id: str, index: int) -> None:
    assert same_message(message_id, expand_message_id(message_id, 0))
    assert not same_message(message_id, expand_message_id(message_id, index))


def sent(prepared: Prepared) -> Any:
    [request] = prepared.requests()
    [message] = request.messages
    return json.loads(encode(message.to_dict()))


def payload_of(prepared: Prepared) -> Any:
    return sent(prepared).get("payload")


def send(text: str | Message, **fields: Any) -> Any:
    """Return the payload that is sent."""
    return payload_of(prepare_send(text, fields, settings_with()))


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
    prepared = prepare_send(
        "Hi", {"to": TO, "payload": payload, "reference": "o-17"}, settings_with()
    )
    assert payload_of(prepared) == {"order": 17, "smsmanager_reference": "o-17"}
    assert payload == {"order": 17}
    assert [one.reference for one in prepared.contents] == ["o-17"]
    own = Message(to=[Recipient(phone_number=TO)], body="Hi", payload=Payload.from_dict({"own": 1}))
    assert send(own, reference="r") == {"own": 1, REFERENCE_KEY: "r"}
    assert own.to_dict()["payload"] == {"own": 1}
    assert send("Hi", to=TO, reference="r") == {REFERENCE_KEY: "r"}
    twice = compose("Hi", to=TO, payload=Payload.from_dict({"a": 1}), reference="r")
    assert send(twice, reference="r") == {"a": 1, REFERENCE_KEY: "r"}
    assert send("Hi", to=TO, reference=None) is None
    with pytest.raises(ValidationError, match=r"reference: .*payload") as caught:
        send(twice, reference="another")
    assert "another" not in str(caught.value)


@pytest.mark.parametrize("payload", [["a"], "a", 5])
def test_a_payload_of_another_type_is_refused_beside_a_reference(payload: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        send("Hi", to=TO, payload=payload, reference="order-17")
    assert caught.value.field == "payload"


@pytest.mark.parametrize("reference", [17, "", ["order-17"]])
def test_a_reference_that_cannot_come_back_is_refused(reference: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        send("Hi", to=TO, reference=reference)
    assert caught.value.field == "reference"


def test_none_keeps_the_payload_beside_a_reference() -> None:
    own = Message(to=[Recipient(phone_number=TO)], body="Hi", payload=Payload.from_dict({"own": 1}))
    assert send(own, payload=None, reference="r") == {"own": 1, REFERENCE_KEY: "r"}


def test_automatic_references_are_given_where_there_is_none() -> None:
    rules = settings_with(auto_reference=True)
    messages = [compose("Hi", to=TO), compose("Hi", to=TO, reference="own")]
    prepared = prepare_batch(messages, rules)
    first, second = [one.reference for one in prepared.contents]
    assert first
    assert second == "own"
    [request] = prepared.requests()
    payloads = [json.loads(encode(one.to_dict()))["payload"] for one in request.messages]
    assert payloads == [{REFERENCE_KEY: first}, {REFERENCE_KEY: "own"}]
    assert "payload" not in messages[0].to_dict()
    again = {prepare_send("Hi", {"to": TO}, rules).contents[0].reference for _ in range(20)}
    assert len(again) == 20


def test_the_reference_of_a_form_is_its_custom_id() -> None:
    def form(custom_id: str | None = None, **options: Any) -> Prepared:
        fields: SimpleFields = {"sender": "Shop", "custom_id": custom_id}
        return prepare_simple("Hi", TO, fields, settings_with(**options))

    made = form(auto_reference=True)
    assert made.contents[0].reference
    assert sent(made)["customID"] == made.contents[0].reference
    assert form("c", auto_reference=True).contents[0].reference == "c"
    assert form().contents[0].reference is None
