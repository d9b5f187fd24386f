"""Defects of options, errors and results that were found in review, and are mended."""

from __future__ import annotations

import json
import os
import pickle
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from smsmanager import (
    BadRequestError,
    ConfigurationError,
    NotSentError,
    PartialSendError,
    RecipientOutcome,
    SendResult,
    SmsManagerError,
    Status,
)
from smsmanager._config import MAX_RESPONSE_BYTES, settings
from smsmanager._privacy import printable
from smsmanager._transport.statuses import error_for_status, retry_after_s

TO = "420777123456"
KEY = "key-0123456789abcdef"


def options(**changed: Any) -> Any:
    given: dict[str, Any] = dict.fromkeys(
        ("base_url", "sender", "default_region", "on_retry", "on_result", "deadline_s")
    )
    given |= {"api_key": KEY, "timeout": 5.0, "retries": 2, "validate": True}
    given |= {"max_response_bytes": MAX_RESPONSE_BYTES, "auto_reference": False, **changed}
    return settings(**given)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/v2?",
        "https://example.com/v2#",
        "https://example.com:99999/v2",
        "https://a..b/v2",
        "https://xn--a/v2",
        "https://example.com/v2 ",
    ],
)
def test_base_urls_that_can_never_work_are_refused_at_once(url: str) -> None:
    """With `?` the path becomes a query; `a..b` is reported as an outcome that is not known."""
    with pytest.raises(ConfigurationError):
        options(base_url=url)


@pytest.mark.parametrize(
    "wrong",
    [
        {"api_key": 12345},
        {"api_key": KEY.encode()},
        {"timeout": ()},
        {"timeout": True},
        {"default_region": ["CZ"]},
        {"retries": float("inf")},
        {"retries": 2.5},
        {"max_response_bytes": 0},
        {"max_response_bytes": -1},
        {"max_response_bytes": None},
        {"max_response_bytes": "1"},
    ],
    ids=str,
)
def test_options_that_can_never_work_are_refused_at_once(wrong: dict[str, Any]) -> None:
    """Raw TypeError, AttributeError or IndexError; a limit of 0 makes every send "could not be read"."""
    with pytest.raises(ConfigurationError):
        options(**wrong)


@pytest.mark.parametrize(
    "failure",
    [
        error_for_status(429, {}, b"", private=[], now_s=0),
        error_for_status(503, {}, b"", private=[], now_s=0),
        NotSentError(
            "No connection to the service could be made. Nothing was sent; the call can be repeated."
        ),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_a_partial_failure_does_not_say_that_nothing_was_sent(failure: SmsManagerError) -> None:
    """It quotes the inner text, which is right for one request and wrong for the call."""
    result = SendResult(
        (
            RecipientOutcome(0, TO, TO, Status.ACCEPTED, "m"),
            RecipientOutcome(1, TO, TO, Status.NOT_SENT),
        )
    )
    text = str(PartialSendError(failure, result))
    assert "Nothing was sent" not in text
    assert "can be repeated" not in text


BODY = 'Řekni "heslo"\nteď 9271'


@pytest.mark.parametrize(
    "echo",
    [json.dumps(BODY), json.dumps(BODY, ensure_ascii=False), repr(BODY)],
    ids=["ascii", "json", "python"],
)
def test_a_text_that_comes_back_quoted_is_hidden_too(echo: str) -> None:
    """A server that quotes the request escapes it, so that it no longer equals what was sent."""
    shown = printable(f"bad value {echo} in field body", [BODY])
    assert "9271" not in shown
    assert "heslo" not in shown


def test_a_key_that_the_service_repeats_is_not_pickled() -> None:
    """The answer's body, message and headers are kept as they came, key included."""
    said = json.dumps({"Message": f"key {KEY} is unknown"}).encode()
    error = error_for_status(400, {"x-echo": KEY}, said, private=[KEY], now_s=0)
    assert isinstance(error, BadRequestError)
    assert KEY.encode() not in pickle.dumps(error)


@pytest.mark.parametrize("text", ["", "x", "[]", "null", "{}", '{"outcomes": [{}]}'])
def test_what_is_no_result_is_refused_in_words(text: str) -> None:
    """KeyError, TypeError and JSONDecodeError reach the user."""
    with pytest.raises(ValueError, match="result"):
        SendResult.from_json(text)


def test_a_result_as_json_values_holds_plain_texts() -> None:
    """`to_dict` leaves an enum in place, which YAML, msgpack and others refuse."""
    result = SendResult((RecipientOutcome(0, TO, TO, Status.ACCEPTED),))
    assert type(result.to_dict()["outcomes"][0]["status"]) is str


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="needs tzset")
@pytest.mark.parametrize("zone", ["Europe/Prague", "America/New_York"])
@pytest.mark.parametrize("value", ["Mon Jan  4 07:01:00 2027", "Mon, 04 Jan 2027 07:01:00 -0000"])
def test_retry_after_does_not_depend_on_the_local_zone(
    value: str, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An HTTP date in the older form names no zone and means GMT; it is read as local time."""
    before = os.environ.get("TZ")
    try:
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        now_s = datetime(2027, 1, 4, 7, tzinfo=UTC).timestamp()
        assert retry_after_s(value, now_s) == 60.0
    finally:
        if before is None:
            monkeypatch.delenv("TZ")
        else:
            monkeypatch.setenv("TZ", before)
        time.tzset()
