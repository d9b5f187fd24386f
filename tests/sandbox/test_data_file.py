"""What survives a restart."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from smsmanager.sandbox import MagicNumber, Sandbox
from tests.sandbox.conftest import NOON, NUMBER, post, send

FINGERPRINT = "8254c329a928"
WRITTEN_BY_THE_FIRST_VERSION = {
    "messages": (
        1,
        {
            "sequence": 1,
            "request_id": "r",
            "message_id": "m",
            "operation": "sendMessage",
            "to": MagicNumber.STOPS,
            "to_given": MagicNumber.STOPS,
            "key_fingerprint": FINGERPRINT,
            "status": "accepted",
            "steps": [["viber", "Read a.cz", None, {"ttl": 5}], ["sms", "Read a.cz", None, {}]],
            "message": {"to": [{"phone_number": MagicNumber.STOPS}], "body": "Read a.cz"},
            "received_at": "2027-01-01T12:00:00+00:00",
            "notes": [],
            "state": "delivered",
            "due": None,
            "why": None,
            "runs": [[1798804800.0, "delivered", ["0.60", "0.024", 1]]],
            "entries": [
                [1798804800.0, "report", 0, "sending", None, ""],
                [1798804803.0, "report", 0, "delivered", 0, "Delivered"],
                [1798804808.0, "reply", 0, None, None, "STOP"],
            ],
            "links": [["i0VpEBO", "a.cz", "http://a.cz", "s.cz/i0VpEBO", 1799409600.0, 0]],
        },
    ),
    "requests": (
        1,
        {
            "sequence": 1,
            "method": "POST",
            "path": "/v2/message",
            "operation": "sendMessage",
            "status_code": 200,
            "reason": None,
            "request_id": "r",
            "recipients": 1,
            "key_fingerprint": FINGERPRINT,
            "content": None,
            "received_at": "2027-01-01T12:00:00+00:00",
        },
    ),
    "incoming": (
        2,
        {
            "sequence": 2,
            "key_fingerprint": FINGERPRINT,
            "gateway": "viber",
            "sender": MagicNumber.STOPS,
            "recipient": "SANDBOX",
            "body": "STOP",
            "at": 1798804808.0,
            "auto_reply": None,
            "email_to": None,
            "is_opt_out": True,
            "reply_to": "m",
        },
    ),
    "accounts": (
        FINGERPRINT,
        {
            "fingerprint": FINGERPRINT,
            "credit": "12.50",
            "callback": None,
            "opted_out": [MagicNumber.STOPS],
            "spent": ["0.60", "0.024"],
        },
    ),
}


def test_a_file_of_the_first_version_is_read(tmp_path: Path) -> None:
    data = tmp_path / "sandbox.sqlite"
    with contextlib.closing(sqlite3.connect(data)) as file, file:
        for table, (key, content) in WRITTEN_BY_THE_FIRST_VERSION.items():
            file.execute(f"CREATE TABLE {table} (id PRIMARY KEY, content TEXT NOT NULL)")
            file.execute(f"INSERT INTO {table} VALUES (?, ?)", (key, json.dumps(content)))  # noqa: S608 - constants
        file.execute("PRAGMA user_version = 1")

    with Sandbox(clock="manual", now=NOON, data=data) as sandbox:
        (message,), (request,), (reply,) = sandbox.messages, sandbox.requests, sandbox.incoming
        assert (message.state, message.channels) == ("delivered", ("viber", "sms"))
        assert message.texts == ("Read s.cz/i0VpEBO",) * 2
        assert [entry.kind for entry in message.timeline] == [
            "received",
            "step",
            "report",
            "report",
            "reply",
        ]
        assert (request.request_id, request.recipients) == ("r", 1)
        assert (reply.reply_to, reply.is_opt_out) == (message, True)
        assert sandbox.credit == Decimal("12.50")
        assert sandbox.opted_out == {MagicNumber.STOPS}


def test_messages_timelines_replies_and_opt_outs_survive(tmp_path: Path) -> None:
    data = tmp_path / "sandbox.sqlite"
    params = {"_url": {"type": "full"}}
    with Sandbox(clock="manual", now=NOON, data=data) as sandbox:
        sandbox.inbox("k").configure(credit="100")
        text = "Read https://example.com/a"
        send(sandbox, NUMBER, MagicNumber.REJECTED, body=text, params=params, sender="Shop")
        send(sandbox, MagicNumber.STOPS)
        post(sandbox, {"to": []})
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
        send(sandbox, key="a-key-of-the-tests")

    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"Hello" in content
    assert b"of-the-tests" not in content


def test_another_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("These are notes, and not data of a sandbox." * 100)
    with pytest.raises(ValueError, match="not a file of a sandbox"):
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
