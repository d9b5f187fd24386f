import re
from datetime import UTC, datetime, timedelta

import pytest

from smsmanager.sandbox import MagicNumber, Sandbox, Status
from tests.sandbox.conftest import message_to, post, simple

UUID_4 = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

FIRST, SECOND, THIRD = "420777123456", "421905123456", "420777123457"
REJECTED, UNCONFIRMED = MagicNumber.REJECTED, MagicNumber.UNCONFIRMED


def fields(number: str = FIRST, **others: str) -> dict[str, str]:
    return {"phone_number": number, "message": "Hello", "sender": "Shop", **others}


@pytest.mark.parametrize("path", ["/message", "/message/priority"])
def test_a_message_gets_an_id_for_each_recipient(sandbox: Sandbox, path: str) -> None:
    answer = post(sandbox, message_to(FIRST, SECOND), path=path)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    content = answer.json()
    assert content.keys() == {"request_id", "accepted", "rejected"}
    assert [item["key"] for item in content["accepted"]] == ["0", "1"]
    assert content["rejected"] == []
    ids = [item["message_id"] for item in content["accepted"]]
    assert all(UUID_4.fullmatch(found) for found in [content["request_id"], *ids])
    assert len({content["request_id"], *ids}) == 3
    assert [message.message_id for message in sandbox.messages] == ids
    assert [message.to for message in sandbox.messages] == [FIRST, SECOND]
    assert {message.request_id for message in sandbox.messages} == {content["request_id"]}


def test_the_operation_separates_priority_from_the_rest(sandbox: Sandbox) -> None:
    message = message_to(FIRST)
    post(sandbox, message)
    post(sandbox, message, path="/message/priority")
    post(sandbox, [message], path="/messages")
    simple(sandbox, "POST", fields())
    simple(sandbox, "GET", fields())

    operations = [
        "sendMessage",
        "sendPriorityMessage",
        "sendMessages",
        "sendSimpleMessage",
        "sendSimpleMessageByQuery",
    ]
    assert [message.operation for message in sandbox.messages] == operations
    assert [request.operation for request in sandbox.requests] == operations


def test_a_batch_gets_an_id_for_each_message_and_is_stored_by_recipient(sandbox: Sandbox) -> None:
    batch = [
        message_to(FIRST, body="One"),
        message_to(SECOND, THIRD, body="Two"),
    ]
    content = post(sandbox, batch, path="/messages").json()

    assert [item["key"] for item in content["accepted"]] == ["0", "1"]
    one, two = (item["message_id"] for item in content["accepted"])
    assert one != two
    assert [(message.to, message.message_id, message.body) for message in sandbox.messages] == [
        (FIRST, f"{one}-0", "One"),
        (SECOND, f"{two}-0", "Two"),
        (THIRD, f"{two}-1", "Two"),
    ]
    assert sandbox.messages[0].message == batch[0]
    assert sandbox.messages[2].message == batch[1]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_simple_message_is_accepted_with_an_id(sandbox: Sandbox, method: str) -> None:
    sent = fields("+420 777 123 456", gateway="lowcost", customID="order-17")
    answer = simple(sandbox, method, sent)

    assert answer.status_code == 200
    content = answer.json()
    assert content.keys() == {"request_id", "message_id", "accepted"}
    assert content["accepted"] is True
    (message,) = sandbox.messages
    assert message.message_id == content["message_id"]
    assert message.request_id == content["request_id"]
    assert (message.to, message.to_given) == (FIRST, "+420 777 123 456")
    assert (message.body, message.channels) == ("Hello", ("sms",))
    assert message.steps[0].sender == "Shop"
    assert message.message == sent


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_older_field_names_are_taken_by_the_simple_operations(
    sandbox: Sandbox, method: str
) -> None:
    sent = {"number": FIRST, "body": "Hello", "sender": "Shop", "time": "2027-01-04T07:00:00Z"}
    answer = simple(sandbox, method, sent)

    assert answer.json()["accepted"] is True
    (message,) = sandbox.messages
    assert (message.to, message.body) == (FIRST, "Hello")
    assert message.message == sent


def test_the_present_field_name_wins_over_the_older_one(sandbox: Sandbox) -> None:
    simple(sandbox, "POST", {**fields(), "number": SECOND, "body": "Older"})

    (message,) = sandbox.messages
    assert (message.to, message.body) == (FIRST, "Hello")


def test_magic_numbers_decide_for_one_recipient_of_a_message(sandbox: Sandbox) -> None:
    numbers = [REJECTED, FIRST, UNCONFIRMED, MagicNumber.TEST]
    content = post(sandbox, message_to(*numbers)).json()

    assert [item["key"] for item in content["accepted"]] == ["1", "3"]
    assert content["rejected"] == [{"key": "0"}]
    assert [message.status for message in sandbox.messages] == [
        Status.REJECTED,
        Status.ACCEPTED,
        Status.UNCONFIRMED,
        Status.ACCEPTED,
    ]
    assert [message.message_id is None for message in sandbox.messages] == [
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize(
    "given", ["777777001", "+420 777 777 001", "00420777777001", "(420) 777-777-001"]
)
def test_magic_numbers_are_recognised_however_they_are_written(
    sandbox: Sandbox, given: str
) -> None:
    content = post(sandbox, message_to(given)).json()

    assert content["rejected"] == [{"key": "0"}]


def test_a_magic_number_decides_for_its_whole_message_in_a_batch(sandbox: Sandbox) -> None:
    batch = [
        message_to(FIRST, MagicNumber.TEST, body="taken"),
        message_to(UNCONFIRMED, FIRST, REJECTED, body="rejected"),
        message_to(FIRST, UNCONFIRMED, body="unconfirmed"),
    ]
    content = post(sandbox, batch, path="/messages").json()

    assert [item["key"] for item in content["accepted"]] == ["0"]
    assert content["rejected"] == [{"key": "1"}]
    found = [(message.body, str(message.status)) for message in sandbox.messages]
    assert found == [
        *[("taken", "accepted")] * 2,
        *[("rejected", "rejected")] * 3,
        *[("unconfirmed", "unconfirmed")] * 2,
    ]
    assert {message.message_id for message in sandbox.search(containing="rejected")} == {None}
    unconfirmed = sandbox.search(containing="unconfirmed")
    assert [str(message.message_id)[36:] for message in unconfirmed] == ["-0", "-1"]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("number", "expected"),
    [(REJECTED, {"accepted": False}), (UNCONFIRMED, {})],
)
def test_magic_numbers_decide_for_a_simple_message(
    sandbox: Sandbox, method: str, number: str, expected: dict[str, object]
) -> None:
    answer = simple(sandbox, method, fields(number))

    assert answer.status_code == 200
    (message,) = sandbox.messages
    assert answer.json() == {"request_id": message.request_id, **expected}


def test_every_example_of_the_description_is_taken_and_kept_as_it_is(
    sandbox: Sandbox, message_examples: dict[str, dict[str, object]]
) -> None:
    assert len(message_examples) > 10
    for name, example in message_examples.items():
        answer = post(sandbox, example)
        assert answer.status_code == 200, (name, answer.text)
        assert sandbox.messages[-1].message == example
    assert all(request.reason is None for request in sandbox.requests)


def test_a_number_without_digits_is_accepted_as_the_service_checks_it_later(
    sandbox: Sandbox,
) -> None:
    content = post(sandbox, message_to("nobody")).json()

    assert len(content["accepted"]) == 1
    assert sandbox.messages[0].to == ""


def test_a_request_is_recorded_with_what_it_carried(sandbox: Sandbox) -> None:
    before = datetime.now(UTC)
    content = post(sandbox, message_to(FIRST, SECOND)).json()

    (request,) = sandbox.requests
    assert (request.method, request.path) == ("POST", "/v2/message")
    assert (request.status_code, request.reason) == (200, None)
    assert (request.request_id, request.recipients) == (content["request_id"], 2)
    assert before <= request.received_at <= datetime.now(UTC)
    assert request.received_at.utcoffset() == timedelta(0)


def test_the_key_is_stored_as_a_fingerprint_only(sandbox: Sandbox) -> None:
    message = message_to(FIRST)
    for key in ("key-of-a", "key-of-b", "key-of-a"):
        post(sandbox, message, key=key)
    simple(sandbox, "GET", {**fields(), "apikey": "key-of-a"})

    prints = [received.key_fingerprint for received in sandbox.messages]
    assert prints[0] == prints[2] == prints[3] != prints[1]
    assert [request.key_fingerprint for request in sandbox.requests] == prints
    shown = str([message.as_json() for message in sandbox.messages])
    assert "key-of" not in shown
    assert all(re.fullmatch("[0-9a-f]{12}", found) for found in prints)
