"""Have Prism give every answer that `openapi.yaml` describes, and random ones that fit its schemas."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from smsmanager import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    RateLimitError,
    SendResult,
    ServiceError,
    UnsupportedMediaTypeError,
    compose,
)
from smsmanager_jsonapi.api.simple import send_simple_message_by_query
from tests.contract.mock_servers import Caller, outcomes
from tests.contract.spec import Operation, operations

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.prism, pytest.mark.timeout(60)]

NUMBERS = ["420777123456", "420777123457", "420777123458"]
SEEDS = range(6)
EXCEPTIONS: dict[str, type[ApiError]] = {
    "400": BadRequestError,
    "401": AuthenticationError,
    "403": AuthenticationError,
    "415": UnsupportedMediaTypeError,
    "429": RateLimitError,
    "500": ServiceError,
    "503": ServiceError,
}
OPERATIONS = {operation.id: operation for operation in operations()}


def send(call: Caller, operation_id: str) -> SendResult:
    """Make one request with the operation; a batch has two messages, the last for two recipients."""
    if operation_id == "sendSimpleMessage":
        return call("send_simple", "Hello", to=NUMBERS[0], sender="Parcels")
    if operation_id == "sendMessages":
        return call(
            "send_batch", [compose("Hello", to=NUMBERS[0]), compose("Hello", to=NUMBERS[1:])]
        )
    return call("send", "Hello", to=NUMBERS, priority=operation_id == "sendPriorityMessage")


def sizes(operation_id: str) -> list[int]:
    return {"sendSimpleMessage": [1], "sendMessages": [1, 2]}.get(operation_id, [3])


def documented(operation: Operation) -> Iterator[tuple[str, str | None, Any]]:
    """Yield status, name and value of every example of an answer; an answer without a body once."""
    for status in operation.definition["responses"]:
        content = operation.answer(status).get("content", {})
        if not content:
            yield status, None, None
        for media in content.values():
            for name, example in media["examples"].items():
                yield status, name, example["value"]


ANSWERS = [
    pytest.param(operation.id, status, name, value, id=f"{operation.id}-{status}-{name}")
    for operation in OPERATIONS.values()
    for status, name, value in documented(operation)
    # The wrapper never sends by query string: the key would stand in the URL.
    if operation.id != "sendSimpleMessageByQuery"
]


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize(("operation_id", "status", "name", "value"), ANSWERS)
def test_documented_answer(
    operation_id: str, status: str, name: str, value: Any, kind: str, prism_url: str
) -> None:
    call = Caller(kind, prism_url, prefer=f"code={status}, example={name}")
    if status == "200":
        result = send(call, operation_id)
        expected = outcomes(operation_id, sizes(operation_id), value)
        assert [(outcome.status, outcome.message_id) for outcome in result] == expected
        assert set(result.request_ids) == {value["request_id"]}
        return
    with pytest.raises(ApiError) as caught:
        send(call, operation_id)
    error = caught.value
    kind_of_error = AuthenticationError if name == "key" else EXCEPTIONS[status]
    assert type(error) is kind_of_error
    assert error.status_code == int(status)
    assert error.message == value.get("Message", value.get("message"))
    assert json.loads(error.body) == value
    assert error.result
    assert len(error.result.not_sent) == len(error.result) == sum(sizes(operation_id))


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_refusal_of_the_query_form_without_a_body(kind: str, prism_url: str) -> None:
    fields = {"phone_number": NUMBERS[0], "message": "Hello", "sender": "Parcels"}
    call = Caller(kind, prism_url, prefer="code=400")
    with pytest.raises(BadRequestError) as caught:
        call.raw(send_simple_message_by_query, apikey="contract-test-key", **fields)
    assert caught.value.body == b""


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize(
    "operation_id", ["sendMessage", "sendPriorityMessage", "sendMessages", "sendSimpleMessage"]
)
def test_random_answer_that_fits_the_schema(
    operation_id: str, kind: str, seed: int, prism_url: str
) -> None:
    """Nulls in place of lists, keys of any kind and size, further fields: all allowed by the description."""
    call = Caller(kind, prism_url, prefer=f"code=200, dynamic=true, seed={seed}")
    result = send(call, operation_id)
    [answer] = call.answers
    expected = outcomes(operation_id, sizes(operation_id), json.loads(answer))
    assert [(outcome.status, outcome.message_id) for outcome in result] == expected
