"""What a server sends unasked, after an answer or later, is never taken for the answer to a request."""

from __future__ import annotations

import select
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import anyio
import httpx
import pytest

from smsmanager import NotSentError, SmsManager, SmsManagerError, Status
from smsmanager._transport.async_streams import AsyncStream
from smsmanager._transport.streams import BlockingStream
from smsmanager.transport import HTTPTransport
from tests.faults.answers import whole
from tests.faults.callers import Caller
from tests.faults.certificate import trusting
from tests.faults.script import Fault, Step
from tests.faults.server import FaultServer
from tests.marks import thorough

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
    """Return an acceptance of the given length, including its head."""
    head = len(whole(200, ACCEPTED.ljust(10_000))) - 10_000
    return whole(200, ACCEPTED.ljust(size - head))


ANSWERS = {
    "length": whole(200, ACCEPTED),
    "chunks": chunked(200, ACCEPTED),
    "hints": b"HTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n" + whole(200, ACCEPTED),
    # The rest stays in the buffer of the library below.
    "a_read": padded(READ_BYTES),
    "refusal": whole(503, b'{"Message": "later"}'),
    "empty": whole(503, b""),
    "no_content": b"HTTP/1.1 204 No Content\r\n\r\n",
}


def odd_chunks(*end: bytes) -> bytes:
    return chunked(200, ACCEPTED).removesuffix(b"0\r\n\r\n") + b"".join(end)


# Answers without a plain end that are read to the end: what follows can look like part of them.
ODD = {
    "trailer": odd_chunks(b"0\r\nX-Trailer: a\r\n\r\n"),
    "zeros": odd_chunks(b"00\r\n\r\n"),
    "extension": odd_chunks(b"0;a=b\r\n\r\n"),
    "bare_lines": whole(200, ACCEPTED).replace(b"\r\n", b"\n"),
    "bare_line": whole(200, ACCEPTED).replace(b"\r\n\r\n", b"\r\n\n"),
    "no_content_of_a_length": b"HTTP/1.1 204 No Content\r\nContent-Length: %d\r\n\r\n"
    % len(whole(200, ACCEPTED)),
    "not_modified_of_a_length": b"HTTP/1.1 304 Not Modified\r\nContent-Length: %d\r\n\r\n"
    % len(whole(200, ACCEPTED)),
    "no_content_in_chunks": b"HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n",
    "old_hints": b"HTTP/1.0 100 Continue\r\nContent-Length: %d\r\n\r\n"
    % (2 * len(whole(200, ACCEPTED)))
    + whole(200, ACCEPTED),
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


FEW = ["length", "chunks", "a_read"]


def right(caller: Caller, server: FaultServer, case: str) -> None:
    """Send, and expect the id under which the service took it."""
    result = caller.send(f"{case} Hello", to=TO)
    assert [result[0].message_id] == server.ledger.taken[case, TO]


@pytest.mark.parametrize("answer", FEW + thorough([*sorted(ANSWERS.keys() - FEW), *ODD]))
@pytest.mark.parametrize("apart", [False, True], ids=["in the same record", "in its own record"])
def test_a_surplus_in_the_same_segment_is_no_answer_to_the_next_request(
    make: Make, server: FaultServer, over: dict[str, Any], answer: str, *, apart: bool
) -> None:
    caller = make(retries=0, **over)
    for number, (name, behind) in enumerate(BEHIND.items()):
        odd = (ANSWERS | ODD)[answer]
        server.play(Step(Fault.SURPLUS, odd=odd, surplus=behind, apart=apart))
        with suppress(SmsManagerError):
            caller.send(f"first-{name} Hello", to=TO)
        right(caller, server, f"second-{name}")
        server.drop()
        server.until_left()
        assert server.connections == 2 * (number + 1), name


@pytest.mark.parametrize("answer", FEW + thorough(sorted(ANSWERS.keys() - FEW)))
@pytest.mark.parametrize("turns", [0, 3])
def test_a_surplus_that_comes_later_is_no_answer_to_the_next_request(
    make: Make, server: FaultServer, over: dict[str, Any], answer: str, turns: int
) -> None:
    """Whether the event loop has already noticed it."""
    caller = make(retries=0, turns=turns, **over)
    for name, behind in BEHIND.items():
        server.play(Step(Fault.SURPLUS, odd=ANSWERS[answer], surplus=b""))
        with suppress(SmsManagerError):
            caller.send(f"first-{name} Hello", to=TO)
        assert server.say(behind) == 1
        right(caller, server, f"second-{name}")


@pytest.mark.parametrize("at_once", [True, False], ids=["in the same segment", "later"])
def test_a_surplus_of_which_only_a_part_has_come_is_no_answer_to_the_next_request(
    make: Make, server: FaultServer, over: dict[str, Any], *, at_once: bool
) -> None:
    """Over TLS it cannot be read yet, because its record is incomplete."""
    surplus, held = BEHIND["an_answer"], 20
    caller = make(retries=0, **over)
    step = Step(Fault.SURPLUS, odd=ANSWERS["length"], surplus=surplus, apart=True, held=held)
    server.play(step if at_once else Step())
    assert caller.send("first Hello", to=TO).ok
    if not at_once:
        assert server.say(surplus, held=held) == 1
    right(caller, server, "second")
    assert server.connections == 2


def write_once_it_is_there(patch: pytest.MonkeyPatch) -> None:
    """Delay every write to a TLS stream until something has arrived."""
    blocking, asynchronous = BlockingStream.write, AsyncStream.write

    def write(self: BlockingStream, *what: Any, **how: Any) -> None:
        select.select([self.get_extra_info("socket")], [], [], 10)
        blocking(self, *what, **how)

    async def write_async(self: AsyncStream, *what: Any, **how: Any) -> None:
        await anyio.wait_readable(self.get_extra_info("socket"))
        await asynchronous(self, *what, **how)

    patch.setattr(BlockingStream, "write", write)
    patch.setattr(AsyncStream, "write", write_async)


def test_who_answers_over_tls_before_the_request_gets_none(
    make: Make, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_once_it_is_there(monkeypatch)
    server.behind_handshakes = whole(200, ACCEPTED)
    with pytest.raises(NotSentError) as caught:
        make(base_url=server.tls_url, verify=trusting(), retries=0).send("first Hello", to=TO)
    assert caught.value.result is not None
    assert caught.value.result[0].status is Status.NOT_SENT
    server.until_left()
    assert server.played == []


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
