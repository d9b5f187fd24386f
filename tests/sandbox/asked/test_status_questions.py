"""What the account can see about its messages, and each setting for what no page says."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from smsmanager.sandbox import MagicNumber, Outcome, RestSettings, Rule
from tests.sandbox.asked.conftest import DAY, KEY, NOON, NUMBER, OTHER, Asked, Start

LATER = "2027-01-03T10:00:00Z"


def test_a_message_from_its_arrival_to_its_end(asked: Asked) -> None:
    (message_id,) = asked.send("+420 777 123 456", tag="b,A", payload={"order": 7})
    begun = asked.get("/message", id=message_id)["message"]
    asked.sandbox.settle()
    ended = asked.get("/message", id=message_id)["message"]

    assert (begun["status_code"], begun["delivery_code"]) == (None, None)
    assert begun["ts_created"] == "2027-01-01T12:00:00.000Z"
    assert begun["to"] == {"phone_number": "+420 777 123 456"}
    assert (ended["status_code"], ended["delivery_code"]) == ("200", "201")
    assert ended["ts_sent"] == "2027-01-01T12:00:01.000Z"
    assert ended["ts_delivered"] == ended["ts_updated"] == "2027-01-01T12:00:03.000Z"
    assert (ended["tag"], ended["price"], ended["flow"]) == ("b,a", 1.05, [{"sms": {}}])
    assert ended["flow_index"] == "0"
    assert ended["flow_status"] == {"0": {"status_code": "200", "delivery_code": "201"}}
    assert ended["request_id"] == asked.sandbox.messages[0].request_id


@pytest.mark.parametrize(
    ("number", "status_code", "delivery_code"),
    [
        (MagicNumber.UNDELIVERED, "200", "1"),
        (MagicNumber.FAILED, "200", "3"),
        (MagicNumber.NO_CREDIT, "307", None),
        (MagicNumber.NEVER, "200", None),
        (MagicNumber.UNCONFIRMED, "200", "201"),
    ],
)
def test_codes_of_what_was_not_delivered(
    asked: Asked, number: str, status_code: str, delivery_code: str | None
) -> None:
    asked.send(number)
    asked.sandbox.settle()
    message_id = asked.sandbox.messages[0].message_id
    assert message_id is not None
    found = asked.get("/message", id=message_id)["message"]
    assert (found["status_code"], found["delivery_code"]) == (status_code, delivery_code)


def test_the_step_that_reached_the_recipient_is_shown(asked: Asked) -> None:
    flow = [{"viber": {"body": "By Viber", "ttl": 5, "sender": "Bistro"}}, {"sms": {}}]
    (message_id,) = asked.send(MagicNumber.SMS_ONLY, flow=flow)
    asked.sandbox.settle()
    found = asked.get("/message", id=message_id)["message"]
    (row,) = asked.rows()

    assert (found["flow_index"], found["body"], found["flow"]) == ("1", "Hello", flow)
    assert found["flow_status"]["0"] == {"status_code": "200", "delivery_code": "1"}
    assert (row["flow"], row["sender"], row["delivered"]) == ("sms", "SANDBOX", 1)
    assert float(row["price_czk"]) == found["price"] == 1.65


def test_what_another_key_sent_does_not_exist(asked: Asked) -> None:
    (message_id,) = asked.send(key="another")
    request_id = asked.sandbox.messages[0].request_id
    assert asked.get("/message", id=message_id)["message"] is None
    assert asked.get("/message", id="no-such-id")["message"] is None
    assert asked.rows() == []
    assert asked.get("/request", id=request_id, date=DAY)["request"] is None
    assert asked.get("/requests", dates=DAY)["requests"] == []
    assert asked.get("/message", id=message_id, key="another")["message"] is not None


def test_a_message_of_a_batch_is_known_by_the_id_with_its_suffix(asked: Asked) -> None:
    message_id = asked.send_batch(NUMBER, OTHER)
    assert asked.get("/message", id=message_id)["message"] is None
    for index, number in enumerate((NUMBER, OTHER)):
        found = asked.get("/message", id=f"{message_id}-{index}")["message"]
        assert found["to"] == {"phone_number": number}


def test_rows_by_number_and_by_the_whole_set_of_tags(asked: Asked) -> None:
    asked.send(NUMBER, OTHER, tag="a,b")
    asked.send(NUMBER, tag="a")
    asked.send(NUMBER)
    assert len(asked.rows()) == 4
    assert len(asked.rows(phone_number=NUMBER)) == len(asked.rows(phone_number="777123456")) == 3
    assert len(asked.rows(tag="B, a")) == 2
    assert len(asked.rows(tag="a")) == len(asked.rows(tag="promotional")) == 1
    assert asked.rows(tag="b") == []


def test_what_happened_to_a_message_is_in_its_row(asked: Asked) -> None:
    asked.send(params={"_url": {"type": "all"}}, body="https://example.com/a")
    asked.sandbox.settle()
    asked.sandbox.advance(60)
    asked.sandbox.reply("STOP", to=NUMBER)
    (row,) = asked.rows()
    assert (row["sent"], row["delivered"], row["seen"], row["clicked"]) == (1, 1, 0, 0)
    assert (row["replied"], row["optout"], row["nondelivered"]) == (1, 1, 0)
    assert row["ts_replied"] == row["ts_optout"] == row["ts_updated"]
    assert row["body"] != "https://example.com/a"
    assert row["message_parts"] == 1


@pytest.mark.parametrize("size", [1, 2, 3, 5, 6])
def test_pages_have_every_row_once(start: Start, size: int) -> None:
    asked = start(RestSettings(page_size=size))
    ids = [each for index in range(5) for each in asked.send(body=str(index))]
    first = asked.get("/messages", date=DAY)
    assert len(first["messages"]) == min(size, 5)
    # What comes in between moves nothing.
    ids += asked.send(body="late")
    assert [row["message_id"] for row in asked.rows()] == ids


@pytest.mark.parametrize("microsecond", [0, 1, 333_333, 999_999])
def test_a_message_is_not_visible_at_once(start: Start, microsecond: int) -> None:
    asked = start(RestSettings(visible_after_s=30), NOON.replace(microsecond=microsecond))
    (message_id,) = asked.send()
    request_id = asked.sandbox.messages[0].request_id

    def seen() -> list[bool]:
        return [
            asked.get("/message", id=message_id)["message"] is not None,
            bool(asked.rows()),
            asked.get("/request", id=request_id, date=DAY)["request"] is not None,
            bool(asked.get("/requests", dates=DAY)["requests"]),
        ]

    asked.sandbox.advance(29)
    assert seen() == [False] * 4
    asked.sandbox.advance(1)
    assert seen() == [True] * 4


@pytest.mark.parametrize("rejected", [True, False])
@pytest.mark.parametrize("scheduled", [True, False])
def test_what_was_not_sent_is_listed_or_not(
    start: Start,
    rejected: bool,  # noqa: FBT001
    scheduled: bool,  # noqa: FBT001
) -> None:
    asked = start(RestSettings(lists_rejected=rejected, lists_scheduled=scheduled))
    asked.send(NUMBER, MagicNumber.NO_CREDIT)
    asked.send(OTHER, datetime=LATER)
    asked.sandbox.advance(60)
    numbers = {NUMBER} | ({MagicNumber.NO_CREDIT.value} if rejected else set())
    assert {row["phone_number"] for row in asked.rows()} == numbers | (
        {OTHER} if scheduled else set()
    )
    asked.sandbox.settle()
    assert {row["phone_number"] for row in asked.rows()} == {*numbers, OTHER}


@pytest.mark.parametrize(
    ("day_of", "day"), [("created", DAY), ("sent", "2027-01-03")], ids=["created", "sent"]
)
def test_the_day_of_a_scheduled_message(start: Start, day_of: Any, day: str) -> None:
    asked = start(RestSettings(day_of=day_of))
    asked.send(datetime=LATER)
    for _ in range(2):
        days = [DAY, "2027-01-02", "2027-01-03"]
        assert [each for each in days if asked.rows(each)] == [day]
        asked.sandbox.settle()


@pytest.mark.parametrize(
    ("rest", "day"),
    [
        (RestSettings(), "2027-01-02"),
        (RestSettings(day_in="utc"), DAY),
        (RestSettings(zone="America/New_York"), DAY),
        (RestSettings(zone="Pacific/Kiritimati"), "2027-01-02"),
    ],
)
def test_days_are_those_of_a_zone(start: Start, rest: RestSettings, day: str) -> None:
    asked = start(rest, now=datetime(2027, 1, 1, 23, 30, tzinfo=UTC))
    asked.send()
    asked.sandbox.reply("Yes", to=NUMBER)
    days = ["2026-12-31", DAY, "2027-01-02", "2027-01-03"]
    assert [each for each in days if asked.rows(each)] == [day]
    assert [each for each in days if asked.get("/inbox", date=each)["inbox"]] == [day]
    found = asked.get("/requests", dates=",".join(days))["requests"]
    assert [each["date"] for each in found] == [day]


def test_totals_of_a_request_are_texts_and_those_of_days_are_numbers(asked: Asked) -> None:
    asked.send(NUMBER, OTHER, MagicNumber.UNDELIVERED, MagicNumber.NO_CREDIT, MagicNumber.REPLIES)
    request_id = asked.sandbox.messages[0].request_id
    asked.send(tag="login")
    asked.sandbox.settle()

    found = asked.get("/request", id=request_id, date=DAY)["request"]
    assert found == {
        "count_sent": "4",
        "count_notsent": "1",
        "count_delivered": "3",
        "count_nondelivered": "1",
        "count_replied": "1",
        "count_optout": "0",
        "msg_sent": "4",
        "price_czk": "4.20",
        "price_eur": "0.168",
        "first_ts_sent": "2027-01-01T12:00:01.000Z",
        "last_ts_sent": "2027-01-01T12:00:01.000Z",
    }
    assert asked.get("/request", id=request_id, date="2027-01-02")["request"] is None

    login, promotional = asked.get("/requests", dates=f"2027-01-05,{DAY},{DAY}")["requests"]
    assert (login["date"], login["tags"], promotional["tags"]) == (DAY, ["login"], ["promotional"])
    assert promotional["stats"]["count_sent"] == 4
    assert promotional["stats"]["msg_mccmnc"] == {"23001": 4}
    assert asked.get("/requests", dates=DAY, tag="login")["requests"] == [login]


def test_replies_and_messages_of_strangers_are_in_the_inbox(asked: Asked) -> None:
    asked.send(payload={"order": 7})
    asked.sandbox.advance(60)
    asked.sandbox.reply("Yes", to=NUMBER)
    view = asked.sandbox.inbox(KEY)
    view.receive("Hello", sender=OTHER, recipient="420900111222")
    assert asked.get("/inbox", date=DAY)["inbox"] == [
        {
            "ts_received": "2027-01-01T12:01:00.000Z",
            "body": "Yes",
            "from": NUMBER,
            "to": "SANDBOX",
            "gateway": "sms",
            "payload": {"order": 7},
        },
        {
            "ts_received": "2027-01-01T12:01:00.000Z",
            "body": "Hello",
            "from": OTHER,
            "to": "420900111222",
            "gateway": "sms",
            "payload": None,
        },
    ]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/message", {}),
        ("/messages", {}),
        ("/messages", {"date": "2027-02-30"}),
        ("/messages", {"date": "yesterday"}),
        ("/messages", {"date": DAY, "cursor": "abc"}),
        ("/messages", {"date": DAY, "cursor": "9" * 16}),
        ("/request", {"date": DAY}),
        ("/requests", {"dates": "2027-01-01,"}),
        ("/requests", {"dates": ""}),
        ("/inbox", {"date": "0000-01-01"}),
    ],
)
def test_what_cannot_be_answered_is_a_400(asked: Asked, path: str, query: dict[str, str]) -> None:
    answer = asked.call("GET", path, **query)
    assert answer.status_code == 400
    assert answer.json().keys() == {"message"}
    assert asked.sandbox.requests[-1].reason == answer.json()["message"]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_days_at_the_ends_of_the_calendar(start: Start, day: str) -> None:
    for zone in ("Pacific/Kiritimati", "America/New_York", "UTC"):
        asked = start(RestSettings(zone=zone))
        assert asked.call("GET", "/messages", date=day).status_code in {200, 400}


def test_a_rule_decides_what_is_shown(asked: Asked) -> None:
    asked.sandbox.rules.add(Rule(Outcome("rejected", code=304)))
    (message_id,) = asked.send()
    found = asked.get("/message", id=message_id)["message"]
    assert (found["status_code"], found["flow_index"], found["price"]) == ("304", None, None)
    assert found["status_info"] == "[304] Number is blacklisted or opted out"
