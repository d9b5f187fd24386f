"""One sandbox for each worker, emptied for each test."""

from collections.abc import Callable, Iterator
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
def connect() -> Iterator[Callable[..., httpx.Client]]:
    """Return a function that returns a client, one per address: it takes longer to make than to use."""
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
