"""Any answer is read without a crash, and none is mistaken for an acceptance."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsmanager import SendResult, Status, compose
from smsmanager._message.prepare import prepare_batch, prepare_send, prepare_simple
from smsmanager._message.wire_requests import Prepared
from smsmanager._plan import plan
from tests.unit.client_settings import settings_with

NUMBERS = [f"4207{n:08d}" for n in range(40)]
ONE_MESSAGE = prepare_send("Hi", {"to": NUMBERS[:4]}, settings_with())
BATCH = prepare_batch(
    [compose("Hi", to=NUMBERS[:2]), compose("Hi", to=NUMBERS[2]), compose("Hi", to=NUMBERS[3:6])],
    settings_with(),
)
SIMPLE = prepare_simple("Hi", NUMBERS[0], {"sender": "S", "custom_id": "c"}, settings_with())


def answered(prepared: Prepared, answer: object) -> SendResult:
    """Return the result of a call of one request with this answer."""
    course = plan(prepared, settings_with(), lambda: 0.0)
    next(course)
    with pytest.raises(StopIteration) as end:
        course.send(answer)
    result = end.value.value
    assert isinstance(result, SendResult)
    return result


def read(prepared: Prepared, answer: dict[str, Any]) -> list[tuple[str, str | None]]:
    result = answered(prepared, answer)
    return [(outcome.status.value, outcome.message_id) for outcome in result]


NOTHING = [("unconfirmed", None)] * 4
FIRST = [("accepted", "m"), *NOTHING[1:]]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({}, NOTHING),
        ({"accepted": None, "rejected": None}, NOTHING),
        ({"accepted": [], "rejected": []}, NOTHING),
        ({"accepted": [{"key": "0", "message_id": "m"}]}, FIRST),
        ({"accepted": [{"key": 0, "message_id": "m"}]}, FIRST),
        ({"accepted": [{"key": 0, "message_id": 7}]}, [("accepted", "7"), *NOTHING[1:]]),
        ({"accepted": [{"key": 0, "message_id": ""}]}, [("accepted", None), *NOTHING[1:]]),
        ({"accepted": [{"key": 0, "message_id": None}]}, [("accepted", None), *NOTHING[1:]]),
        ({"accepted": [{"key": 0}]}, [("accepted", None), *NOTHING[1:]]),
        ({"accepted": [{"key": 0, "message_id": True}]}, [("accepted", None), *NOTHING[1:]]),
        ({"accepted": [{"key": 0, "message_id": ["m"]}]}, [("accepted", None), *NOTHING[1:]]),
        # Keys of recipients that do not exist, as in fixed answers of mock servers.
        ({"accepted": [{"key": "4", "message_id": "m"}, {"key": -1}, {"key": 10**30}]}, NOTHING),
        ({"accepted": [{"key": "-1"}, {"key": "4294967296"}, {"key": "0x0"}]}, NOTHING),
        ({"accepted": [{"key": True}, {"key": False}, {"key": None}, {"key": 0.0}]}, NOTHING),
        ({"accepted": [{"key": ""}, {"key": " 0"}, {"key": "\u0660"}, {"key": "\u00b2"}]}, NOTHING),
        ({"accepted": [{"key": [0]}, {"key": {"0": 0}}, {"index": 0}, {}]}, NOTHING),
        # One odd item does not affect the others.
        ({"accepted": [None, 5, "0", [0], {"key": 0, "message_id": "m"}]}, FIRST),
        ({"accepted": {"key": 0, "message_id": "m"}}, NOTHING),
        ({"accepted": {"0": "m"}}, NOTHING),
        ({"accepted": "0123"}, NOTHING),
        ({"accepted": 4}, NOTHING),
        ({"accepted": True}, NOTHING),
        # The first of two items for the same recipient.
        ({"accepted": [{"key": 0, "message_id": "m"}, {"key": "0", "message_id": "n"}]}, FIRST),
        # `accepted` alone decides.
        ({"accepted": [{"key": 0, "message_id": "m"}], "rejected": [{"key": 0}]}, FIRST),
        (
            {"accepted": [], "rejected": [{"key": "1"}, {"key": 3}, {"key": 9}]},
            [NOTHING[0], ("rejected", None), NOTHING[0], ("rejected", None)],
        ),
        (
            {"rejected": [{"key": "1", "message_id": "m"}, 7]},
            [NOTHING[0], ("rejected", None), *NOTHING[2:]],
        ),
        ({"rejected": {"key": 0}}, NOTHING),
        ({"rejected": True}, NOTHING),
    ],
    ids=lambda value: f"{value!s:.60}",
)
def test_answers_to_one_message(
    answer: dict[str, Any], expected: list[tuple[str, str | None]]
) -> None:
    assert read(ONE_MESSAGE, answer) == expected


def test_keys_of_a_batch_name_messages() -> None:
    answer = {"accepted": [{"key": "2", "message_id": "m"}], "rejected": [{"key": "0"}]}
    assert read(BATCH, answer) == [
        *[("rejected", None)] * 2,
        ("unconfirmed", None),
        ("accepted", "m-0"),
        ("accepted", "m-1"),
        ("accepted", "m-2"),
    ]
    taken = {"accepted": [{"key": 0}, {"key": 3, "message_id": "m"}]}
    assert read(BATCH, taken) == [("accepted", None)] * 2 + [("unconfirmed", None)] * 4


@pytest.mark.parametrize(
    ("key", "position"),
    [
        ("1", 1),
        (1, 1),
        ("01", None),
        ("1" * 5000, None),
        ("1 ", None),
        (1.0, None),
    ],
    ids=lambda value: f"{value!s:.10}",
)
def test_a_key_is_a_position_or_its_digits(key: Any, position: int | None) -> None:
    result = answered(ONE_MESSAGE, {"accepted": [{"key": key}]})
    assert [o.index for o in result.accepted] == ([] if position is None else [position])


@pytest.mark.parametrize(
    ("request_id", "kept"),
    [("r", "r"), ("", None), (None, None), (17, "17"), (True, None), (["r"], None), (1.5, None)],
)
def test_request_ids(request_id: Any, kept: str | None) -> None:
    answer = {"request_id": request_id, "accepted": [{"key": 0}]}
    result = answered(ONE_MESSAGE, answer)
    assert {outcome.request_id for outcome in result} == {kept}
    simple = {"request_id": request_id, "message_id": 5}
    assert [o.request_id for o in answered(SIMPLE, simple)] == [kept]


@pytest.mark.parametrize(
    ("accepted", "status", "message_id"),
    [
        (True, Status.ACCEPTED, "s"),
        (False, Status.REJECTED, None),
        (None, Status.UNCONFIRMED, None),
        ("true", Status.UNCONFIRMED, None),
        (1, Status.UNCONFIRMED, None),
        ([], Status.UNCONFIRMED, None),
    ],
)
def test_answers_to_a_simple_message(accepted: Any, status: Status, message_id: str | None) -> None:
    answer = {"request_id": "r", "message_id": "s", "accepted": accepted}
    [outcome] = answered(SIMPLE, answer)
    assert (outcome.status, outcome.message_id) == (status, message_id)
    assert (outcome.request_id, outcome.reference) == ("r", "c")
    [bare] = answered(SIMPLE, {"accepted": accepted})
    assert (bare.status, bare.message_id, bare.request_id) == (status, None, None)


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
keys = (
    st.integers(-2, 12)
    | st.integers(-2, 12).map(str)
    | st.sampled_from(["00", "01", " 1", "1 ", "+1", "1.0", "\u0661", "", 1.0, True, False])
    | anything
)
items = (
    st.fixed_dictionaries({"key": keys}, optional={"message_id": anything, "reason": anything})
    | st.fixed_dictionaries({"key": st.integers(0, 5), "message_id": st.text(max_size=8)})
    | anything
)
answers = st.dictionaries(st.text(max_size=12), anything) | st.fixed_dictionaries(
    {},
    optional={
        "request_id": anything,
        "message_id": anything,
        "accepted": st.lists(items, max_size=8) | anything,
        "rejected": st.lists(items, max_size=8) | anything,
    },
)


def names(item: object, key: int) -> bool:
    """Return whether an item of the answer names this position, as an integer or its digits."""
    value = item.get("key") if isinstance(item, dict) else None
    return (type(value) is int and value == key) or value == str(key)


def expected_status(answer: dict[str, Any], key: int) -> Status:
    for field, status in (("accepted", Status.ACCEPTED), ("rejected", Status.REJECTED)):
        found = answer.get(field)
        if isinstance(found, list) and any(names(item, key) for item in found):
            return status
    return Status.UNCONFIRMED


def check(prepared: Prepared, answer: dict[str, Any], keys_of: list[int]) -> SendResult:
    result = answered(prepared, answer)
    assert [outcome.status for outcome in result] == [expected_status(answer, k) for k in keys_of]
    for outcome in result:
        assert isinstance(outcome.message_id, str | None)
        assert isinstance(outcome.request_id, str | None)
        if outcome.status is not Status.ACCEPTED:
            assert outcome.message_id is None
    assert SendResult.from_json(result.to_json()) == result
    return result


@given(answers)
def test_any_answer_to_one_message(answer: dict[str, Any]) -> None:
    result = check(ONE_MESSAGE, answer, [0, 1, 2, 3])
    for outcome in result.accepted:
        if outcome.message_id is not None:
            ids = [i.get("message_id") for i in answer["accepted"] if names(i, outcome.index)]
            assert outcome.message_id == str(ids[0])


@given(answers)
def test_any_answer_to_a_batch(answer: dict[str, Any]) -> None:
    result = check(BATCH, answer, [0, 0, 1, 2, 2, 2])
    places = [0, 1, 0, 0, 1, 2]
    for outcome, place in zip(result, places, strict=True):
        if outcome.message_id is not None:
            assert outcome.message_id.endswith(f"-{place}")


@given(answers)
def test_any_answer_to_a_simple_message(answer: dict[str, Any]) -> None:
    [outcome] = answered(SIMPLE, answer)
    assert (outcome.status is Status.ACCEPTED) is (answer.get("accepted") is True)
    assert (outcome.status is Status.REJECTED) is (answer.get("accepted") is False)
    # The answer of the other operations says nothing about this one.
    [other] = answered(SIMPLE, {**answer, "accepted": [{"key": 0}]})
    assert other.status is Status.UNCONFIRMED
