"""A sandbox whose clock stands still, and a receiver of webhooks."""

from collections.abc import Iterator

import pytest

from smsmanager.sandbox import Sandbox
from tests.sandbox.conftest import NOON
from tests.webhook_receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def still() -> Iterator[Sandbox]:
    """Return a sandbox whose clock stands at noon on a Friday."""
    with Sandbox(clock="manual", now=NOON, seed=1) as sandbox:
        yield sandbox
