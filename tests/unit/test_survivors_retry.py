"""What the mutants of `retry` that other tests let live would have changed."""

from __future__ import annotations

import pytest

from smsmanager import NotSentError, RetryPolicy

TINY_S = 2.0**-32


@pytest.mark.parametrize(
    ("attempt", "wait_s"), [(1, TINY_S), (2, 2 * TINY_S), (33, 1.0), (34, 1.0), (10**9, 1.0)]
)
def test_a_first_wait_is_doubled_at_most_32_times(attempt: int, wait_s: float) -> None:
    policy = RetryPolicy(retries=10**9, first_wait_s=TINY_S, jitter=0)
    assert policy.wait_after(NotSentError("refused"), attempt, 0.0) == wait_s
