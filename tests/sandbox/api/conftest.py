"""The JSON API of a sandbox whose clock stands still."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from smsmanager.sandbox import Sandbox
from tests.sandbox.conftest import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

NUMBER = "420777123456"
NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def running() -> Iterator[Sandbox]:
    with Sandbox(clock="manual", now=NOON) as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def _no_rules(running: Sandbox) -> None:
    running.rules.clear()


def send(service: httpx.Client, *numbers: str, key: str = KEY, **fields: Any) -> list[str]:
    """Send a message, and return the ids of the answer."""
    to = [{"phone_number": number} for number in numbers or [NUMBER]]
    message = {"to": to, "body": "Hello", **fields}
    answer = service.post("/message", json=message, headers={"x-api-key": key})
    assert answer.status_code == 200, answer.text
    return [item["message_id"] for item in answer.json()["accepted"]]
