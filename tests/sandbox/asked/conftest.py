"""A sandbox whose clock stands still, and a function that asks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from smsmanager.sandbox import RestSettings, Sandbox, Settings

NUMBER = "420777123456"
OTHER = "420777123457"
KEY = "a-key-of-the-tests"
DAY = "2027-01-01"
# A Friday at noon.
NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)


class Asked:
    """A sandbox, and what is sent to it and asked of it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._http = httpx.Client(base_url=sandbox.url, trust_env=False)

    def close(self) -> None:
        self._http.close()

    def call(
        self, method: str, path: str, body: Any = None, *, key: str | None = KEY, **query: str
    ) -> httpx.Response:
        """Send a request to an operation of the REST API."""
        return self._http.request(
            method,
            f"/v1{path}",
            params=query or None,
            json=body,
            headers={} if key is None else {"x-api-key": key},
        )

    def get(self, path: str, *, key: str | None = KEY, **query: str) -> Any:
        """Return the JSON of a 200."""
        answer = self.call("GET", path, key=key, **query)
        assert answer.status_code == 200, answer.text
        assert answer.json()["success"] is True
        return answer.json()

    def send(self, *numbers: str, key: str = KEY, **fields: Any) -> list[str]:
        """Send one text, and return the ids of the answer."""
        to = [{"phone_number": number} for number in numbers or [NUMBER]]
        return self._send("/v2/message", {"to": to, "body": "Hello", **fields}, key)

    def send_batch(self, *numbers: str, **fields: Any) -> str:
        """Send one message of a batch, and return its id."""
        to = [{"phone_number": number} for number in numbers]
        (message_id,) = self._send("/v2/messages", [{"to": to, "body": "Hello", **fields}], KEY)
        return message_id

    def _send(self, path: str, body: Any, key: str) -> list[str]:
        answer = self._http.post(path, json=body, headers={"x-api-key": key})
        assert answer.status_code == 200, answer.text
        return [item["message_id"] for item in answer.json()["accepted"]]

    def rows(self, day: str = DAY, **query: str) -> list[dict[str, Any]]:
        """Return all rows of a day, page by page."""
        found: list[dict[str, Any]] = []
        cursor: str | None = ""
        while cursor is not None:
            given = {"cursor": cursor} if cursor else {}
            answer = self.get("/messages", date=day, **query, **given)
            found += answer["messages"]
            cursor = answer["next_cursor"]
        return found


Start = Callable[..., Asked]


@pytest.fixture
def start() -> Iterator[Start]:
    """Return a function that starts a sandbox with some settings."""
    with ExitStack() as stack:

        def begin(rest: RestSettings | None = None, now: datetime = NOON, **settings: Any) -> Asked:
            chosen = Settings(rest=rest or RestSettings(), **settings)
            sandbox = stack.enter_context(Sandbox(clock="manual", now=now, settings=chosen))
            asked = Asked(sandbox)
            stack.callback(asked.close)
            return asked

        yield begin


@pytest.fixture
def asked(start: Start) -> Asked:
    return start()
