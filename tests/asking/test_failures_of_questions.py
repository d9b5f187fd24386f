"""Errors of questions say whether anything was changed, and whether to ask again."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from smsmanager import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    NotSentError,
    RateLimitError,
    ResponseParseError,
    RetryPolicy,
    ServiceError,
    SmsManagerError,
    ValidationError,
    compose,
)
from smsmanager.asking import ListFormatError, NoAnswerError, NotOfferedError
from tests.asking.conftest import KEY, Asking, Service

NUMBER = "420601987654"
TEXT = "canary text 5b1e"
EMAIL = "canary@example.com"

# By operation: the call, the method and path, and whether it changes anything.
OPERATIONS: dict[str, tuple[Callable[[Asking], Any], str, str]] = {
    "status": (lambda ask: ask.status("id-canary"), "GET /message", "asks"),
    "sent": (
        lambda ask: ask.items("sent", "2026-11-02", phone_number=NUMBER),
        "GET /messages",
        "asks",
    ),
    "request": (lambda ask: ask.request_totals("r", "2026-11-02"), "GET /request", "asks"),
    "days": (lambda ask: ask.day_totals(["2026-11-02"]), "GET /requests", "asks"),
    "inbox": (lambda ask: ask.items("inbox", "2026-11-02"), "GET /inbox", "asks"),
    "credit": (lambda ask: ask.credit(), "GET /credit", "asks"),
    "prices": (lambda ask: ask.prices(), "GET /credit/prices", "asks"),
    "notice": (lambda ask: ask.credit_notice(), "GET /credit/notify", "asks"),
    "set notice": (
        lambda ask: ask.set_credit_notice(email=EMAIL, value=1),
        "POST /credit/notify",
        "sets",
    ),
    "key": (lambda ask: ask.me(), "GET /apikey/me", "asks"),
    "update key": (
        lambda ask: ask.update_key(default_callback_url="https://a.example", note=TEXT),
        "POST /apikey/update",
        "sets",
    ),
    "download": (lambda ask: ask.call("service.optouts.download"), "GET /optout", "asks"),
    "add": (lambda ask: ask.call("service.optouts.add", NUMBER), "POST /optout", "sets"),
    "remove": (
        lambda ask: ask.call("service.blacklist.remove", [NUMBER]),
        "DELETE /blacklist",
        "sets",
    ),
    "wipe": (
        lambda ask: ask.call("service.blacklist.wipe_the_whole_list"),
        "DELETE /blacklist",
        "sets",
    ),
    "check": (
        lambda ask: ask.check(compose(TEXT, to=NUMBER)),
        "POST /messaging/validate",
        "asks",
    ),
}
ASKING = [name for name, (_, _, effect) in OPERATIONS.items() if effect == "asks"]
SETTING = [name for name, (_, _, effect) in OPERATIONS.items() if effect == "sets"]


def failure(ask: Asking, service: Service, name: str, answer: Any) -> SmsManagerError:
    call, path, _ = OPERATIONS[name]
    service.answers[path] = answer
    with pytest.raises(SmsManagerError) as caught:
        call(ask)
    return caught.value


def said(status: int, text: str = "Internal Server Error") -> httpx.Response:
    return httpx.Response(status, json={"message": text})


def test_500_of_a_question_is_temporary(ask: Asking, service: Service) -> None:
    for name in ASKING:
        error = failure(ask, service, name, said(500))
        assert isinstance(error, ServiceError)
        assert error.safe_to_retry
        assert not error.request_may_be_taken
        assert "Nothing was changed; ask again." in str(error)


def test_500_of_a_change_can_be_a_refusal(ask: Asking, service: Service) -> None:
    for name in SETTING:
        error = failure(ask, service, name, said(500))
        assert isinstance(error, ServiceError)
        assert not error.safe_to_retry
        assert "reports refusals with a 500 too" in str(error)


@pytest.mark.parametrize("answer", [httpx.ReadTimeout("late"), said(502), said(504), said(408)])
def test_lost_answer_says_what_it_leaves_open(ask: Asking, service: Service, answer: Any) -> None:
    for name in OPERATIONS:
        error = failure(ask, service, name, answer)
        assert isinstance(error, NoAnswerError)
        assert error.safe_to_retry
        changes = name in SETTING
        assert error.request_may_be_taken is changes
        expected = "it leaves the same state" if changes else "Nothing was changed; ask again."
        assert expected in str(error)
        assert error.status_code == getattr(answer, "status_code", None)
        assert "sent twice" not in str(error)


@pytest.mark.parametrize(
    ("status", "raised", "again"),
    [
        (400, BadRequestError, False),
        (401, AuthenticationError, False),
        (403, AuthenticationError, False),
        (404, NotOfferedError, False),
        (418, ApiError, False),
        (429, RateLimitError, True),
        (503, ServiceError, True),
    ],
)
def test_refusals(
    ask: Asking, service: Service, status: int, raised: type[ApiError], again: Any
) -> None:
    for name in OPERATIONS:
        error = failure(ask, service, name, said(status, "Because"))
        assert type(error) is raised
        assert isinstance(error, ApiError)
        assert (error.status_code, error.message, error.safe_to_retry) == (status, "Because", again)
        assert str(error).startswith(f'The service answered {status}: "Because". ')
        assert "was sent" not in str(error)


def test_no_connection_is_not_sent(ask: Asking, service: Service) -> None:
    for name in OPERATIONS:
        error = failure(ask, service, name, httpx.ConnectError("refused"))
        assert isinstance(error, NotSentError)
        assert error.safe_to_retry


@pytest.mark.parametrize("answer", [httpx.Response(200, text="<html>"), httpx.Response(204)])
def test_unreadable_answer(ask: Asking, service: Service, answer: Any) -> None:
    for name in OPERATIONS:
        error = failure(ask, service, name, answer)
        assert isinstance(error, ResponseParseError)
        assert error.request_may_be_taken is (name in SETTING)
        assert "rest_base_url" in str(error)
        assert "delivery reports" not in str(error)


def test_success_false_is_a_refusal(ask: Asking, service: Service) -> None:
    for name in [name for name in OPERATIONS if name != "check"]:
        error = failure(ask, service, name, {"success": False, "message": "No"})
        assert isinstance(error, ApiError)
        assert (error.status_code, error.message, error.safe_to_retry) == (200, "No", False)


def test_what_can_be_repeated_is_repeated(make: Callable[..., Asking], service: Service) -> None:
    told: list[Any] = []
    ask = make(retries=RetryPolicy(retries=2, jitter=0), on_retry=told.append)
    answers = [said(500), httpx.ReadTimeout("late"), {"credit": {"credit_czk": "1"}}]
    service.answers["GET /credit"] = answers
    assert ask.credit().czk == 1
    assert ask.waits == [0.5, 1.0]
    assert [(retry.attempt, type(retry.error)) for retry in told] == [
        (1, ServiceError),
        (2, NoAnswerError),
    ]


def test_change_is_not_repeated_after_a_500(make: Callable[..., Asking], service: Service) -> None:
    ask = make(retries=2)
    service.answers["POST /optout"] = said(500)
    with pytest.raises(ServiceError):
        ask.call("service.optouts.add", NUMBER)
    assert len(service.requests) == 1


def test_wait_that_the_service_asks_for_is_kept(
    make: Callable[..., Asking], service: Service
) -> None:
    ask = make(retries=1)
    busy = httpx.Response(429, json={"message": "Slow"}, headers={"retry-after": "7"})
    service.answers["GET /credit"] = [busy, {"credit": {}}]
    ask.credit()
    assert ask.waits == [7.0]


def test_hook_that_raises_does_not_end_a_question(
    make: Callable[..., Asking], service: Service
) -> None:
    def hook(_: Any) -> None:
        raise RuntimeError("mine")

    ask = make(retries=1, on_retry=hook)
    service.answers["GET /credit"] = [said(500), {"credit": {}}]
    ask.credit()


def test_error_survives_pickle(ask: Asking, service: Service) -> None:
    for name in OPERATIONS:
        error = failure(ask, service, name, said(500))
        again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
        assert (type(again), str(again)) == (type(error), str(error))
        assert again.safe_to_retry is error.safe_to_retry


@pytest.mark.parametrize("status", [200, 302, 400, 404, 429, 500, 502])
def test_nothing_private_is_said(
    ask: Asking, service: Service, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    """The service repeats everything that was sent to it, with a key in between."""
    for name in OPERATIONS:
        caplog.set_level("DEBUG")

        def echo(request: httpx.Request) -> httpx.Response:
            text = (
                f"{request.headers['x-api-key']} {request.url.query!r} {request.content!r} {NUMBER}"
            )
            return httpx.Response(status, json={"message": text, "success": False})

        if name == "check" and status == 200:
            continue
        error = failure(ask, service, name, echo)
        shown = f"{error} {error!r} {caplog.text} {error.__cause__!r} {ask.client.service!r}"
        for private in (KEY, NUMBER, TEXT, EMAIL):
            assert private not in shown
        pickled = pickle.dumps(error)
        assert KEY.encode() not in pickled


def test_frames_of_a_traceback_are_empty(ask: Asking, service: Service) -> None:
    for name in OPERATIONS:
        error = failure(ask, service, name, said(500))
        trace = error.__traceback__
        seen = ""
        while trace is not None:
            if "/wrapper/smsmanager/" in trace.tb_frame.f_code.co_filename:
                seen += repr(trace.tb_frame.f_locals)
            trace = trace.tb_next
        assert seen
        for private in (KEY, NUMBER, TEXT, EMAIL):
            assert private not in seen


@pytest.mark.parametrize(
    "call",
    [
        lambda ask: ask.status(""),
        lambda ask: ask.request_totals("", "2026-11-02"),
        lambda ask: ask.day_totals([]),
        lambda ask: ask.call("service.optouts.add", []),
        lambda ask: ask.call("service.optouts.add", [NUMBER, "abc"]),
        lambda ask: ask.call("service.blacklist.remove", "12"),
        lambda ask: ask.call("service.blacklist.remove", [None]),
        lambda ask: ask.check(compose("x" * 1001, to=NUMBER)),
        lambda ask: ask.cancel(""),
    ],
)
def test_wrong_argument_is_refused_before_anything_is_asked(
    ask: Asking, service: Service, call: Callable[[Asking], Any]
) -> None:
    with pytest.raises(ValidationError):
        call(ask)
    assert not service.requests


def test_closed_client_asks_nothing(ask: Asking, service: Service) -> None:
    ask.call("close" if ask.kind == "sync" else "aclose")
    with pytest.raises(ConfigurationError, match="closed"):
        ask.credit()


def test_list_format_error_is_one_of_this_library() -> None:
    assert issubclass(ListFormatError, SmsManagerError)
