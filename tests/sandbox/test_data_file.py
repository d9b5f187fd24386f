"""What survives a restart."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from smsmanager.sandbox import MagicNumber, Outcome, Rule, Sandbox
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


def test_the_key_is_not_in_the_file_which_only_its_owner_reads(tmp_path: Path) -> None:
    data = tmp_path / "sandbox.sqlite"
    # As an earlier version wrote it.
    data.touch(0o644)
    with Sandbox(data=data) as sandbox:
        sandbox.inbox("a-key-of-the-tests").configure(secret="a-secret")
        send(sandbox, key="a-key-of-the-tests")
        written(sandbox)
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
        assert set(modes.values()) == {0o600}, modes

    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"Hello" in content
    assert b"of-the-tests" not in content


def written(sandbox: Sandbox) -> None:
    """Wait until the file has everything."""
    store = sandbox._store
    assert store is not None
    while store._known < sandbox.feed.latest or store._whole:
        store._changed.set()
        store._closed.wait(0.01)


def test_webhooks_secrets_rules_and_the_clock_survive(tmp_path: Path) -> None:
    data = tmp_path / "sandbox.sqlite"
    callback = {
        "url": "http://127.0.0.1:9/a",
        "headers": {"a": "b"},
        "item": {"id": "{{message_id}}"},
    }
    with Sandbox(clock="manual", now=NOON, data=data) as sandbox:
        sandbox.inbox("k").configure(secret="s", callback="http://127.0.0.1:9/")
        sandbox.rules.add(Rule("seen", tag="a"))
        sandbox.rules.add(Rule(Outcome("failed", code=7, delay_s=5), to=NUMBER, times=3))
        send(sandbox, callback=callback)
        send(sandbox, flow=[{"viber": {}}])
        sandbox.advance(40)
        sandbox.reply("Hi", to=NUMBER)
        before = [delivery.as_json() for delivery in sandbox.deliveries]
        rules = [rule.as_json() for rule in sandbox.rules]
        assert {len(delivery["attempts"]) for delivery in before} >= {1, 2}
        shown = httpx.get(f"{sandbox.url}/messages/1").text.count("Send again")

    with Sandbox(clock="manual", now=NOON, data=data) as sandbox:
        assert sandbox.clock.now == NOON + timedelta(seconds=40)
        assert [delivery.as_json() for delivery in sandbox.deliveries] == before
        assert [{**rule.as_json(), "id": 0} for rule in sandbox.rules] == [
            {**rule, "id": 0} for rule in rules
        ]
        assert sandbox._engine.accounts.of(FINGERPRINT).secret == "s"
        assert shown == httpx.get(f"{sandbox.url}/messages/1").text.count("Send again") > 0
        # The next attempts come at their times.
        sandbox.settle()
        assert {delivery.state for delivery in sandbox.deliveries} == {"given_up"}
        assert {len(delivery.attempts) for delivery in sandbox.deliveries} == {5}
        ids = [delivery.id for delivery in sandbox.deliveries]
        send(sandbox)
        assert sandbox.deliveries[-1].id > max(ids)


def test_a_webhook_goes_with_its_message_and_its_key(tmp_path: Path) -> None:
    data = tmp_path / "sandbox.sqlite"
    with Sandbox(clock="manual", data=data, max_messages=1) as sandbox:
        send(sandbox, callback="http://127.0.0.1:9/")
        send(sandbox)
    with Sandbox(clock="manual", data=data) as sandbox:
        assert sandbox.deliveries == ()
        send(sandbox, callback="http://127.0.0.1:9/")
        assert len(sandbox.inbox("k").deliveries) == 1
        sandbox.inbox("other").clear()
        assert len(sandbox.inbox("k").deliveries) == 1
        sandbox.inbox("k").clear()
        assert sandbox.deliveries == ()
    with Sandbox(data=data) as sandbox:
        assert (sandbox.deliveries, sandbox.messages) == ((), ())


def test_a_message_that_was_deleted_leaves_the_file_unless_it_was_put_back(tmp_path: Path) -> None:
    data = tmp_path / "sandbox.sqlite"
    with Sandbox(clock="manual", data=data) as sandbox:
        for body in ("kept", "deleted", "back at once", "back later"):
            send(sandbox, body=body, callback="http://127.0.0.1:9/")
        sandbox.flush()
    with Sandbox(clock="manual", data=data) as sandbox:
        removal = sandbox._service.engine.removal
        kept, gone, at_once, later = sandbox.messages
        assert removal.remove(gone)
        removed = removal.remove(at_once)
        assert removed is not None
        removal.put_back(removed)
        removed = removal.remove(later)
        assert removed is not None
        sandbox.stop()
        with contextlib.closing(sqlite3.connect(data)) as file:
            found = file.execute("SELECT id FROM messages ORDER BY id").fetchall()
        assert found == [(kept.sequence,), (at_once.sequence,)]
        sandbox.start()
        removal.put_back(removed)
    with Sandbox(clock="manual", data=data) as sandbox:
        assert [found.body for found in sandbox.messages] == ["kept", "back at once", "back later"]
        assert {item[0] for found in sandbox.deliveries for item in found.items} == {
            *sandbox.messages
        }


def test_clearing_one_key_leaves_the_rest_in_the_file(tmp_path: Path) -> None:
    data = tmp_path / "sandbox.sqlite"
    with Sandbox(data=data) as sandbox:
        for key in ("a", "b", "a"):
            send(sandbox, key=key)
        sandbox.inbox("a").receive("Hi", sender=NUMBER)
        written(sandbox)
        sandbox.inbox("a").clear()
        send(sandbox, key="a")
    with Sandbox(data=data) as sandbox:
        assert (len(sandbox.inbox("a").messages), len(sandbox.inbox("b").messages)) == (1, 1)
        assert (len(sandbox.requests), sandbox.incoming) == (2, ())


def test_what_changed_while_it_was_stopped_is_in_the_file(tmp_path: Path) -> None:
    data = tmp_path / "sandbox.sqlite"
    sandbox = Sandbox(data=data, clock="manual", now=NOON)
    with sandbox:
        send(sandbox)
    sandbox.clear()
    sandbox.rules.add(Rule("failed"))
    with sandbox:
        pass
    with Sandbox(data=data) as other:
        assert (other.messages, len(other.rules)) == ((), 1)
        send(other)
    # Its content differs from that of the file now: neither may replace the other.
    with pytest.raises(ValueError, match="Another sandbox has used the data file"):
        sandbox.start()
    with Sandbox(data=data) as other:
        assert len(other.messages) == 1


def test_a_file_that_was_deleted_is_written_anew(tmp_path: Path) -> None:
    data = tmp_path / "sandbox.sqlite"
    sandbox = Sandbox(data=data)
    with sandbox:
        send(sandbox)
    data.unlink()
    with sandbox:
        send(sandbox)
    with Sandbox(data=data) as other:
        assert len(other.messages) == 2


def test_a_second_sandbox_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    data = tmp_path / "sandbox.sqlite"
    with Sandbox(data=data) as sandbox:
        send(sandbox)
        second = Sandbox(data=data)
        with pytest.raises(OSError, match=r"in use by another sandbox.*was not started"):
            second.start()
        script = (
            "import sys, sqlite3\n"
            "sqlite3.connect(sys.argv[1], timeout=0.1).execute('DELETE FROM messages')"
        )
        other = subprocess.run(
            [sys.executable, "-c", script, str(data)], capture_output=True, check=False
        )
        assert b"database is locked" in other.stderr
    with second:
        assert len(second.messages) == 1


def test_what_cannot_be_written_is_said_and_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smsmanager.sandbox._data.data_file._RETRY_S", 0.01)
    data = tmp_path / "sandbox.sqlite"
    with Sandbox(data=data) as sandbox:
        store = sandbox._store
        assert store is not None
        store._file.execute("PRAGMA max_page_count = 1")
        for _ in range(20):
            send(sandbox, body="x" * 999)
        while store._problem is None:
            store._changed.set()
            store._closed.wait(0.01)
        said = [r.getMessage() for r in caplog.records if r.name.startswith("smsmanager")]
        assert len(said) == 1
        assert "cannot be written (database or disk is full)" in said[0]
        store._file.execute("PRAGMA max_page_count = 100000")
        written(sandbox)
    assert "written again" in caplog.records[-1].getMessage()
    with Sandbox(data=data) as sandbox:
        assert len(sandbox.messages) == 20


def test_what_could_not_be_written_at_the_end_is_said(tmp_path: Path) -> None:
    data = tmp_path / "sandbox.sqlite"
    sandbox = Sandbox(data=data)
    sandbox.start()
    assert sandbox._store is not None
    sandbox._store._file.execute("PRAGMA max_page_count = 1")
    for _ in range(20):
        send(sandbox, body="x" * 999)
    with pytest.raises(OSError, match=r"lacks the last changes\. The sandbox was stopped\."):
        sandbox.stop()
    sandbox.stop()


def test_what_was_written_before_a_crash_is_there(tmp_path: Path) -> None:
    data, copy = tmp_path / "sandbox.sqlite", tmp_path / "copy.sqlite"
    with Sandbox(data=data) as sandbox:
        send(sandbox)
        written(sandbox)
        for suffix in ("", "-wal"):
            shutil.copy(f"{data}{suffix}", f"{copy}{suffix}")
    with Sandbox(data=copy) as sandbox:
        assert len(sandbox.messages) == 1


def test_more_changes_than_are_kept_lose_nothing(tmp_path: Path) -> None:
    data = tmp_path / "sandbox.sqlite"
    with Sandbox(data=data) as sandbox:
        send(sandbox)
        with sandbox._engine.lock:
            # As if 10,000 more had come before the file was written.
            sandbox._engine.feed._changes.clear()
            sandbox._engine.feed.publish("clock")
    with Sandbox(data=data) as sandbox:
        assert len(sandbox.messages) == 1


def test_what_is_no_longer_kept_leaves_the_file(tmp_path: Path) -> None:
    data = tmp_path / "sandbox.sqlite"
    with Sandbox(data=data, max_messages=3) as sandbox:
        for index in range(6):
            send(sandbox, body=str(index))
            sandbox.receive(str(index), sender=NUMBER)
            written(sandbox)
    with contextlib.closing(sqlite3.connect(data)) as file:
        for table in ("messages", "requests", "incoming"):
            assert file.execute(f"SELECT count(*) FROM {table}").fetchone() == (3,)  # noqa: S608


def test_a_name_that_sqlite_takes_for_no_file_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with Sandbox(data=":memory:") as sandbox:
        send(sandbox)
    with Sandbox(data=":memory:") as sandbox:
        assert len(sandbox.messages) == 1


def test_another_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("These are notes, and not data of a sandbox." * 100)
    with pytest.raises(ValueError, match="not a file of a sandbox"):
        Sandbox(data=text).start()
    assert text.read_text().startswith("These are notes")

    later = tmp_path / "later.sqlite"
    with contextlib.closing(sqlite3.connect(later)) as file, file:
        file.execute("PRAGMA user_version = 99")
    file.close()
    with pytest.raises(ValueError, match="another version"):
        Sandbox(data=later).start()
    with pytest.raises(OSError, match="cannot be opened"):
        Sandbox(data=tmp_path / "missing" / "sandbox.sqlite").start()
