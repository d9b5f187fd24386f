"""What the mutants of `_plan` that other tests let live would have changed."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import attrs
import pytest

from smsmanager import (
    NotSentError,
    PartialSendError,
    RetryPolicy,
    SendResult,
    SmsManagerError,
    Status,
)
from smsmanager._message.prepare import Rules, prepare_send, prepare_simple
from smsmanager._message.requests import Prepared, Request
from smsmanager._plan import Conduct, Outcomes, counted, plan
from smsmanager_jsonapi.models import SendResponse

NUMBERS = [f"4207{n:08d}" for n in range(150)]
POLICY = RetryPolicy(jitter=0)


def to_many(count: int) -> Prepared:
    return prepare_send("Hi", {"to": NUMBERS[:count]}, Rules())


def answer(*keys: object) -> SendResponse:
    return SendResponse.from_dict({"accepted": [{"key": key, "message_id": "m"} for key in keys]})


def accepted_at(count: int, *keys: object) -> list[int]:
    """Return the positions that an answer with these keys confirms."""
    course = plan(to_many(count), Conduct(POLICY, lambda: 0.0))
    next(course)
    with pytest.raises(StopIteration) as end:
        course.send(answer(*keys))
    result = end.value.value
    assert isinstance(result, SendResult)
    return [outcome.index for outcome in result.accepted]


@pytest.mark.parametrize("make", [KeyboardInterrupt, MemoryError, RuntimeError])
def test_an_interrupt_after_an_answer_says_what_became_of_each(make: type[BaseException]) -> None:
    interrupt = make()
    told: list[SendResult] = []
    course = plan(to_many(150), Conduct(POLICY, lambda: 0.0, on_result=told.append))
    next(course)
    course.send(answer(*range(10)))
    with pytest.raises(make) as caught:
        course.throw(interrupt)
    assert caught.value is interrupt
    assert interrupt.__notes__ == [
        "smsmanager: of 150 recipients: 100 accepted, 50 unknown; see on_result"
    ]
    assert [result.counts() for result in told] == [{"accepted": 100, "unknown": 50}]


def test_a_deadline_that_has_passed_says_that_nothing_was_sent() -> None:
    course = plan(to_many(1), Conduct(POLICY, lambda: 5.0, deadline_at=5.0))
    with pytest.raises(NotSentError) as caught:
        next(course)
    words = "The deadline passed before this request. Nothing of it was sent."
    assert caught.value.args == (words,)
    assert caught.value.result is not None
    assert caught.value.result.counts() == {"not_sent": 1}


def test_a_deadline_between_two_requests_is_a_partial_failure() -> None:
    now_s = 0.0
    course = plan(to_many(150), Conduct(POLICY, lambda: now_s, deadline_at=1.0))
    next(course)
    now_s = 1.0
    with pytest.raises(PartialSendError) as caught:
        course.send(answer(*range(10)))
    assert isinstance(caught.value.__cause__, NotSentError)
    assert caught.value.result.counts() == {"accepted": 100, "not_sent": 50}


def test_time_before_the_first_attempt_of_a_request_is_not_counted_against_it() -> None:
    now_s = 1000.0
    course = plan(to_many(150), Conduct(RetryPolicy(jitter=0, total_s=1), lambda: now_s))
    next(course)
    now_s = 2000.0
    assert isinstance(course.send(answer(*range(10))), Request)
    assert course.send(NotSentError("refused")) == 0.5


def test_time_since_the_first_attempt_is_counted() -> None:
    now_s = 1000.0
    course = plan(to_many(1), Conduct(RetryPolicy(jitter=0, total_s=1), lambda: now_s))
    next(course)
    now_s = 1000.6
    with pytest.raises(NotSentError):
        course.send(NotSentError("refused"))


def test_a_hook_that_raises_is_logged_in_these_words(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_: object) -> None:
        raise LookupError(NUMBERS[0])

    course = plan(to_many(1), Conduct(POLICY, lambda: 0.0, on_result=broken))
    next(course)
    with caplog.at_level(logging.DEBUG, logger="smsmanager"), pytest.raises(StopIteration):
        course.send(answer(0))
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage() == "a hook raised LookupError; sending goes on"


def test_a_wait_is_logged_as_information(caplog: pytest.LogCaptureFixture) -> None:
    course = plan(to_many(1), Conduct(POLICY, lambda: 0.0))
    next(course)
    with caplog.at_level(logging.DEBUG, logger="smsmanager"):
        course.send(NotSentError(NUMBERS[0]))
    [record] = caplog.records
    assert record.levelno == logging.INFO
    assert record.getMessage() == "attempt 1 failed (NotSentError); next one in 0.5 s"


def test_counts_stand_side_by_side_in_words() -> None:
    course = plan(to_many(3), Conduct(POLICY, lambda: 0.0))
    next(course)
    with pytest.raises(StopIteration) as end:
        course.send(answer(0, 2))
    assert counted(end.value.value) == "2 accepted, 1 unconfirmed"


def test_every_answer_is_counted() -> None:
    prepared = to_many(150)
    outcomes = Outcomes(prepared)
    assert outcomes.answers == 0
    for number, request in enumerate(prepared.requests(), start=1):
        outcomes.answered(request, answer(0))
        assert outcomes.answers == number


@pytest.mark.parametrize("count", [1, 3])
def test_what_is_known_of_another_call_is_refused(count: int) -> None:
    earlier = Outcomes(to_many(2)).result()
    with pytest.raises(ValueError, match="zip"):
        Outcomes(to_many(count), earlier).result()


@pytest.mark.parametrize(
    ("key", "positions"),
    [("1", [1]), ("01", [1]), ("001", [1]), ("0001", []), ("1" * 5000, []), (1, [1]), ("10", [])],
)
def test_keys_have_at_most_three_digits(key: Any, positions: list[int]) -> None:
    assert accepted_at(4, key) == positions


@pytest.mark.parametrize("odd", [True, "\u0661", "1 ", "-1", 1.0, None])
def test_odd_keys_name_nobody(odd: Any) -> None:
    assert accepted_at(4, odd, 2) == [2]


def test_a_failure_without_earlier_answers_is_told_to_both_hooks() -> None:
    told: list[Any] = []
    conduct = Conduct(RetryPolicy(retries=0), lambda: 0.0, 9.0, told.append, told.append)
    course = plan(to_many(1), conduct)
    next(course)
    error = NotSentError("refused")
    with pytest.raises(SmsManagerError) as caught:
        course.send(error)
    assert caught.value is error
    assert told == [error.result]
    assert [outcome.status for outcome in told[0]] == [Status.NOT_SENT]


def test_a_simple_message_is_accepted_by_an_answer_without_any_id() -> None:
    prepared = prepare_simple(
        "Hi", NUMBERS[0], sender="S", gateway=None, at=None, custom_id=None, rules=Rules()
    )
    course = plan(prepared, Conduct(POLICY, lambda: 0.0))
    next(course)
    with pytest.raises(StopIteration) as end:
        course.send(SimpleNamespace(accepted=True))
    [outcome] = end.value.value
    assert outcome.status is Status.ACCEPTED
    assert (outcome.message_id, outcome.request_id) == (None, None)


@pytest.mark.parametrize("before", [Status.UNKNOWN, Status.UNCONFIRMED, Status.NOT_SENT])
@pytest.mark.parametrize("key", [0, None])
def test_a_rejected_repetition_says_nothing_of_the_first_attempt(
    before: Status, key: int | None
) -> None:
    prepared = to_many(1)
    earlier = Outcomes(prepared).result()
    earlier = SendResult((attrs.evolve(earlier[0], status=before),), prepared)
    course = plan(prepared, Conduct(POLICY, lambda: 0.0), earlier, [0])
    next(course)
    rejected = SendResponse.from_dict({"rejected": [] if key is None else [{"key": key}]})
    with pytest.raises(StopIteration) as end:
        course.send(rejected)
    [outcome] = end.value.value
    # It may have been taken the first time, so it is not free to be sent to again.
    maybe_taken = before if before is not Status.NOT_SENT else Status.REJECTED
    assert outcome.status is (maybe_taken if key == 0 else Status.UNCONFIRMED)


def test_each_recipient_of_a_batch_names_its_request() -> None:
    course = plan(to_many(11), Conduct(POLICY, lambda: 0.0))
    next(course)
    accepted = [{"key": "0", "message_id": "m"}, {"key": "1", "message_id": "n"}]
    with pytest.raises(StopIteration) as end:
        course.send(SendResponse.from_dict({"request_id": "r-1", "accepted": accepted}))
    assert {outcome.request_id for outcome in end.value.value} == {"r-1"}
