"""What is sent again, and which hooks are called."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from smsmanager import RateLimitError, Retry, SendResult

TO = "420777123456"


def test_what_was_certainly_not_taken_is_sent_again_and_told(
    make: Callable[..., Any], service: Any, caplog: pytest.LogCaptureFixture
) -> None:
    service.script = [httpx.Response(429, headers={"retry-after": "2"}), httpx.ConnectError("no")]
    retries: list[Retry] = []
    told: list[SendResult] = []
    client = make(on_retry=retries.append, on_result=told.append)
    with caplog.at_level(logging.INFO, logger="smsmanager"):
        result = client.send("Hello", to=TO)
    assert result.ok
    assert told == [result]
    assert [request.content for request in service.requests] == [service.requests[0].content] * 3
    assert client.waits == [retry.wait_s for retry in retries]
    assert client.waits[0] == 2
    assert 0.5 <= client.waits[1] <= 1.0
    assert isinstance(retries[0].error, RateLimitError)
    assert "attempt 1 failed (RateLimitError); next one in 2.0 s" in caplog.messages


def test_the_time_that_an_answer_names_is_waited_for(client: Any, service: Any) -> None:
    in_a_while = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    service.script = [httpx.Response(503, headers={"retry-after": in_a_while})]
    assert client.send("Hello", to=TO).ok
    assert 25 <= client.waits[0] <= 31


def test_a_wait_that_is_too_long_is_not_begun(client: Any, service: Any) -> None:
    service.script = [httpx.Response(429, headers={"retry-after": "3600"})]
    with pytest.raises(RateLimitError) as caught:
        client.send("Hello", to=TO)
    assert caught.value.retry_after_s == 3600
    assert client.waits == []
