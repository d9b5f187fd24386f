"""Have Schemathesis make right and wrong requests from both descriptions and judge the sandbox's answers.

The random requests are the same in each run.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import negative_data_rejection, status_code_conformance

from tests.contract.mock_servers import KEY, NO_CERTIFICATES
from tests.contract.spec import BOTH, REST, SENDING, Description, Operation

if TYPE_CHECKING:
    from schemathesis import Case
    from schemathesis.checks import CheckFunction
    from schemathesis.schemas import BaseSchema

    from smsmanager.sandbox import Sandbox

pytestmark = pytest.mark.thorough

EXAMPLES = 25
OPERATIONS = {found.id: found for description in BOTH for found in description.operations()}
OF_SENDING = {found.id: found for found in SENDING.operations()}
CONFIG: dict[str, Any] = {
    "seed": 1,
    "generation": {"deterministic": True, "database": "none"},
    "checks": {
        # It wants 401 or 403, and the service answers 400 to a wrong key; `test_key_is_asked_for` checks it.
        "ignored_auth": {"enabled": False},
        # The service asks for more than a schema can say, such as a text in the step or in the message;
        # `assert_refused_for_a_known_reason` checks it instead.
        "positive_data_acceptance": {"enabled": False},
    },
}
BEYOND_THE_SCHEMA = re.compile(
    r".*: (is missing, and (there is no flow|so is /body)"
    r"|has .+, where one content is allowed"
    r"|url and title only go together"
    r"|is not an IANA time zone, such as Europe/Prague"
    r"|is not a time of the calendar"
    r"|is not a day of the calendar"
    r"|is not one of this API"
    r"|is not an http or https address)"
    r"|No valid phone numbers|Neither to nor all is given"
)
# The service takes these older names in place of the required ones, and the sandbox does too.
ALIASES = {"number": "phone_number", "body": "message"}
DOWNLOADS = {"downloadOptOut", "downloadBlacklist"}
# What takes the same as another is left out, and what takes nothing.
COVERED = [
    *("sendMessages", "sendSimpleMessage", "sendSimpleMessageByQuery"),
    *("listMessages", "listRequests", "setCreditNotice", "updateKey", "addToOptOut"),
    *("removeFromBlacklist", "cancelMessage", "validateMessages"),
]


def key_of(operation: Operation, case: Case[Any]) -> dict[str, dict[str, str]]:
    """Return the key where the operation takes it, unless it is what the request leaves out on purpose."""
    if operation.description is SENDING and case.method == "GET":
        query = case.query if isinstance(case.query, dict) else {}
        return {"params": {"apikey": KEY}} if "apikey" in query else {}
    return {"headers": {"x-api-key": KEY}}


def mode_of(case: Case[Any]) -> GenerationMode:
    """Return whether the request follows its schema (positive) or breaks it."""
    assert case.meta
    return case.meta.generation.mode


def has_an_alias_for_a_missing_field(case: Case[Any]) -> bool:
    if not case.path.startswith("/simple/"):
        return False
    fields = case.query if case.method == "GET" else case.body
    return isinstance(fields, dict) and any(
        alias in fields and name not in fields for alias, name in ALIASES.items()
    )


def assert_refused_for_a_known_reason(case: Case[Any], answer: Any) -> None:
    """Let a request that follows its schema be refused only for what no schema can say."""
    assert not case.path.startswith("/simple/")
    # A list of the REST API says it one level deeper.
    inner = next((value for value in answer.values() if isinstance(value, dict)), answer)
    reason = str(inner.get("Message", inner.get("message")))
    assert BEYOND_THE_SCHEMA.fullmatch(reason), answer


@pytest.fixture(scope="module")
def schemas() -> dict[Description, BaseSchema]:
    """Return the descriptions as Schemathesis reads them, which takes a second."""
    config = SchemathesisConfig.from_dict(CONFIG)
    return {each: schemathesis.openapi.from_path(each.path, config=config) for each in BOTH}


def judge(operation: Operation, case: Case[Any], sandbox: Sandbox) -> None:
    """Send a request and check the answer in every way that Schemathesis knows."""
    base_url = sandbox.rest_base_url if operation.description is REST else sandbox.base_url
    options: dict[str, Any] = {"base_url": base_url, **key_of(operation, case)}
    response = case.call(**options)
    excluded: list[CheckFunction] = []
    if has_an_alias_for_a_missing_field(case):
        excluded.append(negative_data_rejection)
    if operation.id == "cancelMessage" and mode_of(case).is_positive:
        # One 500 stands for whatever could not be cancelled.
        excluded.append(not_a_server_error)
    if operation.id in DOWNLOADS and not mode_of(case).is_positive:
        # No page says how a wrong query is answered there.
        excluded.append(status_code_conformance)
    case.validate_response(response, excluded_checks=excluded, transport_kwargs=options)
    if mode_of(case).is_positive and response.status_code == 400:
        assert_refused_for_a_known_reason(case, response.json())


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_random_requests(
    operation_id: str,
    mode: GenerationMode,
    schemas: dict[Description, BaseSchema],
    running_sandbox: Sandbox,
) -> None:
    operation = OPERATIONS[operation_id]
    schema = schemas[operation.description]
    takes_nothing = not (operation.request_content or operation.definition.get("parameters"))
    if takes_nothing and mode.is_negative:
        # Nothing can be wrong with it.
        return

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        # It measures time, and a busy machine is no finding.
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(schema[operation.path][operation.method].as_strategy(mode))
    def send(case: Case[Any]) -> None:
        judge(operation, case, running_sandbox)

    send()


@pytest.mark.parametrize("operation_id", COVERED)
def test_every_keyword(
    operation_id: str, schemas: dict[Description, BaseSchema], running_sandbox: Sandbox
) -> None:
    """Meet and break each type, limit, enum and required field, and use the methods that there are not."""
    operation = OPERATIONS[operation_id]
    schema = schemas[operation.description]
    cases = schema.iter_coverage_cases(
        schema[operation.path][operation.method],
        generation_modes=[*GenerationMode],
        generation_config=schema.config.generation,
    )
    modes: Counter[GenerationMode] = Counter()
    for case in cases:
        judge(operation, case, running_sandbox)
        modes[mode_of(case)] += 1
    fewest = 10 if operation.description is SENDING else 1
    assert min(modes[mode] for mode in GenerationMode) > fewest


@pytest.mark.parametrize("misplaced", [False, True])
@pytest.mark.parametrize("operation", OF_SENDING.values(), ids=OF_SENDING)
def test_key_is_asked_for(operation: Operation, misplaced: bool, running_sandbox: Sandbox) -> None:  # noqa: FBT001
    """Without one, and with one where another operation takes it, the answer is the documented 400."""
    before = len(running_sandbox.messages)
    query: dict[str, str] = {}
    headers: dict[str, str] = {}
    if misplaced:
        (headers if operation.method == "get" else query).update({"apikey": KEY, "x-api-key": KEY})
    form = {"phone_number": "420777123456", "message": "Hello", "sender": "Shop"}
    is_simple = operation.path.startswith("/simple/")
    answer = httpx.request(
        operation.method,
        running_sandbox.base_url + operation.path,
        params={**query, **form} if operation.method == "get" else query,
        headers=headers,
        data=form if is_simple and operation.method == "post" else None,
        json=None if is_simple else next(operation.request_examples())[1],
        verify=NO_CERTIFICATES,
    )
    assert answer.status_code == 400
    assert "not authorized to access this resource" in answer.json()["Message"]
    assert len(running_sandbox.messages) == before
