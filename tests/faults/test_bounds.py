"""Answers without end: memory stays flat, and no server holds a call longer than its deadline."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from smsmanager import (
    NotSentError,
    OutcomeUnknownError,
    ResponseParseError,
    SmsManager,
    SmsManagerError,
    Status,
)
from tests.faults.answers import bomb
from tests.faults.callers import KINDS, Caller
from tests.faults.script import Content, Fault, Step
from tests.faults.server import FaultServer

Make = Callable[..., Caller]
HUGE = 2**28
MOST_KIB = 20 * 1024
TO = "420777123456"
DEADLINE_S = 0.3
# Not a measurement: it only tells a call that ends from one that does not.
FOREVER_S = 20.0
RESCUE_S = 4.0

HOSTILE = [
    (Step(Fault.STATUS, 200, Content.LONG, size=HUGE), "ResponseParseError"),
    (Step(Fault.STATUS, 400, Content.LONG, size=HUGE), "BadRequestError"),
    (Step(Fault.STATUS, 503, Content.LONG, size=HUGE), "ServiceError"),
    (Step(Fault.STATUS, 502, Content.LONG, size=HUGE), "OutcomeUnknownError"),
    (Step(Fault.STATUS, 200, Content.BOMB, size=HUGE), "ResponseParseError"),
    (Step(Fault.STATUS, 400, Content.BOMB, size=HUGE), "BadRequestError"),
    (Step(Fault.STATUS, 503, Content.BOMB, size=HUGE), "ServiceError"),
    (Step(Fault.LONG_HEAD), "OutcomeUnknownError"),
]


@pytest.mark.parametrize("kind", KINDS)
def test_memory_stays_flat(
    server: FaultServer, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    normal = Step()
    server.play(normal, normal, *(step for step, _ in HOSTILE))
    count = str(len(HOSTILE) + 2)
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.measure", kind, server.url, count],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=True,
    )
    seen = json.loads(done.stdout)
    assert [came for came, _ in seen] == ["returned"] * 2 + [came for _, came in HOSTILE]
    base = seen[1][1]
    lines = [f"{kind}: peak of a normal call {base} KiB"]
    for (step, _), (_, peak) in zip(HOSTILE, seen[2:], strict=True):
        lines.append(f"{kind}: {step!r} {peak - base:+d} KiB")
        assert peak - base < MOST_KIB, lines[-1]
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")
    # The bodies were not read to their ends either: most of what was written stayed in socket buffers.
    bombs = sum(len(bomb(HUGE)) for step, _ in HOSTILE if step.content is Content.BOMB)
    assert server.sent < bombs + HUGE / 4


def test_the_bomb_is_one() -> None:
    assert len(bomb(HUGE)) < HUGE / 900


def ends(call: Callable[[], object]) -> SmsManagerError:
    """Return the error of a call that ends."""
    began = time.monotonic()
    with pytest.raises(SmsManagerError) as caught:
        call()
    assert time.monotonic() - began < FOREVER_S
    return caught.value


DRIPS = [Fault.HANG, Fault.DRIP_HEAD, Fault.DRIP_BODY, Fault.DRIP_CHUNK]


@pytest.mark.parametrize("fault", DRIPS)
@pytest.mark.parametrize("by", ["call", "client"])
def test_a_deadline_ends_a_call(make: Make, server: FaultServer, fault: Fault, by: str) -> None:
    server.play(Step(fault))
    if by == "client":
        caller = make(deadline_s=DEADLINE_S)
        error = ends(lambda: caller.send("slow Hello", to=TO))
    else:
        caller = make()
        error = ends(lambda: caller.send("slow Hello", to=TO, deadline_s=DEADLINE_S))
    assert type(error) in {OutcomeUnknownError, ResponseParseError}
    assert error.result is not None
    assert [outcome.status for outcome in error.result] == [Status.UNKNOWN]
    server.settle()
    assert len(server.ledger.requests) == 1


@pytest.mark.parametrize("fault", DRIPS)
def test_a_deadline_ends_a_call_over_a_connection_that_had_none(
    make: Make, server: FaultServer, fault: Fault
) -> None:
    caller = make()
    assert caller.send("slow Hello", to=TO).ok
    server.play(Step(fault))
    error = ends(lambda: caller.send("slow Hello", to=TO, deadline_s=DEADLINE_S))
    assert error.request_may_be_taken
    assert caller.send("slow Hello", to=TO).ok


@pytest.mark.parametrize("name", ["send", "send_batch", "send_simple", "resume"])
def test_every_method_takes_a_deadline(make: Make, server: FaultServer, name: str) -> None:
    from smsmanager import compose

    caller = make(retries=0)
    server.play(Step(Fault.STATUS, 503), Step(Fault.DRIP_BODY))
    with pytest.raises(SmsManagerError) as caught:
        caller.send("slow Hello", to=TO)
    arguments: dict[str, tuple[tuple[object, ...], dict[str, object]]] = {
        "send": (("slow Hello",), {"to": TO}),
        "send_batch": (([compose("slow Hello", to=TO)],), {}),
        "send_simple": (("slow Hello",), {"to": TO, "sender": "Shop"}),
        "resume": ((caught.value,), {}),
    }
    given, fields = arguments[name]
    error = ends(lambda: caller.call(name, *given, **fields, deadline_s=DEADLINE_S))
    assert error.request_may_be_taken


@pytest.mark.parametrize("fault", DRIPS)
def test_a_deadline_ends_a_call_over_an_own_client(server: FaultServer, fault: Fault) -> None:
    # Only on a connection that a call with a deadline opened: others of the caller's cannot be reached.
    with httpx.Client() as own:
        client = SmsManager("key", base_url=server.url, http_client=own)
        server.play(Step(fault))
        killer = threading.Timer(RESCUE_S, server.drop_all)
        killer.start()
        began = time.monotonic()
        with pytest.raises(SmsManagerError):
            client.send("slow Hello", to=TO, deadline_s=DEADLINE_S)
        killer.cancel()
        assert time.monotonic() - began < RESCUE_S


@contextmanager
def never_accepting(backlog: int = 8) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0), backlog=backlog) as silent:
        yield silent.getsockname()[1]


def test_a_deadline_ends_a_handshake(make: Make) -> None:
    with never_accepting() as port:
        caller = make(base_url=f"https://127.0.0.1:{port}/v2", retries=0)
        error = ends(lambda: caller.send("slow Hello", to=TO, deadline_s=DEADLINE_S))
    assert type(error) in {NotSentError, OutcomeUnknownError}


def test_a_deadline_ends_a_request_that_is_not_read(make: Make, server: FaultServer) -> None:
    server.play(Step(Fault.UNREAD))
    caller = make(retries=0)
    payload = {"filler": "x" * 120_000}
    error = ends(lambda: caller.send("slow Hello", to=TO, payload=payload, deadline_s=DEADLINE_S))
    assert type(error) is OutcomeUnknownError


def test_retries_end_with_the_deadline(make: Make, server: FaultServer) -> None:
    server.play(*[Step(Fault.STATUS, 503, retry_after="5")] * 3)
    caller = make(retries=3)
    error = ends(lambda: caller.send("slow Hello", to=TO, deadline_s=4))
    assert error.safe_to_retry
    assert caller.waits == []
    assert len(server.ledger.requests) == 1


def test_no_request_begins_after_the_deadline(make: Make, server: FaultServer) -> None:
    numbers = [f"4207770{n:05d}" for n in range(30)]
    server.play(Step(), Step(Fault.HANG))
    caller = make(retries=0)
    error = ends(
        lambda: caller.send("slow Hello", to=numbers, priority=True, deadline_s=DEADLINE_S)
    )
    assert error.result is not None
    assert error.result.counts() == {"accepted": 10, "not_sent": 10, "unknown": 10}
    server.settle()
    assert len(server.ledger.requests) == 2
