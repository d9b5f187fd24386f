"""Asking the service about messages in doubt."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from smsmanager import AsyncSmsManager, SmsManager
from smsmanager.outbox import Outbox
from smsmanager.outbox._adding import new_row
from smsmanager.outbox._kept_message import id_of_first
from smsmanager.sandbox import Sandbox

NUMBER = "420777123456"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox(f"sqlite:///{tmp_path / 'outbox.db'}") as outbox:
        outbox.create_table()
        yield outbox


def lose(outbox: Outbox, client: SmsManager, text: str, **fields: Any) -> None:
    """Send a message whose answer is lost after the service took it."""
    note = outbox._store.note
    outbox._store.note = lambda *_: None  # type: ignore[method-assign]
    outbox.send_once(client, text, key=text, to=fields.pop("to", NUMBER), **fields)
    outbox._store.note = note  # type: ignore[method-assign]


def state(outbox: Outbox, key: str) -> str:
    entry = outbox.find(key)
    assert entry is not None
    return entry.state.value


def test_what_was_taken_is_found(sandbox: Sandbox, outbox: Outbox) -> None:
    with SmsManager("key", base_url=sandbox.base_url) as client:
        lose(outbox, client, "taken")
        lose(outbox, client, "several", to=[NUMBER, "420777123457"])
        outbox.send_once(client, "known", key="known", to=NUMBER)
        # Two with the same text to the same number: it is impossible to say which is which.
        for key in ("one", "two"):
            note = outbox._store.note
            outbox._store.note = lambda *_: None  # type: ignore[method-assign]
            outbox.send_once(client, "same", key=key, to=NUMBER)
            outbox._store.note = note  # type: ignore[method-assign]
        sent = len(sandbox.messages)
        outbox._store.tend(outbox._clocks.now() + 1000)
        assert outbox.stats().counts == {"unknown": 4}
        # Any of the four may be the one that is asked about.
        settled = outbox.settle(client, most=1)
        assert settled <= 1
        assert settled + outbox.settle(client) + outbox.settle(client) == 2
        assert outbox.settle(client) == 0
        assert len(sandbox.messages) == sent
    assert (state(outbox, "taken"), state(outbox, "several")) == ("accepted", "accepted")
    assert (state(outbox, "one"), state(outbox, "two")) == ("unknown", "unknown")
    found = outbox.find("taken")
    assert found is not None
    assert found.result is not None
    assert found.result[0].message_id in {each.message_id for each in sandbox.messages}
    several = outbox.find("several")
    assert several is not None
    assert several.result is not None
    assert several.result[1].message_id is not None
    assert several.result[1].message_id.endswith("-1")


def test_what_is_settled_takes_the_place_of_nothing_in_doubt(
    sandbox: Sandbox, outbox: Outbox
) -> None:
    """Only a limited number is asked about; an older message with a known outcome is not among them."""
    with SmsManager("key", base_url=sandbox.base_url) as client:
        outbox.send_once(client, "known", key="known", to=NUMBER)
        lose(outbox, client, "taken")
        outbox._store.tend(outbox._clocks.now() + 1000)
        assert outbox.settle(client, most=1) == 1
    assert state(outbox, "taken") == "accepted"


def test_what_is_never_found_keeps_no_other_waiting(sandbox: Sandbox, outbox: Outbox) -> None:
    with SmsManager("key", base_url=sandbox.base_url) as client:
        row = new_row("never", "gone", {"to": NUMBER}, outbox._clocks.now(), drained=False)
        outbox._store.take(client._settings, row, outbox._clocks.now(), "f" * 32)
        lose(outbox, client, "taken")
        outbox._store.tend(outbox._clocks.now() + 1000)
        # By chance, half of the calls ask about the one that the service does not have.
        assert any(outbox.settle(client, most=1) for _ in range(50))
    assert (state(outbox, "taken"), state(outbox, "never")) == ("accepted", "unknown")


async def test_asynchronously(sandbox: Sandbox, outbox: Outbox) -> None:
    with SmsManager("key", base_url=sandbox.base_url) as client:
        lose(outbox, client, "taken")
    outbox._store.tend(outbox._clocks.now() + 1000)
    async with AsyncSmsManager("key", base_url=sandbox.base_url) as client:
        assert await outbox.settle(client) == 1
    assert state(outbox, "taken") == "accepted"


def past_the_lease(outbox: Outbox) -> None:
    """Let 1,000 seconds pass, in which nobody drains."""
    now_s = outbox._clocks.now() + 1000
    outbox._clocks = attrs.evolve(outbox._clocks, now=lambda: now_s)


def test_a_lease_that_has_expired_is_ended_without_a_drain(
    sandbox: Sandbox, outbox: Outbox
) -> None:
    with SmsManager("key", base_url=sandbox.base_url) as client:
        lose(outbox, client, "taken")
        assert outbox.settle(client) == 0
        assert state(outbox, "taken") == "in_flight"
        past_the_lease(outbox)
        assert outbox.settle(client) == 1
    assert state(outbox, "taken") == "accepted"


async def test_a_lease_that_has_expired_is_ended_asynchronously(
    sandbox: Sandbox, outbox: Outbox
) -> None:
    with SmsManager("key", base_url=sandbox.base_url) as client:
        lose(outbox, client, "taken")
    past_the_lease(outbox)
    async with AsyncSmsManager("key", base_url=sandbox.base_url) as client:
        assert await outbox.settle(client) == 1
    assert state(outbox, "taken") == "accepted"


def test_a_known_message_belongs_to_no_other_key(sandbox: Sandbox, outbox: Outbox) -> None:
    """The only message with this text belongs to another key."""
    with SmsManager("key", base_url=sandbox.base_url) as client:
        outbox.send_once(client, "same", key="known", to=[NUMBER, "420777123457"])
        now_s = outbox._clocks.now()
        row = new_row("lost", "same", {"to": "420777123457"}, now_s, drained=False)
        outbox._store.take(client._settings, row, now_s, "f" * 32)
        outbox._store.tend(outbox._clocks.now() + 1000)
        assert outbox.settle(client) == 0
    assert state(outbox, "lost") == "unknown"


def test_what_the_caller_knows_of_counts_too(sandbox: Sandbox, outbox: Outbox) -> None:
    with SmsManager("key", base_url=sandbox.base_url) as client:
        lose(outbox, client, "taken")
        outbox._store.tend(outbox._clocks.now() + 1000)
        [message] = sandbox.messages
        assert message.message_id is not None
        assert outbox.settle(client, bound=[message.message_id]) == 0
        assert outbox.settle(client) == 1


def test_a_row_that_changed_meanwhile_is_left_alone(
    sandbox: Sandbox, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SmsManager("key", base_url=sandbox.base_url) as client:
        lose(outbox, client, "taken")
        outbox._store.tend(outbox._clocks.now() + 1000)
        settle = client.settle

        def meanwhile(*arguments: Any, **options: Any) -> Any:
            outbox.send_again("taken", resend_unknown=True)
            return settle(*arguments, **options)

        monkeypatch.setattr(client, "settle", meanwhile)
        assert outbox.settle(client) == 0
    assert state(outbox, "taken") == "pending"


@pytest.mark.parametrize(
    ("message_id", "index", "first"),
    [("m", 0, "m"), ("m-1", 1, "m-0"), ("m-2", 1, None), ("m", 1, None), (None, 0, None)],
)
def test_the_id_of_the_first_recipient(
    message_id: str | None, index: int, first: str | None
) -> None:
    assert id_of_first(message_id, index) == first
