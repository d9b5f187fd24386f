"""One test for each documented answer: what it means, and whether the request is sent again."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from smsmanager import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    NotSentError,
    OutcomeUnknownError,
    RateLimitError,
    ResponseParseError,
    ServiceError,
    SmsManagerError,
    Status,
    UnsupportedMediaTypeError,
)
from tests.faults.callers import Caller
from tests.faults.script import ENDLESS, Content, Fault, Step
from tests.faults.server import FaultServer

Make = Callable[..., Caller]
TO = ["420777123456", "420777123457"]
TEXT = "documented Hello"
DENIED = b'{"Message": "User is not authorized to access this resource with an explicit deny"}'


def failure(caller: Caller, **fields: Any) -> SmsManagerError:
    with pytest.raises(SmsManagerError) as caught:
        caller.send(TEXT, to=TO, **fields)
    return caught.value


def statuses(error: SmsManagerError) -> set[Status]:
    assert error.result is not None
    assert [outcome.phone_number for outcome in error.result] == TO
    return {outcome.status for outcome in error.result}


def is_refused_once(
    make: Make, server: FaultServer, step: Step, kind: type[SmsManagerError]
) -> None:
    server.play(step)
    caller = make(retries=3)
    error = failure(caller)
    assert type(error) is kind
    assert error.safe_to_retry is False
    assert statuses(error) == {Status.NOT_SENT}
    assert (len(server.ledger.requests), server.ledger.taken) == (1, {})
    assert caller.waits == []


def is_sent_again(make: Make, server: FaultServer, step: Step, kind: type[SmsManagerError]) -> None:
    server.play(step, step)
    error = failure(make(retries=0))
    assert type(error) is kind
    assert error.safe_to_retry is True
    assert statuses(error) == {Status.NOT_SENT}
    assert server.ledger.taken == {}
    server.play(step)
    caller = make(retries=1)
    assert caller.send(TEXT, to=TO).ok
    assert len(caller.waits) == 1
    assert {who: len(ids) for who, ids in server.ledger.taken.items()} == {
        ("documented", number): 1 for number in TO
    }


def is_unknown(make: Make, server: FaultServer, *steps: Step, **options: Any) -> SmsManagerError:
    server.play(*steps)
    caller = make(retries=3, **options)
    error = failure(caller)
    assert error.safe_to_retry is False
    assert error.request_may_be_taken is True
    assert statuses(error) == {Status.UNKNOWN}
    assert caller.waits == []
    server.settle()
    assert len(server.ledger.requests) <= 1
    return error


def test_400_the_request_is_wrong(make: Make, server: FaultServer) -> None:
    is_refused_once(make, server, Step(Fault.STATUS, 400), BadRequestError)


def test_400_the_key(make: Make, server: FaultServer) -> None:
    step = Step(Fault.STATUS, 400, Content.GIVEN, odd=DENIED)
    is_refused_once(make, server, step, AuthenticationError)


@pytest.mark.parametrize("status", [401, 403])
def test_401_403_the_key(make: Make, server: FaultServer, status: int) -> None:
    is_refused_once(make, server, Step(Fault.STATUS, status), AuthenticationError)


def test_415_content_type_on_post_simple_message(make: Make, server: FaultServer) -> None:
    body = json.dumps({"message": "Unsupported media type"}).encode()
    server.play(Step(Fault.STATUS, 415, Content.GIVEN, odd=body))
    caller = make(retries=3)
    with pytest.raises(UnsupportedMediaTypeError) as caught:
        caller.call("send_simple", TEXT, to=TO[0], sender="Shop")
    assert caught.value.message == "Unsupported media type"
    assert caught.value.safe_to_retry is False
    assert caught.value.result is not None
    assert len(caught.value.result.not_sent) == 1
    assert (len(server.ledger.requests), server.ledger.taken) == (1, {})


@pytest.mark.parametrize("retry_after", [None, "7"])
def test_429_too_many_requests(make: Make, server: FaultServer, retry_after: str | None) -> None:
    step = Step(Fault.STATUS, 429, retry_after=retry_after)
    is_sent_again(make, server, step, RateLimitError)


def test_429_too_many_requests_after_the_wait(make: Make, server: FaultServer) -> None:
    server.play(Step(Fault.STATUS, 429, retry_after="7"))
    caller = make(retries=1)
    assert caller.send(TEXT, to=TO).ok
    assert caller.waits == [7.0]


@pytest.mark.parametrize("status", [500, 503])
@pytest.mark.parametrize("content", [Content.JSON, Content.HTML, Content.EMPTY, Content.LONG])
def test_500_503_trouble_at_the_service(
    make: Make, server: FaultServer, status: int, content: Content
) -> None:
    is_sent_again(make, server, Step(Fault.STATUS, status, content), ServiceError)


@pytest.mark.parametrize("status", [501, 502, 504, 505, 520, 521, 524, 530, 598, 599])
@pytest.mark.parametrize("taken", [True, False])
def test_502_504_other_5xx_a_proxy_answered(
    make: Make, server: FaultServer, status: int, *, taken: bool
) -> None:
    error = is_unknown(make, server, Step(Fault.STATUS, status, Content.HTML, taken=taken))
    assert type(error) is OutcomeUnknownError
    assert error.status_code == status


def no_connection(make: Make, base_url: str, **options: Any) -> None:
    error = failure(make(base_url=base_url, retries=0, **options))
    assert type(error) is NotSentError
    assert error.safe_to_retry is True
    assert statuses(error) == {Status.NOT_SENT}
    caller = make(base_url=base_url, retries=2, **options)
    assert type(failure(caller)) is NotSentError
    assert len(caller.waits) == 2


def test_no_connection_made_refused(make: Make, server: FaultServer) -> None:
    server.play(*[Step(Fault.REFUSE)] * 4)
    no_connection(make, server.url)
    assert server.connections == 0
    server.play(Step(Fault.REFUSE))
    assert make(retries=1).send(TEXT, to=TO).ok
    assert all(len(ids) == 1 for ids in server.ledger.taken.values())


def test_no_connection_made_dns(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown_name(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown_name)
    no_connection(make, "https://sms.invalid/v2")


def test_no_connection_made_tls(make: Make, server: FaultServer) -> None:
    no_connection(make, server.url.replace("http:", "https:"))
    assert server.connections == 4
    assert server.ledger.requests == []


def test_no_connection_made_connect_timeout_in_tls(make: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/v2"
        no_connection(make, url, timeout=httpx.Timeout(20, connect=0.05))


def test_no_connection_made_connect_timeout(make: Make, full_port: int) -> None:
    url = f"http://127.0.0.1:{full_port}/v2"
    no_connection(make, url, timeout=httpx.Timeout(20, connect=0.05))


LOST = [
    *(Fault.RESET_UNREAD, Fault.RESET_AFTER_HEAD, Fault.RESET, Fault.CLOSE),
    *(Fault.HALF_HEAD, Fault.NOT_HTTP),
]


@pytest.mark.parametrize("fault", LOST)
def test_connection_lost_after_the_request_went_out(
    make: Make, server: FaultServer, fault: Fault
) -> None:
    error = is_unknown(make, server, Step(fault))
    assert type(error) is OutcomeUnknownError
    assert error.status_code is None


@pytest.mark.parametrize("fault", [Fault.CUT_LENGTH, Fault.CUT_CHUNKS])
def test_connection_lost_within_the_answer(make: Make, server: FaultServer, fault: Fault) -> None:
    assert type(is_unknown(make, server, Step(fault))) is ResponseParseError


def test_connection_timed_out_after_the_request_went_out(make: Make, server: FaultServer) -> None:
    error = is_unknown(make, server, Step(Fault.HANG), timeout=httpx.Timeout(20, read=0.05))
    assert type(error) is OutcomeUnknownError
    assert len(server.ledger.requests) == 1


@pytest.mark.parametrize("fault", sorted(ENDLESS))
def test_the_deadline_passed_after_the_request_went_out(
    make: Make, server: FaultServer, fault: Fault
) -> None:
    error = is_unknown(make, server, Step(fault), deadline_s=0.3)
    assert type(error) in {OutcomeUnknownError, ResponseParseError}
    assert len(server.ledger.requests) == 1


@pytest.mark.parametrize("status", [404, 405, 409, 410, 413, 422, 426, 431, 451])
def test_another_4xx_was_refused(make: Make, server: FaultServer, status: int) -> None:
    is_refused_once(make, server, Step(Fault.STATUS, status), ApiError)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(make: Make, server: FaultServer, status: int) -> None:
    with FaultServer() as elsewhere:
        server.elsewhere = f"{elsewhere.url}/message"
        error = is_unknown(make, server, Step(Fault.REDIRECT, status))
        assert elsewhere.connections == 0
    assert type(error) is OutcomeUnknownError
    assert error.status_code == status


@pytest.mark.parametrize("status", [201, 202, 204, 206, 226, 299])
def test_another_2xx_was_taken(make: Make, server: FaultServer, status: int) -> None:
    assert type(is_unknown(make, server, Step(Fault.STATUS, status))) is ResponseParseError
