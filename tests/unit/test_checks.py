"""Check the local checks: each names its field and its limit, and accepts valid values."""

from __future__ import annotations

from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsmanager._message.checks import message_problems, sender_problems, text_problems

SHOP = {"body": "Hi", "sender": "Shop"}
MEDIA = {"link": "https://example.com/a"}


def nested(levels: int) -> dict[str, Any]:
    """Return nested objects and lists."""
    value: Any = {}
    for level in range(levels - 1):
        value = {"a": value} if level % 2 or level == levels - 2 else [value]
    return cast("dict[str, Any]", value)


def problems(**message: Any) -> list[tuple[str, str]]:
    return list(message_problems(message))


def in_step(channel: str, content: dict[str, Any], **message: Any) -> list[tuple[str, str]]:
    return problems(**{**SHOP, **message}, flow=[{channel: content}])


RIGHT_STEPS: list[tuple[str, dict[str, Any]]] = [
    *(("sms", {"ttl": ttl}) for ttl in (0.5, 5)),
    ("whatsapp_text", {"ttl": 43200}),
    ("viber", {"buttons": [{"title": "Call", "url": "tel:+420777123456"}]}),
    ("viber", {"buttons": []}),
    ("viber", {"buttons": [{}]}),
    *(("whatsapp_text", {kind: MEDIA}) for kind in ("image", "video", "document", "audio")),
    ("whatsapp_text", {"raw": {"interactive": {}}}),
    ("whatsapp_text", {"buttons": [{}] * 3}),
    ("whatsapp_text", {"url": "https://example.com", "title": "More"}),
    *(("rcs", {kind: {}}) for kind in ("card", "raw")),
    ("rcs", {"carousel": []}),
    ("rcs", {"card": {}, "buttons": [{}]}),
    ("rcs", {"buttons": [{}] * 11}),
]


@pytest.mark.parametrize(
    "message",
    [
        {"body": "Hi"},
        {"body": "x" * 1000},
        {"body": "👋" * 1000},
        {"body": "Hi", "sender": "x" * 11},
        {"body": "Hi", "sender": "Můj obchod"},
        {"body": "Hi", "sender": "420777123456"},
        {"body": "Hi", "sender": "123456789012345678"},
        {"body": "Hi", "flow": [{"sms": {}}]},
        {"flow": [{"sms": {"body": "Hi"}}]},
        {"flow": [{"viber": {"body": "Hi", "sender": "Shop"}}]},
        {**SHOP, "flow": [{"viber": {}}, {"whatsapp_text": {}}, {"rcs": {}}, {"sms": {}}]},
        {"flow": [{"whatsapp_template": {"template_name": "x" * 100, "language": "cs"}}]},
        *({**SHOP, "flow": [{channel: content}]} for channel, content in RIGHT_STEPS),
        {"body": "Hi", "callback": "https://example.com/in"},
        {"body": "Hi", "callback": "http://10.0.0.1:8080/in?secret=1"},
        {"body": "Hi", "callback": {"url": "HTTPS://EXAMPLE.COM/" + "x" * 2028}},
        # The limit of 11 is that of an SMS.
        {"flow": [{"rcs": {"body": "Hi", "sender": "muj_rcs_agent"}}]},
        {"body": "Hi", "flow": [{"viber": {"sender": "My Long Sender"}}]},
        {"body": "Hi", "sender": "My Long Sender", "flow": [{"viber": {}}, {"rcs": {}}]},
        {
            "body": "Hi",
            "sender": "muj_rcs_agent",
            "flow": [{"rcs": {}}, {"sms": {"sender": "Shop"}}],
        },
        {"body": "Hi", "delivery_time": {"start": "08:00"}},
        {"body": "Hi", "payload": nested(32)},
    ],
    ids=lambda message: f"{message!s:.60}",
)
def test_right_messages(message: dict[str, Any]) -> None:
    assert list(message_problems(message)) == []


@pytest.mark.parametrize(
    ("message", "field", "text"),
    [
        ({}, "body", "is missing"),
        ({"body": ""}, "body", "is missing"),
        ({"body": "x" * 1001}, "body", "has 1001 characters, the limit is 1000"),
        ({"body": "Hi", "sender": ""}, "sender", "is empty"),
        ({"body": "Hi", "sender": "  "}, "sender", "is empty"),
        ({"body": "Hi", "sender": "+420777123456"}, "sender", "starts with +"),
        ({"body": "Hi", "sender": "x" * 12}, "sender", "has 12 characters, the limit"),
        ({"body": "Hi", "sender": "x" * 12, "flow": [{"sms": {}}]}, "sender", "an SMS"),
        (
            {"body": "Hi", "sender": "x" * 12, "flow": [{"viber": {}}, {"sms": {}}]},
            "sender",
            "has 12 characters, the limit of an SMS is 11",
        ),
        ({"body": "Hi", "sender": 420777123456}, "sender", "must be a string"),
        (
            {"flow": [{"sms": {"body": "Hi", "sender": 5}}]},
            "flow[0].sms.sender",
            "must be a string",
        ),
        ({"body": "Hi", "flow": []}, "flow", "is empty"),
        ({"body": "Hi", "flow": [{}]}, "flow[0]", "0 channels"),
        ({"body": "Hi", "flow": [{"sms": {}, "viber": {}}]}, "flow[0]", "2 channels"),
        ({"body": "Hi", "delivery_time": {}}, "delivery_time", "is empty"),
        ({"body": "Hi", "delivery_time": {"tz": "x"}}, "delivery_time.tz", "IANA"),
        *(
            ({"body": "Hi", "callback": wrong}, "callback", "http or https")
            for wrong in (
                "example.com",
                "ftp://example.com",
                "https://",
                "https:///in",
                "http://[::1",
            )
        ),
        *(
            ({"body": "Hi", "callback": wrong}, "callback", "http or https")
            for wrong in ("", None, 5)
        ),
        ({"body": "Hi", "callback": {}}, "callback.url", "http or https"),
        ({"body": "Hi", "payload": nested(33)}, "payload", "nested more than 32 levels deep"),
        ({"body": "Hi", "callback": {"url": "javascript:x"}}, "callback.url", "http or https"),
        (
            {"body": "Hi", "callback": {"url": "https://example.com/" + "x" * 2029}},
            "callback.url",
            "has 2049 characters, the limit is 2048",
        ),
    ],
    ids=lambda value: f"{value!s:.40}",
)
def test_wrong_messages(message: dict[str, Any], field: str, text: str) -> None:
    [(where, what)] = message_problems(message)
    assert where == field
    assert text in what


@pytest.mark.parametrize(
    ("channel", "content", "field", "text"),
    [
        ("sms", {"body": "x" * 1001}, "body", "has 1001 characters"),
        ("viber", {"body": "x" * 1001}, "body", "has 1001 characters"),
        ("whatsapp_text", {"body": "x" * 1001}, "body", "has 1001 characters"),
        ("rcs", {"body": "x" * 1001}, "body", "has 1001 characters"),
        ("sms", {"sender": "x" * 12}, "sender", "has 12 characters"),
        ("sms", {"sender": "+420777123456"}, "sender", "starts with +"),
        ("viber", {"sender": ""}, "sender", "is empty"),
        ("sms", {"ttl": 0.4}, "ttl", "0.5 minutes"),
        ("sms", {"ttl": 0}, "ttl", "0.5 minutes"),
        ("rcs", {"ttl": -1}, "ttl", "0.5 minutes"),
        ("viber", {"ttl": 43201}, "ttl", "at most 43200 minutes"),
        ("viber", {"buttons": [{"url": "not a url"}]}, "buttons[0].url", "https://example.com"),
        ("viber", {"buttons": [{"url": "example.com/a"}]}, "buttons[0].url", "https://example.com"),
        ("viber", {"buttons": [{}, {}]}, "buttons", "has 2 buttons, the limit is 1"),
        ("whatsapp_text", {"buttons": [{}] * 4}, "buttons", "has 4 buttons, the limit is 3"),
        ("whatsapp_text", {"url": "https://example.com"}, "title", "is missing"),
        ("whatsapp_text", {"title": "More"}, "url", "is missing"),
        ("whatsapp_text", {"image": MEDIA, "video": MEDIA}, None, "(image, video)"),
        ("whatsapp_text", {"audio": MEDIA, "buttons": []}, None, "(audio, buttons)"),
        (
            "whatsapp_text",
            {"raw": {}, "url": "https://example.com", "title": "More"},
            None,
            "(url, raw)",
        ),
        ("whatsapp_template", {"template_name": "x" * 101}, "template_name", "has 101 characters"),
    ],
    ids=lambda value: f"{value!s:.40}",
)
def test_wrong_steps(channel: str, content: dict[str, Any], field: str | None, text: str) -> None:
    [(where, what)] = in_step(channel, content)
    assert where == f"flow[0].{channel}" + (f".{field}" if field else "")
    assert text in what


@pytest.mark.parametrize(
    ("channel", "missing"),
    [
        ("sms", ["body"]),
        ("viber", ["body", "sender"]),
        ("whatsapp_text", ["body", "sender"]),
        ("rcs", ["body", "sender"]),
        ("whatsapp_template", []),
        ("a_channel_of_tomorrow", []),
    ],
)
def test_a_step_must_end_with_text_and_sender(channel: str, missing: list[str]) -> None:
    found = problems(flow=[{channel: {}}])
    assert [field for field, _ in found] == [f"flow[0].{channel}.{name}" for name in missing]
    assert all("the message has none to fall back to" in text for _, text in found)
    assert problems(flow=[{channel: SHOP}]) == []
    assert problems(**SHOP, flow=[{channel: {}}]) == []
    assert problems(body="", flow=[{channel: SHOP}]) == []


@pytest.mark.parametrize(
    ("channel", "content"),
    [
        *(("whatsapp_text", name) for name in ("image", "audio", "buttons", "raw", "header")),
        *(("rcs", name) for name in ("buttons", "card", "carousel", "raw")),
        ("viber", "buttons"),
    ],
)
def test_no_other_content_replaces_the_text(channel: str, content: str) -> None:
    [(field, _)] = problems(sender="1", flow=[{channel: {content: [{}]}}])
    assert field == f"flow[0].{channel}.body"


def test_every_problem_is_told_in_the_order_of_the_fields() -> None:
    found = problems(
        body="x" * 1001,
        sender="x" * 12,
        delivery_time={},
        callback="x",
        flow=[{"sms": {"ttl": 0}}, {}, {"viber": {"body": "x" * 1001, "sender": " "}}],
    )
    assert [field for field, _ in found] == [
        "body",
        "sender",
        "delivery_time",
        "callback",
        "flow[0].sms.ttl",
        "flow[1]",
        "flow[2].viber.body",
        "flow[2].viber.sender",
    ]


@pytest.mark.parametrize("value", [5, b"x" * 2000, ["x"] * 2000, {}])
def test_what_is_no_text_is_refused(value: object) -> None:
    assert list(text_problems(value, "body")) == [("body", "must be a string")]
    assert list(sender_problems(value, "sender")) == [("sender", "must be a string")]


def test_none_counts_as_unset() -> None:
    assert list(text_problems(None, "body")) == list(sender_problems(None, "sender")) == []


words = st.text(max_size=5) | st.text(min_size=12, max_size=20) | st.just("x" * 1001)
contents = st.dictionaries(
    st.sampled_from(
        ["body", "sender", "ttl", "template_name", "url", "title", "image", "raw", "card"]
    ),
    words | st.floats() | st.integers(),
)
steps = st.dictionaries(
    st.sampled_from(["sms", "viber", "whatsapp_text", "whatsapp_template", "rcs", "new"]),
    contents,
    max_size=2,
)
messages = st.fixed_dictionaries(
    {},
    optional={
        "body": words,
        "sender": words,
        "callback": words | st.dictionaries(st.just("url"), words) | st.none(),
        "delivery_time": st.dictionaries(
            st.sampled_from(["days", "start", "end", "tz"]), words | st.lists(words)
        ),
        "flow": st.lists(steps, max_size=3),
    },
)


@given(messages)
def test_no_message_crashes_the_checks_or_is_repeated_by_them(message: dict[str, Any]) -> None:
    texts = [value for value in (message.get("body"), message.get("sender")) if value]
    for field, text in message_problems(message):
        assert field.partition(".")[0].partition("[")[0] in {
            "body",
            "sender",
            "callback",
            "delivery_time",
            "flow",
        }
        assert text
        assert not any(len(value) > 10 and value in text for value in texts)
