"""Cancelling: for each recipient, whether it was certainly cancelled."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from smsmanager import AuthenticationError, NotSentError, SendResult, Status
from smsmanager.asking import CancelOutcome, CancelStoppedError
from smsmanager.results import RecipientOutcome
from tests.asking.conftest import Asking, Service

CANCEL = "POST /messaging/cancel"
REFUSED = httpx.Response(500, json={"message": "Failed to cancel schedule"})
DONE = {"success": True, "message": "Schedule cancelled"}


def result(*ids: str | None, unknown: int = 0) -> SendResult:
    outcomes = [
        RecipientOutcome(n, "420601000001", "420601000001", Status.ACCEPTED, id_)
        for n, id_ in enumerate(ids)
    ]
    more = range(len(ids), len(ids) + unknown)
    outcomes += [RecipientOutcome(n, "4206", "4206", Status.UNKNOWN) for n in more]
    return SendResult(tuple(outcomes))


def ids_of(service: Service) -> list[str]:
    return [json.loads(request.content)["message_id"] for request in service.requests]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (DONE, CancelOutcome.CANCELLED),
        (REFUSED, CancelOutcome.REFUSED),
        ({"success": False, "message": "No"}, CancelOutcome.REFUSED),
        (httpx.Response(400, json={"message": "No"}), CancelOutcome.REFUSED),
        (httpx.Response(404, json={"message": "No"}), CancelOutcome.REFUSED),
        (httpx.Response(503, json={"message": "No"}), CancelOutcome.UNCLEAR),
        (httpx.Response(502), CancelOutcome.UNCLEAR),
        (httpx.ReadTimeout("late"), CancelOutcome.UNCLEAR),
        (httpx.Response(200, text="<html>"), CancelOutcome.UNCLEAR),
    ],
)
def test_one_message(
    make: Callable[..., Asking], service: Service, answer: Any, outcome: CancelOutcome
) -> None:
    service.answers[CANCEL] = answer
    [cancelled] = make(retries=2).cancel("m1")
    assert (cancelled.message_id, cancelled.outcome, cancelled.index) == ("m1", outcome, None)
    # The answer to a second attempt is not documented.
    assert ids_of(service) == ["m1"]


def test_refused_key_and_missing_connection_are_errors(ask: Asking, service: Service) -> None:
    service.answers[CANCEL] = [httpx.Response(403, json={}), httpx.ConnectError("refused")]
    with pytest.raises(AuthenticationError):
        ask.cancel("m1")
    with pytest.raises(NotSentError):
        ask.cancel("m1")


@pytest.mark.parametrize(
    "failure", [httpx.Response(403, json={}), httpx.ConnectError("refused"), httpx.Response(429)]
)
def test_failure_in_the_middle_keeps_what_was_cancelled(
    ask: Asking, service: Service, failure: Any
) -> None:
    """A second cancellation would be refused, as if they had been sent."""
    service.answers[CANCEL] = [DONE, REFUSED, failure]
    with pytest.raises(CancelStoppedError) as caught:
        ask.cancel(result("m1", "m2", "m3", "m4"))
    error = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own
    assert str(error).startswith("2 of 4 messages were tried, and 1 was cancelled; then: ")
    assert [(c.index, c.outcome.value) for c in error.cancellations] == [
        (0, "cancelled"),
        (1, "refused"),
    ]
    assert error.request_may_be_taken
    assert not error.safe_to_retry


def test_recipients_of_a_result(ask: Asking, service: Service) -> None:
    service.answers[CANCEL] = [DONE, REFUSED]
    found = ask.cancel(result("m1", "m2", unknown=1))
    assert [(c.index, c.message_id, c.outcome.value) for c in found] == [
        (0, "m1", "cancelled"),
        (1, "m2", "refused"),
    ]


def test_whole_message_of_a_batch_is_tried_by_its_own_id(ask: Asking, service: Service) -> None:
    service.answers[CANCEL] = [REFUSED, DONE]
    found = ask.cancel(result("a-0", "a-1", "a-2"))
    assert ids_of(service) == ["a-0", "a"]
    assert {c.outcome for c in found} == {CancelOutcome.CANCELLED}


def test_part_of_a_message_is_never_cancelled_with_the_rest(ask: Asking, service: Service) -> None:
    service.answers[CANCEL] = REFUSED
    for partial in (result("a-0", "a-2"), result("a-0", "a-1", unknown=1)):
        service.requests.clear()
        found = ask.cancel(partial)
        assert ids_of(service) == [c.message_id for c in found]
        assert {c.outcome for c in found} == {CancelOutcome.REFUSED}


def test_whole_message_that_is_refused_too(ask: Asking, service: Service) -> None:
    service.answers[CANCEL] = REFUSED
    found = ask.cancel(result("a-0", "a-1"))
    assert ids_of(service) == ["a-0", "a", "a-1"]
    assert {c.outcome for c in found} == {CancelOutcome.REFUSED}
