"""What each failure means: was anything sent, and may the call be repeated?"""

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
    IncompleteSendError,
    NotSentError,
    OutcomeUnknownError,
    PartialSendError,
    RateLimitError,
    ResponseParseError,
    ServiceError,
    SmsManagerError,
    Status,
    UnsupportedMediaTypeError,
    ValidationError,
    compose,
)
from tests.client.conftest import accept_all

TO = ["420777123456", "420777123457"]
DENIED = {"Message": "User is not authorized to access this resource with an explicit deny"}


def fails(client: Any, **fields: Any) -> SmsManagerError:
    with pytest.raises(SmsManagerError) as caught:
        client.send("Hello", **{"to": TO, **fields})
    assert pickle.loads(pickle.dumps(caught.value)).args == caught.value.args  # noqa: S301
    return caught.value


STATUSES = [
    pytest.param(400, {"Message": "Invalid request body"}, BadRequestError, False, id="400"),
    pytest.param(400, DENIED, AuthenticationError, False, id="400-key"),
    pytest.param(401, {"message": "Unauthorized"}, AuthenticationError, False, id="401"),
    pytest.param(403, {"Message": "Forbidden"}, AuthenticationError, False, id="403"),
    pytest.param(404, {"message": "Not Found"}, ApiError, False, id="404"),
    pytest.param(415, {"message": "No"}, UnsupportedMediaTypeError, False, id="415"),
    pytest.param(429, {"Message": "Slow down"}, RateLimitError, True, id="429"),
    pytest.param(500, {"Message": "Trouble"}, ServiceError, True, id="500"),
    pytest.param(503, {"Message": "Trouble"}, ServiceError, True, id="503"),
]


@pytest.mark.parametrize(("status", "body", "expected", "again"), STATUSES)
def test_the_service_refused_and_nothing_was_taken(
    make: Callable[..., Any],
    service: Any,
    status: int,
    body: dict[str, str],
    expected: type[ApiError],
    *,
    again: bool,
) -> None:
    service.script = [httpx.Response(status, json=body)]
    error = fails(make(retries=0))
    assert type(error) is expected
    assert isinstance(error, ApiError)
    assert error.status_code == status
    assert error.message == next(iter(body.values()))
    assert error.safe_to_retry is again
    assert "Nothing was sent" in str(error)
    assert error.result is not None
    assert [outcome.status for outcome in error.result] == [Status.NOT_SENT] * 2


@pytest.mark.parametrize(
    "status", [301, 302, 303, 307, 308, 408, 501, 502, 504, 507, 520, 521, 524, 599]
)
@pytest.mark.parametrize(
    "content", [b"", b"<html>bad gateway</html>", b"null", b'{"Message": null}']
)
def test_a_proxy_answered_and_the_outcome_is_unknown(
    client: Any, service: Any, status: int, content: bytes
) -> None:
    headers = {"location": "http://127.0.0.1:9/elsewhere"} if status < 400 else {}
    service.script = [httpx.Response(status, content=content, headers=headers)]
    error = fails(client)
    assert type(error) is OutcomeUnknownError
    assert error.status_code == status
    assert error.safe_to_retry is False
    assert "may have been taken" in str(error)
    assert error.result is not None
    assert [outcome.status for outcome in error.result] == [Status.UNKNOWN] * 2
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    ("status", "content"),
    [
        pytest.param(200, b"<html>login</html>", id="html"),
        pytest.param(200, b"", id="empty"),
        pytest.param(200, b"null", id="null"),
        pytest.param(200, b"[]", id="list"),
        pytest.param(200, b"true", id="true"),
        pytest.param(200, b'{"accepted": [{"key', id="truncated"),
        pytest.param(200, b"\xff\xfe\x00", id="not-text"),
        pytest.param(200, b"[" * 100_000, id="deep"),
        pytest.param(201, b'{"accepted": []}', id="201"),
        pytest.param(204, b"", id="204"),
        pytest.param(206, b"{}", id="206"),
    ],
)
def test_a_2xx_that_cannot_be_read_was_taken(
    client: Any, service: Any, status: int, content: bytes
) -> None:
    service.script = [httpx.Response(status, content=content)]
    error = fails(client)
    assert type(error) is ResponseParseError
    assert error.status_code == status
    assert error.body == content
    assert error.safe_to_retry is False
    assert "taken" in str(error)
    assert error.result is not None
    assert [outcome.status for outcome in error.result] == [Status.UNKNOWN] * 2
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    "failure", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError]
)
def test_no_connection_means_nothing_was_sent(
    make: Callable[..., Any], service: Any, failure: type[Exception]
) -> None:
    service.script = [failure("[Errno 111] Connection refused")]
    error = fails(make(retries=0))
    assert type(error) is NotSentError
    assert error.safe_to_retry is True
    assert isinstance(error.__cause__, failure)
    assert "Connection refused" in str(error)
    assert error.result is not None
    assert len(error.result.not_sent) == 2


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ReadTimeout,
        httpx.WriteTimeout,
        httpx.ReadError,
        httpx.WriteError,
        httpx.CloseError,
        httpx.RemoteProtocolError,
        httpx.LocalProtocolError,
        RuntimeError,
    ],
)
def test_an_answer_that_was_lost_leaves_the_outcome_unknown(
    client: Any, service: Any, failure: type[Exception]
) -> None:
    service.script = [failure("lost")]
    error = fails(client)
    assert type(error) is OutcomeUnknownError
    assert error.status_code is None
    assert isinstance(error.__cause__, failure)
    assert len(service.requests) == 1
    assert error.result is not None
    assert len(error.result.unknown) == 2


def test_an_html_error_page_is_still_decided_by_its_status(
    make: Callable[..., Any], service: Any
) -> None:
    service.script = [httpx.Response(400, text="<html>no</html>")]
    error = fails(make())
    assert type(error) is BadRequestError
    assert error.message is None
    assert error.body == b"<html>no</html>"


def test_a_refused_simple_message_names_its_request(client: Any, service: Any) -> None:
    service.script = [httpx.Response(400, json={"request_id": "r-1", "accepted": False})]
    with pytest.raises(BadRequestError) as caught:
        client.send_simple("Hello", to=TO[0], sender="Shop")
    assert caught.value.request_id == "r-1"


def test_the_services_reason_never_repeats_what_was_sent(
    make: Callable[..., Any], service: Any
) -> None:
    said = "bad: Secret words to +420 777 123 456 key test-key-0123456789\nline " + "x" * 500
    service.script = [httpx.Response(400, json={"Message": said})]
    error = fails(make(), to="+420777123456")
    service.script = [httpx.Response(400, json={"Message": said})]
    with pytest.raises(BadRequestError) as caught:
        make().send("Secret words", to="+420777123456")
    for text in (str(error), str(caught.value), repr(caught.value)):
        assert "777" not in text
        assert "test-key" not in text
        assert len(text) < 500
    assert "Secret words" not in str(caught.value)
    assert caught.value.message == said.replace("test-key-0123456789", "[hidden]")


def test_a_failure_in_the_middle_tells_of_every_recipient(client: Any, service: Any) -> None:
    service.script = [accept_all, httpx.ReadTimeout("lost")]
    numbers = [f"4207771{n:05d}" for n in range(250)]
    with pytest.raises(PartialSendError) as caught:
        client.send("Hello", to=numbers)
    error = caught.value
    assert [outcome.given for outcome in error.result] == numbers
    assert error.result.counts() == {"accepted": 100, "not_sent": 50, "unknown": 100}
    assert [outcome.index for outcome in error.result.unknown] == list(range(100, 200))
    assert error.safe_to_retry is False
    assert isinstance(error.error, OutcomeUnknownError)
    assert error.__cause__ is error.error
    assert "100 accepted" in str(error)
    assert len(service.requests) == 2
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert again.result == error.result
    assert str(again) == str(error)


def test_a_partial_failure_is_never_safe_to_repeat(make: Callable[..., Any], service: Any) -> None:
    service.script = [accept_all, httpx.ConnectError("refused")]
    with pytest.raises(PartialSendError) as caught:
        make(retries=0).send("Hello", to=[f"4207771{n:05d}" for n in range(101)])
    assert isinstance(caught.value.error, NotSentError)
    assert caught.value.safe_to_retry is False
    assert caught.value.result.counts() == {"accepted": 100, "not_sent": 1}


def test_incomplete_results_raise_on_request(client: Any, service: Any) -> None:
    assert client.send("Hello", to=TO).raise_if_incomplete().ok
    service.script = [httpx.Response(200, json={"accepted": [], "rejected": [{"key": 1}]})]
    result = client.send("Hello", to=TO)
    with pytest.raises(IncompleteSendError, match="1 rejected, 1 unconfirmed") as caught:
        result.raise_if_incomplete()
    assert caught.value.result is result


def test_twenty_six_recipients_of_which_three_are_bad(client: Any, service: Any) -> None:
    numbers = [f"4207771{n:05d}" for n in range(26)]
    numbers[3], numbers[14], numbers[25] = "not a number", "12", "+420 777 12x 456"
    with pytest.raises(ValidationError) as caught:
        client.send("Hello", to=numbers)
    assert [field for field, _ in caught.value.problems] == ["to[3]", "to[14]", "to[25]"]
    assert caught.value.field == "to[3]"
    assert "Nothing was sent" in str(caught.value)
    assert isinstance(caught.value, ValueError)
    assert service.requests == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"message": "x" * 1001}, "body"),
        ({"message": ""}, "body"),
        ({"message": None}, "body"),
        ({"to": []}, "to"),
        ({"to": "hello"}, "to"),
        ({"sender": "x" * 12}, "sender"),
        ({"flow": []}, "flow"),
        ({"at": "2027-01-04 08:00"}, "at"),
        ({"window": {"start": "8 o'clock"}}, "delivery_time.start"),
        ({"window": {"tz": "Prague"}}, "delivery_time.tz"),
        ({"payload": {"x": "y" * 130_000}}, "message"),
        ({"payload": {"when": object()}}, "message"),
        ({"callback": "ftp://example.com"}, "callback"),
        ({"flow": object()}, "flow[0]"),
    ],
)
def test_local_checks_name_the_field(
    client: Any, service: Any, fields: dict[str, Any], field: str
) -> None:
    arguments = {"message": "Hello", "to": TO[0], **fields}
    message = arguments.pop("message")
    with pytest.raises(ValidationError) as caught:
        client.send(message, **arguments)
    assert caught.value.field == field
    assert service.requests == []


def test_checks_can_be_turned_off(make: Callable[..., Any], service: Any) -> None:
    client = make(validate=False)
    client.send("x" * 1001, to="not a number", sender="x" * 30)
    [body] = service.bodies
    assert len(body["body"]) == 1001
    assert body["to"] == [{"phone_number": "not a number"}]
    with pytest.raises(ValidationError, match="to: "):
        client.send("Hello", to="\ud800")
    assert len(service.requests) == 1


def test_without_a_recipient(client: Any) -> None:
    with pytest.raises(ValidationError, match="to: is missing"):
        client.send("Hello")


def test_an_empty_batch_is_refused(client: Any) -> None:
    with pytest.raises(ValidationError, match="nothing to send"):
        client.send_batch([])


def test_problems_of_a_batch_name_their_message(client: Any, service: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        client.send_batch([compose("Hello", to=TO), compose("x" * 1001, to=["420777123456", "1"])])
    assert [field for field, _ in caught.value.problems] == [
        "messages[1].to[1]",
        "messages[1].body",
    ]
    assert service.requests == []


def test_a_closed_client_says_so(client: Any) -> None:
    client.close()
    error = fails(client)
    assert type(error) is ConfigurationError
    assert "closed" in str(error)
