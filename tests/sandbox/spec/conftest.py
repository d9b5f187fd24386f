"""A sandbox that follows the description to the letter."""

from collections.abc import Iterator

import pytest

from smsmanager.sandbox import Sandbox


@pytest.fixture(scope="session")
def running() -> Iterator[Sandbox]:
    with Sandbox(rules="spec") as sandbox:
        yield sandbox
