"""What a test reads: messages, steps, search."""

import pickle
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from smsmanager.sandbox import ReceivedMessage, ReceivedStep, Sandbox, Status
from smsmanager.sandbox.engine.records.received_request import ReceivedRequest
from tests.sandbox.conftest import message_to, post, send

FIRST, SECOND = "420777123456", "421905123456"
EMOJI = "\N{GRINNING FACE}"


def test_steps_take_text_and_sender_from_the_message(sandbox: Sandbox) -> None:
    flow = [
        {"viber": {"body": "Own", "ttl": 5}},
        {"whatsapp_template": {"template_name": "shipped", "language": "en"}},
        {"sms": {"sender": "Own", "gateway": "lowcost"}},
    ]
    send(sandbox, body="Shared", sender="Shop", flow=flow)

    (message,) = sandbox.messages
    assert message.channels == ("viber", "whatsapp_template", "sms")
    assert [(step.body, step.sender) for step in message.steps] == [
        ("Own", "Shop"),
        (None, "Shop"),
        ("Shared", "Own"),
    ]
    assert message.body == "Own"
    assert [step.fields for step in message.steps] == [
        {"ttl": 5, "body": "Own"},
        {"template_name": "shipped", "language": "en"},
        {"sender": "Own", "gateway": "lowcost"},
    ]


def test_a_message_without_flow_is_one_sms(sandbox: Sandbox) -> None:
    send(sandbox)

    (message,) = sandbox.messages
    assert message.steps == (ReceivedStep(channel="sms", body="Hello", sender=None, fields={}),)


@pytest.mark.parametrize(
    ("fields", "parts", "encoding"),
    [
        ({"body": "x" * 160}, 1, "gsm-7"),
        ({"body": "x" * 161}, 2, "gsm-7"),
        ({"body": EMOJI * 36}, 2, "ucs-2"),
        ({"body": "Hello", "flow": [{"viber": {}}, {"sms": {"body": "ž" * 71}}]}, 2, "ucs-2"),
        ({"body": "ž" * 71, "flow": [{"sms": {"type": "sms"}}]}, 1, "gsm-7"),
        ({"body": "ž" * 71, "flow": [{"sms": {"type": "utf"}}]}, 2, "ucs-2"),
        ({"body": "", "flow": [{"sms": {}}]}, 0, "gsm-7"),
        ({"body": "Hello", "flow": [{"viber": {}}]}, None, None),
    ],
)
def test_parts_and_encoding_are_those_of_the_first_sms(
    sandbox: Sandbox, fields: dict[str, Any], parts: int | None, encoding: str | None
) -> None:
    send(sandbox, **fields)

    (message,) = sandbox.messages
    assert (message.parts, message.encoding) == (parts, encoding)


@pytest.mark.parametrize(
    ("fields", "tags"),
    [
        ({}, ("promotional",)),
        ({"tag": ""}, ("promotional",)),
        ({"tag": "Winter Sale!,promotional,"}, ("wintersale", "promotional")),
        ({"tag": "a-b.c_1"}, ("a-b.c_1",)),
        ({"messageTag": "older"}, ("older",)),
        ({"tag": "newer", "messageTag": "older"}, ("newer",)),
    ],
)
def test_tags_are_normalised(
    sandbox: Sandbox, fields: dict[str, str], tags: tuple[str, ...]
) -> None:
    send(sandbox, body="Hello", **fields)

    assert sandbox.messages[0].tags == tags


def test_search_combines_what_it_is_given(sandbox: Sandbox) -> None:
    send(sandbox, FIRST, SECOND, body="Your code is 481516", tag="Login,transactional")
    send(sandbox, FIRST, body="Sale", flow=[{"viber": {}}, {"sms": {"body": "Your ČEZ code"}}])

    def found(**criteria: str) -> list[int]:
        first = sandbox.messages[0].sequence
        return [message.sequence - first for message in sandbox.search(**criteria)]

    assert found() == [0, 1, 2]
    assert found(to="+420 777 123 456") == found(to="777123456") == found(to=FIRST) == [0, 2]
    assert found(containing="481516") == [0, 1]
    assert found(containing="your čez CODE") == [2]
    assert found(containing="Your") == [0, 1, 2]
    assert found(containing=FIRST) == []
    assert found(tag="LOGIN") == found(tag="transactional,login") == [0, 1]
    assert found(tag="promotional") == [2]
    assert found(tag="login,promotional") == found(tag="!") == []
    assert found(channel="viber") == found(body="Sale", state="sending") == [2]
    assert found(body="sale") == found(sender="Nobody") == []
    assert found(to=SECOND, containing="code", tag="login") == [1]
    assert found(to="420777999999") == []
    with pytest.raises(TypeError, match="nonsense"):
        found(nonsense="x")


def test_latest_is_the_newest(sandbox: Sandbox) -> None:
    assert sandbox.latest() is None
    send(sandbox, FIRST, body="One")
    send(sandbox, SECOND, body="Two")

    newest, to_first = sandbox.latest(), sandbox.latest(to=FIRST)
    assert newest is not None
    assert to_first is not None
    assert (newest.body, to_first.body) == ("Two", "One")
    assert sandbox.latest(to="420777999999") is None


def test_the_oldest_messages_go_first() -> None:
    with Sandbox(max_messages=3) as sandbox:
        (gone,) = send(sandbox, body="0")
        ids = send(sandbox, FIRST, SECOND, body="1")
        post(sandbox, message_to("777777001", body="2"))
        batch = [message_to(FIRST, SECOND, body="3")]
        answered = post(sandbox, batch, path="/messages").json()["accepted"][0]["message_id"]

        assert [message.body for message in sandbox.messages] == ["2", "3", "3"]
        assert [sandbox.find(message_id) for message_id in (gone, *ids)] == [(), (), ()]
        assert len(sandbox.find(answered)) == 2
        send(sandbox, body="4")
        send(sandbox, body="5")
        assert [message.to for message in sandbox.find(answered)] == [SECOND]
        assert len(sandbox.requests) == 3


def test_clear_forgets_everything_but_never_reuses_a_sequence(sandbox: Sandbox) -> None:
    (message_id,) = send(sandbox)
    sequence = sandbox.messages[0].sequence
    sandbox.clear()

    assert (sandbox.messages, sandbox.requests, sandbox.find(message_id)) == ((), (), ())
    send(sandbox)
    assert sandbox.messages[0].sequence > sequence


def test_a_seed_makes_the_ids_repeatable() -> None:
    def ids(sandbox: Sandbox) -> list[str]:
        return send(sandbox, FIRST, SECOND) + send(sandbox)

    with Sandbox(seed=7) as one, Sandbox(seed=7) as same, Sandbox(seed=8) as another:
        first = ids(one)
        assert ids(same) == first
        assert set(ids(another)).isdisjoint(first)
        assert set(ids(one)).isdisjoint(first)
        one.clear()
        assert ids(one) == first


def test_ids_differ_without_a_seed_even_after_clear(sandbox: Sandbox) -> None:
    before = send(sandbox)
    sandbox.clear()

    assert send(sandbox) != before


def test_a_received_message_is_a_value() -> None:
    step = ReceivedStep("sms", "Hello", "Shop", {})

    def message() -> ReceivedMessage:
        return ReceivedMessage(
            sequence=1,
            request_id="r",
            message_id="m",
            operation="sendMessage",
            status=Status.ACCEPTED,
            to=FIRST,
            to_given="777123456",
            steps=(step,),
            message={"to": [{"phone_number": "777123456"}], "body": "Hello"},
            key_fingerprint="0123456789ab",
            received_at=datetime(2027, 1, 1, tzinfo=UTC),
        )

    assert message() == message()
    assert len({message(), message()}) == 1
    assert pickle.loads(pickle.dumps(message())) == message()  # noqa: S301  our own
    with pytest.raises(AttributeError):
        message().to = SECOND  # type: ignore[misc]


def test_no_repr_shows_anything_personal(sandbox: Sandbox) -> None:
    send(sandbox, body="SECRET", sender="SECRET", flow=[{"sms": {"body": "SECRET"}}])
    httpx.get(f"{sandbox.url}/SECRET")
    (message,) = sandbox.messages
    requests: tuple[ReceivedRequest, ...] = sandbox.requests
    shown = "".join(map(repr, (sandbox, message, message.steps, requests)))

    assert repr(sandbox) == "Sandbox(messages=1, requests=2)"
    assert not any(part in shown for part in ("SECRET", "777123456", message.key_fingerprint))
