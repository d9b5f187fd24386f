"""Check that a message carries its trace to its delivery report on request, and nothing otherwise."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from smsmanager.otel import trace_context
from smsmanager.otel._trace_carrier import TRACE_KEY
from tests.faults.callers import Caller
from tests.otel.conftest import Watched, accepted

NUMBER = "420601987654"
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

Make = Callable[..., Caller]


def keeping(bodies: list[Any]) -> Callable[[httpx.Request], httpx.Response]:
    """Accept a request, and record its body."""

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(json.loads(request.content))
        return accepted(request)

    return answer


def test_a_message_carries_the_context_of_its_own_span(make: Make) -> None:
    watched = Watched(carry_trace=True)
    bodies: list[Any] = []
    make(watched.telemetry, keeping(bodies)).send("x", to=NUMBER, payload={"a": 1})
    [create, call, _] = watched.spans
    assert create.name == "create"
    [body] = bodies
    assert body["payload"].keys() == {"a", TRACE_KEY}
    found = trace_context(body["payload"])
    assert found is not None
    assert create.context is not None
    assert (found.trace_id, found.span_id) == (create.context.trace_id, create.context.span_id)
    assert [link.context.span_id for link in call.links] == [found.span_id]


def test_what_the_caller_put_there_stays(make: Make) -> None:
    bodies: list[Any] = []
    telemetry = Watched(carry_trace=True).telemetry
    make(telemetry, keeping(bodies)).send("x", to=NUMBER, payload={TRACE_KEY: PARENT})
    assert bodies[0]["payload"] == {TRACE_KEY: PARENT}


def test_nothing_is_added_unless_asked(make: Make, watched: Watched) -> None:
    bodies: list[Any] = []
    make(watched.telemetry, keeping(bodies)).send("x", to=NUMBER)
    assert bodies == [{"to": [{"phone_number": NUMBER}], "body": "x"}]


def test_a_form_has_no_payload_to_carry_it(make: Make) -> None:
    watched = Watched(carry_trace=True)
    make(watched.telemetry).call("send_simple", "x", to=NUMBER, sender="Shop")
    assert [span.name for span in watched.spans] == ["send", "POST /simple/message"]


@pytest.mark.parametrize(
    "payload",
    [None, "x", {}, {TRACE_KEY: 1}, {TRACE_KEY: "x"}, {TRACE_KEY: "00-" + "0" * 32 + "-1-01"}],
)
def test_what_carries_no_context_has_none(payload: object) -> None:
    assert trace_context(payload) is None


def test_a_context_is_read() -> None:
    found = trace_context({TRACE_KEY: PARENT})
    assert found is not None
    assert f"{found.span_id:016x}" == "b7ad6b7169203331"
