"""Check the exception hierarchy: what each class promises, and that each survives pickle."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator
from typing import Any

import pytest

from smsmanager import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    IncompleteSendError,
    NotSentError,
    OutcomeUnknownError,
    PartialSendError,
    RateLimitError,
    RecipientOutcome,
    ResponseParseError,
    SendResult,
    ServiceError,
    SmsManagerError,
    Status,
    UnsupportedMediaTypeError,
    ValidationError,
    errors,
)

NUMBER = "420777123456"
RESULT = SendResult(
    (
        RecipientOutcome(0, NUMBER, NUMBER, Status.ACCEPTED, "m", "r", 0, "o-17"),
        RecipientOutcome(1, NUMBER, NUMBER, Status.NOT_SENT),
        RecipientOutcome(2, NUMBER, NUMBER, Status.UNCONFIRMED),
    )
)
ANSWER: dict[str, Any] = {
    "status_code": 418,
    "message": "No",
    "request_id": "r",
    "body": b"{}",
    "headers": {"x-trace": "t"},
}


def limited(kind: type[RateLimitError | ServiceError]) -> RateLimitError | ServiceError:
    error = kind("slow down", **ANSWER)
    error.retry_after_s = 7.0
    return error


EVERY: list[SmsManagerError] = [
    SmsManagerError("something"),
    ConfigurationError("no key"),
    ValidationError([("to[3]", "is wrong"), ("body", "is missing")]),
    NotSentError("refused"),
    OutcomeUnknownError("lost"),
    OutcomeUnknownError("proxy", status_code=520),
    ResponseParseError("html", status_code=200, body=b"<html>"),
    ApiError("odd", **ANSWER),
    ApiError("odd", status_code=404),
    BadRequestError("wrong", **ANSWER),
    AuthenticationError("key", **ANSWER),
    UnsupportedMediaTypeError("form", **ANSWER),
    limited(RateLimitError),
    limited(ServiceError),
    PartialSendError(OutcomeUnknownError("lost", status_code=502), RESULT),
    PartialSendError(limited(RateLimitError), RESULT),
    IncompleteSendError(RESULT),
]


def subclasses(kind: type[SmsManagerError]) -> Iterator[type[SmsManagerError]]:
    for below in kind.__subclasses__():
        if below.__module__ == errors.__name__:
            yield below
            yield from subclasses(below)


def state(error: SmsManagerError) -> dict[str, Any]:
    """Return the comparable parts of an error: its text, its type and all its attributes."""
    carried = {
        name: state(value) if isinstance(value, SmsManagerError) else value
        for name, value in vars(error).items()
    }
    return {**carried, "type": type(error), "args": error.args, "text": str(error)}


def test_every_exception_is_in_this_test() -> None:
    assert {type(error) for error in EVERY} == {SmsManagerError, *subclasses(SmsManagerError)}


@pytest.mark.parametrize("error", EVERY, ids=lambda error: type(error).__name__)
def test_every_exception_survives_pickle_and_copies(error: SmsManagerError) -> None:
    sent = copy.copy(error)
    sent.result = RESULT
    sent.references = ("o-17",)
    sent.add_note("seen by the caller")
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(sent, protocol))  # noqa: S301
        assert state(again) == state(sent)
        assert repr(again) == repr(sent)
    assert state(copy.copy(sent)) == state(copy.deepcopy(sent)) == state(sent)
    with pytest.raises(type(error)) as caught:
        raise pickle.loads(pickle.dumps(sent))  # noqa: S301
    assert caught.value.__notes__ == ["seen by the caller"]


@pytest.mark.parametrize("error", EVERY, ids=lambda error: type(error).__name__)
def test_a_new_exception_knows_nothing_of_recipients(error: SmsManagerError) -> None:
    known = isinstance(error, PartialSendError | IncompleteSendError)
    assert (error.result is RESULT) if known else (error.result is None)
    assert error.references == (RESULT.references if known else ())
    assert NUMBER not in str(error)
    assert NUMBER not in repr(error)


def test_what_may_be_repeated_and_what_may_have_been_taken() -> None:
    safe = {type(error) for error in EVERY if error.safe_to_retry}
    taken = {type(error) for error in EVERY if error.request_may_be_taken}
    assert safe == {NotSentError, RateLimitError, ServiceError}
    assert taken == {OutcomeUnknownError, ResponseParseError}


@pytest.mark.parametrize(
    ("kind", "above"),
    [
        (ValidationError, ValueError),
        (BadRequestError, ApiError),
        (AuthenticationError, ApiError),
        (UnsupportedMediaTypeError, ApiError),
        (RateLimitError, ApiError),
        (ServiceError, ApiError),
        (PartialSendError, SmsManagerError),
        (IncompleteSendError, SmsManagerError),
    ],
)
def test_the_tree(kind: type[Exception], above: type[Exception]) -> None:
    assert issubclass(kind, above)
    assert issubclass(kind, SmsManagerError)


def test_the_drawing_names_every_exception() -> None:
    assert errors.__doc__
    for kind in subclasses(SmsManagerError):
        assert f" {kind.__name__}" in errors.__doc__


@pytest.mark.parametrize("count", [1, 5, 6, 26])
def test_a_refusal_shows_five_problems_and_keeps_all(count: int) -> None:
    problems = [(f"to[{n}]", "is wrong") for n in range(count)]
    error = ValidationError(problems)
    assert error.problems == tuple(problems)
    assert error.field == "to[0]"
    assert str(error).startswith("Nothing was sent. to[0]: is wrong")
    assert str(error).count("is wrong") == min(count, 5)
    assert ("and" in str(error)) is (count > 5)
    if count > 5:
        assert str(error).endswith(f"; and {count - 5} more, see .problems")


def test_what_an_answer_carried_is_kept() -> None:
    error = BadRequestError("wrong", **ANSWER)
    assert {name: getattr(error, name) for name in ANSWER} == ANSWER
    bare = ApiError("odd", status_code=404)
    assert (bare.message, bare.request_id, bare.body, bare.headers) == (None, None, b"", {})
    assert RateLimitError("slow", status_code=429).retry_after_s is None


@pytest.mark.parametrize("kind", [NotSentError, RateLimitError, ServiceError])
def test_a_partial_failure_does_not_say_that_nothing_was_sent(kind: Any) -> None:
    inner = "Nothing was sent; the call can be repeated."
    error = kind(inner) if kind is NotSentError else kind(inner, status_code=503)
    text = str(PartialSendError(error, RESULT))
    assert "Nothing was sent" not in text
    assert "can be repeated" not in text


def test_partial_and_incomplete_count_recipients() -> None:
    failure = OutcomeUnknownError("lost")
    partial = PartialSendError(failure, RESULT)
    assert partial.error is failure
    assert partial.result is RESULT
    for text in (str(partial), str(IncompleteSendError(RESULT))):
        assert "1 accepted" in text
        assert "1 unconfirmed" in text
        assert "1 not sent" in text
    assert "OutcomeUnknownError" in str(partial)
