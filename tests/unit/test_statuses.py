"""Check what each status means."""

from __future__ import annotations

import json
import os
import pickle
import time
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsmanager import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    OutcomeUnknownError,
    RateLimitError,
    ResponseParseError,
    ServiceError,
    SmsManagerError,
    UnsupportedMediaTypeError,
)
from smsmanager._transport.statuses import (
    error_for_status,
    retry_after_s,
    unreadable,
)

NOW_S = datetime(2027, 1, 4, 7, tzinfo=UTC).timestamp()
KEY = "key-0123456789abcdef"
NEVER_AGAIN = ("may have been taken", "Do not repeat it", "no idempotency key")
DENIED = "User is not authorized to access this resource with an explicit deny"


def error_for(
    status: int,
    body: bytes | object = b"",
    headers: dict[str, str] | None = None,
    private: tuple[str, ...] = (),
) -> SmsManagerError:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return error_for_status(status, httpx.Headers(headers or {}), raw, private=private, now_s=NOW_S)


def holds(text: str, *facts: str) -> bool:
    """Return whether a text states these facts, in this order."""
    places = [text.find(fact) for fact in facts]
    return -1 not in places and places == sorted(places)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, {"Message": "Invalid request body"}, BadRequestError),
        (400, {"Message": DENIED}, AuthenticationError),
        (400, {"message": DENIED}, AuthenticationError),
        (400, {"Message": None}, BadRequestError),
        (400, {"Message": {"text": DENIED}}, BadRequestError),
        (400, {"request_id": "r", "accepted": False}, BadRequestError),
        (400, [DENIED], BadRequestError),
        (400, b"", BadRequestError),
        (400, b"<html>", BadRequestError),
        (400, b"\xff\xfe", BadRequestError),
        (400, b"[" * 100_000, BadRequestError),
        (400, b"1" * 5000, BadRequestError),
        (401, {"message": "Unauthorized"}, AuthenticationError),
        (403, b"", AuthenticationError),
        (415, {"message": "Unsupported Media Type"}, UnsupportedMediaTypeError),
        (429, b"", RateLimitError),
        (500, b"", ServiceError),
        (503, b"<html>", ServiceError),
        (404, {"message": "Not Found"}, ApiError),
        (402, b"", ApiError),
        (413, b"", ApiError),
        (421, b"", ApiError),
        (498, b"", ApiError),
        (408, b"", OutcomeUnknownError),
        (444, b"", OutcomeUnknownError),
        (460, b"", OutcomeUnknownError),
        (499, b"", OutcomeUnknownError),
        (501, b"", OutcomeUnknownError),
        (502, b"", OutcomeUnknownError),
        (504, {"message": "Endpoint request timed out"}, OutcomeUnknownError),
        (520, b"", OutcomeUnknownError),
        (599, b"", OutcomeUnknownError),
        (999, b"", OutcomeUnknownError),
        (301, b"", OutcomeUnknownError),
        (307, b"", OutcomeUnknownError),
        (100, b"", OutcomeUnknownError),
    ],
)
def test_each_status_has_its_error(status: int, body: Any, expected: type[ApiError]) -> None:
    error = error_for(status, body)
    assert type(error) is expected
    assert getattr(error, "status_code", None) == status


def test_every_status_says_whether_something_was_sent() -> None:
    for status in [*range(100, 200), *range(300, 1000)]:
        error = error_for(status)
        text = str(error)
        assert str(status) in text
        assert ("Nothing was sent" in text) is isinstance(error, ApiError)
        assert ("may have been taken" in text) is isinstance(error, OutcomeUnknownError)
        assert error.request_may_be_taken is isinstance(error, OutcomeUnknownError)
        assert error.safe_to_retry is (status in {429, 500, 503})
        assert isinstance(error, ApiError | OutcomeUnknownError)


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (400, "Change the request"),
        (401, "SMSMANAGER_API_KEY"),
        (404, "Check base_url"),
        (415, "content type"),
        (429, ".retry_after_s"),
        (500, "send the same request again"),
    ],
)
def test_a_refusal_says_what_happened_and_what_to_do(status: int, advice: str) -> None:
    assert holds(str(error_for(status)), f"answered {status}", "Nothing was sent", advice)
    said = str(error_for(status, {"Message": "No such sender"}))
    assert holds(said, str(status), '"No such sender"', "Nothing was sent", advice)


@pytest.mark.parametrize(
    ("status", "facts"),
    [
        (101, ["The server"]),
        (199, ["The server"]),
        (200, ["The server", "hook of your own httpx client"]),
        (299, ["The server", "hook of your own httpx client"]),
        (300, ["The server", "a redirect", "never followed", "Check base_url"]),
        (308, ["The server", "a redirect", "never followed", "Check base_url"]),
        (502, ["proxy or gateway"]),
    ],
)
def test_a_status_that_leaves_it_open_says_so(status: int, facts: list[str]) -> None:
    error = error_for(status, headers={"location": "https://example.com/elsewhere"})
    assert holds(str(error), *facts, *NEVER_AGAIN)
    assert str(status) in str(error)
    assert "example.com" not in str(error)
    assert ("hook" in str(error)) is (200 <= status < 300)
    assert ("redirect" in str(error)) is (300 <= status < 400)


@pytest.mark.parametrize(
    ("body", "message", "request_id"),
    [
        ({"Message": "No", "request_id": "r"}, "No", "r"),
        ({"message": "No"}, "No", None),
        ({"Message": "XXXX"}, "XXXX", None),
        ({"Message": "", "message": "No"}, "No", None),
        ({"Message": 5, "message": ["No"], "request_id": 5}, None, None),
        ({}, None, None),
        (b"No", None, None),
    ],
)
def test_what_the_answer_says_is_kept(
    body: Any, message: str | None, request_id: str | None
) -> None:
    error = error_for(400, body, {"X-Trace": "t", "Content-Type": "text/html"})
    assert isinstance(error, ApiError)
    assert (error.message, error.request_id) == (message, request_id)
    assert error.body == (body if isinstance(body, bytes) else json.dumps(body).encode())
    assert error.headers == {"x-trace": "t", "content-type": "text/html"}
    assert (f'"{message}"' in str(error)) is (message is not None)


def test_the_text_never_repeats_the_request() -> None:
    private = (KEY, "Secret words", "420777")
    for echo in (KEY, "Secret words", "+420 777 123 456"):
        error = error_for(400, {"Message": f"bad {echo}\n" + "x" * 500}, private=private)
        for secret in (KEY, "Secret", "777"):
            assert secret not in str(error)
            assert secret not in repr(error)
        assert len(str(error)) < 400
        assert "\n" not in str(error)
    assert "bad xx" not in str(error)


@pytest.mark.parametrize(
    ("key", "body", "is_kept"),
    [
        ("some-key", bytes(range(256)), True),
        ("some-key", b"<some-key|some-key>", False),
        ("abcd", b"<abcd|abc>", False),
        ("abc", b"<abc>", True),
        ("", b"null", True),
        ('in"side', b'<in"side>', False),
        ('in"side', b"<" + json.dumps('in"side').encode() + b">", False),
    ],
)
def test_an_answer_that_repeats_the_key_is_left_out(
    key: str, body: bytes, *, is_kept: bool
) -> None:
    kept = body if is_kept else b""
    assert unreadable(200, body, "is not JSON", key).body == kept
    refused = error_for(400, body, {"x-echo": key, "x-other": "other"}, private=(key,))
    assert isinstance(refused, ApiError)
    assert refused.body == kept
    assert refused.headers == {"x-other": "other"} | ({"x-echo": key} if len(key) < 4 else {})


def test_a_key_that_the_service_repeats_is_not_pickled() -> None:
    said = {"Message": f"{KEY}?", "request_id": f"{KEY}!"}
    error = error_for(400, said, {"x-echo": KEY}, private=(KEY,))
    assert isinstance(error, BadRequestError)
    assert (error.message, error.request_id) == (None, None)
    assert KEY.encode() not in pickle.dumps(error)


@pytest.mark.parametrize("key", ["access", "e"])
def test_a_key_does_not_change_what_an_answer_means(key: str) -> None:
    error = error_for(400, {"Message": DENIED}, private=(key,))
    assert isinstance(error, AuthenticationError)


def test_a_2xx_that_says_nothing_was_taken() -> None:
    error = unreadable(202, b"", "is not JSON", "some-key")
    assert type(error) is ResponseParseError
    assert error.status_code == 202
    assert holds(str(error), "202", "is not JSON", "was taken", "do not repeat it")


@pytest.mark.parametrize("status", [429, 500, 503])
def test_the_wait_that_is_asked_for_is_kept(status: int) -> None:
    date = "Mon, 04 Jan 2027 07:01:00 GMT"
    for headers, seconds in (
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": date}, 60.0),
        ({}, None),
    ):
        assert vars(error_for(status, headers=headers))["retry_after_s"] == seconds


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        ("120", 120.0),
        (" 120 ", 120.0),
        ("1.5", 1.5),
        ("999999999", 999999999.0),
        ("Mon, 04 Jan 2027 07:01:00 GMT", 60.0),
        ("Monday, 04-Jan-27 07:01:00 GMT", 60.0),
        ("Mon, 04 Jan 2027 08:01:00 +0100", 60.0),
        ("Mon, 04 Jan 2027 06:59:00 GMT", 0.0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1e3", None),
        # However long: it was requested, and must not be treated as missing.
        ("9" * 10, 1e9),
        ("9" * 400, 1e9),
        ("\u0661", None),
        ("1, 2", None),
        ("nan", None),
        ("Mon, 32 Jan 2027 07:01:00 GMT", None),
        ("Mon, 04 Jan 2027 07:01:00 +9999", None),
        ("Fri, 31 Dec 99999 23:59:59 GMT", None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert retry_after_s(value, NOW_S) == seconds


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="needs tzset")
@pytest.mark.parametrize("zone", ["Europe/Prague", "America/New_York"])
@pytest.mark.parametrize("value", ["Mon Jan  4 07:01:00 2027", "Mon, 04 Jan 2027 07:01:00 -0000"])
def test_retry_after_does_not_depend_on_the_local_zone(value: str, zone: str) -> None:
    before = os.environ.get("TZ")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", zone)
        time.tzset()
        assert retry_after_s(value, NOW_S) == 60.0
    time.tzset()
    assert os.environ.get("TZ") == before


@given(
    st.one_of(
        st.text(),
        st.text(alphabet="0123456789.-+ "),
        st.text(alphabet="MonJan 0123456789:,GT+-"),
        st.datetimes(timezones=st.just(UTC)).map(
            lambda moment: format_datetime(moment, usegmt=True)
        ),
    )
)
def test_any_retry_after_is_read_or_ignored(value: str) -> None:
    seconds = retry_after_s(value, NOW_S)
    assert seconds is None or 0 <= seconds < 1e12


@given(
    st.integers(100, 999).filter(lambda status: not 200 <= status < 300),
    st.binary(max_size=60)
    | st.text(max_size=60).map(lambda text: json.dumps({"Message": text}).encode()),
    st.text(max_size=40),
)
def test_any_answer_gives_an_error_of_this_library(
    status: int, body: bytes, retry_after: str
) -> None:
    headers = {"retry-after": retry_after}
    error = error_for_status(status, headers, body, private=[KEY], now_s=NOW_S)
    assert isinstance(error, ApiError | OutcomeUnknownError)
    assert len(str(error).splitlines()) == 1


def test_an_explicit_deny_may_be_a_mock_s_answer_to_any_wrong_request() -> None:
    """The hosted mocks answer everything that they refuse with their first example, which is this."""
    assert "A hosted mock answers any wrong request like this." in str(
        error_for(400, {"Message": DENIED})
    )
    assert "mock" not in str(error_for(403, {"Message": DENIED}))
