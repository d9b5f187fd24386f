"""What survives a restart."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from smsmanager.sandbox import MagicNumber, Sandbox

NUMBER = "420777123456"
NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)


def send(sandbox: Sandbox, *numbers: str, **fields: Any) -> None:
    to = [{"phone_number": number} for number in numbers or [NUMBER]]
    message = {"to": to, "body": "Hello", **fields}
    httpx.post(f"{sandbox.base_url}/message", json=message, headers={"x-api-key": "k"})


def test_messages_timelines_replies_and_opt_outs_survive(tmp_path: Path) -> None:
    data = tmp_path / "sandbox.sqlite"
    params = {"_url": {"type": "full"}}
    with Sandbox(clock="manual", now=NOON, data=data) as sandbox:
        sandbox.inbox("k").configure(credit="100")
        text = "Read https://example.com/a"
        send(sandbox, NUMBER, MagicNumber.REJECTED, body=text, params=params, sender="Shop")
        send(sandbox, MagicNumber.STOPS)
        httpx.post(f"{sandbox.base_url}/message", json={"to": []}, headers={"x-api-key": "k"})
        sandbox.settle()
        before = [message.as_json_with_timeline() for message in sandbox.messages]
        requests, credit = sandbox.requests, sandbox.inbox("k").credit

    later = NOON + timedelta(days=1)
    with Sandbox(clock="manual", now=later, data=data) as sandbox:
        assert [message.as_json_with_timeline() for message in sandbox.messages] == before
        assert sandbox.requests == requests
        assert sandbox.opted_out == {MagicNumber.STOPS}
        assert sandbox.inbox("k").credit == credit
        assert isinstance(credit, Decimal)
        (reply,) = sandbox.incoming
        assert (reply.body, reply.reply_to) == ("STOP", sandbox.messages[2])
        path = sandbox.messages[0].journey.links[0].as_json()["path"]
        assert httpx.get(sandbox.url + path).status_code == 302
        send(sandbox, MagicNumber.STOPS)
        assert sandbox.messages[-1].state == "rejected"
        assert sandbox.messages[-1].sequence > reply.sequence


def test_what_was_under_way_goes_on_and_nothing_is_reported_twice(tmp_path: Path) -> None:
    data = tmp_path / "sandbox.sqlite"
    with Sandbox(clock="manual", now=NOON, data=data) as sandbox:
        send(sandbox, datetime="2027-01-02T08:00:00Z")
        send(sandbox)
        sandbox.advance(2)

    with Sandbox(clock="manual", now=NOON + timedelta(minutes=1), data=data) as sandbox:
        waiting, sent = sandbox.messages
        assert (waiting.state, sent.state) == ("waiting", "sent")
        sandbox.settle()

    for message in (waiting, sent):
        results = [entry.result for entry in message.timeline if entry.kind == "report"]
        assert results == ["sending", "sent", "delivered"]
    starts = [entry.at for entry in waiting.timeline if entry.kind == "step"]
    assert starts == [datetime(2027, 1, 2, 8, tzinfo=UTC)]


def test_what_was_cleared_or_pruned_is_gone(tmp_path: Path) -> None:
    data = tmp_path / "sandbox.sqlite"
    with Sandbox(data=data, max_messages=3) as sandbox:
        for index in range(5):
            send(sandbox, body=str(index))
    with Sandbox(data=data, max_messages=3) as sandbox:
        assert [message.body for message in sandbox.messages] == ["2", "3", "4"]
        sandbox.clear()
        send(sandbox, body="5")
    with Sandbox(data=data) as sandbox:
        assert [message.body for message in sandbox.messages] == ["5"]


def test_the_same_sandbox_can_be_started_again(tmp_path: Path) -> None:
    sandbox = Sandbox(data=tmp_path / "sandbox.sqlite")
    for count in (1, 2):
        with sandbox:
            send(sandbox)
            assert len(sandbox.messages) == count


def test_neither_key_nor_secret_is_in_the_file(tmp_path: Path) -> None:
    data = tmp_path / "sandbox.sqlite"
    with Sandbox(data=data) as sandbox:
        sandbox.inbox("a-key-of-the-tests").configure(secret="a-secret-of-the-tests")
        message = {"to": [{"phone_number": NUMBER}], "body": "Hello"}
        headers = {"x-api-key": "a-key-of-the-tests"}
        httpx.post(f"{sandbox.base_url}/message", json=message, headers=headers)

    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"Hello" in content
    assert b"of-the-tests" not in content


def test_another_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("These are notes, and no data of a sandbox." * 100)
    with pytest.raises(ValueError, match="no file of a sandbox"):
        Sandbox(data=text).start()
    assert text.read_text().startswith("These are notes")

    later = tmp_path / "later.sqlite"
    with sqlite3.connect(later) as file:
        file.execute("PRAGMA user_version = 99")
    file.close()
    with pytest.raises(ValueError, match="another version"):
        Sandbox(data=later).start()
    with pytest.raises(OSError, match="cannot be opened"):
        Sandbox(data=tmp_path / "missing" / "sandbox.sqlite").start()
