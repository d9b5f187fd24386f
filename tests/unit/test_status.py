"""Check what each status and each failure of the transport means."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import aiohttp
import httpx
import pytest
from aiohttp.client_reqrep import ConnectionKey
from hypothesis import given, settings
from hypothesis import strategies as st

from smsmanager import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    NotSentError,
    OutcomeUnknownError,
    RateLimitError,
    ServiceError,
    SmsManagerError,
    UnsupportedMediaTypeError,
)
from smsmanager._transport.statuses import (
    as_cause,
    error_for_status,
    error_for_transport,
    private_strings,
    retry_after_s,
)

steady = settings(deadline=None, database=None)
NOW_S = datetime(2027, 1, 4, 7, tzinfo=UTC).timestamp()
KEY = "key-0123456789abcdef"
DENIED = "User is not authorized to access this resource with an explicit deny"


def error_for(
    status: int,
    body: bytes | object = b"",
    headers: dict[str, str] | None = None,
    private: tuple[str, ...] = (),
) -> SmsManagerError:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return error_for_status(status, httpx.Headers(headers or {}), raw, private=private, now_s=NOW_S)


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
    ("body", "message", "request_id"),
    [
        ({"Message": "No", "request_id": "r"}, "No", "r"),
        ({"message": "No"}, "No", None),
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
    private = private_strings({"body": "Secret words", "to": [{"phone_number": "420777"}]}, KEY)
    said = f"bad {KEY}: Secret words to +420 777 123 456\n" + "x" * 500
    error = error_for(400, {"Message": said}, private=tuple(private))
    for secret in (KEY, "Secret", "777"):
        assert secret not in str(error)
        assert secret not in repr(error)
    assert len(str(error)) < 400
    assert "\n" not in str(error)


def test_private_strings_are_the_key_and_every_string() -> None:
    content = [{"to": [{"phone_number": "420"}], "payload": {"a": [1, "b"]}}, None]
    assert private_strings(content, KEY) == [KEY, "420", "b"]


def test_a_redirect_is_explained() -> None:
    text = str(error_for(308, headers={"location": "https://example.com/elsewhere"}))
    assert "redirect, which is never followed" in text
    assert "base_url" in text
    assert "example.com" not in text


@pytest.mark.parametrize("status", [429, 500, 503])
def test_the_wait_that_is_asked_for_is_kept(status: int) -> None:
    error = error_for(status, headers={"Retry-After": "7"})
    assert isinstance(error, RateLimitError | ServiceError)
    assert error.retry_after_s == 7.0
    without = error_for(status)
    assert isinstance(without, RateLimitError | ServiceError)
    assert without.retry_after_s is None


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
        # However long: it was asked for, and must not be taken for nothing.
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


@steady
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


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ConnectError("[Errno 111] Connection refused"),
        httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED]"),
        httpx.ConnectTimeout(""),
        httpx.PoolTimeout(""),
        httpx.ProxyError("403 Forbidden"),
    ],
    ids=repr,
)
def test_without_a_connection_nothing_was_sent(failure: Exception) -> None:
    error = error_for_transport(failure, private=[], never_left=True)
    assert type(error) is NotSentError
    assert error.safe_to_retry
    assert "Nothing was sent" in str(error)
    assert f"({type(failure).__name__}" in str(error)
    assert str(failure) in str(error)
    # The same error tells nothing once the request began to go out.
    assert type(error_for_transport(failure, private=[])) is OutcomeUnknownError


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ReadTimeout("lost"),
        httpx.WriteTimeout("lost"),
        httpx.ReadError("lost"),
        httpx.WriteError("lost"),
        httpx.CloseError("lost"),
        httpx.RemoteProtocolError("lost"),
        httpx.LocalProtocolError("lost"),
        httpx.DecodingError("lost"),
        httpx.TooManyRedirects("lost"),
        TimeoutError("lost"),
        OSError("lost"),
        RuntimeError("lost"),
    ],
    ids=repr,
)
def test_after_a_connection_the_outcome_is_unknown(failure: Exception) -> None:
    error = error_for_transport(failure, private=[], never_left=True)
    assert isinstance(error, OutcomeUnknownError)
    assert error.status_code is None
    assert not error.safe_to_retry
    assert "may have been taken" in str(error)
    assert "lost)" not in str(error)


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (httpx.ReadTimeout(""), "ReadTimeout"),
        (httpx.ReadError("cannot reach secret-words-alone"), "ReadError: cannot reach [hidden]"),
        (httpx.RemoteProtocolError("no answer"), "RemoteProtocolError: no answer"),
        (TimeoutError(), "TimeoutError"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("never_left", [False, True])
def test_when_nothing_was_written_for_certain_no_kind_of_failure_matters(
    failure: Exception, reason: str, *, never_left: bool
) -> None:
    private = ["secret-words-alone"]
    error = error_for_transport(failure, private=private, never_left=never_left, certain=True)
    assert type(error) is NotSentError
    assert error.safe_to_retry
    assert not error.request_may_be_taken
    assert f"could be made ({reason}). Nothing was sent" in str(error)
    # The same failure tells nothing where that is not certain.
    doubtful = error_for_transport(failure, private=private, never_left=never_left)
    assert type(doubtful) is OutcomeUnknownError


def test_over_aiohttp_too_it_matters_more_that_nothing_was_written() -> None:
    failure = httpx.ConnectTimeout("as the transport calls it")
    failure.__cause__ = aiohttp.ServerDisconnectedError()
    assert type(error_for_transport(failure, private=[], certain=True)) is NotSentError


def test_an_impossible_address_is_a_matter_of_configuration() -> None:
    failure = httpx.UnsupportedProtocol("x://secret")
    error = error_for_transport(failure, private=[], never_left=True)
    assert type(error) is ConfigurationError
    assert "base_url" in str(error)
    assert "Nothing was sent" in str(error)
    assert "secret" not in str(error)


def test_the_librarys_words_repeat_nothing_private() -> None:
    failure = httpx.ConnectError(f"cannot reach {KEY} for +420 777 123 456")
    text = str(error_for_transport(failure, private=[KEY], never_left=True))
    assert KEY not in text
    assert "777" not in text


REFUSED = aiohttp.ClientConnectorError(
    ConnectionKey("127.0.0.1", 9, False, True, None, None, None),  # noqa: FBT003
    ConnectionRefusedError(111, "refused"),
)


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        (REFUSED, NotSentError),
        (aiohttp.ConnectionTimeoutError(), NotSentError),
        (aiohttp.ServerDisconnectedError(), OutcomeUnknownError),
        (aiohttp.SocketTimeoutError(), OutcomeUnknownError),
        (aiohttp.ClientOSError(104, "reset"), OutcomeUnknownError),
        (aiohttp.ClientPayloadError(), OutcomeUnknownError),
    ],
    ids=lambda value: type(value).__name__,
)
def test_over_aiohttp_its_own_exception_decides(
    cause: Exception, expected: type[SmsManagerError]
) -> None:
    failure = httpx.ConnectTimeout("as the transport calls it")
    failure.__cause__ = cause
    assert type(error_for_transport(failure, private=[], never_left=True)) is expected


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (httpx.ConnectError("[Errno 111] Connection refused"), "[Errno 111] Connection refused"),
        (httpx.ReadError(f"[Errno 104] {KEY}"), "[Errno 104] Connection reset by peer"),
        (httpx.RemoteProtocolError(f"illegal status line: bytearray(b'{KEY}')"), ""),
        (httpx.ReadTimeout("timed out"), ""),
    ],
    ids=repr,
)
def test_a_cause_is_of_the_same_kind_and_holds_no_request(
    failure: httpx.TransportError, said: str
) -> None:
    failure.request = httpx.Request("POST", "http://127.0.0.1/", headers={"x-api-key": KEY})
    cause = as_cause(failure, [KEY])
    assert isinstance(cause, type(failure))
    assert str(cause) == said
    with pytest.raises(RuntimeError, match="has not been set"):
        assert cause.request


def test_a_cause_that_cannot_be_made_again_is_left_out() -> None:
    class OwnError(httpx.TransportError):
        def __init__(self, one: str, other: str) -> None:
            super().__init__(one + other)

    assert as_cause(OwnError("of", "a transport"), []) is None
    answer = httpx.Response(503, request=httpx.Request("POST", "http://127.0.0.1/"))
    status = httpx.HTTPStatusError("a hook", request=answer.request, response=answer)
    assert as_cause(status, []) is None
    assert as_cause(httpx.InvalidURL(KEY), []) is None
    assert as_cause(aiohttp.ClientPayloadError(KEY), []) is None


@pytest.mark.parametrize("raised", [AssertionError, KeyError, RuntimeError, TypeError])
def test_a_class_that_refuses_to_be_made_gives_no_cause(raised: type[Exception]) -> None:
    refuses = False

    class OwnError(httpx.TransportError):
        def __init__(self, text: str) -> None:
            if refuses:
                raise raised(text)
            super().__init__(text)

    failure = OwnError("of a transport")
    assert type(as_cause(failure, [])) is OwnError
    refuses = True
    assert as_cause(failure, []) is None


def test_what_is_not_of_httpx_stays_the_cause() -> None:
    failure = KeyError("of a hook")
    assert as_cause(failure, []) is failure


@steady
@given(
    st.integers(100, 999).filter(lambda status: not 200 <= status < 300),
    st.binary(max_size=60)
    | st.text(max_size=60).map(lambda text: json.dumps({"Message": text}).encode()),
    st.text(max_size=40),
)
def test_any_answer_gives_an_error_of_ours(status: int, body: bytes, retry_after: str) -> None:
    headers = {"retry-after": retry_after}
    error = error_for_status(status, headers, body, private=[KEY], now_s=NOW_S)
    assert isinstance(error, ApiError | OutcomeUnknownError)
    assert len(str(error).splitlines()) == 1
