"""What each documented answer means, and whether the request is sent again."""

from __future__ import annotations

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
from tests.faults.script import Content, Fault, Step
from tests.faults.server import FaultServer

Make = Callable[..., Caller]
TO = ["420777123456", "420777123457"]
TEXT = "documented Hello"
DENIED = b'{"Message": "User is not authorized to access this resource with an explicit deny"}'
# Nothing was taken, and the same request would be refused again.
REFUSED: dict[type[SmsManagerError], list[Step]] = {
    BadRequestError: [Step(Fault.STATUS, 400)],
    AuthenticationError: [
        Step(Fault.STATUS, 400, Content.GIVEN, odd=DENIED),
        *(Step(Fault.STATUS, status) for status in (401, 403)),
    ],
    UnsupportedMediaTypeError: [Step(Fault.STATUS, 415)],
    ApiError: [
        Step(Fault.STATUS, status) for status in (404, 405, 409, 410, 413, 422, 426, 431, 451)
    ],
}
# Nothing was taken, and the service expects the request again.
LATER: dict[type[SmsManagerError], list[Step]] = {
    RateLimitError: [Step(Fault.STATUS, 429, retry_after=wait) for wait in (None, "7")],
    ServiceError: [
        Step(Fault.STATUS, status, content)
        for status in (500, 503)
        for content in (Content.JSON, Content.HTML, Content.EMPTY, Content.LONG)
    ],
}
# The outcome is unknown.
OPEN: dict[type[SmsManagerError], list[Step]] = {
    OutcomeUnknownError: [
        *(Step(fault) for fault in (Fault.RESET_UNREAD, Fault.RESET_AFTER_HEAD, Fault.RESET)),
        *(Step(fault) for fault in (Fault.CLOSE, Fault.HALF_HEAD, Fault.NOT_HTTP)),
        *(
            Step(Fault.STATUS, status, Content.HTML, taken=taken)
            for status in (501, 502, 504, 505, 520, 521, 524, 530, 598, 599)
            for taken in (True, False)
        ),
        *(Step(Fault.REDIRECT, status) for status in (301, 302, 303, 307, 308)),
    ],
    ResponseParseError: [
        *(Step(fault) for fault in (Fault.CUT_LENGTH, Fault.CUT_CHUNKS)),
        *(Step(Fault.STATUS, status) for status in (201, 202, 204, 206, 226, 299)),
    ],
}


def each(meanings: dict[type[SmsManagerError], list[Step]]) -> pytest.MarkDecorator:
    rows = [(step, means) for means, steps in meanings.items() for step in steps]
    return pytest.mark.parametrize(("step", "means"), rows, ids=repr)


def failure(caller: Caller, status: Status, **fields: Any) -> SmsManagerError:
    """Send, and expect that every recipient has one status."""
    with pytest.raises(SmsManagerError) as caught:
        caller.send(TEXT, to=TO, **fields)
    assert caught.value.result is not None
    assert [(o.phone_number, o.status) for o in caught.value.result] == [(n, status) for n in TO]
    return caught.value


@each(REFUSED)
def test_a_refusal_is_final(
    make: Make, server: FaultServer, step: Step, means: type[SmsManagerError]
) -> None:
    server.play(step)
    caller = make(retries=3)
    error = failure(caller, Status.NOT_SENT)
    assert (type(error), error.safe_to_retry) == (means, False)
    assert (len(server.ledger.requests), server.ledger.taken) == (1, {})
    assert caller.waits == []


@each(LATER)
def test_trouble_at_the_service_is_waited_for(
    make: Make, server: FaultServer, step: Step, means: type[SmsManagerError]
) -> None:
    server.play(step, step)
    error = failure(make(retries=0), Status.NOT_SENT)
    assert (type(error), error.safe_to_retry) == (means, True)
    assert server.ledger.taken == {}
    caller = make(retries=1)
    assert caller.send(TEXT, to=TO).ok
    [wait] = caller.waits
    assert step.retry_after is None or wait == float(step.retry_after)
    assert [len(ids) for ids in server.ledger.taken.values()] == [1, 1]


def is_unknown(
    make: Make, server: FaultServer, step: Step, means: type[SmsManagerError], **options: Any
) -> None:
    with FaultServer() as elsewhere:
        server.elsewhere = f"{elsewhere.url}/message"
        server.play(step)
        caller = make(retries=3, **options)
        error = failure(caller, Status.UNKNOWN)
        assert elsewhere.connections == 0
    assert type(error) is means
    assert (error.safe_to_retry, error.request_may_be_taken) == (False, True)
    has_status = step.fault in {Fault.STATUS, Fault.REDIRECT}
    assert getattr(error, "status_code", 0) in ({step.status} if has_status else {None, 200})
    assert caller.waits == []
    server.settle()
    assert len(server.ledger.requests) <= 1


@each(OPEN)
def test_what_leaves_it_open_is_unknown(
    make: Make, server: FaultServer, step: Step, means: type[SmsManagerError]
) -> None:
    is_unknown(make, server, step, means)


def test_a_read_timeout_is_unknown(make: Make, server: FaultServer) -> None:
    timeout = httpx.Timeout(20, read=0.05)
    is_unknown(make, server, Step(Fault.HANG), OutcomeUnknownError, timeout=timeout)
    assert len(server.ledger.requests) == 1


@pytest.mark.parametrize("why", ["refused", "name", "tls", "tls timeout", "timeout"])
def test_without_a_connection_nothing_was_sent(
    make: Make, server: FaultServer, full_port: int, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    look_up = socket.getaddrinfo

    def unknown_name(host: str, *arguments: Any, **options: Any) -> Any:
        if host == "sms.invalid":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return look_up(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", unknown_name)
    server.speaks_tls = False
    server.play(*[Step(Fault.REFUSE)] * 4 if why == "refused" else ())
    with socket.create_server(("127.0.0.1", 0)) as silent:
        base_url = {
            "refused": server.url,
            "name": "https://sms.invalid/v2",
            "tls": server.tls_url,
            "tls timeout": f"https://127.0.0.1:{silent.getsockname()[1]}/v2",
            "timeout": f"http://127.0.0.1:{full_port}/v2",
        }[why]
        timeout = httpx.Timeout(20, connect=0.05 if "timeout" in why else 20)
        for retries in (0, 2):
            caller = make(base_url=base_url, timeout=timeout, retries=retries)
            error = failure(caller, Status.NOT_SENT)
            assert (type(error), error.safe_to_retry) == (NotSentError, True)
            assert len(caller.waits) == retries
    assert server.connections == (4 if why == "tls" else 0)
    assert server.ledger.requests == []
    server.play(Step(Fault.REFUSE))
    assert make(retries=1).send(TEXT, to=TO).ok
    assert [len(ids) for ids in server.ledger.taken.values()] == [1, 1]
