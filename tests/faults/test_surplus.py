"""What a server sends behind an answer is not taken for the answer to the next request."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import httpx
import pytest

from smsmanager import OutcomeUnknownError, SmsManager, SmsManagerError, Status
from tests.faults.answers import whole
from tests.faults.callers import Caller
from tests.faults.script import Fault, Step
from tests.faults.server import FaultServer

Make = Callable[..., Caller]
TO = "420777123456"
ACCEPTED = (
    b'{"request_id": "r", "accepted": [{"key": "0", "message_id": "nobody"}], "rejected": []}'
)


def chunked(status: int, body: bytes) -> bytes:
    head = b"HTTP/1.1 %d Said\r\nTransfer-Encoding: chunked\r\n\r\n" % status
    return head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


ANSWERS = {
    "length": whole(200, ACCEPTED),
    "chunks": chunked(200, ACCEPTED),
    "hints": b"HTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n" + whole(200, ACCEPTED),
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


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_to_no_request_is_not_taken_for_the_next(
    make: Make, server: FaultServer, answer: str
) -> None:
    caller = make(retries=0)
    for behind in BEHIND.values():
        refused = Step(Fault.STATUS, 400)
        server.play(Step(Fault.SURPLUS, odd=ANSWERS[answer] + behind), refused, refused)
        with suppress(SmsManagerError):
            caller.send("first Hello", to=TO)
        with pytest.raises(SmsManagerError) as caught:
            caller.send("second Hello", to=TO)
        assert caught.value.result is not None
        assert caught.value.result[0].status in {Status.NOT_SENT, Status.UNKNOWN}, behind
        # A refusal that belongs to nothing would have the request sent again.
        assert caught.value.safe_to_retry is False, behind
        server.play()
        assert caller.send("third Hello", to=TO)[0].message_id != "nobody", behind


def test_an_answer_with_more_behind_it_still_counts(make: Make, server: FaultServer) -> None:
    server.play(Step(Fault.SURPLUS))
    caller = make(retries=0)
    first, second = (caller.send(f"{name} Hello", to=TO) for name in ("first", "second"))
    taken = server.ledger.taken
    assert [first[0].message_id] == taken["first", TO]
    assert [second[0].message_id] == taken["second", TO]
    assert server.connections == 2


@pytest.mark.parametrize("raw", [whole(200, ACCEPTED), chunked(200, ACCEPTED)])
def test_a_connection_is_kept_otherwise(make: Make, server: FaultServer, raw: bytes) -> None:
    server.play(*[Step(Fault.SURPLUS, odd=raw)] * 2)
    caller = make(retries=0)
    assert caller.send("kept Hello", to=TO).ok
    assert caller.send("kept Hello", to=TO, deadline_s=20).ok
    assert caller.send("kept Hello", to=TO).ok
    assert server.connections == 1


def test_a_repetition_does_not_take_it_either(make: Make, server: FaultServer, kind: str) -> None:
    server.play(Step(Fault.SURPLUS, odd=ANSWERS["empty"] + BEHIND["an_answer"]))
    caller = make(retries=1)
    if kind == "aiohttp":
        # It closes such a connection by itself.
        assert caller.send("again Hello", to=TO)[0].message_id != "nobody"
        return
    with pytest.raises(OutcomeUnknownError, match="before this request"):
        caller.send("again Hello", to=TO)


def test_an_own_client_is_watched_too(server: FaultServer) -> None:
    server.play(Step(Fault.SURPLUS, odd=ANSWERS["chunks"] + BEHIND["an_answer"]))
    with httpx.Client() as own:
        client = SmsManager("key", base_url=server.url, http_client=own)
        assert client.send("first Hello", to=TO).ok
        with pytest.raises(OutcomeUnknownError):
            client.send("second Hello", to=TO)


def test_an_own_client_whose_hook_reads_the_answers(server: FaultServer) -> None:
    with httpx.Client(event_hooks={"response": [lambda response: response.read()]}) as own:
        client = SmsManager("key", base_url=server.url, http_client=own)
        assert client.send("first Hello", to=TO).ok
        assert client.send("second Hello", to=TO).ok
    assert server.connections == 1
