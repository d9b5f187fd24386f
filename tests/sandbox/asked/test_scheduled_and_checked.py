"""Cancelling scheduled messages, by each reading of the pages; checking without sending."""

from __future__ import annotations

from typing import Any

import pytest

from smsmanager.sandbox import RestSettings
from tests.sandbox.asked.conftest import NUMBER, OTHER, Asked, Start

LATER = "2027-01-03T10:00:00Z"
# It is noon.
WINDOW = {"start": "15:00", "end": "16:00", "tz": "UTC"}


def cancel(asked: Asked, message_id: str) -> int:
    return asked.call("POST", "/messaging/cancel", {"message_id": message_id}).status_code


def test_a_cancelled_message_is_never_sent(asked: Asked) -> None:
    (message_id,) = asked.send(datetime=LATER, callback="http://127.0.0.1:9/hook")
    answer = asked.call("POST", "/messaging/cancel", {"message_id": message_id})
    assert (answer.status_code, answer.json()["success"]) == (200, True)
    asked.sandbox.settle()
    message = asked.sandbox.messages[0]
    assert message.state == "cancelled"
    assert message.waits_until is None
    assert message.prices[0] == 0
    assert message.timeline[-1].kind == "cancelled"
    assert asked.sandbox.deliveries == ()
    assert asked.get("/message", id=message_id)["message"]["status_info"] == "Cancelled"
    assert cancel(asked, message_id) == 500


def test_what_is_under_way_or_of_another_key_cannot_be_cancelled(asked: Asked) -> None:
    (sent,) = asked.send()
    (foreign,) = asked.send(datetime=LATER, key="another")
    for message_id in (sent, foreign, "no-such-id"):
        answer = asked.call("POST", "/messaging/cancel", {"message_id": message_id})
        assert (answer.status_code, answer.json()) == (
            500,
            {"message": "Failed to cancel schedule"},
        )
    asked.sandbox.settle()
    assert [message.state for message in asked.sandbox.messages] == ["delivered"] * 2


@pytest.mark.parametrize(
    ("not_cancelled", "status_code", "success"),
    [("error", 500, None), ("failure", 200, False), ("done", 200, True)],
)
def test_what_an_unknown_id_is_answered(
    start: Start,
    not_cancelled: Any,
    status_code: int,
    success: bool | None,  # noqa: FBT001
) -> None:
    asked = start(RestSettings(not_cancelled=not_cancelled))
    for body in ({"message_id": "no-such-id"}, {"bulk_id": "1"}):
        answer = asked.call("POST", "/messaging/cancel", body)
        assert (answer.status_code, answer.json().get("success")) == (status_code, success)


@pytest.mark.parametrize(
    ("cancel_id", "suffix", "states"),
    [
        ("both", "-1", ["waiting", "cancelled"]),
        ("both", "", ["cancelled", "cancelled"]),
        ("recipient", "-1", ["waiting", "cancelled"]),
        ("recipient", "", ["waiting", "waiting"]),
        ("message", "-1", ["waiting", "waiting"]),
        ("message", "", ["cancelled", "cancelled"]),
    ],
)
def test_which_id_of_a_batch_cancels(
    start: Start, cancel_id: Any, suffix: str, states: list[str]
) -> None:
    asked = start(RestSettings(cancel_id=cancel_id))
    message_id = asked.send_batch(NUMBER, OTHER, datetime=LATER)
    assert cancel(asked, message_id + suffix) == (200 if "cancelled" in states else 500)
    assert [message.state for message in asked.sandbox.messages] == states


@pytest.mark.parametrize("cancel_id", ["both", "recipient", "message"])
def test_the_id_of_a_single_message_always_cancels(start: Start, cancel_id: Any) -> None:
    asked = start(RestSettings(cancel_id=cancel_id))
    first, second = asked.send(NUMBER, OTHER, datetime=LATER)
    assert (cancel(asked, second), cancel(asked, first)) == (200, 200)


@pytest.mark.parametrize("windows", [True, False])
def test_what_waits_for_a_window_is_scheduled_or_not(start: Start, windows: bool) -> None:  # noqa: FBT001
    asked = start(RestSettings(cancel_windows=windows))
    (message_id,) = asked.send(delivery_time=WINDOW)
    assert cancel(asked, message_id) == (200 if windows else 500)
    asked.sandbox.settle()
    assert asked.sandbox.messages[0].state == ("cancelled" if windows else "delivered")


@pytest.mark.parametrize("body", [{}, {"message_id": "a", "bulk_id": "b"}, {"message_id": ""}])
def test_exactly_one_thing_is_cancelled(asked: Asked, body: Any) -> None:
    assert asked.call("POST", "/messaging/cancel", body).status_code == 400


def check(asked: Asked, body: Any) -> dict[str, Any]:
    answer = asked.call("POST", "/messaging/validate", body)
    assert answer.status_code == 200
    assert asked.sandbox.messages == ()
    found: dict[str, Any] = answer.json()
    assert found["success"] is (not found["validate"]["errors"])
    return found


def test_a_right_message_is_accepted_for_each_recipient(asked: Asked) -> None:
    to = [{"phone_number": NUMBER}, {"phone_number": OTHER}]
    found = check(asked, {"body": "Hi", "to": to})
    assert found == {
        "success": True,
        "validate": {
            "accepted": [
                {"key": "0", "phone_number": NUMBER},
                {"key": "1", "phone_number": OTHER},
            ],
            "rejected": [],
            "errors": [],
        },
    }


def test_a_wrong_number_rejects_its_recipient_alone(asked: Asked) -> None:
    to = [{"phone_number": NUMBER}, {"phone_number": "12"}]
    found = check(asked, {"body": "Hi", "to": to})
    assert found["success"] is False
    assert found["validate"] == {
        "accepted": [{"key": "0", "phone_number": NUMBER}],
        "rejected": [{"key": "1", "phone_number": "12"}],
        "errors": [
            {
                "key": "1",
                "field": "to[1].phone_number",
                "message": "Invalid phone number",
                "code": "302",
            }
        ],
    }


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"body": 5}, "body"),
        ({"colour": "red"}, ""),
        ({"flow": [{"sms": {"ttl": 0.1}}]}, "flow[0].sms.ttl"),
        ({"flow": [{"sms": {"gateway": "bus"}}]}, "flow[0].sms.gateway"),
        ({"body": None, "flow": []}, "body"),
        ({"delivery_time": {"tz": "Europe/Nowhere"}}, "delivery_time.tz"),
    ],
)
def test_a_wrong_field_rejects_every_recipient(
    asked: Asked, fields: dict[str, Any], field: str
) -> None:
    message = {"body": "Hi", "to": [{"phone_number": NUMBER}, {"phone_number": OTHER}], **fields}
    found = check(asked, message)
    assert field in [error["field"] for error in found["validate"]["errors"]]
    assert [item["key"] for item in found["validate"]["rejected"]] == ["0", "1"]


def test_an_array_is_checked_message_by_message(asked: Asked) -> None:
    right = {"body": "Hi", "to": [{"phone_number": NUMBER}]}
    found = check(asked, [right, {**right, "to": [{"phone_number": "12"}]}, {"body": "Hi"}])
    assert found["validate"]["accepted"] == [{"key": "0"}]
    assert found["validate"]["rejected"] == [{"key": "1"}, {"key": "2"}]
    errors = [(error["key"], error["field"]) for error in found["validate"]["errors"]]
    assert errors == [("1", "to[0].phone_number"), ("2", "")]


@pytest.mark.parametrize("body", [[], [{}] * 11, "text", None])
def test_only_one_message_or_ten_are_checked(asked: Asked, body: Any) -> None:
    assert asked.call("POST", "/messaging/validate", body).status_code == 400


def test_checking_can_be_missing(start: Start) -> None:
    asked = start(RestSettings(offers_validation=False))
    answer = asked.call("POST", "/messaging/validate", {"body": "Hi", "to": []})
    assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})
