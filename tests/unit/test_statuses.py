"""Check what each status and each failure of the transport means."""

from __future__ import annotations

import json
import os
import pickle
import time
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
    ResponseParseError,
    ServiceError,
    SmsManagerError,
    UnsupportedMediaTypeError,
)
from smsmanager._transport.statuses import (
    answer_to_nothing,
    as_cause,
    error_for_status,
    error_for_transport,
    private_strings,
    retry_after_s,
    unreadable,
)

steady = settings(deadline=None, database=None)
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
    """Tell whether a text states these facts, in this order."""
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


@pytest.mark.parametrize(
    ("key", "body", "kept"),
    [
        ("some-key", bytes(range(256)), bytes(range(256))),
        ("some-key", b"<some-key|some-key>", b"<[hidden]|[hidden]>"),
        ("abcd", b"<abcd|abc>", b"<[hidden]|abc>"),
        ("abc", b"<abc>", b"<abc>"),
        ("", b"null", b"null"),
        ('in"side', b'<in"side>', b"<[hidden]>"),
        ('in"side', b"<" + json.dumps('in"side').encode() + b">", b'<"[hidden]">'),
    ],
)
def test_an_answer_is_kept_without_the_key(key: str, body: bytes, kept: bytes) -> None:
    assert unreadable(200, body, "is not JSON", key).body == kept
    refused = error_for(400, body, {"x-echo": key}, private=(key,))
    assert isinstance(refused, ApiError)
    assert refused.body == kept
    assert refused.headers["x-echo"] == (key if len(key) < 4 else "[hidden]")


def test_a_key_that_the_service_repeats_is_not_pickled() -> None:
    error = error_for(400, {"Message": f"{KEY}?"}, {"x-echo": KEY}, private=(KEY,))
    assert isinstance(error, BadRequestError)
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
    error = error_for(status, headers={"Retry-After": "7"})
    assert isinstance(error, RateLimitError | ServiceError)
    assert error.retry_after_s == 7.0
    date = error_for(status, headers={"Retry-After": "Mon, 04 Jan 2027 07:01:00 GMT"})
    assert isinstance(date, RateLimitError | ServiceError)
    assert date.retry_after_s == 60.0
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
    said = str(failure) and f": {failure}"
    reason = f"({type(failure).__name__}{said})"
    assert holds(str(error), reason, "Nothing was sent", "can be repeated", "base_url", "proxy")
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
    assert holds(str(error), f"({type(failure).__name__})", *NEVER_AGAIN)


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
    assert holds(str(error), f"({reason})", "Nothing was sent")
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


@pytest.mark.parametrize("secret", [KEY, "secret-words-alone"])
def test_the_librarys_words_repeat_nothing_private(secret: str) -> None:
    failure = httpx.ConnectError(f"cannot reach {secret} for +420 777 123 456")
    for text in (
        str(error_for_transport(failure, private=[secret], never_left=True)),
        str(as_cause(failure, [secret])),
    ):
        assert secret not in text
        assert "777" not in text


def test_an_answer_before_the_request_leaves_the_outcome_unknown() -> None:
    error = answer_to_nothing()
    assert type(error) is OutcomeUnknownError
    assert error.request_may_be_taken
    assert not error.safe_to_retry
    assert holds(str(error), "before this request went out", "not known", *NEVER_AGAIN)


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


def named(name: str, module: str) -> Exception:
    """Return an exception of a class of this name, as this module would define it."""
    kind: type[Exception] = type(name, (Exception,), {"__module__": module})
    return kind("some-key")


@pytest.mark.parametrize("module", ["aiohttp", "aiohttp.client_exceptions", "aiohttp.moved.again"])
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ClientConnectorError", NotSentError),
        ("ClientHttpProxyError", NotSentError),
        ("ClientProxyConnectionError", NotSentError),
        ("ConnectionTimeoutError", NotSentError),
        ("ServerDisconnectedError", OutcomeUnknownError),
        ("ClientOSError", OutcomeUnknownError),
    ],
)
def test_an_exception_of_aiohttp_decides_wherever_it_is_defined(
    module: str, name: str, expected: type[SmsManagerError]
) -> None:
    failure = httpx.ConnectTimeout("as the transport calls it")
    failure.__cause__ = named(name, module)
    assert type(error_for_transport(failure, private=[], never_left=True)) is expected


@pytest.mark.parametrize("package", ["aiohttp", "anyio", "h11", "h2", "httpcore", "httpx"])
def test_an_exception_of_what_carries_http_is_no_cause(package: str) -> None:
    assert as_cause(named("OddError", package), []) is None
    assert as_cause(named("OddError", f"{package}.deep.inside"), []) is None
    own = named("OddError", f"{package}_of_mine")
    assert as_cause(own, []) is own


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


@steady
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
