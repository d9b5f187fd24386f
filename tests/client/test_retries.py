"""What is sent again, when, and what never is."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from smsmanager import (
    NotSentError,
    OutcomeUnknownError,
    RateLimitError,
    ResponseParseError,
    Retry,
    RetryPolicy,
    ServiceError,
)
from tests.client.conftest import accept_all

TO = "420777123456"


@pytest.mark.parametrize(
    "failure",
    [
        httpx.Response(429),
        httpx.Response(500),
        httpx.Response(503),
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("late"),
        httpx.PoolTimeout("busy"),
    ],
)
def test_what_was_certainly_not_taken_is_sent_again(
    client: Any, service: Any, failure: httpx.Response | Exception
) -> None:
    if isinstance(failure, httpx.Response):
        failure = httpx.Response(failure.status_code)
    service.script = [failure]
    assert client.send("Hello", to=TO).ok
    assert len(service.requests) == 2
    assert service.bodies[0] == service.bodies[1]
    assert len(client.waits) == 1
    assert 0.25 <= client.waits[0] <= 0.5


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ReadTimeout("late"),
        httpx.ReadError("reset"),
        httpx.RemoteProtocolError("closed"),
        httpx.WriteTimeout("late"),
        502,
        504,
        520,
        599,
        302,
    ],
)
def test_an_unknown_outcome_is_never_sent_again(
    make: Callable[..., Any], service: Any, failure: int | Exception
) -> None:
    service.script = [httpx.Response(failure) if isinstance(failure, int) else failure]
    client = make(retries=RetryPolicy(retries=9, total_s=9e9))
    with pytest.raises(OutcomeUnknownError):
        client.send("Hello", to=TO)
    assert len(service.requests) == 1
    assert client.waits == []


@pytest.mark.parametrize(
    ("status", "error"), [(200, ResponseParseError), (204, ResponseParseError)]
)
def test_a_taken_request_is_never_sent_again(
    client: Any, service: Any, status: int, error: type[Exception]
) -> None:
    service.script = [httpx.Response(status, text="oops" if status == 200 else "")]
    with pytest.raises(error):
        client.send("Hello", to=TO)
    assert len(service.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 415])
def test_a_refusal_is_never_sent_again(client: Any, service: Any, status: int) -> None:
    service.script = [httpx.Response(status, json={})]
    with pytest.raises(Exception, match=str(status)):
        client.send("Hello", to=TO)
    assert len(service.requests) == 1


def test_attempts_are_bounded_and_the_last_error_is_raised(client: Any, service: Any) -> None:
    service.script = [httpx.Response(503), httpx.Response(500), httpx.ConnectError("refused")]
    with pytest.raises(NotSentError):
        client.send("Hello", to=TO)
    assert len(service.requests) == 3
    assert 0.5 <= client.waits[1] <= 1.0


def test_retries_0_turns_them_off(make: Callable[..., Any], service: Any) -> None:
    service.script = [httpx.Response(503)] * 2
    client = make(retries=0)
    with pytest.raises(ServiceError):
        client.send("Hello", to=TO)
    assert len(service.requests) == 1
    with pytest.raises(ServiceError):
        make().with_options(retries=0).send("Hello", to=TO)
    assert len(service.requests) == 2


def test_retry_after_is_honoured(client: Any, service: Any) -> None:
    in_a_while = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    service.script = [
        httpx.Response(429, headers={"retry-after": "7"}),
        httpx.Response(503, headers={"retry-after": in_a_while}),
    ]
    assert client.send("Hello", to=TO).ok
    assert client.waits[0] == 7
    assert 25 <= client.waits[1] <= 31


@pytest.mark.parametrize("value", ["3600", "999999999"])
def test_an_absurd_retry_after_is_not_waited_for(client: Any, service: Any, value: str) -> None:
    service.script = [httpx.Response(429, headers={"retry-after": value})]
    with pytest.raises(RateLimitError) as caught:
        client.send("Hello", to=TO)
    assert caught.value.retry_after_s == float(value)
    assert client.waits == []


@pytest.mark.parametrize("value", ["soon", "", "-5", "inf", "nan", "Mon, 99 Foo 2026 00:00:00 GMT"])
def test_an_unreadable_retry_after_is_ignored(client: Any, service: Any, value: str) -> None:
    service.script = [httpx.Response(429, headers={"retry-after": value})]
    assert client.send("Hello", to=TO).ok
    assert client.waits[0] <= 0.5


def test_each_request_of_a_long_send_has_its_own_attempts(client: Any, service: Any) -> None:
    service.script = [
        httpx.Response(503),
        httpx.Response(503),
        accept_all,
        httpx.Response(503),
        httpx.Response(503),
    ]
    result = client.send("Hello", to=[f"4207771{n:05d}" for n in range(150)])
    assert result.ok
    assert len(service.requests) == 6


def test_the_hook_and_the_log_are_told(
    make: Callable[..., Any], service: Any, caplog: pytest.LogCaptureFixture
) -> None:
    service.script = [httpx.Response(429, headers={"retry-after": "2"})]
    told: list[Retry] = []
    client = make(on_retry=told.append)
    with caplog.at_level(logging.INFO, logger="smsmanager"):
        client.send("Hello", to=TO)
    [retry] = told
    assert (retry.attempt, retry.wait_s) == (1, 2.0)
    assert isinstance(retry.error, RateLimitError)
    records = [record.getMessage() for record in caplog.records if record.name == "smsmanager"]
    assert records == ["attempt 1 failed (RateLimitError); next one in 2.0 s"]
