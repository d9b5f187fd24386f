"""One sandbox for each worker, emptied for each test."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml

from smsmanager.sandbox import Sandbox

KEY = "a-key-of-the-tests"


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
def connection(running: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.base_url, headers={"x-api-key": KEY}) as client:
        yield client


@pytest.fixture
def service(sandbox: Sandbox, connection: httpx.Client) -> httpx.Client:
    """Return a client of the service's operations."""
    assert str(connection.base_url).startswith(sandbox.base_url)
    return connection


@pytest.fixture(scope="session")
def api_connection(running: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{running.url}/sandbox") as client:
        yield client


@pytest.fixture
def api(sandbox: Sandbox, api_connection: httpx.Client) -> httpx.Client:
    """Return a client of the JSON API."""
    assert str(api_connection.base_url).startswith(sandbox.url)
    return api_connection
