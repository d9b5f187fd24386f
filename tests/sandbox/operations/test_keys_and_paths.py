"""Requests without a key, or for no operation."""

from typing import Any

import httpx
import pytest

from smsmanager.sandbox import Sandbox, Settings
from tests.sandbox.conftest import call, message_to

WRONG_KEY = "User is not authorized to access this resource with an explicit deny"
TO = [{"phone_number": "420777123456"}]
SIMPLE = {"phone_number": "420777123456", "message": "Hello", "sender": "Shop"}

CALLS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "message": ("POST", "/message", {"json": message_to()}),
    "priority": ("POST", "/message/priority", {"json": message_to()}),
    "batch": ("POST", "/messages", {"json": [message_to()]}),
    "form": ("POST", "/simple/message", {"data": SIMPLE}),
    # The header does not count here, nor does the query elsewhere.
    "form with key in the query": (
        "POST",
        "/simple/message",
        {"data": SIMPLE, "params": {"apikey": "k"}},
    ),
    "query": ("GET", "/simple/message", {"params": SIMPLE}),
    "query with empty key": ("GET", "/simple/message", {"params": {**SIMPLE, "apikey": " "}}),
    "query with key in the header": (
        "GET",
        "/simple/message",
        {"params": SIMPLE, "headers": {"x-api-key": "k"}},
    ),
    "empty header": (
        "POST",
        "/message",
        {"json": message_to(), "headers": {"x-api-key": ""}},
    ),
    "wrong body": ("POST", "/message", {"json": {}}),
}


@pytest.mark.parametrize("case", CALLS)
def test_a_request_without_a_key_is_answered_as_the_service_does(
    sandbox: Sandbox, case: str
) -> None:
    method, path, options = CALLS[case]
    answer = httpx.request(method, sandbox.base_url + path, **options)

    assert answer.status_code == 400
    assert answer.json() == {"Message": WRONG_KEY}
    (request,) = sandbox.requests
    assert request.reason == "the API key is missing"
    assert request.key_fingerprint is None
    assert sandbox.messages == ()


@pytest.mark.parametrize("case", CALLS)
def test_a_bad_key_is_answered_as_other_clients_saw_it_on_request(case: str) -> None:
    method, path, options = CALLS[case]
    settings = Settings(key_status="gateway")
    with Sandbox(settings=settings, api_keys=["right"]) as sandbox:
        answer = httpx.request(method, sandbox.base_url + path, **options)
        assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})
        url = f"{sandbox.base_url}/message"
        answer = httpx.post(url, json={}, headers={"x-api-key": "wrong"})
        assert (answer.status_code, answer.json()) == (403, {"Message": WRONG_KEY})
    with pytest.raises(ValueError, match="key_status must be one of documented, gateway"):
        Settings(key_status="other")  # type: ignore[arg-type]


def test_only_the_given_keys_are_accepted_if_some_are_given() -> None:
    message = message_to()
    with Sandbox(api_keys=["one", "two"]) as sandbox, httpx.Client() as client:
        url = f"{sandbox.base_url}/message"
        statuses = [
            client.post(url, json=message, headers={"x-api-key": key}).status_code
            for key in ("one", "two", "three", "One")
        ]
        simple = client.get(f"{sandbox.base_url}/simple/message", params={"apikey": "3", **SIMPLE})

    assert statuses == [200, 200, 400, 400]
    assert simple.json() == {"Message": WRONG_KEY}
    assert len(sandbox.messages) == 2
    reasons = [request.reason for request in sandbox.requests]
    assert reasons == [None, None, *["the API key is none of those that were set"] * 3]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v2/nothing"),
        ("POST", "/message"),
        ("POST", "/v2/message/"),
        ("POST", "/v2"),
        ("GET", "/nothing"),
        ("GET", "/v1/nothing"),
        ("GET", "/v1"),
    ],
)
def test_another_path_is_not_found(sandbox: Sandbox, method: str, path: str) -> None:
    answer = httpx.request(method, sandbox.url + path, headers={"x-api-key": "k"})

    assert answer.status_code == 404
    assert answer.json() == {"message": "Not Found"}
    (request,) = sandbox.requests
    assert (request.method, request.path, request.operation) == (method, path, None)
    assert (request.status_code, request.reason) == (404, "Not Found")


def test_a_long_path_is_recorded_in_part(sandbox: Sandbox) -> None:
    httpx.get(f"{sandbox.url}/{'a' * 1000}")

    assert len(sandbox.requests[0].path) == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_another_method_is_not_allowed_and_sends_nothing(sandbox: Sandbox, method: str) -> None:
    answer = call(sandbox, method, "/message")

    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert answer.content in (b'{"message": "Method Not Allowed"}', b"")
    assert sandbox.requests[0].reason == "Method Not Allowed"


def test_head_does_not_send_a_simple_message(sandbox: Sandbox) -> None:
    answer = call(sandbox, "HEAD", "/simple/message", params={"apikey": "k", **SIMPLE})

    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, POST"
    assert sandbox.messages == ()


@pytest.mark.parametrize("path", ["/message", "/messages", "/simple/message"])
def test_a_browser_is_not_invited_to_send(service: httpx.Client, path: str) -> None:
    """As docs/sandbox.md says: a page of another site must not send through a developer's sandbox."""
    headers = {"access-control-request-method": "POST"}
    answer = service.options(path, headers=headers)
    assert answer.status_code == 405
    foreign = {**headers, "origin": "https://app.example", "sec-fetch-site": "cross-site"}
    answer = service.options(path, headers=foreign)
    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.startswith("access-control")]
