"""The fixtures of the plugin, as a test in a project that installed the package uses them.

It runs here, and in separate runs of pytest: see `test_pytest_plugin`.
"""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from smsmanager import AsyncSmsManager, SmsManager
from smsmanager.testing import IsolatedSandbox, SandboxServer


def test_it_sends_and_sees(
    smsmanager_sandbox: IsolatedSandbox, smsmanager_client: SmsManager
) -> None:
    result = smsmanager_client.send("Your code is 481516.", to="+420 777 123 456")
    message = smsmanager_sandbox.assert_sent(to="777123456", containing="CODE")
    assert message.code == "481516"
    assert message.message_id == result[0].message_id


@pytest.mark.parametrize("number", range(20))
def test_nothing_of_another_test_is_there(
    smsmanager_sandbox: IsolatedSandbox, smsmanager_client: SmsManager, number: int
) -> None:
    assert len(smsmanager_sandbox.messages) == 0
    smsmanager_sandbox.assert_not_sent()
    smsmanager_client.send(f"Message {number}", to="420777123456", sender="Shop", tag="a")
    message = smsmanager_sandbox.assert_sent(count=1)
    assert message.body == f"Message {number}"
    smsmanager_sandbox.settle()
    assert message.state == "delivered"


def test_a_program_that_makes_its_own_client(smsmanager_sandbox: IsolatedSandbox) -> None:
    assert os.environ["SMSMANAGER_BASE_URL"] == smsmanager_sandbox.base_url
    with SmsManager() as client:
        client.send("Hello", to="420777123456")
    smsmanager_sandbox.assert_sent(body="Hello", count=1)


def test_a_program_in_another_thread(
    smsmanager_sandbox: IsolatedSandbox, smsmanager_client: SmsManager
) -> None:
    thread = threading.Thread(
        target=smsmanager_client.send, args=("Hi",), kwargs={"to": "420777123456"}
    )
    thread.start()
    assert smsmanager_sandbox.wait_for(containing="hi").to == "420777123456"
    thread.join()


@pytest.mark.parametrize("again", range(2))
def test_the_clock_starts_anew(smsmanager_sandbox: IsolatedSandbox, again: int) -> None:
    now = smsmanager_sandbox.clock.now
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=5)
    later = smsmanager_sandbox.advance(timedelta(days=400)).now
    assert later - now == timedelta(days=400)


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_an_asynchronous_program(
    smsmanager_sandbox: IsolatedSandbox,
    async_smsmanager_client: AsyncSmsManager,
    anyio_backend: str,
) -> None:
    result = await async_smsmanager_client.send("Hello", to="420777123456")
    assert result.ok
    await smsmanager_sandbox.settle_async()
    assert smsmanager_sandbox.assert_sent(to="420777123456").state == "delivered"


@pytest.mark.parametrize("name", ["smsmanager_client", "async_smsmanager_client"])
def test_each_test_has_a_key_of_its_own(
    smsmanager_sandbox: IsolatedSandbox,
    smsmanager_sandbox_server: SandboxServer,
    request: pytest.FixtureRequest,
    name: str,
) -> None:
    client = request.getfixturevalue(name)
    assert smsmanager_sandbox.api_key not in repr(client)
    message = {"to": [{"phone_number": "420777123456"}], "body": "Of another test"}
    url = f"{smsmanager_sandbox.base_url}/message"
    httpx.post(url, json=message, headers={"x-api-key": "test-key-0"})
    assert smsmanager_sandbox.messages == ()
    assert len(smsmanager_sandbox_server.sandbox.messages) == 1
