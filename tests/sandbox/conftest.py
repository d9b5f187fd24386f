"""One sandbox for each worker, emptied for each test."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from smsmanager.sandbox import Sandbox

KEY = "k"
NUMBER = "420777123456"
JSON_TYPE, FORM_TYPE = "application/json", "application/x-www-form-urlencoded"
# A Friday at noon.
NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)


def message_to(*numbers: str, **fields: Any) -> dict[str, Any]:
    """Return a message as JSON."""
    return {"to": [{"phone_number": n} for n in numbers or [NUMBER]], "body": "Hello", **fields}


def call(
    sandbox: Sandbox, method: str, path: str, *, key: str = KEY, **what: Any
) -> httpx.Response:
    """Ask the service something."""
    headers = {"x-api-key": key, **what.pop("headers", {})}
    # Whose certificates it would trust takes longer to read than the rest of the call.
    return httpx.request(
        method,
        f"{sandbox.base_url}{path}",
        headers=headers,
        verify=False,  # noqa: S501
        **what,
    )


def post(
    sandbox: Sandbox, content: Any, *, path: str = "/message", key: str = KEY
) -> httpx.Response:
    """Post JSON to the service."""
    return call(sandbox, "POST", path, key=key, json=content)


def raw(
    sandbox: Sandbox, content: Any, path: str = "/message", *, content_type: str = JSON_TYPE
) -> httpx.Response:
    """Post bytes, or anything that httpx turns into bytes."""
    return call(sandbox, "POST", path, content=content, headers={"content-type": content_type})


def simple(sandbox: Sandbox, method: str, fields: dict[str, Any]) -> httpx.Response:
    """Send a simple message, as a form or by query string."""
    given: dict[str, Any] = (
        {"params": {"apikey": KEY, **fields}} if method == "GET" else {"data": fields}
    )
    return call(sandbox, method, "/simple/message", **given)


def send(
    sandbox: Sandbox, *numbers: str, key: str = KEY, path: str = "/message", **fields: Any
) -> list[str]:
    """Send a message; return the ids of the answer."""
    answer = post(sandbox, message_to(*numbers, **fields), path=path, key=key)
    assert answer.status_code == 200, answer.text
    return [item["message_id"] for item in answer.json()["accepted"]]


@pytest.fixture(scope="session")
def description() -> str:
    return (Path(__file__).parents[2] / "openapi.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def message_examples(description: str) -> dict[str, dict[str, object]]:
    """Return the examples of `POST /message` in the description, by name."""
    operation = yaml.safe_load(description)["paths"]["/message"]["post"]
    examples = operation["requestBody"]["content"]["application/json"]["examples"]
    return {name: example["value"] for name, example in examples.items()}


@pytest.fixture(scope="session")
def running() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.clear()
    return running


@pytest.fixture(scope="session")
def connect() -> Iterator[Callable[..., httpx.Client]]:
    """Return a function that returns a client, one per address: creating one takes longer than using it."""
    clients: dict[str, httpx.Client] = {}

    def client(url: str, **headers: str) -> httpx.Client:
        if url not in clients:
            clients[url] = httpx.Client(base_url=url, headers=headers)
        return clients[url]

    yield client
    for each in clients.values():
        each.close()


@pytest.fixture
def service(sandbox: Sandbox, connect: Callable[..., httpx.Client]) -> httpx.Client:
    """Return a client of the service's operations."""
    return connect(sandbox.base_url, **{"x-api-key": KEY})


@pytest.fixture
def api(sandbox: Sandbox, connect: Callable[..., httpx.Client]) -> httpx.Client:
    """Return a client of the JSON API."""
    return connect(f"{sandbox.url}/sandbox")
