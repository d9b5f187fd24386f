"""Check what each failure of the transport means: was the request sent?"""

from __future__ import annotations

from itertools import product
from typing import Any, cast

import httpx
import pytest

from smsmanager import ConfigurationError, NotSentError, OutcomeUnknownError
from smsmanager._transport.failures import (
    as_cause,
    error_for_transport,
    may_be_taken,
)
from smsmanager.transport import AsyncHTTPTransport, HTTPTransport

KEY = "key-0123456789abcdef"
NEVER_AGAIN = ("may have been taken", "Do not repeat it", "no idempotency key")
BEFORE_A_CONNECTION = [
    httpx.ConnectError("[Errno 111] Connection refused"),
    httpx.ConnectTimeout(""),
    httpx.PoolTimeout(""),
    httpx.ProxyError("403 Forbidden"),
    httpx.UnsupportedProtocol("x://secret"),
]
LATER = [
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
]


def holds(text: str, *facts: str) -> bool:
    """Return whether a text states these facts, in this order."""
    places = [text.find(fact) for fact in facts]
    return -1 not in places and places == sorted(places)


class OwnTransport(httpx.HTTPTransport):
    """A transport that may send a request several times."""


# What is known about each: what was written, what comes before a connection, or nothing.
CERTAIN, BY_KIND, NOTHING = "certain", "by kind", "nothing"
TRANSPORTS: list[tuple[object, str]] = [
    (HTTPTransport(), CERTAIN),
    (AsyncHTTPTransport(), CERTAIN),
    (httpx.HTTPTransport(), BY_KIND),
    (httpx.AsyncHTTPTransport(), BY_KIND),
    (httpx.MockTransport(lambda _: httpx.Response(200)), BY_KIND),
    (OwnTransport(), NOTHING),
    (httpx.ASGITransport(cast("Any", print)), NOTHING),
    (httpx.WSGITransport(cast("Any", print)), NOTHING),
    (None, NOTHING),
    (object(), NOTHING),
]


@pytest.mark.parametrize("error", [*BEFORE_A_CONNECTION, *LATER], ids=repr)
@pytest.mark.parametrize("left", [None, False, True])
@pytest.mark.parametrize(
    ("transport", "known"), TRANSPORTS, ids=[type(t).__name__ for t, _ in TRANSPORTS]
)
def test_whether_a_failed_request_may_be_taken(
    error: Exception,
    left: bool | None,  # noqa: FBT001
    transport: object,
    known: str,
) -> None:
    for own, repeats in product([False, True], repeat=2):
        taken = may_be_taken(error, left, transport, own=own, repeats=repeats)
        if known == CERTAIN and left is not None:
            # What the stream saw decides, whatever the error is called and wherever it comes from.
            assert taken is left
        elif known == NOTHING or (repeats and known == BY_KIND):
            # It may have been sent before.
            assert taken
        else:
            assert taken is (not own or error in LATER)


@pytest.mark.parametrize("failure", BEFORE_A_CONNECTION[:-1], ids=repr)
def test_what_never_left_was_not_sent(failure: Exception) -> None:
    error = error_for_transport(failure, private=[], taken=False)
    assert type(error) is NotSentError
    assert error.safe_to_retry
    assert not error.request_may_be_taken
    said = str(failure) and f": {failure}"
    reason = f"({type(failure).__name__}{said})"
    assert holds(str(error), reason, "Nothing was sent", "can be repeated")
    # A full pool has nothing to do with the address.
    full = type(failure) is httpx.PoolTimeout
    assert holds(str(error), "base_url", "proxy") is not full
    assert holds(str(error), "connections are in use", "Send less") is full


@pytest.mark.parametrize("failure", [*BEFORE_A_CONNECTION, *LATER], ids=repr)
def test_what_may_have_left_leaves_the_outcome_unknown(failure: Exception) -> None:
    error = error_for_transport(failure, private=[], taken=True)
    assert type(error) is OutcomeUnknownError
    assert error.status_code is None
    assert error.request_may_be_taken
    assert not error.safe_to_retry
    assert holds(str(error), f"({type(failure).__name__})", *NEVER_AGAIN)


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (httpx.ReadTimeout(""), "ReadTimeout"),
        (httpx.ReadError("cannot reach secret-words-alone"), "ReadError"),
        (httpx.RemoteProtocolError("no answer"), "RemoteProtocolError: no answer"),
        (TimeoutError(), "TimeoutError"),
    ],
    ids=repr,
)
def test_where_nothing_was_written_no_kind_of_failure_matters(
    failure: Exception, reason: str
) -> None:
    error = error_for_transport(failure, private=["secret-words-alone"], taken=False)
    assert type(error) is NotSentError
    assert holds(str(error), f"({reason})", "Nothing was sent")


def test_an_impossible_address_is_a_matter_of_configuration() -> None:
    failure = httpx.UnsupportedProtocol("x://secret")
    error = error_for_transport(failure, private=[], taken=False)
    assert type(error) is ConfigurationError
    assert "base_url" in str(error)
    assert "Nothing was sent" in str(error)
    assert "secret" not in str(error)


@pytest.mark.parametrize("secret", [KEY, "secret-words-alone", "420777123456"])
def test_the_librarys_words_repeat_nothing_private(secret: str) -> None:
    failure = httpx.ConnectError(f"cannot reach {secret} for +420 777 123 456")
    for taken in (True, False):
        for text in (
            str(error_for_transport(failure, private=[secret], taken=taken)),
            str(as_cause(failure, [secret], taken=taken)),
        ):
            assert secret not in text
            assert "777" not in text


def named(name: str, module: str) -> Exception:
    """Return an exception of a class of this name, as this module would define it."""
    kind: type[Exception] = type(name, (Exception,), {"__module__": module})
    return kind("some-key")


@pytest.mark.parametrize("package", ["aiohttp", "anyio", "h11", "h2", "httpcore", "httpx"])
def test_an_exception_of_what_carries_http_is_no_cause(package: str) -> None:
    assert as_cause(named("OddError", package), [], taken=True) is None
    assert as_cause(named("OddError", f"{package}.deep.inside"), [], taken=True) is None
    own = named("OddError", f"{package}_of_mine")
    assert as_cause(own, [], taken=True) is own


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
@pytest.mark.parametrize("taken", [False, True])
def test_a_cause_is_of_the_same_kind_and_holds_no_request(
    failure: httpx.TransportError, said: str, *, taken: bool
) -> None:
    failure.request = httpx.Request("POST", "http://127.0.0.1/", headers={"x-api-key": KEY})
    cause = as_cause(failure, [KEY], taken=taken)
    assert isinstance(cause, type(failure))
    assert str(cause) == said
    with pytest.raises(RuntimeError, match="has not been set"):
        assert cause.request


def test_a_cause_shows_where_it_came_from_and_has_no_chain() -> None:
    def fail() -> None:
        try:
            int(KEY)
        except ValueError as below:
            raise httpx.ReadError(KEY) from below

    with pytest.raises(httpx.ReadError) as caught:
        fail()
    cause = as_cause(caught.value, [KEY], taken=True)
    assert isinstance(cause, httpx.ReadError)
    assert cause.__traceback__ is caught.value.__traceback__
    assert (cause.__cause__, cause.__context__) == (None, None)


def test_a_cause_that_cannot_be_made_again_is_left_out() -> None:
    answer = httpx.Response(503, request=httpx.Request("POST", "http://127.0.0.1/"))
    status = httpx.HTTPStatusError("a hook", request=answer.request, response=answer)
    assert as_cause(status, [], taken=True) is None
    assert as_cause(httpx.InvalidURL(KEY), [], taken=True) is None


@pytest.mark.parametrize("raised", [AssertionError, KeyError, RuntimeError, TypeError])
def test_a_class_that_refuses_to_be_made_gives_no_cause(raised: type[Exception]) -> None:
    refuses = False

    class OwnError(httpx.TransportError):
        def __init__(self, text: str) -> None:
            if refuses:
                raise raised(text)
            super().__init__(text)

    failure: Any = OwnError("of a transport")
    assert type(as_cause(failure, [], taken=True)) is OwnError
    refuses = True
    assert as_cause(failure, [], taken=True) is None
