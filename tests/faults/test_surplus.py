"""What a server sends unasked, behind an answer or later, is never taken for the answer to a request."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx
import pytest

from smsmanager import SmsManager, SmsManagerError
from smsmanager.transport import HTTPTransport
from tests.faults.answers import whole
from tests.faults.callers import Caller
from tests.faults.script import Fault, Step
from tests.faults.server import FaultServer

Make = Callable[..., Caller]
TO = "420777123456"
ACCEPTED = (
    b'{"request_id": "r", "accepted": [{"key": "0", "message_id": "nobody"}], "rejected": []}'
)
READ_BYTES = 65536


def chunked(status: int, body: bytes) -> bytes:
    head = b"HTTP/1.1 %d Said\r\nTransfer-Encoding: chunked\r\n\r\n" % status
    return head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


def padded(size: int) -> bytes:
    """Return an acceptance that is so long, head included."""
    head = len(whole(200, ACCEPTED.ljust(10_000))) - 10_000
    return whole(200, ACCEPTED.ljust(size - head))


ANSWERS = {
    "length": whole(200, ACCEPTED),
    "chunks": chunked(200, ACCEPTED),
    "hints": b"HTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n" + whole(200, ACCEPTED),
    # What is behind it stays where the library below keeps what was not yet asked for.
    "a_read": padded(READ_BYTES),
    "refusal": whole(503, b'{"Message": "later"}'),
    "empty": whole(503, b""),
    "no_content": b"HTTP/1.1 204 No Content\r\n\r\n",
}
BEHIND = {
    "an_answer": whole(200, ACCEPTED),
    "two_answers": whole(200, ACCEPTED) * 2,
    "chunks": chunked(200, ACCEPTED),
    "hints": b"HTTP/1.1 100 Continue\r\n\r\n" + whole(200, ACCEPTED),
    "a_head": whole(200, b"x" * 60)[:-60],
    "half_a_head": b"HTTP/1.1 200 OK\r\nX-Half: ",
    "half_a_body": whole(200, ACCEPTED)[:-1],
    "a_refusal": whole(503, b"{}"),
    "half_a_refusal": b"HTTP/1.1 503 OK\r\nX-Half: ",
    "no_http": b"220 mail.example.com ESMTP ready\r\n",
}


def right(caller: Caller, server: FaultServer, case: str) -> None:
    """Send, and expect the id under which the service took it."""
    result = caller.send(f"{case} Hello", to=TO)
    assert [result[0].message_id] == server.ledger.taken[case, TO]


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("apart", [False, True], ids=["in the same record", "in its own record"])
def test_a_surplus_in_the_same_segment_is_no_answer_to_the_next_request(
    make: Make, server: FaultServer, over: dict[str, Any], answer: str, *, apart: bool
) -> None:
    caller = make(retries=0, **over)
    for number, (name, behind) in enumerate(BEHIND.items()):
        server.play(Step(Fault.SURPLUS, odd=ANSWERS[answer], surplus=behind, apart=apart))
        with suppress(SmsManagerError):
            caller.send(f"first-{name} Hello", to=TO)
        right(caller, server, f"second-{name}")
        server.drop()
        server.until_left()
        assert server.connections == 2 * (number + 1), name


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("turns", [0, 3])
def test_a_surplus_that_comes_later_is_no_answer_to_the_next_request(
    make: Make, server: FaultServer, over: dict[str, Any], answer: str, turns: int
) -> None:
    """Whether the event loop has heard of it, or not yet."""
    caller = make(retries=0, turns=turns, **over)
    for name, behind in BEHIND.items():
        server.play(Step(Fault.SURPLUS, odd=ANSWERS[answer], surplus=b""))
        with suppress(SmsManagerError):
            caller.send(f"first-{name} Hello", to=TO)
        assert server.say(behind) == 1
        right(caller, server, f"second-{name}")


def test_an_answer_with_more_behind_it_still_counts(
    make: Make, server: FaultServer, over: dict[str, Any]
) -> None:
    server.play(Step(Fault.SURPLUS))
    caller = make(retries=0, **over)
    right(caller, server, "first")
    right(caller, server, "second")
    assert server.connections == 2


@pytest.mark.parametrize("raw", [whole(200, ACCEPTED), chunked(200, ACCEPTED), padded(READ_BYTES)])
def test_a_connection_is_kept_otherwise(
    make: Make, server: FaultServer, over: dict[str, Any], raw: bytes
) -> None:
    server.play(*[Step(Fault.SURPLUS, odd=raw)] * 2)
    caller = make(retries=0, **over)
    assert caller.send("kept Hello", to=TO).ok
    assert caller.send("kept Hello", to=TO, deadline_s=20).ok
    assert caller.send("kept Hello", to=TO).ok
    assert server.connections == 1


@pytest.mark.parametrize("apart", [False, True])
def test_a_repetition_does_not_take_it_either(
    make: Make, server: FaultServer, over: dict[str, Any], *, apart: bool
) -> None:
    surplus = BEHIND["an_answer"]
    server.play(Step(Fault.SURPLUS, odd=ANSWERS["empty"], surplus=surplus, apart=apart))
    result = make(retries=1, **over).send("again Hello", to=TO)
    assert result[0].message_id == server.ledger.taken["again", TO][-1] != "nobody"


def test_a_client_of_the_callers_own_has_this_over_our_transport(
    server: FaultServer, over: dict[str, Any]
) -> None:
    surplus = Step(Fault.SURPLUS, odd=ANSWERS["chunks"], surplus=BEHIND["an_answer"], apart=True)
    server.play(surplus)
    url = over["base_url"]
    with httpx.Client(transport=HTTPTransport(verify=over.get("verify", True))) as own:
        client = SmsManager("key", base_url=url, http_client=own)
        assert client.send("first Hello", to=TO).ok
        second = client.send("second Hello", to=TO)
    assert [second[0].message_id] == server.ledger.taken["second", TO]


def test_an_own_client_whose_hook_reads_the_answers(server: FaultServer) -> None:
    with httpx.Client(event_hooks={"response": [lambda response: response.read()]}) as own:
        client = SmsManager("key", base_url=server.url, http_client=own)
        assert client.send("first Hello", to=TO).ok
        assert client.send("second Hello", to=TO).ok
    assert server.connections == 1
