"""What happens to a message."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from smsmanager.sandbox import MagicNumber, Outcome, Rule, Sandbox, Settings, State
from tests.sandbox.conftest import NOON, NUMBER, message_to, post, send

FLOW = [{"viber": {"sender": "Bistro", "ttl": 5, "ttl_condition": "seen"}}, {"sms": {}}]


def reported(sandbox: Sandbox) -> list[tuple[str, str | None, str | None]]:
    """Return kind, channel and result of what happened to the newest message."""
    message = sandbox.latest()
    assert message is not None
    return [(entry.kind, entry.channel, entry.result) for entry in message.timeline]


def reports(sandbox: Sandbox) -> list[tuple[str | None, str | None]]:
    return [(channel, result) for kind, channel, result in reported(sandbox) if kind == "report"]


def test_a_message_is_sending_with_the_answer_and_delivered_in_time(still: Sandbox) -> None:
    send(still)
    message = still.messages[0]
    assert message.state == "sending"
    still.advance(1)
    assert message.state == "sent"
    still.advance(1.9)
    assert message.state == "sent"
    still.advance(0.1)
    assert message.state == "delivered"
    assert message.result_info == "[0] Delivered"
    assert [entry.at - NOON for entry in message.timeline if entry.kind == "report"] == [
        timedelta(seconds=seconds) for seconds in (0, 1, 3)
    ]


def test_next_monday_at_eight_viber_is_not_seen_and_sms_takes_over(still: Sandbox) -> None:
    window = {"days": ["monday"], "start": "08:00", "end": "20:00", "tz": "Europe/Prague"}
    send(still, flow=FLOW, delivery_time=window)
    message = still.messages[0]
    monday = datetime(2027, 1, 4, 7, tzinfo=UTC)
    assert (message.state, message.waits_until) == (State.WAITING, monday)
    assert message.journey.why == "delivery_time"

    still.advance(to=monday - timedelta(seconds=1))
    assert message.state == "waiting"
    still.advance(to=monday + timedelta(hours=1))

    assert message.waits_until is None
    assert reported(still) == [
        ("received", None, None),
        ("waiting", None, None),
        ("step", "viber", None),
        ("report", "viber", "sending"),
        ("report", "viber", "sent"),
        ("report", "viber", "delivered"),
        ("ttl", "viber", None),
        ("fallback", "sms", None),
        ("step", "sms", None),
        ("report", "sms", "sending"),
        ("report", "sms", "sent"),
        ("report", "sms", "delivered"),
    ]
    fallback = next(entry for entry in message.timeline if entry.kind == "fallback")
    assert fallback.at == monday + timedelta(minutes=5)
    assert message.prices == (Decimal("1.65"), Decimal("0.066"))


@pytest.mark.parametrize(
    ("condition", "outcome", "falls_back"),
    [
        ("sent", "never", False),
        ("delivered", "never", True),
        (None, "never", True),
        ("delivered", "delivered", False),
        ("seen", "delivered", True),
        ("seen", "seen", False),
        ("delivered", "undelivered", True),
        ("sent", "failed", True),
    ],
)
def test_the_condition_decides_about_the_next_step(
    still: Sandbox, condition: str | None, outcome: Any, *, falls_back: bool
) -> None:
    still.rules.add(Rule(outcome, channel="viber"))
    viber = {"ttl": 1, **({} if condition is None else {"ttl_condition": condition})}
    send(still, flow=[{"viber": viber}, {"sms": {}}])
    still.settle()

    assert (("sms", "delivered") in reports(still)) is falls_back


def test_a_step_without_ttl_only_hands_over_when_it_fails(still: Sandbox) -> None:
    still.rules.add(Rule("never", channel="viber"))
    send(still, flow=[{"viber": {}}, {"sms": {}}])
    still.settle()
    assert [channel for channel, _ in reports(still)] == ["viber", "viber"]

    still.rules.clear()
    send(still, MagicNumber.SMS_ONLY, flow=[{"viber": {}}, {"rcs": {}}, {"sms": {}}])
    still.settle()
    assert [result for _, result in reports(still)][2::3] == [
        "undelivered",
        "undelivered",
        "delivered",
    ]


def test_a_step_that_failed_hands_over_at_once_and_once_only(still: Sandbox) -> None:
    send(still, MagicNumber.SMS_ONLY, flow=[{"viber": {"ttl": 60}}, {"sms": {}}])
    still.settle()

    message = still.messages[0]
    assert [entry.kind for entry in message.timeline].count("fallback") == 1
    assert (message.timeline[-1].at - message.timeline[0].at) < timedelta(minutes=1)
    assert message.state == "delivered"


def test_what_comes_late_from_an_earlier_step_still_counts(still: Sandbox) -> None:
    still.rules.add(Rule(Outcome("delivered", delay_s=3600), channel="viber"))
    still.rules.add(Rule("undelivered", channel="sms"))
    send(still, flow=[{"viber": {"ttl": 1}}, {"sms": {}}])
    still.advance(600)
    assert still.messages[0].state == "undelivered"
    still.settle()

    assert reports(still)[-1] == ("viber", "delivered")
    assert still.messages[0].state == "delivered"


REJECTED = {
    MagicNumber.PROCESSED_REJECTED: "[2] Rejected",
    MagicNumber.WRONG_FORMAT: "[302] Wrong number format",
    MagicNumber.NOT_ALLOWED: "[303] Number is not in the allowed list",
    MagicNumber.OPTED_OUT: "[304] Number is blacklisted or opted out",
    MagicNumber.DUPLICATE: "[306] Too many identical messages to one recipient",
    MagicNumber.NO_CREDIT: "[307] Insufficient credit",
    "123": "[302] Wrong number format",
    "nobody": "[302] Wrong number format",
    "1234567890123456": "[302] Wrong number format",
}


@pytest.mark.parametrize("number", REJECTED)
def test_what_is_processed_and_refused_is_reported_alone(still: Sandbox, number: str) -> None:
    (message_id,) = send(still, number)
    still.settle()

    (message,) = still.messages
    assert message.message_id == message_id
    assert reports(still) == [("sms", "rejected")]
    assert (message.state, message.result_info) == (State.REJECTED, REJECTED[number])
    assert sum(message.prices) == 0


@pytest.mark.parametrize(
    ("number", "results"),
    [
        (MagicNumber.TEST, ["rejected"]),
        (MagicNumber.UNCONFIRMED, ["sending", "sent", "delivered"]),
        (MagicNumber.DELIVERED, ["sending", "sent", "delivered"]),
        (MagicNumber.UNDELIVERED, ["sending", "sent", "undelivered"]),
        (MagicNumber.FAILED, ["sending", "sent", "failed"]),
        # It cannot be known that an SMS was read.
        (MagicNumber.SEEN, ["sending", "sent", "delivered"]),
        (MagicNumber.NEVER, ["sending", "sent"]),
        (MagicNumber.SLOW, ["sending", "sent", "delivered"]),
        (MagicNumber.REJECTED, []),
    ],
)
def test_magic_numbers_decide_what_is_reported(
    still: Sandbox, number: MagicNumber, results: list[str]
) -> None:
    send(still, number)
    still.settle()

    assert [result for _, result in reports(still)] == results
    slow = still.clock.now - NOON >= timedelta(minutes=10)
    assert slow is (number is MagicNumber.SLOW)


def test_a_message_that_can_be_seen_is(still: Sandbox) -> None:
    send(still, MagicNumber.SEEN, flow=[{"viber": {}}])
    still.settle()
    assert [result for _, result in reports(still)] == ["sending", "sent", "delivered", "seen"]


def test_the_service_s_own_test_number_costs_nothing(still: Sandbox) -> None:
    send(still, MagicNumber.TEST, NUMBER)
    still.settle()

    assert [message.prices[0] for message in still.messages] == [0, Decimal("1.05")]


def test_credit_runs_down_and_then_refuses(still: Sandbox) -> None:
    inbox = still.inbox("k")
    inbox.configure(credit="2.5")
    for _ in range(3):
        send(still)
    still.settle()

    assert [str(message.state) for message in still.messages] == [
        "delivered",
        "delivered",
        "rejected",
    ]
    assert inbox.credit == Decimal("0.40")
    # Another key has its own credit.
    send(still, key="other")
    still.settle()
    assert still.messages[-1].state is State.DELIVERED


def test_a_later_step_that_cannot_be_paid_is_rejected(still: Sandbox) -> None:
    """It says that this step sent nothing: Viber was sent."""
    still.inbox("k").configure(credit="1")
    send(still, MagicNumber.SMS_ONLY, flow=[{"viber": {}}, {"sms": {}}])
    still.settle()

    assert reports(still)[-1] == ("sms", "rejected")
    assert still.messages[0].state is State.REJECTED
    assert still.messages[0].result_info == "[307] Insufficient credit"


@pytest.mark.parametrize(
    ("fields", "parts", "czk"),
    [
        ({}, 1, "1.05"),
        ({"body": "x" * 161}, 2, "2.10"),
        ({"flow": [{"sms": {"gateway": "lowcost"}}]}, 1, "0.85"),
        ({"flow": [{"sms": {"gateway": "test"}}]}, 1, "0.01"),
        ({"body": "ž" * 71, "flow": [{"sms": {"type": "sms"}}]}, 1, "1.05"),
        ({"body": "ž" * 71}, 2, "2.10"),
        ({"body": "x" * 500, "flow": [{"viber": {}}]}, 1, "0.60"),
    ],
)
def test_parts_and_gateway_make_the_price(
    still: Sandbox, fields: dict[str, Any], parts: int, czk: str
) -> None:
    send(still, **fields)

    (run,) = still.messages[0].journey.runs
    assert run.price is not None
    assert (run.price.count, run.price.czk) == (parts, Decimal(czk))


def test_stop_opts_out_of_promotional_messages_of_that_key_only(still: Sandbox) -> None:
    send(still, MagicNumber.STOPS)
    still.settle()
    assert still.inbox("k").opted_out == {MagicNumber.STOPS}

    send(still, MagicNumber.STOPS, body="Sale")
    send(still, MagicNumber.STOPS, body="Code", tag="transactional")
    send(still, MagicNumber.STOPS, body="Both", tag="promotional,news")
    send(still, MagicNumber.STOPS, body="Priority", path="/message/priority")
    send(still, MagicNumber.STOPS, body="Another key", key="other")
    still.advance(3)

    states = {message.body: str(message.state) for message in still.messages[1:]}
    assert states == {
        "Sale": "rejected",
        "Code": "delivered",
        "Both": "rejected",
        "Priority": "delivered",
        "Another key": "delivered",
    }


@pytest.mark.parametrize("text", ["STOP", " stop ", "Stop.", "Do not stop", "STOP IT", ""])
def test_any_way_to_write_stop_opts_out_and_no_other_words(still: Sandbox, text: str) -> None:
    send(still)
    still.reply(text, to=NUMBER)
    stops = text.strip(" .").upper() == "STOP"
    assert still.opted_out == ({NUMBER} if stops else set())
    kinds = [entry.kind for entry in still.messages[0].timeline]
    assert kinds[-2:] == (["reply", "opt_out"] if stops else ["report", "reply"])


@pytest.mark.parametrize("text", ["START", " start. "])
def test_start_opts_in_again(still: Sandbox, text: str) -> None:
    send(still)
    still.reply("STOP", to=NUMBER)
    reply = still.reply(text, to=NUMBER)
    assert (reply.is_opt_in, still.opted_out) == (True, frozenset())
    assert [entry.kind for entry in still.messages[0].timeline][-2:] == ["reply", "opt_in"]

    send(still, body="Sale")
    still.settle()
    assert still.messages[-1].state is State.DELIVERED
    still.receive("stop", sender=NUMBER)
    assert still.opted_out == {NUMBER}
    still.receive("start", sender=NUMBER)
    assert still.opted_out == frozenset()


def test_limits_of_the_settings_refuse_by_report() -> None:
    settings = Settings(
        allowed_numbers=frozenset({NUMBER, MagicNumber.DELIVERED}),
        blacklist=frozenset({MagicNumber.DELIVERED}),
        identical_limit=2,
    )
    with Sandbox(clock="manual", now=NOON, settings=settings) as sandbox:
        for number in (NUMBER, "420777123457", MagicNumber.DELIVERED, NUMBER, NUMBER):
            send(sandbox, number)
        send(sandbox, body="Another text")
        sandbox.advance(3600)
        send(sandbox)
        sandbox.settle()

    infos = [str(message.result_info)[:5] for message in sandbox.messages]
    assert infos == ["[0] D", "[303]", "[304]", "[0] D", "[306]", "[0] D", "[0] D"]


def test_whatsapp_texts_need_an_open_window_if_that_is_asked_for() -> None:
    flow: list[dict[str, Any]] = [{"whatsapp_text": {}}]
    with Sandbox(clock="manual", settings=Settings(whatsapp_window=True)) as sandbox:
        send(sandbox, flow=flow)
        sandbox.advance(10)
        sandbox.receive("Hi", sender=NUMBER, gateway="whatsapp")
        send(sandbox, flow=flow)
        sandbox.advance(25 * 3600)
        send(sandbox, flow=flow)
        sandbox.settle()

    states = [str(message.state) for message in sandbox.messages]
    assert states == ["rejected", "delivered", "rejected"]
    assert str(sandbox.messages[0].result_info).startswith("[131047]")
    assert sum(sandbox.messages[0].prices) == 0


def test_a_flow_goes_on_after_a_whatsapp_text_outside_its_window() -> None:
    with Sandbox(clock="manual", settings=Settings(whatsapp_window=True)) as sandbox:
        send(sandbox, flow=[{"whatsapp_text": {}}, {"sms": {}}])
        sandbox.settle()
        (message,) = sandbox.messages
        results = [(entry.channel, entry.result) for entry in message.timeline if entry.result]

    assert results[0] == ("whatsapp_text", "rejected")
    assert results[1:] == [("sms", "sending"), ("sms", "sent"), ("sms", "delivered")]
    assert message.state is State.DELIVERED


def test_promotional_messages_wait_for_the_day_where_that_is_asked_for() -> None:
    settings = Settings(promotional_hours={"421": "Europe/Bratislava"})
    night = datetime(2027, 1, 1, 22, tzinfo=UTC)
    with Sandbox(clock="manual", now=night, settings=settings) as sandbox:
        send(sandbox, "421905123456")
        send(sandbox, "421905123456", tag="transactional")
        send(sandbox)

    waits = [message.waits_until for message in sandbox.messages]
    assert waits == [datetime(2027, 1, 2, 7, tzinfo=UTC), None, None]
    assert sandbox.messages[0].journey.why == "promotional_hours"


def test_unknown_senders_are_refused_at_once_if_senders_are_given() -> None:
    with Sandbox(settings=Settings(senders=frozenset({"Shop"}))) as sandbox:
        send(sandbox, sender="Shop")
        post(sandbox, message_to(sender="Shop", flow=[{"sms": {"sender": "Spam"}}]))

    assert len(sandbox.messages) == 1
    reason = "/flow/0/sms/sender: is none of the senders that were set"
    assert sandbox.requests[1].reason == reason


def test_counts_and_sums_of_an_inbox_follow_its_messages(still: Sandbox) -> None:
    send(still, NUMBER, MagicNumber.UNDELIVERED, MagicNumber.NO_CREDIT, MagicNumber.REJECTED)
    still.settle()
    (account,) = still._engine.accounts

    counts = {str(state): count for state, count in account.counts.items() if count}
    assert counts == {"delivered": 1, "undelivered": 1, "rejected": 1, "not_taken": 1}
    assert account.spent_czk == sum(message.prices[0] for message in still.messages)
    still.inbox("k").clear()
    assert still.messages == ()
