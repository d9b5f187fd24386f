"""What each client refuses before anything is sent, and what it knows when sending failed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from smsmanager import (
    AsyncSmsManager,
    ConfigurationError,
    NotSentError,
    PartialSendError,
    SmsManager,
    ValidationError,
    compose,
)
from tests.client.conftest import accept_all

TO = "420777123456"
REFUSED: dict[str, tuple[str, tuple[Any, ...], dict[str, Any], list[str]]] = {
    "numbers": ("send", ("Hello",), {"to": [TO, "12", TO, "x"]}, ["to[1]", "to[3]"]),
    "priority": ("send_priority", ("",), {"to": TO}, ["body"]),
    "nobody": ("send", ("Hello",), {}, ["to"]),
    "empty batch": ("send_batch", ([],), {}, ["messages"]),
    "batch": (
        "send_batch",
        ([compose("Hello", to=TO), compose("x" * 1001, to=[TO, "1"])],),
        {},
        ["messages[1].to[1]", "messages[1].body"],
    ),
    "simple": ("send_simple", ("Hello",), {"to": TO, "sender": "x" * 12}, ["sender"]),
}


@pytest.mark.parametrize("how", REFUSED)
def test_a_refusal_names_its_fields_and_sends_nothing(client: Any, service: Any, how: str) -> None:
    method, arguments, fields, expected = REFUSED[how]
    with pytest.raises(ValidationError, match="Nothing was sent") as caught:
        getattr(client, method)(*arguments, **fields)
    assert [field for field, _ in caught.value.problems] == expected
    assert service.requests == []


def test_what_is_known_of_each_recipient_is_on_the_error(
    make: Callable[..., Any], service: Any
) -> None:
    service.script = [accept_all, httpx.ReadTimeout("lost")]
    numbers = [f"4207771{n:05d}" for n in range(250)]
    with pytest.raises(PartialSendError) as caught:
        make().send("Hello", to=numbers)
    assert [outcome.given for outcome in caught.value.result] == numbers
    assert caught.value.result.counts() == {"accepted": 100, "not_sent": 50, "unknown": 100}
    assert isinstance(caught.value.error.__cause__, httpx.ReadTimeout)
    assert len(service.requests) == 2


def test_a_closed_client_says_so(client: Any) -> None:
    client.close_client()
    with pytest.raises(ConfigurationError, match="closed"):
        client.send("Hello", to=TO)


@pytest.mark.parametrize("host", ["a..b", "x" * 64 + ".example"])
def test_a_host_that_cannot_exist_is_never_asked_for(host: str) -> None:
    address = f"https://{host}/v2"
    with SmsManager("any-key", base_url=address, retries=0) as client, pytest.raises(NotSentError):
        client.send("Hello", to=TO)

    async def main() -> None:
        async with AsyncSmsManager("any-key", base_url=address, retries=0) as other:
            await other.send("Hello", to=TO)

    with pytest.raises(NotSentError):
        asyncio.run(main())
