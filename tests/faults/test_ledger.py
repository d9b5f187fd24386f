"""After any failure, what the caller is told of each recipient is what the service did."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from smsmanager import OutcomeUnknownError, RetryPolicy, Status
from smsmanager._transport.statuses import error_for_status
from tests.faults.exploring import explore
from tests.faults.ledger import Bench, ViolationError

# Chunks, so that workers share them; together 2,100.
CHUNKS = [
    *(("sync", 200, seed) for seed in range(100, 104)),
    *(("asyncio", 200, seed) for seed in range(200, 204)),
    *(("trio", 250, seed) for seed in range(400, 402)),
]


def test_there_are_enough_cases() -> None:
    assert sum(examples for _, examples, _ in CHUNKS) >= 2000


@pytest.mark.parametrize(("kind", "examples", "seed"), CHUNKS)
def test_the_caller_is_told_what_happened(
    bench: Bench, kind: str, examples: int, seed: int
) -> None:
    assert explore(lambda case: bench.check(kind, case), examples, seed) >= examples


def retry_after_a_lost_answer(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(OutcomeUnknownError, "safe_to_retry", True)


def retry_after_everything(patch: pytest.MonkeyPatch) -> None:
    def wait_after(self: RetryPolicy, _: object, attempt: int, *__: object) -> float | None:
        return 0.0 if attempt <= self.retries else None

    patch.setattr(RetryPolicy, "wait_after", wait_after)


def take_a_lost_answer_for_no_connection(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("smsmanager._transport.statuses._NEVER_CONNECTED", (httpx.TransportError,))
    patch.setattr("smsmanager._transport.exchange.Outgoing.never_left", lambda *_: True)


def take_a_proxy_for_the_service(patch: pytest.MonkeyPatch) -> None:
    def misread(status: int, *arguments: Any, **private: Any) -> Any:
        return error_for_status(min(status, 500), *arguments, **private)

    patch.setattr("smsmanager._transport.exchange.error_for_status", misread)


def forget_that_it_may_have_been_taken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(OutcomeUnknownError, "request_may_be_taken", False)


def resume_what_is_unknown(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("smsmanager.client.unsent", lambda **_: set(Status) - {Status.ACCEPTED})


def leave_out_what_was_rejected(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("smsmanager.client.unsent", lambda **_: {Status.NOT_SENT})


def name_another_recipient(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("smsmanager._plan.expand_message_id", lambda base, at: f"{base}-{at + 1}")


def follow_redirects(patch: pytest.MonkeyPatch) -> None:
    send = httpx.Client.send

    def following(self: httpx.Client, request: httpx.Request, **options: Any) -> httpx.Response:
        return send(self, request, **{**options, "follow_redirects": True})

    patch.setattr(httpx.Client, "send", following)


def take_errors_of_others_for_ours(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("smsmanager._transport.exchange.Outgoing.never_left", lambda *_: True)
    patch.setattr("smsmanager._transport.connections.Connections.tells", True)


def keep_the_frames(patch: pytest.MonkeyPatch) -> None:
    for module in ("_calls", "client"):
        patch.setattr(f"smsmanager.{module}.without_frames", lambda error, _: error)


def log_what_is_sent(patch: pytest.MonkeyPatch) -> None:
    def logged(self: httpx.Client, request: httpx.Request, **options: Any) -> httpx.Response:
        logging.getLogger("smsmanager.anything").debug("sending %r", request.content)
        return send(self, request, **options)

    send = httpx.Client.send
    patch.setattr(httpx.Client, "send", logged)


def forget_the_reference(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("smsmanager.results.SendResult.references", ())


BREAKS = [
    (retry_after_a_lost_answer, r"taken \d times|safe to repeat"),
    (retry_after_everything, r"taken \d times"),
    (take_a_lost_answer_for_no_connection, "taken"),
    (take_a_proxy_for_the_service, "taken"),
    (forget_that_it_may_have_been_taken, "not_sent, yet taken"),
    (resume_what_is_unknown, r"taken \d times|what it must not"),
    (leave_out_what_was_rejected, "by resuming"),
    (name_another_recipient, "accepted with another id"),
    (follow_redirects, "redirect"),
    (take_errors_of_others_for_ours, "yet taken|safe to repeat"),
    (keep_the_frames, "printed"),
    (log_what_is_sent, "a log holds"),
    (forget_the_reference, "does not know the reference"),
]


@pytest.mark.parametrize(
    ("wrong", "complaint"), BREAKS, ids=lambda value: getattr(value, "__name__", "")
)
def test_a_broken_rule_is_found(
    bench: Bench,
    monkeypatch: pytest.MonkeyPatch,
    wrong: Callable[[pytest.MonkeyPatch], None],
    complaint: str,
) -> None:
    wrong(monkeypatch)
    with pytest.raises(ViolationError, match=complaint):
        explore(lambda case: bench.check("sync", case), 1_500, 1, shrink=False)
