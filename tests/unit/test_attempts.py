"""Check what is noted of one attempt to carry a request, and how its steps are bounded."""

from __future__ import annotations

import contextvars
import math
import time

import pytest

from smsmanager._transport.streams import Attempt, bounded, current_attempt

HEAD = b"POST /v2/message HTTP/1.1\r\n"
TO_A_PROXY = [
    b"CONNECT api.example:443 HTTP/1.1\r\n",
    b"\x05\x01\x00",
    b"\x05\x02",
    b"\x01\x04user",
]


def test_an_attempt_that_no_stream_carries_knows_nothing() -> None:
    attempt = Attempt()
    assert attempt.left is None
    assert attempt.remaining_s == math.inf


def test_a_stream_that_takes_part_knows_that_nothing_left() -> None:
    attempt = Attempt()
    attempt.is_carried()
    assert attempt.left is False


@pytest.mark.parametrize("data", TO_A_PROXY)
def test_what_sets_up_a_tunnel_does_not_count(data: bytes) -> None:
    attempt = Attempt()
    attempt.is_carried()
    seen = [attempt.left]
    for written in (data, HEAD, data):
        attempt.writes(written)
        seen.append(attempt.left)
    assert seen == [False, False, True, True]


@pytest.mark.parametrize("data", [HEAD, b"{", b"GET ", b"P", b"CONNECT", b"\x04\x05", b"\r\n"])
def test_any_other_byte_counts_for_good(data: bytes) -> None:
    attempt = Attempt()
    attempt.writes(data)
    assert attempt.left is True
    # A second connection, for instance one of a hook of the caller's, takes nothing back.
    attempt.is_carried()
    assert attempt.left is True


def test_what_remains_shrinks_and_goes_below_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)
    assert Attempt(102.5).remaining_s == 2.5
    assert Attempt(100.0).remaining_s == 0
    assert Attempt(99.0).remaining_s == -1


def test_each_thread_or_task_carries_its_own() -> None:
    shared = current_attempt.get()
    assert shared.deadline_at == math.inf

    def inside() -> Attempt:
        current_attempt.set(Attempt(5.0))
        return current_attempt.get()

    assert contextvars.copy_context().run(inside).deadline_at == 5.0
    assert current_attempt.get() is shared


@pytest.mark.parametrize(
    ("timeout", "remaining_s", "expected"),
    [
        (None, math.inf, None),
        (5.0, math.inf, 5.0),
        (0.0, math.inf, 0.0),
        (None, 2.0, 2.0),
        (5.0, 2.0, 2.0),
        (1.0, 2.0, 1.0),
        (5.0, 0.001, 0.001),
    ],
)
def test_a_step_does_not_outlast_the_call(
    timeout: float | None, remaining_s: float, expected: float | None
) -> None:
    assert bounded(timeout, remaining_s, LookupError) == expected


@pytest.mark.parametrize("remaining_s", [0, -0.001, -math.inf])
@pytest.mark.parametrize("timeout", [None, 5.0])
def test_no_step_begins_after_the_deadline(timeout: float | None, remaining_s: float) -> None:
    with pytest.raises(LookupError, match="deadline"):
        bounded(timeout, remaining_s, LookupError)
