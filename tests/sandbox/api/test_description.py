"""Have Schemathesis make right and wrong requests from the description of `/sandbox`, and judge the answers.

The random requests are the same in each run.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig

from smsmanager.sandbox import MagicNumber, Sandbox
from smsmanager.sandbox.api.description import description, operations
from smsmanager.sandbox.api.routes import API_PREFIX

if TYPE_CHECKING:
    from schemathesis import Case
    from schemathesis.schemas import BaseSchema

pytestmark = pytest.mark.thorough

EXAMPLES = 12
OPERATIONS = {operation.operation_id: operation for operation in operations()}
CONFIG: dict[str, Any] = {
    "seed": 1,
    "generation": {"deterministic": True, "database": "none"},
    "checks": {
        # Most ids that are drawn do not exist, and are answered with 404: `assert_known` checks them instead.
        "positive_data_acceptance": {"enabled": False},
    },
}
# What a schema does not say: which field means something for which kind.
BEYOND_THE_SCHEMA = {
    "injectFault": (
        "kind",
        "when",
        "means nothing",
        "must be a",
        "must be b",
        "must be 1",
        "A fault has",
    )
}


@pytest.fixture(scope="module")
def filled() -> Iterator[Sandbox]:
    """Return a sandbox with a message, whose clock the requests may move."""
    with Sandbox(clock="manual", seed=1) as sandbox:
        message = {"to": [{"phone_number": MagicNumber.REPLIES}], "body": "Your code is 481516"}
        url = f"{sandbox.base_url}/message"
        for _ in range(3):
            answer = httpx.post(
                url,
                json={**message, "callback": "http://127.0.0.1:9/"},
                headers={"x-api-key": "k"},
            )
            assert answer.status_code == 200
        yield sandbox


@pytest.fixture(scope="module")
def schema() -> BaseSchema:
    return schemathesis.openapi.from_dict(
        description(), config=SchemathesisConfig.from_dict(CONFIG)
    )


def assert_known(case: Case[Any], status: int, operation_id: str, message: str) -> None:
    """Let a request that follows the description be refused only for what no schema can say."""
    if status == 404:
        assert "{" in case.path or operation_id in {"showLatestMessage", "extractFromLatestMessage"}
    elif operation_id == "receiveMessage":
        assert "key is missing" in message
    elif operation_id == "replyToMessage":
        assert message == "/step: the message has fewer steps"
    else:
        assert any(part in message for part in BEYOND_THE_SCHEMA.get(operation_id, ())), message


def judge(case: Case[Any], sandbox: Sandbox, operation_id: str) -> None:
    url = f"{sandbox.url}{API_PREFIX}"
    query = dict(case.query) if isinstance(case.query, dict) else {}
    # Not to wait for real.
    if "timeout_s" in OPERATIONS[operation_id].parameter_types and case.method == "GET":
        query.setdefault("timeout_s", 0)
        if isinstance(query["timeout_s"], float | int) and query["timeout_s"] > 0:
            query["timeout_s"] = 0
    if operation_id == "streamChanges":
        query["events"] = 0 if isinstance(query.get("events"), int | None) else query["events"]
    case.query = query
    response = case.call(base_url=url)
    case.validate_response(response, transport_kwargs={"base_url": url})
    assert case.meta
    positive = case.meta.generation.mode.is_positive
    if positive and response.status_code >= 400:
        assert_known(case, response.status_code, operation_id, response.json()["message"])


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_random_requests(
    operation_id: str, mode: GenerationMode, schema: BaseSchema, filled: Sandbox
) -> None:
    operation = OPERATIONS[operation_id]
    takes_something = operation.parameter_types or operation.body
    if mode is GenerationMode.NEGATIVE and not takes_something:
        return

    @settings(
        max_examples=EXAMPLES if takes_something else 2,
        derandomize=True,
        database=None,
        deadline=None,
        # It measures time, and a busy machine is not a finding.
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    @given(schema[operation.path][operation.method].as_strategy(mode))
    def send(case: Case[Any]) -> None:
        judge(case, filled, operation_id)

    send()


def test_the_description_is_valid_and_served(filled: Sandbox) -> None:
    served = httpx.get(f"{filled.url}/sandbox/openapi.json").json()
    OpenAPIV31SpecValidator(served).validate()
    assert served == description()


def test_every_operation_is_described_and_answered() -> None:
    assert len(OPERATIONS) == 28
    assert len({(operation.method, operation.path) for operation in OPERATIONS.values()}) == 28


@pytest.mark.parametrize("path", ["/health", "/messages", "/clock", "/rules/1", "/stream"])
@pytest.mark.parametrize("method", ["PUT", "OPTIONS", "TRACE", "HEAD"])
def test_other_methods_are_refused(filled: Sandbox, method: str, path: str) -> None:
    answer = httpx.request(method, f"{filled.url}/sandbox{path}")
    assert answer.status_code == 405
    assert answer.headers["allow"]
