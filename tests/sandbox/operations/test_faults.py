"""Faults that are injected: what a client sees, and what was stored nevertheless."""

import threading
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from smsmanager import (
    Message,
    Recipient,
    RetryPolicy,
    SendResult,
    SmsManager,
    errors,
)
from smsmanager.sandbox import Fault, Sandbox
from smsmanager.sandbox._operations.faults import KINDS, FaultKind, When
from tests.sandbox.conftest import NUMBER, call, message_to, post

PAGE = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text(encoding="utf-8")
MESSAGE = message_to()
MEBIBYTE = 1024 * 1024
HANGING = httpx.Timeout(30, read=0.5)
MEANINGS = {
    errors.ApiError: (404, 498),
    errors.AuthenticationError: (401, 403),
    errors.BadRequestError: (400,),
    errors.OutcomeUnknownError: (304, 408, 499, 502, 520, 599),
    errors.RateLimitError: (429,),
    errors.ResponseParseError: (204, 299),
    errors.ServiceError: (500, 503),
}
BODIES: tuple[Any, ...] = ("json", "html", "empty", "null")
AT_ONCE = RetryPolicy(retries=2, first_wait_s=0)


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[SmsManager]:
    with SmsManager("any-key", base_url=sandbox.base_url, retries=AT_ONCE) as client:
        yield client


def recorded(sandbox: Sandbox) -> list[tuple[int | None, str | None, int]]:
    return [(r.status_code, r.reason, r.recipients) for r in sandbox.requests]


def failure(client: SmsManager) -> errors.SmsManagerError:
    with pytest.raises(errors.SmsManagerError) as caught:
        client.send("Hello", to=NUMBER)
    return caught.value


@pytest.mark.parametrize("kind", ["reset", "close", "hang"])
@pytest.mark.parametrize(("when", "stored"), [("before", 0), ("after", 1)])
def test_a_lost_answer_is_unknown_to_the_caller_and_known_to_the_sandbox(
    client: SmsManager, sandbox: Sandbox, kind: FaultKind, when: When, stored: int
) -> None:
    sandbox.inject(Fault(kind, when=when))

    error = failure(client.with_options(timeout=HANGING))

    assert type(error) is errors.OutcomeUnknownError
    assert error.status_code is None
    assert len(sandbox.messages) == stored
    stored_or_not = "the messages were stored" if stored else "nothing was stored"
    reason = f"fault: {kind} {when} processing, {stored_or_not}"
    assert recorded(sandbox) == [(None, reason, stored)]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("reset", httpx.ReadError),
        ("close", httpx.RemoteProtocolError),
        ("truncate", httpx.RemoteProtocolError),
    ],
)
def test_a_reset_and_a_closed_connection_differ_on_the_wire(
    sandbox: Sandbox, kind: FaultKind, expected: type[Exception]
) -> None:
    sandbox.inject(Fault(kind))

    with pytest.raises(expected) as caught:
        post(sandbox, MESSAGE)

    assert type(caught.value) is expected
    assert post(sandbox, MESSAGE).status_code == 200


@pytest.mark.parametrize("status_code", [429, 500, 503])
def test_a_passing_status_is_retried_and_accepted_once(
    client: SmsManager, sandbox: Sandbox, status_code: int
) -> None:
    sandbox.inject(Fault("status", status_code=status_code, retry_after=0))

    assert client.send("Hello", to=NUMBER).ok

    assert len(sandbox.messages) == 1
    reason = "fault: status before processing, nothing was stored"
    assert recorded(sandbox) == [(status_code, reason, 0), (200, None, 1)]


@pytest.mark.parametrize(
    ("expected", "status_code"),
    [(expected, status_code) for expected, codes in MEANINGS.items() for status_code in codes],
)
@pytest.mark.parametrize("body", BODIES)
def test_each_status_with_each_body_raises_what_it_means(
    client: SmsManager, sandbox: Sandbox, status_code: int, expected: type[Exception], body: Any
) -> None:
    sandbox.inject(Fault("status", status_code=status_code, body=body), times=None)

    error = failure(client.with_options(retries=0))

    assert type(error) is expected
    assert len(sandbox.messages) == (1 if status_code < 300 else 0)
    assert sandbox.requests[0].status_code == status_code


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        *(
            (Fault("status", status_code=200, body=b), errors.ResponseParseError)
            for b in BODIES[1:]
        ),
        (Fault("status", status_code=504, when="after"), errors.OutcomeUnknownError),
    ],
)
def test_what_fails_after_the_message_was_stored(
    client: SmsManager, sandbox: Sandbox, fault: Fault, expected: type[Exception]
) -> None:
    sandbox.inject(fault)

    assert type(failure(client)) is expected
    assert len(sandbox.messages) == 1


@pytest.mark.parametrize(("given", "sent"), [(7, "7"), ("Fri, 31 Dec 1999 23:59:59 GMT",) * 2])
def test_retry_after_is_seconds_or_a_date(sandbox: Sandbox, given: Any, sent: str) -> None:
    sandbox.inject(Fault("status", status_code=429, retry_after=given))
    answer = post(sandbox, MESSAGE)

    assert answer.headers["retry-after"] == sent


@pytest.mark.parametrize("kind", ["truncate", "not_json", "huge", "gzip_bomb"])
def test_a_spoiled_answer_cannot_be_read_and_the_message_is_stored(
    client: SmsManager, sandbox: Sandbox, kind: FaultKind
) -> None:
    sandbox.inject(Fault(kind))

    error = failure(client)

    assert type(error) is errors.ResponseParseError
    assert error.status_code == 200
    assert len(error.body) <= MEBIBYTE
    assert len(sandbox.messages) == 1
    reason = f"fault: {kind} after processing, the messages were stored"
    assert recorded(sandbox) == [(200, reason, 1)]


def test_a_dripping_answer_never_ends(client: SmsManager, sandbox: Sandbox) -> None:
    sandbox.inject(Fault("drip"))

    error = failure(client.with_options(max_response_bytes=1))

    assert type(error) is errors.ResponseParseError
    assert error.body == b" "
    assert len(sandbox.messages) == 1


def test_a_gzip_bomb_is_a_valid_file_of_blanks(service: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.inject(Fault("gzip_bomb"))
    with service.stream("POST", "/message", json=MESSAGE) as answer:
        raw = b"".join(answer.iter_raw())

    assert answer.headers["content-encoding"] == "gzip"
    assert len(raw) < MEBIBYTE
    inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
    size = 0
    # At its end zlib compares the checksum.
    while not inflate.eof:
        content = inflate.decompress(raw, 4 * MEBIBYTE)
        assert content or inflate.eof
        size += len(content)
        raw = inflate.unconsumed_tail
    assert size == 256 * MEBIBYTE


def test_a_redirect_is_not_followed(client: SmsManager, sandbox: Sandbox) -> None:
    target = f"{sandbox.base_url}/message/priority"
    sandbox.inject(Fault("redirect", location=target))
    sandbox.inject(Fault("redirect", location=target, status_code=301))

    error = failure(client)
    answer = httpx.post(f"{sandbox.base_url}/message", json=MESSAGE)

    assert isinstance(error, errors.OutcomeUnknownError)
    assert error.status_code == 307
    assert (answer.status_code, answer.headers["location"]) == (301, target)
    assert sandbox.messages == ()
    assert [request.status_code for request in sandbox.requests] == [307, 301]


@pytest.mark.parametrize("method", ["send", "send_batch", "send_simple"])
def test_a_short_answer_leaves_the_last_recipient_unconfirmed(
    client: SmsManager, sandbox: Sandbox, method: str
) -> None:
    sandbox.inject(Fault("short"))

    result = send_to_some(client, method)

    *others, last = [outcome.status for outcome in result]
    assert last == "unconfirmed"
    assert set(others) <= {"accepted"}
    assert len(sandbox.messages) == len(result)


def send_to_some(client: SmsManager, method: str) -> SendResult:
    if method == "send_simple":
        return client.send_simple("Hello", to=NUMBER, sender="Shop")
    if method == "send":
        return client.send("Hello", to=[NUMBER, "421905123456"])
    message = Message(to=[Recipient(phone_number=NUMBER)], body="Hello")
    return client.send_batch([message, message])


@pytest.mark.parametrize("kind", ["short", "truncate"])
def test_a_refusal_stays_a_refusal(
    service: httpx.Client, sandbox: Sandbox, kind: FaultKind
) -> None:
    sandbox.inject(Fault(kind))
    with service.stream("POST", "/message", json={"to": []}) as answer:
        assert answer.status_code == 400

    (request,) = sandbox.requests
    assert request.reason is not None
    start = f"fault: {kind} after processing, which refused the request: "
    assert request.reason.startswith(f"{start}/to: ") or "/: " in request.reason
    assert (request.status_code, request.recipients) == (400, 0)


def test_faults_are_used_up_in_order(sandbox: Sandbox) -> None:
    sandbox.inject(Fault("status", status_code=500), times=2)
    sandbox.inject(Fault("status", status_code=503))

    answers = [post(sandbox, MESSAGE).status_code for _ in range(4)]

    assert answers == [500, 500, 503, 200]


@pytest.mark.parametrize("clear", [Sandbox.clear_faults, Sandbox.clear])
def test_a_fault_without_a_number_stays_until_it_is_cleared(
    sandbox: Sandbox, clear: Callable[[Sandbox], None]
) -> None:
    sandbox.inject(Fault("status", status_code=500), times=None)
    before = [post(sandbox, MESSAGE).status_code for _ in range(5)]
    clear(sandbox)

    assert before == [500] * 5
    assert post(sandbox, MESSAGE).status_code == 200


def test_a_share_of_the_requests_is_hit_and_a_seed_repeats_it() -> None:
    def hits(seed: int) -> list[int]:
        with Sandbox(seed=seed) as sandbox:
            sandbox.inject(Fault("status", status_code=503), times=None, probability=0.3)
            answers = [post(sandbox, MESSAGE).status_code for _ in range(40)]
        assert set(answers) == {200, 503}
        return answers

    assert hits(1) == hits(1)
    assert hits(1) != hits(2)
    assert 3 <= hits(1).count(503) <= 25


def test_a_fault_with_a_share_counts_only_the_requests_that_it_hits(sandbox: Sandbox) -> None:
    sandbox.inject(Fault("status", status_code=503), times=2, probability=0.5)
    with SmsManager("any-key", base_url=sandbox.base_url, retries=0) as client:
        for _ in range(60):
            try:
                client.send("Hello", to=NUMBER)
            except errors.ServiceError:
                continue
    assert [r.status_code for r in sandbox.requests].count(503) == 2


def test_a_late_answer_comes_or_is_given_up(client: SmsManager, sandbox: Sandbox) -> None:
    sandbox.inject(Fault("delay", delay_s=0.01))
    assert client.send("Hello", to=NUMBER).ok
    sandbox.inject(Fault("delay", delay_s=3600))
    impatient = client.with_options(timeout=httpx.Timeout(30, read=0.05))
    assert isinstance(failure(impatient), errors.OutcomeUnknownError)
    assert [(status, stored) for status, _, stored in recorded(sandbox)] == [(200, 1), (200, 1)]


def test_only_the_operations_of_the_service_use_faults_up(
    sandbox: Sandbox, api: httpx.Client
) -> None:
    sandbox.inject(Fault("status", status_code=500))

    assert api.get("/health").status_code == 200
    assert call(sandbox, "GET", "/nothing").status_code == 404
    assert call(sandbox, "GET", "/message").status_code == 405
    assert post(sandbox, MESSAGE).status_code == 500


def test_a_hanging_request_does_not_keep_the_sandbox_from_stopping() -> None:
    outcomes: list[Exception] = []
    with Sandbox() as sandbox:
        sandbox.inject(Fault("hang"))

        def send() -> None:
            try:
                httpx.post(f"{sandbox.base_url}/message", json=MESSAGE, timeout=30)
            except httpx.HTTPError as error:
                outcomes.append(error)

        thread = threading.Thread(target=send)
        thread.start()
        while not sandbox.requests:
            thread.join(timeout=0.01)
            assert thread.is_alive()
    thread.join(timeout=30)

    assert [type(outcome) for outcome in outcomes] == [httpx.ReadError]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"kind": "explode"}, "kind must be one of status, "),
        ({"kind": "delay"}, "delay_s must be a number"),
        ({"kind": "delay", "delay_s": 0}, "delay_s must be above 0"),
        ({"kind": ["status"]}, "kind must be one of "),
        ({"kind": "status"}, "status_code must be a whole number"),
        ({"kind": "status", "status_code": True}, "status_code must be a whole number"),
        ({"kind": "status", "status_code": 199}, "status_code must be between 200 and 599"),
        ({"kind": "status", "status_code": 600}, "status_code must be between 200 and 599"),
        ({"kind": "status", "status_code": 500, "body": "xml"}, "body must be one of json, html"),
        ({"kind": "status", "status_code": 500, "retry_after": -1}, "retry_after must be"),
        ({"kind": "status", "status_code": 500, "retry_after": 1.5}, "retry_after must be"),
        ({"kind": "status", "status_code": 500, "retry_after": "1\r\nA: b"}, "printable ASCII"),
        ({"kind": "redirect"}, "location must be a string"),
        ({"kind": "redirect", "location": "/", "status_code": 200}, "between 300 and 399"),
        ({"kind": "reset", "when": "during"}, "when must be one of before, after"),
        ({"kind": "short", "when": "before"}, "when can only be 'after'"),
        ({"kind": "hang", "status_code": 500}, "status_code means nothing for hang"),
        ({"kind": "status", "status_code": 500, "location": "/"}, "location means nothing"),
    ],
)
def test_what_makes_no_sense_is_refused_in_python_and_over_http(
    sandbox: Sandbox, api: httpx.Client, arguments: dict[str, Any], problem: str
) -> None:
    with pytest.raises((TypeError, ValueError), match=problem.partition("'")[0]) as caught:
        Fault(**arguments)
    answer = api.post("/faults", json=arguments)

    assert problem in str(caught.value)
    assert (answer.status_code, answer.json()) == (400, {"message": str(caught.value)})
    assert api.get("/faults").json() == {"faults": []}


@pytest.mark.parametrize("times", [0, -1, 1.0, "1", True])
def test_a_fault_is_for_a_whole_number_of_requests(
    sandbox: Sandbox, api: httpx.Client, times: Any
) -> None:
    with pytest.raises((TypeError, ValueError), match="times must be"):
        sandbox.inject(Fault("hang"), times=times)
    assert api.post("/faults", json={"kind": "hang", "times": times}).status_code == 400


def test_faults_can_be_injected_listed_and_cleared_over_http(
    sandbox: Sandbox, api: httpx.Client
) -> None:
    status = {"kind": "status", "status_code": 503, "retry_after": 2, "times": 2}
    first = api.post("/faults", json=status)
    second = api.post("/faults", json={"kind": "reset", "when": "before", "times": None})
    shown = {**status, "when": "before"}
    endless = {"kind": "reset", "when": "before", "times": None}

    assert (first.status_code, first.json()) == (200, {"faults": [shown]})
    assert second.json() == {"faults": [shown, endless]}

    assert post(sandbox, MESSAGE).headers["retry-after"] == "2"
    assert api.get("/faults").json() == {"faults": [{**shown, "times": 1}, endless]}
    assert api.delete("/faults").json() == {"deleted": 2}
    assert api.get("/faults").json() == {"faults": []}
    assert post(sandbox, MESSAGE).status_code == 200
    assert len(sandbox.requests) == 2


@pytest.mark.parametrize("content", [b"{", b"[]", b"{}", b'{"kind": "hang", "tims": 1}'])
def test_what_is_no_fault_is_refused(sandbox: Sandbox, api: httpx.Client, content: bytes) -> None:
    json = {"content-type": "application/json; charset=utf-8"}
    answer = api.post("/faults", content=content, headers=json)

    assert answer.status_code == 400
    assert sandbox.requests == ()
    assert api.get("/faults").json() == {"faults": []}


def test_a_page_in_a_browser_cannot_inject_faults(sandbox: Sandbox, api: httpx.Client) -> None:
    content = b'{"kind": "reset"}'
    plain = api.post("/faults", content=content, headers={"content-type": "text/plain"})
    rebound = api.post("/faults", json={"kind": "reset"}, headers={"host": "evil.example"})
    json = {"content-type": "application/json"}
    large = api.post("/faults", content=content + b" " * 70_000, headers=json)

    assert [plain.status_code, rebound.status_code, large.status_code] == [415, 403, 413]
    assert api.get("/faults").json() == {"faults": []}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_on_the_page(kind: str) -> None:
    assert f"| `{kind}" in PAGE
