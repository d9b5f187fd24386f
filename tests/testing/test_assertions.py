"""Assertions about what was sent, and their messages when they fail."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from smsmanager import Sms, SmsManager, Viber
from smsmanager.sandbox import Fault, Sandbox
from smsmanager.sandbox.engine.outcome_rules import Rule
from smsmanager.testing import IsolatedSandbox, SandboxServer


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


@pytest.fixture
def sandbox(server: SandboxServer) -> IsolatedSandbox:
    return server.isolated()


@pytest.fixture
def client(sandbox: IsolatedSandbox) -> Iterator[SmsManager]:
    with sandbox.client() as client:
        yield client


FITS: list[dict[str, Any]] = [
    {},
    {"to": "+420 777 123 456"},
    {"containing": "CODE is"},
    {"body": "Your code is 481516."},
    {"body": "See https://example.com"},
    {"tag": "login"},
    {"tag": "Login,urgent"},
    {"channel": "viber"},
    {"sender": "Shop"},
    {"state": "waiting"},
    {"to": "777123456", "containing": "code", "count": 1},
]
MISSES: list[tuple[dict[str, Any], str]] = [
    ({"to": "777123457"}, "to is 420777123456"),
    ({"containing": "password"}, "no text contains 'password'"),
    ({"body": "Your code"}, "no text is the same as body"),
    ({"tag": "news"}, "tags are login, urgent"),
    ({"tag": "!"}, "tags are login, urgent"),
    ({"channel": "rcs"}, "channels are viber, sms"),
    ({"sender": "Bank"}, "sender is Shop"),
    ({"state": "delivered"}, "state is waiting"),
]


def send(client: SmsManager) -> None:
    client.send(
        "Your code is 481516.",
        to="420777123456",
        sender="Shop",
        tag="login,urgent",
        at="2300-01-01T00:00:00Z",
        flow=[Viber(body="See https://example.com"), Sms()],
    )


@pytest.mark.parametrize("conditions", FITS, ids=str)
def test_what_was_sent_is_found(
    sandbox: IsolatedSandbox, client: SmsManager, conditions: dict[str, Any]
) -> None:
    send(client)
    assert sandbox.assert_sent(**conditions) is sandbox.messages[0]
    conditions.pop("count", None)
    with pytest.raises(
        AssertionError, match="but 1 message came:\n  to 420777123456 by viber > sms"
    ):
        sandbox.assert_not_sent(**conditions)


@pytest.mark.parametrize(("conditions", "why"), MISSES, ids=str)
def test_what_was_not_sent_is_missed_and_the_nearest_shown(
    sandbox: IsolatedSandbox, client: SmsManager, conditions: dict[str, Any], why: str
) -> None:
    send(client)
    sandbox.assert_not_sent(**conditions)
    with pytest.raises(AssertionError) as caught:
        sandbox.assert_sent(**conditions)
    text = str(caught.value)
    assert text.startswith("Expected at least one message with ")
    assert "; none of 1 match.\nNearest:\n" in text
    assert text.endswith(f"'See https://example.com': {why}")


def test_the_nearest_three_come_first(sandbox: IsolatedSandbox, client: SmsManager) -> None:
    for text, to in (("a", "1"), ("a", "2"), ("code", "3"), ("b", "4"), ("c" * 200, "5")):
        client.send(text, to=f"42077712345{to}")
    with pytest.raises(AssertionError) as caught:
        sandbox.assert_sent(to="777123455", containing="code")
    lines = str(caught.value).splitlines()
    assert lines[2].startswith(f"  to 420777123455 by sms '{'c' * 79}…'")
    assert lines[3].startswith("  to 420777123453 by sms 'code': to is")
    assert len(lines) == 5


def test_a_wrong_count_says_how_many(sandbox: IsolatedSandbox, client: SmsManager) -> None:
    client.send("a", to=["420777123451", "420777123452"])
    with pytest.raises(
        AssertionError, match=r"^Expected 3 messages with tag='promotional'; 2 of 2 match\.$"
    ):
        sandbox.assert_sent(tag="promotional", count=3)
    with pytest.raises(AssertionError, match="Expected no message, but 2 messages came"):
        sandbox.assert_not_sent()
    with pytest.raises(ValueError, match="assert_not_sent"):
        sandbox.assert_sent(count=0)


def test_refused_requests_and_other_keys_are_named(
    server: SandboxServer, sandbox: IsolatedSandbox, client: SmsManager
) -> None:
    with pytest.raises(
        AssertionError, match=r"^Expected at least one message with anything; none of 0 match\.$"
    ):
        sandbox.assert_sent()
    client.send("Hello", to="420777123456")
    other = server.sandbox.inbox("another-key")
    with client.with_options(validate=False) as careless, pytest.raises(Exception, match="400"):
        careless.send("Hello", to="420777123456", flow=[Sms(ttl=-1)])
    with pytest.raises(AssertionError) as caught:
        sandbox.assert_sent(body="Bye")
    assert "\n1 request refused, the last ones:\n  POST /v2/message: 400, /flow/0/sms/ttl" in str(
        caught.value
    )
    with pytest.raises(AssertionError, match="1 message came with another API key"):
        other.assert_sent(body="Hello")


def test_without_pytest_and_without_a_key() -> None:
    with Sandbox() as sandbox, SmsManager("any", base_url=sandbox.base_url) as client:
        client.send("Hello", to="420777123456")
        assert sandbox.assert_sent(to="777123456").body == "Hello"
        sandbox.assert_not_sent(containing="bye")


def test_a_new_start_forgets_all(server: SandboxServer, sandbox: IsolatedSandbox) -> None:
    begun = sandbox.clock.now
    sandbox.rules.add(Rule("undelivered"))
    sandbox.inject(Fault("hang"), times=None)
    sandbox.configure(credit=1, secret="s", callback="http://127.0.0.1:9/")
    server.sandbox._engine.configure(credit=Decimal(5))
    sandbox.advance(3600)
    fresh = server.isolated()
    assert fresh.api_key != sandbox.api_key
    assert fresh.clock.now >= begun
    assert fresh.clock.now < sandbox.clock.now.replace(year=begun.year + 1)
    assert fresh.credit is None
    with fresh.client() as client:
        assert client.send("Hello", to="420777123456").ok
    fresh.settle()
    assert fresh.assert_sent(state="delivered").result_info
    assert server.sandbox._engine.settings == server.sandbox._settings


@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_an_awaiting_client_leaves_no_connection(
    sandbox: IsolatedSandbox, anyio_backend: str
) -> None:
    client = sandbox.async_client()
    assert (await client.send("Hello", to="420777123456")).ok, anyio_backend
    sandbox.assert_sent(body="Hello")
