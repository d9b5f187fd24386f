"""The JSON API of a sandbox whose clock stands still."""

from collections.abc import Iterator

import pytest

from smsmanager.sandbox import Sandbox
from tests.sandbox.conftest import NOON


@pytest.fixture(scope="session")
def running() -> Iterator[Sandbox]:
    with Sandbox(clock="manual", now=NOON) as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def _no_rules(running: Sandbox) -> None:
    running.rules.clear()
