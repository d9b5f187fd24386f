"""Check how arguments become a call: precedence, refusals, and that no error repeats a value."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest

from smsmanager import (
    FlowStep,
    Message,
    Payload,
    Recipient,
    Sms,
    ValidationError,
    Viber,
    WhatsAppTemplate,
    compose,
)
from smsmanager._config import Settings
from smsmanager._message.prepare import prepare_batch, prepare_send, prepare_simple
from smsmanager._message.wire_requests import Operation, Prepared, encode
from tests.unit.client_settings import settings_with

TO = "420777123456"
OTHER = "420777123457"
MOMENT = datetime(2027, 1, 4, 7, tzinfo=UTC)
NAIVE = datetime(2027, 1, 4, 8)  # noqa: DTZ001 - naive on purpose
SECRET = "Heslo-ňaf-9271"
SECRET_NUMBER = "+420 777 99x 888"


def message(**fields: Any) -> Message:
    return Message(**{"to": [Recipient(phone_number=TO)], "body": "Hi", **fields})


def content(prepared: Prepared) -> dict[str, Any]:
    [request] = prepared.requests()
    [part] = request.messages
    read: dict[str, Any] = json.loads(encode(part.to_dict()))
    return read


def send(
    text: str | Message | None, rules: Settings | None = None, **fields: Any
) -> dict[str, Any]:
    return content(prepare_send(text, fields, rules or settings_with()))


def simple(body: Any = "Hi", to: Any = TO, **fields: Any) -> Prepared:
    rules = fields.pop("rules", None) or settings_with()
    given: Any = {"sender": "Shop", **fields}
    return prepare_simple(body, to, given, rules)


def refused(prepare: Callable[[], object]) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        prepare()
    assert str(caught.value).startswith("Nothing was sent. ")
    return dict(caught.value.problems)


@pytest.mark.parametrize(
    ("to", "given"),
    [
        (TO, [TO]),
        ("+420 777 123 456", ["+420 777 123 456"]),
        (Recipient(phone_number=TO), [TO]),
        ([TO, OTHER], [TO, OTHER]),
        ((TO, Recipient(phone_number=OTHER)), [TO, OTHER]),
        (iter([TO, OTHER, TO]), [TO, OTHER, TO]),
        ({TO: "Jana"}, [TO]),
    ],
)
def test_recipients_can_be_given_in_any_form(to: Any, given: list[str]) -> None:
    prepared = prepare_send("Hi", {"to": to}, settings_with())
    assert prepared.given == given
    assert set(prepared.numbers) <= {TO, OTHER}


class Contact(str):  # noqa: SLOT000 - it needs an attribute
    """A number that knows more than its digits."""

    phone_number = OTHER


def test_a_kind_of_string_is_sent_as_the_string_it_is() -> None:
    contact = Contact(TO)
    assert send("Hi", to=contact) == send(compose("Hi", to=contact)) == send("Hi", to=TO)


def test_a_message_may_hold_plain_numbers() -> None:
    held: Any = [TO, Recipient(phone_number=OTHER)]
    assert send(message(to=held))["to"] == [{"phone_number": TO}, {"phone_number": OTHER}]


@pytest.mark.parametrize(
    ("own", "keyword", "client", "expected"),
    [
        (None, None, None, None),
        (None, None, "Client", "Client"),
        ("Own", None, "Client", "Own"),
        (None, "Keyword", "Client", "Keyword"),
        ("Own", "Keyword", "Client", "Keyword"),
        ("Own", "Keyword", None, "Keyword"),
    ],
)
def test_the_nearest_sender_wins(
    own: str | None, keyword: str | None, client: str | None, expected: str | None
) -> None:
    whole = message() if own is None else message(sender=own)
    rules = settings_with(sender=client)
    assert send(whole, rules, sender=keyword).get("sender") == expected
    if own is None:
        assert send("Hi", rules, to=TO, sender=keyword).get("sender") == expected
    assert content(prepare_batch([whole], rules)).get("sender") == (own or client)


def test_keywords_replace_fields_of_a_message_and_none_keeps_them() -> None:
    whole = message(
        body="Own",
        tag="own",
        flow=[FlowStep(sms=Sms())],
        datetime_=MOMENT,
        callback="https://example.com/own",
        payload=Payload.from_dict({"own": 1}),
    )
    kept = send(whole, sender=None, tag=None, at=None, flow=None, callback=None, payload=None)
    assert kept == {
        "to": [{"phone_number": TO}],
        "body": "Own",
        "tag": "own",
        "flow": [{"sms": {}}],
        "datetime": "2027-01-04T07:00:00Z",
        "callback": "https://example.com/own",
        "payload": {"own": 1},
    }
    changed = send(
        whole,
        to=[OTHER],
        tag="new",
        at="2028-01-01T00:00Z",
        flow=Viber(sender="Shop"),
        callback={"url": "https://example.com/new"},
        payload={"new": 2},
        window={"tz": "UTC"},
        params={"new": 3},
    )
    assert changed == {
        "to": [{"phone_number": OTHER}],
        "body": "Own",
        "tag": "new",
        "flow": [{"viber": {"sender": "Shop"}}],
        "datetime": "2028-01-01T00:00:00Z",
        "callback": {"url": "https://example.com/new"},
        "payload": {"new": 2},
        "delivery_time": {"tz": "UTC"},
        "params": {"new": 3},
    }


def test_a_field_that_a_message_does_not_have_is_refused() -> None:
    wrong: Any = {"subject": "x"}
    with pytest.raises(TypeError, match=r"'subject'.*Nothing was sent"):
        compose("Hi", to=TO, **wrong)
    with pytest.raises(TypeError, match=r"'timeout'.*constructor.*with_options"):
        send("Hi", to=TO, timeout=3)
    for text in ("Hi", message()):
        with pytest.raises(TypeError, match="'subject'"):
            send(text, to=TO, **wrong)


def test_the_text_may_come_first_or_have_its_name() -> None:
    for sent in (send("Hi", to=TO), send(None, body="Hi", to=TO), send("Hi", body=None, to=TO)):
        assert sent == {"to": [{"phone_number": TO}], "body": "Hi"}
    assert send(message(body="Own"), body="New")["body"] == "New"
    assert send(message(body="Own"), body=None)["body"] == "Own"


@pytest.mark.parametrize(
    ("priority", "route"), [(True, Operation.PRIORITY), (False, Operation.SEND)]
)
def test_priority_chooses_the_route(priority: bool, route: Operation) -> None:  # noqa: FBT001
    assert prepare_send(message(), {"priority": priority}, settings_with()).route is route
    assert prepare_send("Hi", {"to": TO, "priority": priority}, settings_with()).route is route


@pytest.mark.parametrize(
    ("text", "fields", "field", "reason"),
    [
        ("Hi", {}, "to", "is missing"),
        (None, {}, "to", "is missing"),
        ("Hi", {"to": []}, "to", "is empty"),
        ("Hi", {"to": ""}, "to", "is empty"),
        ("Hi", {"to": ["", TO]}, "to[0]", "is empty"),
        ("Hi", {"to": None}, "to", "Recipient"),
        ("Hi", {"to": 420777123456}, "to", "Recipient"),
        ("Hi", {"to": [TO, 5]}, "to[1]", "Recipient"),
        ("Hi", {"to": [[TO]]}, "to", "Recipient"),
        ("", {"to": TO}, "body", "is missing"),
        ("x" * 1001, {"to": TO}, "body", "has 1001 characters"),
        ("Hi", {"to": TO, "body": "Ho"}, "body", "is given twice"),
        (b"Hi", {"to": TO}, "message", "Message"),
        (5, {"to": TO}, "message", "Message"),
        ({"body": "Hi"}, {"to": TO}, "message", "Message"),
        ([message()], {}, "message", "Message"),
        ("Hi", {"to": TO, "at": NAIVE}, "at", "has no time zone"),
        ("Hi", {"to": TO, "flow": "sms"}, "flow[0]", "flow step"),
        ("Hi", {"to": TO, "flow": [Sms(), {"sms": {}}]}, "flow[1]", "flow step"),
        ("Hi", {"to": TO, "flow": {}}, "flow[0]", "flow step"),
        ("Hi", {"to": TO, "flow": [message()]}, "flow[0]", "flow step"),
        ("Hi", {"to": TO, "window": {"start": "8"}}, "delivery_time.start", "HH:MM"),
        *(
            ("Hi", {"to": TO, "window": {"end": "20:00", name: 1}}, "delivery_time", "start, end")
            for name in ("timezone", "stop", "from", "Start")
        ),
        ("Hi", {"to": TO, "callback": {"method": "POST"}}, "callback", "shape of Callback"),
        ("Hi", {"to": TO, "callback": {"url": "x"}}, "callback.url", "http or https"),
        ("Hi", {"to": TO, "params": {"_url": "x"}}, "params", "shape of MessageParams"),
        ("Hi", {"to": TO, "params": {"_url": {"type": "x"}}}, "params", "shape of MessageParams"),
        ("Hi", {"to": TO, "window": "monday"}, "delivery_time", "must be an object"),
        ("Hi", {"to": TO, "window": ["monday"]}, "delivery_time", "must be an object"),
        ("Hi", {"to": TO, "payload": ["x"]}, "payload", "must be an object"),
        ("Hi", {"to": TO, "payload": "x"}, "payload", "must be an object"),
        ("Hi", {"to": TO, "payload": {"x": {1, 2}}}, "message", "JSON cannot represent"),
        ("Hi", {"to": TO, "payload": {"x": float("nan")}}, "message", "JSON cannot represent"),
        ("Hi", {"to": TO, "payload": {(1, 2): "x"}}, "message", "JSON cannot represent"),
        ("Hi", {"to": TO, "payload": {"x": MOMENT}}, "message", "JSON cannot represent"),
        ("half \ud83d", {"to": TO}, "message", "JSON cannot represent"),
        ("Hi", {"to": TO, "payload": {"x": "y" * 130_000}}, "message", "128 KB"),
    ],
    ids=lambda value: "" if isinstance(value, dict | list | Message) else f"{value!a:.40}",
)
def test_what_send_refuses(text: Any, fields: dict[str, Any], field: str, reason: str) -> None:
    problems = refused(lambda: prepare_send(text, fields, settings_with()))
    assert list(problems) == [field]
    assert reason in problems[field]


@pytest.mark.parametrize(
    ("wrong", "field", "reason"),
    [
        (message(to=TO), "to", "must be a list of Recipient"),
        (message(to=(TO,)), "to", "must be a list of Recipient"),
        (message(to=None), "to", "must be a list of Recipient"),
        (message(to=[]), "to", "is empty"),
        (message(to=[None]), "to", "Recipient"),
        (message(body=5), "body", "must be a string"),
        (message(body=["Hi"]), "body", "must be a string"),
        (message(datetime_=NAIVE), "datetime", "has no time zone"),
        (message(datetime_=1798963200), "datetime", "aware datetime"),
        (message(datetime_=MOMENT.date()), "datetime", "aware datetime"),
        (message(datetime_=["soon"]), "datetime", "aware datetime"),
        (message(flow=[]), "flow", "is empty"),
        (message(flow=[{"sms": {}}]), "flow[0]", "flow step"),
        (message(sender="x" * 12), "sender", "the limit of an SMS is 11"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_refused_message_is_named_by_its_place(wrong: Message, field: str, reason: str) -> None:
    assert reason in refused(lambda: prepare_send(wrong, {}, settings_with()))[field]
    right = message()
    problems = refused(lambda: prepare_batch([right, wrong, right], settings_with()))
    assert list(problems) == [f"messages[1].{field}"]
    assert reason in problems[f"messages[1].{field}"]


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        (message(flow=5), "message"),
        (message(flow=[FlowStep(sms={"body": "x"})]), "flow[0].sms"),  # type: ignore[arg-type]
        (message(flow=[Viber(buttons={"title": "x"})]), "flow[0].viber.buttons"),  # type: ignore[arg-type]
        (message(flow=[Viber(buttons=[{"title": "x"}])]), "flow[0].viber.buttons[0]"),  # type: ignore[list-item]
        (message(payload={"x": 1}), "message"),
        (message(delivery_time={"start": "08:00"}), "message"),
        (message(params={"x": 1}), "message"),
    ],
    ids=["flow", "step", "buttons", "button", "payload", "window", "params"],
)
def test_a_value_of_another_type_than_the_models_is_refused(wrong: Message, place: str) -> None:
    for rules in (settings_with(), settings_with(validate=False)):
        problems = refused(lambda rules=rules: prepare_send(wrong, {}, rules))  # type: ignore[misc]
        assert list(problems) == [place]
        problems = refused(lambda rules=rules: prepare_batch([wrong], rules))  # type: ignore[misc]
        within = "messages[0]" if place == "message" else f"messages[0].{place}"
        assert list(problems) == [within]


@pytest.mark.parametrize("field", ["payload", "params"])
@pytest.mark.parametrize("wrong", [{1, 2}, "text", 5, [1], Sms()], ids=repr)
def test_what_is_not_an_object_is_refused_by_its_field(field: str, wrong: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        compose("Hi", to=TO, **{field: wrong})
    assert caught.value.problems[0][0] == field
    assert "must be an object" in str(caught.value)


def test_a_batch_takes_messages_only() -> None:
    wrong: Any = ["Hi", message(), None]
    problems = refused(lambda: prepare_batch(wrong, settings_with()))
    assert list(problems) == ["messages[0]", "messages[2]"]
    assert "string" not in problems["messages[0]"]
    assert "is empty" in refused(lambda: prepare_batch([], settings_with()))["messages"]
    single: Any = message()
    assert "[message]" in refused(lambda: prepare_batch(single, settings_with()))["messages"]


def test_a_batch_tells_every_problem_of_every_message() -> None:
    wrong = [
        compose("x" * 1001, to=[TO, "1", "x"]),
        compose("Hi", to=TO),
        compose(None, to="2", sender="+1", flow=[Sms(ttl=0)]),
        message(to=["12"], body="x" * 1001, datetime_=NAIVE),
    ]
    assert list(refused(lambda: prepare_batch(wrong, settings_with()))) == [
        "messages[0].to[1]",
        "messages[0].to[2]",
        "messages[0].body",
        "messages[2].to",
        "messages[2].sender",
        "messages[2].flow[0].sms.body",
        "messages[2].flow[0].sms.ttl",
        "messages[3].to",
        "messages[3].datetime",
        "messages[3].body",
    ]


def test_a_batch_may_come_from_a_generator() -> None:
    prepared = prepare_batch((compose("Hi", to=n) for n in (TO, OTHER)), settings_with())
    assert prepared.numbers == [TO, OTHER]
    assert prepared.message_of == [0, 1]


def test_without_checks_all_but_the_impossible_goes_out() -> None:
    rules = settings_with(validate=False)
    sent = send("x" * 1001, rules, to=["nonsense", " +420 777 123 456"], sender="x" * 30, flow=[])
    assert sent == {
        "to": [{"phone_number": "nonsense"}, {"phone_number": TO}],
        "body": "x" * 1001,
        "sender": "x" * 30,
        "flow": [],
    }
    assert "has no time zone" in refused(lambda: send("Hi", rules, to=TO, at=NAIVE))["at"]
    assert "is empty" in refused(lambda: send("Hi", rules, to=[]))["to"]
    assert "JSON cannot represent" in refused(lambda: send("\ud800", rules, to=TO))["message"]
    assert refused(lambda: send("Hi", rules, to="\ud800"))["to"]


def test_default_region_resolves_national_numbers() -> None:
    prepared = prepare_send("Hi", {"to": ["777 123 456"]}, settings_with(default_region="CZ"))
    assert (prepared.given, prepared.numbers) == (["777 123 456"], [TO])
    problems = refused(
        lambda: prepare_send("Hi", {"to": "112"}, settings_with(default_region="CZ"))
    )
    assert "be dialled in CZ" in problems["to"]


@pytest.mark.parametrize(
    ("fields", "field", "reason"),
    [
        ({"body": ""}, "body", "is empty"),
        ({"body": "x" * 1001}, "body", "has 1001 characters, the limit is 1000"),
        ({"to": "x"}, "to", "is not a phone number"),
        ({"to": [TO]}, "to", "Recipient"),
        ({"to": None}, "to", "Recipient"),
        ({"sender": None}, "sender", "is missing"),
        ({"sender": "x" * 12}, "sender", "has 12 characters"),
        ({"at": NAIVE}, "at", "has no time zone"),
        ({"body": "half \ud83d"}, "message", "JSON cannot represent"),
        ({"custom_id": {1}}, "message", "JSON cannot represent"),
        ({"custom_id": "x" * 130_000}, "message", "128 KB"),
    ],
    ids=lambda value: f"{value!a:.40}",
)
def test_what_a_simple_message_refuses(fields: dict[str, Any], field: str, reason: str) -> None:
    problems = refused(lambda: simple(**fields))
    assert list(problems) == [field]
    assert reason in problems[field]


@pytest.mark.parametrize("body", [None, 5, b"Hi", ["Hi"]])
def test_a_simple_message_takes_a_text(body: Any) -> None:
    for rules in (settings_with(), settings_with(validate=False)):
        assert refused(lambda rules=rules: simple(body, rules=rules))["body"]  # type: ignore[misc]


def test_a_simple_message_without_checks() -> None:
    prepared = simple("", "nonsense", sender="x" * 30, rules=settings_with(validate=False))
    assert content(prepared) == {"phone_number": "nonsense", "message": "", "sender": "x" * 30}
    assert prepared.route is Operation.SIMPLE
    [request] = prepared.requests()
    assert request.arguments["data"] is request.messages[0]
    assert list(request.messages[0].positions) == [0]


def test_every_step_type_finds_its_channel() -> None:
    template = WhatsAppTemplate(template_name="t", language="cs")
    sent = send("Hi", to=TO, sender="S", flow=[Viber(), FlowStep(sms=Sms()), template])
    assert [list(step) for step in sent["flow"]] == [["viber"], ["sms"], ["whatsapp_template"]]


SECRETS = [
    lambda: prepare_send(SECRET * 100, {"to": SECRET_NUMBER, "sender": SECRET}, settings_with()),
    lambda: prepare_send(f"{SECRET}\ud800", {"to": TO}, settings_with()),
    lambda: prepare_send("Hi", {"to": TO, "payload": {"x": {SECRET}}}, settings_with()),
    lambda: prepare_send("Hi", {"to": TO, "payload": {SECRET: object()}}, settings_with()),
    lambda: prepare_send("Hi", {"to": TO, "window": {"days": [SECRET]}}, settings_with()),
    lambda: prepare_send(
        "Hi", {"to": TO, "window": {"start": SECRET, "tz": SECRET}}, settings_with()
    ),
    lambda: prepare_send("Hi", {"to": TO, "callback": {"url": SECRET}}, settings_with()),
    lambda: prepare_send(
        "Hi", {"to": TO, "callback": {"method": SECRET, "url": "x"}}, settings_with()
    ),
    lambda: prepare_send("Hi", {"to": TO, "params": {"_url": {"type": SECRET}}}, settings_with()),
    lambda: prepare_send("Hi", {"to": TO, "at": SECRET}, settings_with()),
    lambda: prepare_send("Hi", {"to": TO, "flow": [SECRET]}, settings_with()),
    lambda: prepare_send({SECRET: SECRET}, {"to": TO}, settings_with()),  # type: ignore[arg-type]
    lambda: prepare_send(message(flow=[Sms(body={SECRET})]), {}, settings_with()),  # type: ignore[arg-type]
    lambda: prepare_batch([SECRET], settings_with()),  # type: ignore[list-item]
    lambda: prepare_batch([compose(SECRET * 100, to=SECRET_NUMBER)], settings_with()),
    lambda: prepare_send("Hi", {"to": SECRET_NUMBER}, settings_with(default_region="CZ")),
    lambda: prepare_send("Hi", {"to": "777998"}, settings_with(default_region="CZ")),
    lambda: simple(SECRET * 100, SECRET_NUMBER, sender=f"+{SECRET}"),
    lambda: simple(f"{SECRET}\ud800"),
]


@pytest.mark.parametrize("prepare", SECRETS)
def test_no_refusal_repeats_what_was_given(prepare: Callable[[], object]) -> None:
    with pytest.raises(ValidationError) as caught:
        prepare()
    error = caught.value
    shown = "".join([str(error), repr(error), *map(str, error.problems)])
    printed = traceback.format_exception(error)
    # The frames show lines of this file; what the library says stands behind them.
    shown += "".join(line for line in printed if not line.startswith("  File"))
    for secret in (SECRET, "9271", "777 99", "777998", "888"):
        assert secret not in shown


def test_nothing_printed_of_a_prepared_call_holds_numbers_or_texts() -> None:
    prepared = prepare_send(SECRET, {"to": [TO] * 12}, settings_with())
    shown = repr([prepared, prepared.requests(), prepared.contents])
    assert SECRET not in shown
    assert TO not in shown


@attrs.define(repr=False)
class MessageOfTomorrow(Message):
    """What a caller writes who needs a field that the library does not know yet."""

    later: str = ""

    def to_dict(self) -> dict[str, Any]:
        return {**super().to_dict(), "later": self.later}


@pytest.mark.parametrize("fields", [{}, {"sender": "Shop"}])
def test_a_message_that_has_more_fields_than_the_library_knows_is_sent_with_them(
    fields: dict[str, Any],
) -> None:
    given = MessageOfTomorrow(to=[Recipient(phone_number=TO)], body="Hi", later="new")
    assert send(given, **fields)["later"] == "new"
    assert content(prepare_batch([given], settings_with()))["later"] == "new"
