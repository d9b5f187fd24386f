"""Check the course of a call: what is sent, repeated and reported, and how it ends."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from typing import Any

import attrs
import pytest

from smsmanager import (
    BadRequestError,
    NotSentError,
    OutcomeUnknownError,
    PartialSendError,
    RateLimitError,
    ResponseParseError,
    Retry,
    RetryPolicy,
    SendResult,
    ServiceError,
    SmsManagerError,
    Status,
    compose,
)
from smsmanager._message.prepare import prepare_batch, prepare_send
from smsmanager._message.wire_requests import Operation, Prepared, Request
from smsmanager._plan import Outcomes, plan
from tests.unit.client_settings import settings_with

NUMBERS = [f"4207{n:08d}" for n in range(250)]
POLICY = RetryPolicy(jitter=0)
LOST = OutcomeUnknownError("lost")


def to_many(count: int, **fields: Any) -> Prepared:
    return prepare_send("Hi", {"to": NUMBERS[:count], **fields}, settings_with())


def accepts(request: Request) -> dict[str, Any]:
    """Return the answer that accepts everything in a request."""
    of_messages = request.operation is Operation.BATCH
    keys = range(len(request.messages if of_messages else request.messages[0].positions))
    accepted = [{"key": str(key), "message_id": f"m{key}"} for key in keys]
    return {"request_id": "r", "accepted": accepted, "rejected": []}


Answer = object | Callable[[Request], object]


class Course:
    """Drives a plan with answers from a script, and a clock that moves only with waits and slow answers.

    Attributes:
        steps: Requests and waits, in order.
        result: The result, if the call returned one.
        raised: The error, if the call raised one.
        told: Every result that `on_result` was called with.
        retries: Every repetition that `on_retry` was called with.
    """

    def __init__(
        self,
        prepared: Prepared,
        answers: Sequence[Answer] = (),
        policy: RetryPolicy = POLICY,
        *,
        answers_take_s: Sequence[float] = (),
        in_wait: BaseException | None = None,
        going_on: Sequence[Any] = (),
        deadline_at: float = math.inf,
        **options: Any,
    ) -> None:
        self.now_s = 1000.0
        self.steps: list[Request | float] = []
        self.result: SendResult | None = None
        self.raised: BaseException | None = None
        self.told: list[SendResult] = []
        self.retries: list[Retry] = []
        hooks = {"on_retry": self.retries.append, "on_result": self.told.append}
        script, paces = iter(answers), iter(answers_take_s)
        settings = settings_with(retries=policy, **(hooks | options))
        course = plan(prepared, settings, lambda: self.now_s, deadline_at, *going_on)
        try:
            step = next(course)
            while True:
                self.steps.append(step)
                if isinstance(step, Request):
                    answer = next(script, accepts)
                    answer = answer(step) if callable(answer) else answer
                    self.now_s += next(paces, 0.0)
                else:
                    answer = in_wait
                    self.now_s += step
                step = (
                    course.throw(answer)
                    if isinstance(answer, BaseException)
                    else course.send(answer)
                )
        except StopIteration as end:
            self.result = end.value
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            self.raised = error

    @property
    def waits(self) -> list[float]:
        return [step for step in self.steps if not isinstance(step, Request)]

    @property
    def requests(self) -> list[Request]:
        return [step for step in self.steps if isinstance(step, Request)]

    @property
    def known(self) -> SendResult:
        """What is known at the end, either way."""
        if self.result is not None:
            return self.result
        assert isinstance(self.raised, SmsManagerError)
        assert self.raised.result is not None
        return self.raised.result

    @property
    def error(self) -> SmsManagerError:
        assert isinstance(self.raised, SmsManagerError)
        return self.raised


def rate_limit(retry_after_s: float | None = None) -> RateLimitError:
    error = RateLimitError("slow down", status_code=429)
    error.retry_after_s = retry_after_s
    return error


def test_one_request_and_its_answer() -> None:
    prepared = to_many(3)
    course = Course(prepared)
    assert course.result is not None
    assert course.result.ok
    assert len(course.steps) == 1
    assert [o.given for o in course.result] == NUMBERS[:3]
    assert [o.phone_number for o in course.result] == NUMBERS[:3]
    assert [o.message_id for o in course.result] == ["m0", "m1", "m2"]
    assert {o.request_id for o in course.result} == {"r"}
    assert course.result.prepared is prepared


def test_ids_of_a_batch_are_those_that_webhooks_report() -> None:
    messages = [compose("A", to=NUMBERS[:2]), compose("B", to=NUMBERS[2:14])]
    course = Course(prepare_batch(messages, settings_with()))
    assert course.result is not None
    assert [o.message_id for o in course.result] == [
        *("m0-0", "m0-1"),
        *(f"m1-{n}" for n in range(10)),
        *("m2-0", "m2-1"),
    ]
    assert {o.request_id for o in course.result} == {"r"}
    assert [o.message_index for o in course.result] == [0] * 2 + [1] * 12
    assert [o.index for o in course.result] == list(range(14))


def test_several_requests_go_out_in_order() -> None:
    course = Course(to_many(250))
    assert course.result is not None
    assert [o.given for o in course.result] == NUMBERS
    assert [len(request.messages) for request in course.requests] == [10, 10, 5]
    assert course.waits == []


@pytest.mark.parametrize(
    ("failures", "waits"),
    [
        ([NotSentError("refused")], [0.5]),
        ([ServiceError("trouble", status_code=503)] * 2, [0.5, 1.0]),
        ([rate_limit(7.0)], [7.0]),
        ([rate_limit(), NotSentError("refused")], [0.5, 1.0]),
    ],
)
def test_what_was_certainly_not_taken_is_repeated(
    failures: list[SmsManagerError], waits: list[float]
) -> None:
    course = Course(to_many(3), failures)
    assert course.result is not None
    assert course.result.ok
    assert course.waits == waits
    assert len(course.requests) == len(failures) + 1
    assert len({id(request) for request in course.requests}) == 1


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotSentError("refused"), Status.NOT_SENT),
        (BadRequestError("wrong", status_code=400), Status.NOT_SENT),
        (OutcomeUnknownError("lost"), Status.UNKNOWN),
        (OutcomeUnknownError("proxy", status_code=520), Status.UNKNOWN),
        (ResponseParseError("html", status_code=200, body=b""), Status.UNKNOWN),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_failure_tells_of_each_recipient(error: SmsManagerError, status: Status) -> None:
    # A request that may have been taken, or whose repetition cannot help, is never repeated.
    policy = RetryPolicy(retries=0 if error.safe_to_retry else 50, total_s=1e9)
    course = Course(to_many(3, reference="o-17"), [error], policy)
    assert course.raised is error
    assert [o.status for o in course.known] == [status] * 3
    assert course.error.references == ("o-17",)
    assert len(course.steps) == 1


def test_repetitions_are_bounded() -> None:
    failures = [NotSentError("refused") for _ in range(10)]
    course = Course(to_many(3), failures, RetryPolicy(retries=3, jitter=0))
    assert course.raised is failures[3]
    assert course.waits == [0.5, 1.0, 2.0]
    short = Course(to_many(3), [rate_limit(7.0)], RetryPolicy(total_s=6))
    assert short.waits == []
    assert isinstance(short.raised, RateLimitError)


def test_each_request_has_attempts_of_its_own() -> None:
    refused = NotSentError("refused")
    script = [refused, refused, accepts, refused, refused, accepts]
    course = Course(to_many(150), script)
    assert course.result is not None
    assert course.result.ok
    assert course.waits == [0.5, 1.0, 0.5, 1.0]


@pytest.mark.parametrize(
    ("error", "counts"),
    [
        (LOST, {"accepted": 100, "not_sent": 50, "unknown": 100}),
        (BadRequestError("no", status_code=400), {"accepted": 100, "not_sent": 150}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_failure_after_others_were_answered_is_partial(
    error: SmsManagerError, counts: dict[str, int]
) -> None:
    course = Course(to_many(250, reference="o"), [accepts, error])
    partial = course.raised
    assert isinstance(partial, PartialSendError)
    assert partial.error is error
    assert partial.__cause__ is error
    assert partial.safe_to_retry is False
    assert partial.result.counts() == counts
    assert [o.given for o in partial.result] == NUMBERS
    assert partial.references == error.references == ("o",)
    assert error.result is partial.result
    assert NUMBERS[0] not in str(partial)


def test_hooks_are_called_with_each_repetition_and_each_result(
    caplog: pytest.LogCaptureFixture,
) -> None:
    error = NotSentError(NUMBERS[0])
    with caplog.at_level(logging.DEBUG, logger="smsmanager"):
        course = Course(to_many(1), [error])
    assert course.retries == [Retry(1, 0.5, error)]
    assert course.told == [course.result]
    [record, ended] = caplog.records
    assert (record.levelno, record.name) == (logging.INFO, "smsmanager")
    for fact in ("attempt 1", "NotSentError", "0.5 s"):
        assert fact in record.getMessage()
    assert ended.name == "smsmanager.calls"
    assert NUMBERS[0] not in caplog.text
    final = Course(to_many(1), [error], RetryPolicy(retries=0))
    assert final.retries == []
    assert final.told == [error.result]


@pytest.mark.parametrize(
    ("answers", "counts"),
    [
        ([], {"accepted": 150}),
        ([LOST], {"not_sent": 50, "unknown": 100}),
        ([accepts, LOST], {"accepted": 100, "unknown": 50}),
    ],
)
def test_the_result_hook_is_called_however_a_call_ends(
    answers: list[Answer], counts: dict[str, int]
) -> None:
    course = Course(to_many(150), answers)
    assert course.told == [course.known]
    assert course.known.counts() == counts
    assert (course.raised is LOST) is (answers == [LOST])


def test_a_hook_that_raises_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_: object) -> None:
        raise LookupError(NUMBERS[0])

    with caplog.at_level(logging.WARNING, logger="smsmanager"):
        course = Course(to_many(150), [NotSentError("refused")], on_retry=broken, on_result=broken)
    assert course.result is not None
    assert course.result.ok
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 2
    assert caplog.text.count("LookupError") == 2
    assert NUMBERS[0] not in caplog.text


@pytest.mark.parametrize(
    ("answers", "counts", "line"),
    [
        ([], {"accepted": 150}, "a call ended: 150 accepted"),
        (
            [accepts, LOST],
            {"accepted": 100, "unknown": 50},
            "a call ended: 100 accepted, 50 unknown",
        ),
    ],
)
def test_a_call_logs_one_line_with_its_outcomes(
    answers: list[Answer], counts: dict[str, int], line: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="smsmanager"):
        Course(to_many(150), answers)
    [record] = caplog.records
    assert (record.levelno, record.name) == (logging.INFO, "smsmanager.calls")
    assert record.getMessage() == line
    assert vars(record)["recipients"] == counts


def test_a_call_logs_nothing_above_info(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="smsmanager"):
        Course(to_many(150), [accepts, LOST])
    assert caplog.records == []


@pytest.mark.parametrize("kind", [KeyboardInterrupt, GeneratorExit, MemoryError, RuntimeError])
@pytest.mark.parametrize(
    ("before", "counts"),
    [
        ([], {"not_sent": 150, "unknown": 100}),
        ([accepts], {"accepted": 100, "not_sent": 50, "unknown": 100}),
    ],
)
def test_an_interrupted_request_is_unknown(
    kind: type[BaseException], before: list[Answer], counts: dict[str, int]
) -> None:
    interrupt = kind()
    course = Course(to_many(250), [*before, interrupt])
    assert course.raised is interrupt
    assert [result.counts() for result in course.told] == [counts]
    [note] = interrupt.__notes__
    in_words = ", ".join(f"{count} {status}" for status, count in counts.items())
    assert f"smsmanager: recipients: {in_words}".replace("_", " ") in note.replace("_", " ")


def test_ctrl_c_while_the_answers_are_counted_loses_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    interrupt = KeyboardInterrupt()
    counted = Outcomes.result
    pending: list[BaseException] = [interrupt]

    def interrupted(self: Outcomes) -> SendResult:
        if pending:
            raise pending.pop()
        return counted(self)

    monkeypatch.setattr(Outcomes, "result", interrupted)
    course = Course(to_many(150))
    assert course.raised is interrupt
    assert [result.counts() for result in course.told] == [{"accepted": 150}]
    assert "150 accepted" in interrupt.__notes__[0]


def test_ctrl_c_in_the_result_hook_calls_it_no_second_time() -> None:
    told: list[SendResult] = []

    def interrupted(result: SendResult) -> None:
        told.append(result)
        raise KeyboardInterrupt

    course = Course(to_many(2), [], on_result=interrupted)
    assert isinstance(course.raised, KeyboardInterrupt)
    assert [result.counts() for result in told] == [{"accepted": 2}]


def test_an_interrupted_wait_leaves_nothing_unknown() -> None:
    course = Course(to_many(3), [NotSentError("refused")], in_wait=KeyboardInterrupt())
    assert isinstance(course.raised, KeyboardInterrupt)
    assert [result.counts() for result in course.told] == [{"not_sent": 3}]


@pytest.mark.parametrize(
    ("deadline_s", "waits", "counts"),
    [
        (0.0, [], {"not_sent": 150}),
        (0.5, [], {"not_sent": 150}),
        (0.6, [0.5], {"accepted": 100, "not_sent": 50}),
        (1.1, [0.5, 0.5], {"accepted": 150}),
        (math.inf, [0.5, 0.5], {"accepted": 150}),
    ],
)
def test_a_deadline_ends_the_call(
    deadline_s: float, waits: list[float], counts: dict[str, int]
) -> None:
    refused = NotSentError("refused")
    script: list[Answer] = [refused, accepts, refused, accepts]
    course = Course(to_many(150), script, deadline_at=1000.0 + deadline_s)
    assert course.waits == waits
    assert course.known.counts() == counts


def test_what_the_deadline_left_is_not_sent() -> None:
    course = Course(to_many(150), deadline_at=1000.0)
    assert isinstance(course.raised, NotSentError)
    assert "deadline" in str(course.raised)
    assert course.steps == []
    later = Course(to_many(150), deadline_at=1001.0, answers_take_s=[1.0])
    assert isinstance(later.raised, PartialSendError)
    assert isinstance(later.raised.__cause__, NotSentError)
    assert later.known.counts() == {"accepted": 100, "not_sent": 50}


def test_the_time_of_a_request_counts_from_its_first_attempt() -> None:
    refused = NotSentError("refused")
    policy = RetryPolicy(jitter=0, total_s=1)
    # The duration of an earlier request is not counted.
    assert Course(to_many(150), [accepts, refused], policy, answers_take_s=[1000.0]).waits == [0.5]
    assert Course(to_many(1), [refused], policy, answers_take_s=[0.6]).raised is refused


def test_going_on_keeps_what_is_known() -> None:
    prepared = to_many(25)
    first = Course(prepared, [LOST]).known
    mixed = {"accepted": [{"key": 0, "message_id": "x"}]}
    second = Course(prepared, [mixed], going_on=(first, range(25))).known
    assert second.counts() == {"accepted": 10, "unconfirmed": 15}
    third = Course(prepared, going_on=(second, [o.index for o in second.unconfirmed])).known
    assert third.ok
    assert [o.message_id for o in third] == (
        [f"x-{n}" for n in range(10)]
        + [f"m0-{n}" for n in range(10)]
        + [f"m1-{n}" for n in range(5)]
    )
    assert [o.given for o in third] == NUMBERS[:25]


def test_going_on_with_a_few_takes_one_plain_message() -> None:
    prepared = to_many(25)
    first = Course(prepared, [LOST]).known
    course = Course(prepared, going_on=(first, [3, 17]))
    assert [o.message_id for o in course.known.accepted] == ["m0", "m1"]
    assert [o.index for o in course.known.accepted] == [3, 17]
    assert course.known.counts() == {"accepted": 2, "unknown": 23}


@pytest.mark.parametrize("count", [1, 3])
def test_going_on_with_what_is_known_of_another_call_is_refused(count: int) -> None:
    earlier = Course(to_many(2)).known
    assert isinstance(Course(to_many(count), going_on=(earlier,)).raised, ValueError)


@pytest.mark.parametrize("before", [Status.UNKNOWN, Status.UNCONFIRMED, Status.NOT_SENT])
@pytest.mark.parametrize("key", [0, None])
def test_a_rejected_repetition_says_nothing_of_the_first_attempt(
    before: Status, key: int | None
) -> None:
    prepared = to_many(1)
    earlier = SendResult((attrs.evolve(Course(prepared).known[0], status=before),), prepared)
    answer = {"rejected": [] if key is None else [{"key": key}]}
    [outcome] = Course(prepared, [answer], going_on=(earlier, [0])).known
    # It may have been taken the first time, so it must not be sent to again.
    maybe_taken = before if before is not Status.NOT_SENT else Status.REJECTED
    assert outcome.status is (maybe_taken if key == 0 else Status.UNCONFIRMED)
