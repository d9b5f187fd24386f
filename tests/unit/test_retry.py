"""Check when a failed request is repeated, and after how long."""

from __future__ import annotations

import pickle
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsmanager import (
    ApiError,
    BadRequestError,
    NotSentError,
    OutcomeUnknownError,
    RateLimitError,
    ResponseParseError,
    Retry,
    RetryPolicy,
    ServiceError,
    SmsManagerError,
)

NOT_SENT = NotSentError("no connection")


TINY_S = 2.0**-32


def limited(retry_after_s: float | None, status: int = 429) -> ApiError:
    error: RateLimitError | ServiceError
    error = (
        RateLimitError("slow down", status_code=429)
        if status == 429
        else ServiceError("trouble", status_code=status)
    )
    error.retry_after_s = retry_after_s
    return error


def no_chance() -> float:
    return 0.0


def test_what_was_not_sent_is_repeated_twice_by_default() -> None:
    policy = RetryPolicy()
    waits = [policy.wait_after(NOT_SENT, attempt, 0.0) for attempt in (1, 2, 3)]
    assert [wait is not None for wait in waits] == [True, True, False]


@pytest.mark.parametrize(
    ("attempt", "wait_s"), [(1, 0.5), (2, 1.0), (3, 2.0), (4, 4.0), (5, 8.0), (6, 8.0), (99, 8.0)]
)
def test_waits_double_up_to_a_bound(attempt: int, wait_s: float) -> None:
    assert RetryPolicy(retries=99).wait_after(NOT_SENT, attempt, 0.0, no_chance) == wait_s


@pytest.mark.parametrize(
    ("attempt", "wait_s"), [(1, TINY_S), (2, 2 * TINY_S), (33, 1.0), (34, 1.0), (10**9, 1.0)]
)
def test_a_first_wait_is_doubled_at_most_32_times(attempt: int, wait_s: float) -> None:
    policy = RetryPolicy(retries=10**9, first_wait_s=TINY_S)
    assert policy.wait_after(NOT_SENT, attempt, 0.0, no_chance) == wait_s


@pytest.mark.parametrize(("chance", "wait_s"), [(0.0, 0.5), (0.5, 0.375), (1.0, 0.25)])
def test_jitter_shortens_a_wait(chance: float, wait_s: float) -> None:
    assert RetryPolicy().wait_after(NOT_SENT, 1, 0.0, lambda: chance) == wait_s


@pytest.mark.parametrize(
    ("retries", "attempt", "again"), [(0, 1, False), (1, 1, True), (1, 2, False), (2, 2, True)]
)
def test_attempts_are_bounded(retries: int, attempt: int, *, again: bool) -> None:
    wait_s = RetryPolicy(retries=retries).wait_after(NOT_SENT, attempt, 0.0, no_chance)
    assert (wait_s is not None) is again


@pytest.mark.parametrize(
    ("elapsed_s", "again"), [(0.0, True), (9.5, True), (9.6, False), (10.0, False), (99.0, False)]
)
def test_a_wait_that_would_end_too_late_is_not_begun(elapsed_s: float, *, again: bool) -> None:
    wait_s = RetryPolicy(total_s=10).wait_after(NOT_SENT, 1, elapsed_s, no_chance)
    assert (wait_s is not None) is again


@pytest.mark.parametrize(
    "error",
    [
        OutcomeUnknownError("lost"),
        OutcomeUnknownError("proxy", status_code=502),
        ResponseParseError("html", status_code=200, body=b""),
        BadRequestError("wrong", status_code=400),
        ApiError("odd", status_code=404),
        SmsManagerError("other"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_may_have_been_taken_or_cannot_help_is_never_repeated(error: SmsManagerError) -> None:
    policy = RetryPolicy(retries=99, total_s=1e9)
    assert policy.wait_after(error, 1, 0.0, no_chance) is None


@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.parametrize(
    ("asked_s", "wait_s"),
    [
        (None, 0.5),
        (0.0, 0.5),
        (0.1, 0.5),
        (3.0, 3.0),
        (30.0, 30.0),
        (60.0, 60.0),
        (60.1, None),
        (1e9, None),
    ],
)
def test_the_services_wait_is_kept_and_never_shortened(
    status: int, asked_s: float | None, wait_s: float | None
) -> None:
    assert RetryPolicy().wait_after(limited(asked_s, status), 1, 0.0, no_chance) == wait_s
    if wait_s is not None and asked_s is not None:
        shortest = RetryPolicy(jitter=1).wait_after(limited(asked_s, status), 1, 0.0, lambda: 1.0)
        assert shortest == asked_s


@pytest.mark.parametrize(
    "options",
    [
        {"retries": -1},
        {"total_s": -1},
        {"first_wait_s": -0.1},
        {"max_wait_s": -1},
        {"jitter": -0.1},
        {"jitter": 1.1},
        {"total_s": float("nan")},
    ],
)
def test_impossible_policies_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        RetryPolicy(**options)


@given(
    st.builds(
        RetryPolicy,
        retries=st.integers(0, 10**6),
        total_s=st.floats(0, 1e9),
        first_wait_s=st.floats(0, 1e9),
        max_wait_s=st.floats(0, 1e9),
        jitter=st.floats(0, 1),
    ),
    st.integers(1, 10**6),
    st.floats(0, 1e9),
    st.floats(0, 1),
    st.none() | st.floats(0, 1e12),
)
def test_every_wait_keeps_to_the_policy(
    policy: RetryPolicy, attempt: int, elapsed_s: float, chance: float, asked_s: float | None
) -> None:
    wait_s = policy.wait_after(limited(asked_s), attempt, elapsed_s, lambda: chance)
    if wait_s is None:
        longest = max(policy.max_wait_s, asked_s or 0)
        assert attempt > policy.retries or elapsed_s + longest > policy.total_s
        return
    assert attempt <= policy.retries
    assert elapsed_s + wait_s <= policy.total_s
    assert wait_s >= (asked_s or 0)
    assert wait_s <= max(policy.max_wait_s, asked_s or 0)


def test_chance_is_drawn_where_none_is_given() -> None:
    waits = {RetryPolicy().wait_after(NOT_SENT, 1, 0.0) for _ in range(50)}
    assert len(waits) > 1
    assert all(wait_s is not None and 0.25 <= wait_s <= 0.5 for wait_s in waits)


def test_policy_is_frozen_and_survives_pickle() -> None:
    policy = RetryPolicy(retries=5)
    assert pickle.loads(pickle.dumps(policy)) == policy  # noqa: S301
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        policy.retries = 1  # type: ignore[misc]


def test_the_event_of_a_repetition() -> None:
    told = Retry(attempt=1, wait_s=0.5, error=NOT_SENT)
    assert repr(told) == "Retry(attempt=1, wait_s=0.5, error=NotSentError('no connection'))"
    again = pickle.loads(pickle.dumps(told))  # noqa: S301
    assert (again.attempt, again.wait_s, again.error.args) == (1, 0.5, NOT_SENT.args)
