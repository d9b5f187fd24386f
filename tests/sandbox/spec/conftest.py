"""The same as above, with a sandbox that takes the description to the letter."""

from collections.abc import Iterator

import httpx
import pytest

from smsmanager.sandbox import Sandbox

KEY = "a-key-of-the-tests"


@pytest.fixture(scope="session")
def running() -> Iterator[Sandbox]:
    with Sandbox(rules="spec") as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def connection(running: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.base_url, headers={"x-api-key": KEY}) as client:
        yield client


@pytest.fixture(scope="session")
def api_connection(running: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{running.url}/sandbox") as client:
        yield client
