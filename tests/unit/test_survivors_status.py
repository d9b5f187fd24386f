"""What the mutants of `_status` that other tests let live would have changed."""

from __future__ import annotations

import json

import httpx
import pytest

from smsmanager import (
    ApiError,
    NotSentError,
    OutcomeUnknownError,
    RateLimitError,
    ResponseParseError,
    ServiceError,
)
from smsmanager._transport.statuses import (
    answer_to_nothing,
    as_cause,
    error_for_status,
    error_for_transport,
    unreadable,
)

MONDAY_AT_7_S = 1_799_046_000.0
NOT_AGAIN = (
    "The request may have been taken. Do not repeat it blindly: there is no idempotency key, so it could be "
    "sent twice. Wait for delivery reports, or ask the service."
)


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (400, "Change the request: repeating it unchanged cannot help."),
        (401, "Check the API key (SMSMANAGER_API_KEY) and what it may do."),
        (404, "Check base_url and the request: this status is not one the service documents."),
        (415, "The operation takes another content type."),
        (429, "Send it again after a wait (.retry_after_s when the service said one)."),
        (500, "Trouble at the service: wait and send the same request again."),
    ],
)
def test_a_refusal_that_says_nothing_is_told_in_these_words(status: int, advice: str) -> None:
    error = error_for_status(status, {}, b"", private=["some-key"], now_s=0)
    assert isinstance(error, ApiError)
    assert str(error).startswith(f"The service answered {status}. Nothing was sent. {advice}")


def test_a_reason_stands_between_the_status_and_what_became_of_it() -> None:
    said = b'{"Message": "No such sender"}'
    text = str(error_for_status(400, {}, said, private=["some-key"], now_s=0))
    assert text.startswith('The service answered 400: "No such sender". Nothing was sent. Change')


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (101, "The server answered 101 and nothing more"),
        (199, "The server answered 199 and nothing more"),
        (200, "The server answered 200, which a hook of your own httpx client refused"),
        (299, "The server answered 299, which a hook of your own httpx client refused"),
        (
            300,
            (
                "The server answered 300, a redirect, which is never followed because the key and the "
                "message would go to another place. Check base_url"
            ),
        ),
        (502, "A proxy or gateway answered 502"),
    ],
)
def test_a_status_that_leaves_it_open_is_told_in_these_words(status: int, words: str) -> None:
    error = error_for_status(status, {}, b"", private=["some-key"], now_s=0)
    assert isinstance(error, OutcomeUnknownError)
    assert str(error) == f"{words}. {NOT_AGAIN}"


@pytest.mark.parametrize("status", [429, 503])
def test_a_date_as_retry_after_counts_from_now(status: int) -> None:
    headers = {"Retry-After": "Mon, 04 Jan 2027 07:01:00 GMT"}
    error = error_for_status(status, headers, b"", private=["some-key"], now_s=MONDAY_AT_7_S)
    assert isinstance(error, RateLimitError | ServiceError)
    assert error.retry_after_s == 60.0


def test_with_nothing_private_an_answer_is_kept_as_it_came() -> None:
    said = b'{"Message": "XXXX", "request_id": "XXXX"}'
    error = error_for_status(400, {"x-trace": "XXXX"}, said, private=[], now_s=0)
    assert isinstance(error, ApiError)
    assert (error.message, error.request_id, error.body) == ("XXXX", "XXXX", said)
    assert error.headers == {"x-trace": "XXXX"}


def test_a_2xx_that_says_nothing_is_told_in_these_words() -> None:
    error = unreadable(202, b"", "is no JSON", "some-key")
    assert type(error) is ResponseParseError
    assert str(error).startswith(
        "The service answered 202, but the answer is no JSON. A 2xx says that the request was taken, so do "
        "not repeat it:"
    )
    assert error.status_code == 202


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
def test_bytes_that_could_not_be_read_are_kept_without_the_key(
    key: str, body: bytes, kept: bytes
) -> None:
    assert unreadable(200, body, "is no JSON", key).body == kept
    refused = error_for_status(400, {}, body, private=[key], now_s=0)
    assert isinstance(refused, ApiError)
    assert refused.body == kept


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (httpx.ConnectError("[Errno 111] Connection refused"), "ConnectError: [Errno 111] Conn"),
        (httpx.ConnectTimeout(""), "ConnectTimeout)."),
    ],
    ids=repr,
)
def test_a_request_that_never_left_is_told_in_these_words(
    failure: httpx.TransportError, reason: str
) -> None:
    text = str(error_for_transport(failure, private=[], never_left=True))
    assert text.startswith(f"No connection to the service could be made ({reason}")
    assert text.endswith(
        "). Nothing was sent; the call can be repeated. Check base_url, the network, the proxy and the "
        "certificates."
    )


def test_private_words_without_a_digit_are_hidden_in_the_reason_and_its_cause() -> None:
    failure = httpx.ConnectError("cannot reach secret-words-alone")
    error = error_for_transport(failure, private=["secret-words-alone"], never_left=True)
    assert type(error) is NotSentError
    assert "(ConnectError: cannot reach [hidden])" in str(error)
    assert str(as_cause(failure, ["secret-words-alone"])) == "cannot reach [hidden]"


def test_a_lost_answer_is_told_in_these_words() -> None:
    text = str(error_for_transport(httpx.ReadTimeout("lost"), private=[]))
    assert text == f"The answer was lost after the request went out (ReadTimeout). {NOT_AGAIN}"


def test_an_answer_before_the_request_leaves_the_outcome_unknown() -> None:
    error = answer_to_nothing()
    assert type(error) is OutcomeUnknownError
    assert error.request_may_be_taken
    assert not error.safe_to_retry
    assert str(error) == (
        "The server had sent an answer before this request went out, so the answer to it is not known. "
        f"{NOT_AGAIN}"
    )


def named(name: str, module: str) -> Exception:
    """Return an exception of a class of this name, as this module would define it."""
    kind: type[Exception] = type(name, (Exception,), {"__module__": module})
    return kind("some-key")


@pytest.mark.parametrize("module", ["aiohttp", "aiohttp.client_exceptions", "aiohttp.moved.again"])
@pytest.mark.parametrize(
    ("name", "never_connected"),
    [
        ("ClientConnectorError", True),
        ("ClientHttpProxyError", True),
        ("ClientProxyConnectionError", True),
        ("ConnectionTimeoutError", True),
        ("ServerDisconnectedError", False),
        ("ClientOSError", False),
    ],
)
def test_an_exception_of_aiohttp_decides_wherever_it_is_defined(
    module: str, name: str, *, never_connected: bool
) -> None:
    failure = httpx.ConnectTimeout("as the transport calls it")
    failure.__cause__ = named(name, module)
    error = error_for_transport(failure, private=[], never_left=True)
    assert isinstance(error, NotSentError) is never_connected
    assert error.request_may_be_taken is not never_connected


@pytest.mark.parametrize("package", ["aiohttp", "anyio", "h11", "h2", "httpcore", "httpx"])
def test_an_exception_of_what_carries_http_is_no_cause(package: str) -> None:
    assert as_cause(named("OddError", package), []) is None
    assert as_cause(named("OddError", f"{package}.deep.inside"), []) is None
    own = named("OddError", f"{package}_of_mine")
    assert as_cause(own, []) is own
