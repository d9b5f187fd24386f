"""After any failure, what the caller learns about each recipient is what the service did."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from smsmanager import OutcomeUnknownError, RetryPolicy, Status
from smsmanager._transport.failures import may_be_taken
from smsmanager._transport.statuses import error_for_status
from smsmanager.transport import HTTPTransport
from tests.faults.cases import Case
from tests.faults.exploring import explore
from tests.faults.ledger import Bench, ViolationError
from tests.faults.script import Way
from tests.marks import thorough

Send = Callable[[httpx.Request], httpx.Response]
# Chunks, so that workers share them.
CHUNKS = [("sync", 200, 100), ("sync", 200, 101), ("asyncio", 200, 200), ("trio", 150, 400)]
MORE = [
    *(("sync", 200, seed) for seed in range(110, 114)),
    *(("asyncio", 200, seed) for seed in range(210, 214)),
    *(("trio", 250, seed) for seed in range(410, 412)),
]


@pytest.mark.parametrize(("kind", "examples", "seed"), CHUNKS + thorough(MORE))
def test_the_caller_is_told_what_happened(
    bench: Bench, kind: str, examples: int, seed: int
) -> None:
    assert explore(lambda case: bench.check(kind, case), examples, seed) >= examples


Patch = pytest.MonkeyPatch
STREAMS = "smsmanager._transport.streams"


def retry_after_a_lost_answer(patch: Patch) -> None:
    patch.setattr(OutcomeUnknownError, "safe_to_retry", True)


def retry_after_everything(patch: Patch) -> None:
    def wait_after(self: RetryPolicy, _: object, attempt: int, *__: object) -> float | None:
        return 0.0 if attempt <= self.retries else None

    patch.setattr(RetryPolicy, "wait_after", wait_after)


def take_a_lost_answer_for_no_connection(patch: Patch) -> None:
    patch.setattr("smsmanager._transport.exchange.may_be_taken", lambda *_, **__: False)


def take_a_proxy_for_the_service(patch: Patch) -> None:
    def misread(status: int, *arguments: Any, **private: Any) -> Any:
        return error_for_status(min(status, 500), *arguments, **private)

    patch.setattr("smsmanager._transport.exchange.error_for_status", misread)


def forget_that_it_may_have_been_taken(patch: Patch) -> None:
    patch.setattr(OutcomeUnknownError, "request_may_be_taken", False)


def resume_what_is_unknown(patch: Patch) -> None:
    patch.setattr("smsmanager._base.CERTAINLY_NOT_TAKEN", frozenset(Status) - {Status.ACCEPTED})


def leave_out_what_was_rejected(patch: Patch) -> None:
    patch.setattr("smsmanager._base.CERTAINLY_NOT_TAKEN", frozenset((Status.NOT_SENT,)))


def name_another_recipient(patch: Patch) -> None:
    patch.setattr("smsmanager._plan.expand_message_id", lambda base, at: f"{base}-{at + 1}")


def instead_of_sending(patch: Patch, act: Callable[[Send, httpx.Request], httpx.Response]) -> None:
    send = HTTPTransport.handle_request

    def acting(self: HTTPTransport, request: httpx.Request) -> httpx.Response:
        return act(lambda out: send(self, out), request)

    patch.setattr(HTTPTransport, "handle_request", acting)


def follow_redirects(patch: Patch) -> None:
    def followed(send: Send, request: httpx.Request) -> httpx.Response:
        response = send(request)
        location = response.headers.get("location", "")
        if not location.startswith("http:"):
            return response
        response.close()
        return send(httpx.Request("POST", location, content=request.content))

    instead_of_sending(patch, followed)


def take_errors_of_others_for_ours(patch: Patch) -> None:
    def of_ours(error: Exception, *_: object, **__: object) -> bool:
        return may_be_taken(error, None, httpx.MockTransport(print), own=True)  # type: ignore[arg-type]

    patch.setattr("smsmanager._transport.exchange.may_be_taken", of_ours)


def keep_the_frames(patch: Patch) -> None:
    patch.setattr("smsmanager._privacy.clear_frames", lambda *_: None)


def log_what_is_sent(patch: Patch) -> None:
    def logged(send: Send, request: httpx.Request) -> httpx.Response:
        logging.getLogger("smsmanager.anything").debug("sending %r", request.content)
        return send(request)

    instead_of_sending(patch, logged)


def forget_the_reference(patch: Patch) -> None:
    patch.setattr("smsmanager.results.SendResult.references", ())


def never_look_before_writing(patch: Patch) -> None:
    patch.setattr(f"{STREAMS}.Connection._check_before_writing", lambda _: None)


def never_look_for_a_surplus(patch: Patch) -> None:
    never_look_before_writing(patch)
    never_look_behind_an_answer(patch)


def never_look_for_what_came_later(patch: Patch) -> None:
    patch.setattr(f"{STREAMS}.Connection._holds_unasked", lambda _: False)


def never_look_for_part_of_a_record(patch: Patch) -> None:
    nothing = property(lambda _: b"", lambda *_: None)
    patch.setattr(f"{STREAMS}._Tls.part", nothing, raising=False)


def never_look_behind_an_answer(patch: Patch) -> None:
    patch.setattr(f"{STREAMS}.Received.holds_surplus", lambda _: False)


def forget_that_bytes_were_written(patch: Patch) -> None:
    patch.setattr("smsmanager._transport.connections.Attempt.writes", lambda *_: None)


def take_a_tunnel_for_the_request(patch: Patch) -> None:
    patch.setattr("smsmanager._transport.connections._TO_A_PROXY", ())


def send_by_a_proxy_to_this_machine(patch: Patch) -> None:
    patch.setattr("smsmanager._transport.environment.is_loopback", lambda _: False)


ANOTHERS = "accepted with another id|accepted, yet|taken|safe to repeat"
BREAKS = [
    (retry_after_a_lost_answer, "sync", {}, r"taken \d times|safe to repeat"),
    (retry_after_everything, "sync", {}, r"taken \d times"),
    (take_a_lost_answer_for_no_connection, "sync", {}, "taken"),
    (take_a_proxy_for_the_service, "sync", {}, "taken"),
    (forget_that_it_may_have_been_taken, "sync", {}, "not_sent, yet taken"),
    (resume_what_is_unknown, "sync", {}, r"taken \d times|what it must not"),
    (leave_out_what_was_rejected, "sync", {}, "by resuming"),
    (name_another_recipient, "sync", {}, "accepted with another id"),
    (follow_redirects, "sync", {}, "redirect|accepted, yet taken 0 times"),
    (
        take_errors_of_others_for_ours,
        "sync",
        {"hooked": True, "way": Way.PLAIN},
        "taken|safe to repeat",
    ),
    (keep_the_frames, "sync", {}, "printed"),
    (log_what_is_sent, "sync", {}, "a log holds"),
    (forget_the_reference, "sync", {}, "does not know the reference"),
    (never_look_before_writing, "sync", {}, ANOTHERS),
    (never_look_before_writing, "trio", {}, ANOTHERS),
    (never_look_for_a_surplus, "sync", {}, ANOTHERS),
    (never_look_for_a_surplus, "asyncio", {}, ANOTHERS),
    (never_look_behind_an_answer, "sync", {}, ANOTHERS),
    (never_look_for_what_came_later, "trio", {"way": Way.TLS, "hooked": False}, ANOTHERS),
    (never_look_for_what_came_later, "asyncio", {}, ANOTHERS),
    (forget_that_bytes_were_written, "sync", {}, "taken|safe to repeat"),
    (forget_that_bytes_were_written, "asyncio", {}, "taken|safe to repeat"),
    (
        take_a_tunnel_for_the_request,
        "sync",
        {"way": Way.NO_TUNNEL, "hooked": False},
        "no way, yet sent",
    ),
    (send_by_a_proxy_to_this_machine, "sync", {}, "accepted, yet taken 0 times|proxy"),
    (never_look_for_part_of_a_record, "sync", {"way": Way.TLS, "hooked": False}, ANOTHERS),
]


@pytest.mark.parametrize(
    ("wrong", "kind", "only", "complaint"),
    BREAKS[::3] + thorough(BREAKS[1::3]) + thorough(BREAKS[2::3]),
    ids=lambda value: getattr(value, "__name__", value if isinstance(value, str) else ""),
)
def test_a_broken_rule_is_found(
    monkeypatch: Patch,
    wrong: Callable[[Patch], None],
    kind: str,
    only: dict[str, Any],
    complaint: str,
) -> None:
    wrong(monkeypatch)

    def check(case: Case) -> None:
        # Some rules matter only in few of the cases.
        bench.check(kind, replace(case, **only))

    # With separate clients, because some of these rules depend on how a client is built.
    with Bench() as bench, pytest.raises(ViolationError, match=complaint):
        explore(check, 1_500, 1, shrink=False)
