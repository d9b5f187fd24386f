"""What the default rule set accepts, and what it notes."""

from __future__ import annotations

from typing import Any

import pytest

from smsmanager.sandbox import Sandbox
from tests.sandbox.conftest import message_to, post, simple

TO = [{"phone_number": "420777123456"}]
TEMPLATE = {"template_name": "shipped", "language": "cs"}

LET_PASS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "nothing to note": ({}, []),
    "unknown field": ({"bdy": 1}, ["/bdy: unknown field, ignored"]),
    "unknown field of a recipient": (
        {"to": [{**TO[0], "name": "J."}]},
        ["/to/0/name: unknown field, ignored"],
    ),
    "unknown field of a step": (
        {"flow": [{"sms": {"flash": True}}, {"whatsapp_text": {"emoji": 5}}]},
        [
            "/flow/0/sms/flash: unknown field, ignored",
            "/flow/1/whatsapp_text/emoji: unknown field, ignored",
        ],
    ),
    "long text": ({"body": "x" * 1001}, ["/body: longer than 1000 characters, cut"]),
    "long text of a step": (
        {"flow": [{"viber": {"body": "x" * 1001}}]},
        ["/flow/0/viber/body: longer than 1000 characters, cut"],
    ),
    "older names": (
        {
            "flow": [{"whatsapp_template": {**TEMPLATE, "parameters_body": ["a"]}}],
            "messageTag": "b",
        },
        [],
    ),
    "odd sender": (
        {"sender": "A name too long"},
        ["/sender: neither a name of at most 11 characters nor a number; right as an alias only"],
    ),
    "empty callback": ({"callback": ""}, ["/callback: empty, ignored"]),
    "gateway that others offer": (
        {"flow": [{"sms": {"gateway": "low"}}]},
        ["/flow/0/sms/gateway: not a gateway that the description knows, taken as it is"],
    ),
    "personal name": ({"420777123456": 1}, ["/(a name): unknown field, ignored"]),
}
STILL_REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "unknown channel": ({"flow": [{"pigeon": {}}]}, "/flow/0: unknown field pigeon"),
    "two channels": ({"flow": [{"sms": {}, "viber": {}}]}, "/flow/0: "),
    "wrong type": ({"body": 5}, "/body: this value is not of type"),
    "unknown value": ({"flow": [{"sms": {"type": "SECRET"}}]}, "/flow/0/sms/type: "),
    "gateway of another type": ({"flow": [{"sms": {"gateway": 5}}]}, "/flow/0/sms/gateway: "),
    "callback that is no address": ({"callback": 5}, "/callback: "),
    "unknown field and a wrong value": (
        {"a": 1, "flow": [{"sms": {"ttl": 0}}]},
        "/flow/0/sms/ttl: this value is less than",
    ),
    "no such zone": (
        {"delivery_time": {"tz": "Europe/Brno"}},
        "/delivery_time/tz: is not an IANA time zone",
    ),
    "zone as a path": (
        {"delivery_time": {"tz": "../../etc/passwd"}},
        "/delivery_time/tz: is not an IANA",
    ),
    "too many recipients": ({"to": TO * 11}, "/to: this value has more than 10 items"),
    "long address": ({"callback": {"url": "http://" + "x" * 2050}}, "/callback/url: "),
}


@pytest.mark.parametrize("case", LET_PASS)
@pytest.mark.parametrize("path", ["/message", "/messages"])
def test_what_is_let_pass_is_noted_and_kept_as_it_came(
    sandbox: Sandbox, case: str, path: str
) -> None:
    fields, notes = LET_PASS[case]
    message = message_to(**fields)
    answer = post(sandbox, message if path == "/message" else [message], path=path)

    assert answer.status_code == 200, answer.text
    (stored,) = sandbox.messages
    assert sorted(stored.notes) == sorted(notes)
    assert stored.message == message


def test_notes_of_a_batch_stay_with_their_message(sandbox: Sandbox) -> None:
    batch = [{"to": TO, "body": "a", **({f"x{index}": 1} if index else {})} for index in range(10)]
    post(sandbox, batch, path="/messages")

    assert [message.notes for message in sandbox.messages] == [
        (f"/x{index}: unknown field, ignored",) if index else () for index in range(10)
    ]


@pytest.mark.parametrize("case", STILL_REFUSED)
def test_what_cannot_be_processed_is_refused(sandbox: Sandbox, case: str) -> None:
    fields, reason = STILL_REFUSED[case]
    answer = post(sandbox, message_to(**fields))

    assert answer.status_code == 400
    (request,) = sandbox.requests
    assert request.reason is not None
    assert request.reason.startswith(reason)
    assert request.is_refused
    assert request.pointer == reason.partition(":")[0]
    assert sandbox.messages == ()


def test_a_long_text_is_cut_as_the_service_does(sandbox: Sandbox) -> None:
    post(sandbox, {"to": TO, "body": "x" * 1500, "flow": [{"viber": {}}, {"sms": {}}]})
    form = {"phone_number": "420777123456", "message": "y" * 1500, "sender": "Shop", "a": "b"}
    simple(sandbox, "POST", form)

    assert [step.body for step in sandbox.messages[0].steps] == ["x" * 1000] * 2
    assert sandbox.messages[0].parts == 7
    assert sandbox.messages[1].body == "y" * 1000
    assert sorted(sandbox.messages[1].notes) == [
        "/a: unknown field, ignored",
        "/message: longer than 1000 characters, cut",
    ]


def test_only_two_rule_sets_are_known() -> None:
    with pytest.raises(ValueError, match="rules must be one of docs, spec"):
        Sandbox(rules="loose")  # type: ignore[arg-type]
