"""The documented answers and their older shapes are read into the same typed values."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsmanager import ValidationError, compose
from smsmanager.asking import MessageState, Scope, StepState, _read_account, _read_answers
from smsmanager.webhooks import Gateway, IncomingMessage, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.asking.conftest import Asking, Service

AT = datetime(2026, 11, 2, 8, tzinfo=UTC)
NUMBER = "420601000001"
TEXT = "A private text"
MESSAGE: dict[str, Any] = {
    "status_code": "200",
    "delivery_code": "201",
    "status_info": "Delivered",
    "tag": "promotional",
    "body": TEXT,
    "to": {"phone_number": NUMBER},
    "request_id": "9a2f",
    "ts_created": "2026-11-02T08:00:00Z",
    "ts_sent": "2026-11-02T08:00:02Z",
    "ts_delivered": "2026-11-02T08:00:06Z",
    "ts_seen": None,
    "ts_clicked": None,
    "ts_updated": "2026-11-02T08:00:06Z",
    "flow": [{"sms": {"sender": "Shop"}}],
    "flow_index": "0",
    "flow_status": {"0": {"status_code": "200", "delivery_code": "201"}},
    "price": 1.1,
}
ROW: dict[str, Any] = {
    "message_id": "1b7c-0",
    "message_parts": 1,
    "ts_sent": "2026-11-02T08:00:00Z",
    "ts_delivered": None,
    "sent": 1,
    "delivered": 0,
    "nondelivered": 0,
    "body": TEXT,
    "flow": "sms",
    "sender": "Shop",
    "phone_number": NUMBER,
    "price_czk": "1.1",
    "price_eur": "0.04",
}


def test_state_of_a_message(ask: Asking, service: Service) -> None:
    service.answers["GET /message"] = {"success": True, "message": MESSAGE}
    status = ask.status("1b7c-0")
    assert service.queries == [{"id": "1b7c-0"}]
    assert (status.message_id, status.state) == ("1b7c-0", MessageState.DELIVERED)
    assert (status.status_code, status.delivery_code, status.request_id) == ("200", "201", "9a2f")
    assert (status.body, status.phone_number, status.tags) == (TEXT, NUMBER, ("promotional",))
    assert (status.created_at, status.seen_at) == (AT, None)
    assert status.price == Decimal("1.1")
    assert status.flow == ({"sms": {"sender": "Shop"}},)
    assert status.steps == {0: StepState(status_code="200", delivery_code="201")}
    assert (status.flow_index, status.raw) == (0, MESSAGE)
    for private in (TEXT, NUMBER, "Shop"):
        assert private not in repr(status)


def test_unknown_message_is_none(ask: Asking, service: Service) -> None:
    service.answers["GET /message"] = {"success": True, "message": None}
    assert ask.status("1b7c-0") is None


@pytest.mark.parametrize(
    ("sending", "delivery", "state"),
    [
        (None, None, MessageState.IN_PROGRESS),
        ("200", None, MessageState.SENT),
        (200, None, MessageState.SENT),
        ("200", "202", MessageState.SEEN),
        ("200", "301", MessageState.OTHER),
        ("307", None, MessageState.OTHER),
    ],
)
def test_only_documented_codes_are_classified(
    sending: Any, delivery: Any, state: MessageState
) -> None:
    answer = {"message": {"status_code": sending, "delivery_code": delivery}}
    status = _read_answers.message_status("m", answer)
    assert status is not None
    assert status.state is state
    assert status.status_code == (None if sending is None else str(sending))


def test_older_shape_of_a_message_gives_the_same_values() -> None:
    older = {
        **MESSAGE,
        "ts_created": 1793606400,
        "ts_sent": 1793606402000,
        "price": {"price_czk": "1.1", "price_eur": "0.04", "mcc": "230", "mnc": "1"},
        "to": NUMBER,
        "status_code": 200,
        "delivery_code": 201,
    }
    new, old = (_read_answers.message_status("m", {"message": m}) for m in (MESSAGE, older))
    assert old == new
    older["flow"] = "sms"
    read = _read_answers.message_status("m", {"message": older})
    assert read is not None
    assert read.flow == ({"sms": {}},)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-02T08:00:00Z", AT),
        ("2026-11-02T09:00:00+01:00", AT),
        ("2026-11-02 08:00:00", AT),
        (1793606400, AT),
        ("1793606400", AT),
        (1793606400000, AT),
        ("1793606400000", AT),
        (10**400, None),
        (float("nan"), None),
        (True, None),
        ("soon", None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_times(value: Any, expected: datetime | None) -> None:
    assert _read_answers.moment(value) == expected


def test_rows_are_handed_over_page_by_page(ask: Asking, service: Service) -> None:
    pages = [
        {"success": True, "messages": [{**ROW, "message_id": "a"}], "next_cursor": "abc"},
        {"success": True, "messages": [{**ROW, "message_id": "b"}], "next_cursor": None},
    ]
    service.answers["GET /messages"] = pages
    rows = ask.items("sent", date(2026, 11, 2), tag="sale", phone_number=NUMBER, subid="x")
    assert [row.message_id for row in rows] == ["a", "b"]
    first = {"date": "2026-11-02", "tag": "sale", "phone_number": NUMBER, "subid": "x"}
    assert service.queries == [first, {**first, "cursor": "abc"}]
    [row, _] = rows
    assert (row.channel, row.parts, row.is_sent, row.is_delivered) == (Gateway.SMS, 1, True, False)
    assert (row.sent_at, row.delivered_at, row.price_czk) == (AT, None, Decimal("1.1"))
    assert (row.phone_number, row.body, row.sender) == (NUMBER, TEXT, "Shop")
    for private in (TEXT, NUMBER, "Shop"):
        assert private not in repr(row)


def test_next_page_is_asked_for_when_it_is_reached(ask: Asking, service: Service) -> None:
    service.answers["GET /messages"] = {"messages": [ROW, ROW], "next_cursor": "abc"}
    assert len(ask.items("sent", "2026-11-02", most=2)) == 2
    assert len(service.requests) == 1


def test_cursor_that_comes_again_ends_the_pages(ask: Asking, service: Service) -> None:
    service.answers["GET /messages"] = {"messages": [ROW], "next_cursor": "abc"}
    assert len(ask.items("sent", "2026-11-02")) == 2


def test_older_shape_of_a_row_gives_the_same_values() -> None:
    older = {**ROW, "to": NUMBER, "ts_sent": 1793606400, "price_czk": 1.1, "price_eur": 0.04}
    del older["phone_number"]
    assert _read_answers.message_row(older) == _read_answers.message_row(ROW)


@pytest.mark.parametrize("day", [datetime(2026, 11, 2), "2.11.2026", None, 5])  # noqa: DTZ001
def test_a_day_is_a_date(ask: Asking, day: Any) -> None:
    with pytest.raises(ValidationError, match="like 2027-01-04"):
        ask.items("sent", day)


def test_totals_of_a_request(ask: Asking, service: Service) -> None:
    totals = {
        "count_sent": "9",
        "count_notsent": "1",
        "count_delivered": "8",
        "msg_sent": "9",
        "price_czk": "9.9",
        "first_ts_sent": "2026-11-02T08:00:00Z",
    }
    service.answers["GET /request"] = [{"request": totals}, {"request": None}]
    found = ask.request_totals("9a2f", "2026-11-02")
    assert service.queries == [{"date": "2026-11-02", "id": "9a2f"}]
    assert (found.sent, found.not_sent, found.delivered, found.parts) == (9, 1, 8, 9)
    assert (found.price_czk, found.first_sent_at, found.seen) == (Decimal("9.9"), AT, None)
    assert ask.request_totals("9a2f", "2026-11-02") is None


def test_totals_of_days(ask: Asking, service: Service) -> None:
    stats = {"count_sent": 9, "count_seen": 2, "msg_sent": 9, "msg_mccmnc": {"23001": 9}}
    day = {"date": "2026-11-02", "tags": ["promotional"], "stats": stats}
    service.answers["GET /requests"] = {"requests": [day]}
    [found] = ask.day_totals([date(2026, 11, 1), "2026-11-02"])
    assert service.queries == [{"dates": "2026-11-01,2026-11-02"}]
    assert (found.day, found.tags) == (date(2026, 11, 2), ("promotional",))
    assert (found.totals.sent, found.totals.seen) == (9, 2)
    assert found.totals.parts_by_network == {"23001": 9}


INBOX = [
    {
        "ts_received": "2026-11-02T08:00:00Z",
        "body": "YES",
        "from": NUMBER,
        "to": "420900000001",
        "gateway": "sms",
        "payload": {"smsmanager_reference": "order-7"},
    },
    {"ts_received": None, "body": "Hello?", "from": NUMBER, "gateway": "fax", "payload": None},
]


@pytest.mark.parametrize("name", ["inbox", "messages"])
def test_inbox_has_the_events_of_webhooks(ask: Asking, service: Service, name: str) -> None:
    service.answers["GET /inbox"] = {"success": True, name: INBOX}
    reply, message = ask.items("inbox", "2026-11-02")
    assert isinstance(reply, Reply)
    assert (reply.body, reply.sender, reply.recipient) == ("YES", NUMBER, "420900000001")
    assert (reply.gateway, reply.at, reply.reference) == (Gateway.SMS, AT, "order-7")
    assert isinstance(message, IncomingMessage)
    assert (message.body, message.gateway, message.at) == ("Hello?", "fax", None)


@pytest.mark.parametrize("amount", ["812.4", 812.4])
def test_credit(ask: Asking, service: Service, amount: Any) -> None:
    credit = {"credit_czk": amount, "credit_eur": "0", "currency": "czk", "tz": "Europe/Prague"}
    credit |= {"billing_id": "77", "vat": "1", "priceLevels": {"sms_230": 1}}
    service.answers["GET /credit"] = {"success": True, "credit": credit}
    found = ask.credit()
    assert found.amount == found.czk == Decimal("812.4")
    assert (found.currency, found.time_zone, found.has_vat) == ("czk", "Europe/Prague", True)
    assert (found.billing_id, found.price_levels) == ("77", {"sms_230": 1})


def test_prices_by_the_longest_calling_code(ask: Asking, service: Service) -> None:
    networks = {"1": {"price_czk": 0.9, "price_eur": 0.036}}
    czech = {"mcc": 230, "price_czk": 1.0, "price_eur": 0.04, "operators": networks}
    prices = {"sms": {"420": czech, "42": {"mcc": 1, "price_czk": 9}}, "viber": {}}
    service.answers["GET /credit/prices"] = {"success": True, "prices": prices}
    found = ask.prices()
    price = found.of(NUMBER)
    assert (price.calling_code, price.mcc, price.czk) == ("420", 230, Decimal("1.0"))
    assert price.networks["1"].amount("eur") == Decimal("0.036")
    assert price.amount("usd") is None
    assert found.of("421905123456").czk == Decimal(9)
    assert found.of("15551234567") is found.of(NUMBER, "viber") is found.of(NUMBER, "rcs") is None


def test_key(ask: Asking, service: Service) -> None:
    me = {
        "note": "mine",
        "default_callback_url": "https://user:secret@example.com/hook",
        "account": "prepaid",
        "scope": "api",
        "share_senders": "1",
        "is_blocked": 0,
        "senders": [{"flow": "sms", "value": "Shop", "name": "My shop"}],
        "vat": "1",
        "currency": "czk",
        "tz": "Europe/Prague",
    }
    service.answers["GET /apikey/me"] = [{"me": me}, {"me": {**me, "scope": "new"}}]
    key = ask.me()
    assert (key.account, key.scope, key.is_blocked) == ("prepaid", Scope.API, False)
    assert key.may_change_settings is False
    assert key.has_sender("Shop", "sms")
    assert key.has_sender("My shop")
    assert not key.has_sender("Shop", "viber")
    assert key.default_callback_url == "https://user:secret@example.com/hook"
    assert "secret" not in repr(key)
    newer = ask.me()
    assert (newer.scope, newer.may_change_settings) == ("new", None)


def test_notice_of_low_credit(ask: Asking, service: Service) -> None:
    notice = {"email": "a@example.com", "value": 100, "enabled": True}
    service.answers["GET /credit/notify"] = [{"notify": notice}, {"notify": None}]
    service.answers["POST /credit/notify"] = {"success": True}
    found = ask.credit_notice()
    assert (found.email, found.value, found.is_enabled) == ("a@example.com", Decimal(100), True)
    assert "a@example.com" not in repr(found)
    assert ask.credit_notice() is None
    ask.set_credit_notice(email="a@example.com", value=50, enable=False)
    [sent] = [r.content for r in service.requests if r.method == "POST"]
    assert sent == b'{"email":"a@example.com","value":50.0,"enable":false}'
    with pytest.raises(ValidationError, match="more than 0"):
        ask.set_credit_notice(email="a@example.com", value=0)


def test_key_is_updated_whole(ask: Asking, service: Service) -> None:
    service.answers["POST /apikey/update"] = {"success": True}
    assert ask.update_key(default_callback_url="https://example.com", note="") is None
    [request] = service.requests
    assert request.content == b'{"default_callback_url":"https://example.com","note":""}'


def test_check_of_one_message_and_of_several(make: Callable[..., Asking], service: Service) -> None:
    ask = make(sender="Shop")
    problem = {"key": "1", "field": "to[1].phone_number", "message": TEXT, "code": "302"}
    found = {"accepted": [{"key": 0}], "rejected": [{"key": "1"}], "errors": [problem]}
    service.answers["POST /messaging/validate"] = [
        {"success": False, "validate": found},
        {"success": True, "validate": {"accepted": [{"key": "0"}], "rejected": [], "errors": []}},
    ]
    wrong = ask.check(compose(TEXT, to=[NUMBER, "420601000002"]))
    assert (wrong.is_right, wrong.accepted, wrong.rejected) == (False, (0,), (1,))
    [problem_found] = wrong.problems
    assert (problem_found.index, problem_found.field) == (1, "to[1].phone_number")
    assert (problem_found.code, problem_found.text) == ("302", TEXT)
    assert TEXT not in repr(wrong)
    assert ask.check([compose(TEXT, to=NUMBER)]).is_right
    one, several = (r.content.decode() for r in service.requests)
    assert one.startswith('{"to":[{"phone_number":"420601000001"},')
    assert '"sender":"Shop"' in one
    assert several.startswith('[{"to"')


@pytest.mark.parametrize("count", [(11, 1), (1, 11)], ids=["messages", "recipients"])
def test_check_of_too_much_is_refused(
    ask: Asking, service: Service, count: tuple[int, int]
) -> None:
    messages, recipients = count
    numbers = [f"4206010000{n:02}" for n in range(recipients)]
    with pytest.raises(ValidationError, match="at most ten"):
        ask.check([compose(TEXT, to=numbers)] * messages)
    assert not service.requests


leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
OTHER_NAMES = (
    "message messages inbox requests stats credit prices sms me senders validate errors key notify optout "
    "operators priceLevels from"
)
names = st.sampled_from(sorted({*MESSAGE, *ROW, *OTHER_NAMES.split()}))
inner = leaves | st.lists(leaves, max_size=2) | st.dictionaries(names, leaves, max_size=3)
middle = inner | st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=3)
answers = st.dictionaries(names, middle, max_size=6)


@settings(deadline=None, database=None, max_examples=300)
@given(answers)
def test_no_answer_is_too_odd_to_be_read(answer: dict[str, Any]) -> None:
    _read_answers.message_status("m", answer)
    _read_answers.message_row(answer)
    _read_answers.totals(answer)
    _read_answers.day_totals(answer)
    _read_answers.inbox_events(answer)
    for read in ("credit", "prices", "credit_notice", "key_facts", "list_addition", "check_result"):
        getattr(_read_account, read)(answer)
    _read_account.list_removal("optout", answer)
