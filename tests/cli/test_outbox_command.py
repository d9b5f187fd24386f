"""`smsmanager outbox`: its state, sending what is due, asking; nothing secret or personal is printed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smsmanager import NotSentError
from smsmanager.outbox import Outbox, add
from smsmanager.sandbox import Sandbox
from tests.cli.conftest import KEY, Shell
from tests.outbox.test_outbox_settling import lose

NUMBER = "420777123456"
TEXT = "A text that nobody may see"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "shop.db"
    monkeypatch.setenv("SMSMANAGER_OUTBOX", f"sqlite:///{path}")
    return path


@pytest.fixture
def outbox(path: Path) -> Iterator[Outbox]:
    with Outbox(f"sqlite:///{path}") as outbox:
        outbox.create_table()
        yield outbox


def put(outbox: Outbox, *keys: str, **fields: Any) -> None:
    with outbox._store.engine.begin() as connection:
        for key in keys:
            add(connection, TEXT, key=key, to=NUMBER, **fields)


def test_what_is_due_is_sent_and_counted(shell: Shell, outbox: Outbox, service: Sandbox) -> None:
    put(outbox, *(f"key-{n}" for n in range(25)))
    put(outbox, "late", expires_at="2020-01-01T00:00:00Z")
    shown = shell("outbox", "status")
    assert shown.code == 0
    assert "26" in shown.out
    assert "due for" in shown.out
    some = shell("outbox", "drain", "--yes", "--most", "12", "--json")
    # One that is too late takes no place in a request, and is counted as dealt with.
    assert some.document["outbox"]["counts"] == {"expired": 1, "accepted": 11}
    assert some.code == some.document["exit_code"] == 1
    rest = shell("outbox", "drain", "--yes")
    assert rest.code == 0
    assert len(service.messages) == 25
    assert "Nothing was due." in shell("outbox", "drain", "--yes").out
    listed = shell("outbox", "status", "--json").document["outbox"]
    assert listed == {"counts": {"expired": 1}, "age_s": 0}
    for said in (shown, some, rest):
        assert not any(private in said.out + said.err for private in (NUMBER, TEXT, "key-1", KEY))


def test_a_sandbox_gets_nothing_by_mistake(shell: Shell, outbox: Outbox, service: Sandbox) -> None:
    put(outbox, "a")
    refused = shell("outbox", "drain")
    assert refused.code == 3
    assert "would go to a sandbox and count as sent" in refused.err
    assert not service.messages


def test_a_real_send_is_asked_about(shell: Shell, outbox: Outbox, abroad: Sandbox) -> None:
    put(outbox, "a")
    refused = shell("outbox", "drain")
    assert refused.code == 3
    assert "1 message of the outbox" in refused.err
    assert not abroad.messages
    assert shell("outbox", "drain", "--yes").code == 0


def test_messages_for_another_service_stay(shell: Shell, outbox: Outbox, service: Sandbox) -> None:
    put(outbox, "a", base_url="https://a.example/v2")
    stopped = shell("outbox", "drain", "--yes", "--json")
    assert stopped.code == 3
    assert stopped.document["outbox"] == {"counts": {}, "failure": "OutboxTargetError"}
    assert "https://a.example/v2" in stopped.err
    assert outbox.stats().counts == {"pending": 1}
    assert shell("outbox", "drain", "--yes", "--take-over").code == 0
    assert len(service.messages) == 1


def test_what_is_in_doubt_is_asked_about(
    shell: Shell, outbox: Outbox, service: Sandbox, sandbox: Sandbox
) -> None:
    from smsmanager import SmsManager

    with SmsManager(KEY, base_url=sandbox.base_url) as client:
        lose(outbox, client, "taken")
    outbox._store.tend(outbox._clocks.now() + 1000)
    settled = shell("outbox", "settle", "--json")
    assert settled.document == {"outbox": {"found": 1, "in_doubt": 0}, "exit_code": 0}
    said = shell("outbox", "settle")
    assert (said.code, said.lines) == (
        0,
        ["Found: 0 messages, accepted now.", "Still in doubt: 0 messages."],
    )


def test_a_lease_that_has_expired_is_ended_and_asked_about(
    shell: Shell, outbox: Outbox, service: Sandbox, sandbox: Sandbox
) -> None:
    """The worker died, and nobody drains any more."""
    from smsmanager import SmsManager

    with SmsManager(KEY, base_url=sandbox.base_url) as client:
        lose(outbox, client, "taken")
    with outbox._store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE smsmanager_outbox SET lease_ends_s = 1")
    settled = shell("outbox", "settle", "--json")
    assert settled.document == {"outbox": {"found": 1, "in_doubt": 0}, "exit_code": 0}


@pytest.fixture
def aged(outbox: Outbox) -> Outbox:
    """An outbox with a pending message, and one that was settled two hours ago."""
    put(outbox, "old", expires_at="2020-01-01T00:00:00Z")
    outbox._store.tend(outbox._clocks.now() - 7200)
    put(outbox, "new")
    return outbox


def test_old_messages_are_deleted(shell: Shell, aged: Outbox) -> None:
    kept = shell("outbox", "purge", "--older-than", "3h", "--yes")
    assert (kept.code, kept.lines) == (0, ["Deleted: 0 messages."])
    deleted = shell("outbox", "purge", "--older-than", "1h", "--yes", "--json")
    assert deleted.document == {"outbox": {"deleted": 1}, "exit_code": 0}
    assert aged.find("old") is None
    # What is still to be sent stays, whatever its age.
    assert shell("outbox", "purge", "--older-than", "0s", "--yes").code == 0
    assert aged.stats().counts == {"pending": 1}


def test_nothing_is_deleted_without_a_yes(
    shell: Shell, aged: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = shell("outbox", "purge", "--older-than", "1h")
    assert refused.code == 3
    assert "Nothing was deleted: there is no terminal" in refused.err
    assert "Pass --yes to delete them." in refused.err
    monkeypatch.setattr("smsmanager.cli.target._at_terminal", lambda: True)
    chosen = shell("outbox", "purge", "--older-than", "1h", stdin="n\n")
    assert chosen.code == 3
    assert "Nothing was deleted, as you chose." in chosen.err
    assert "a deleted key counts as new" in chosen.err
    assert aged.find("old") is not None
    assert shell("outbox", "purge", "--older-than", "1h", stdin="y\n").code == 0
    assert aged.find("old") is None


@pytest.mark.parametrize("age", ["30", "d", "", "-1d", "1w", "nans", "infd", "1e999d", "3 0d"])
def test_an_age_without_a_unit_is_refused(shell: Shell, aged: Outbox, age: str) -> None:
    """Without one, a number of days could be taken for seconds, and more be deleted than meant."""
    refused = shell("outbox", "purge", "--older-than", age, "--yes")
    assert refused.code == 2
    assert "30d" in refused.err
    assert aged.find("old") is not None


def test_an_age_has_to_be_given(shell: Shell, aged: Outbox) -> None:
    assert shell("outbox", "purge", "--yes").code == 2
    assert aged.find("old") is not None


@pytest.mark.parametrize(
    ("before", "code"),
    [
        ({"accepted": 3}, 5),
        ({"unknown": 3}, 4),
        ({}, 3),
    ],
)
def test_an_error_after_some_were_sent(
    shell: Shell,
    outbox: Outbox,
    service: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    before: dict[str, int],
    code: int,
) -> None:
    from smsmanager.outbox import Drained, OutboxState

    answers = [Drained({OutboxState(state): count for state, count in before.items()})] * bool(
        before
    )

    def drain(*_: object, **__: object) -> Drained:
        if not answers:
            raise NotSentError("The database went away.")
        return answers.pop()

    monkeypatch.setattr(Outbox, "drain", drain)
    assert shell("outbox", "drain", "--yes").code == code


def test_a_signal_lets_the_request_in_flight_end(
    shell: Shell, outbox: Outbox, service: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service manager stops the worker: what is in flight is noted, and nothing is in doubt."""
    put(outbox, *(f"key-{n}" for n in range(25)))
    note = outbox._store.__class__.note

    def slowly(*given: Any) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        note(*given)

    monkeypatch.setattr("smsmanager.outbox._outbox_store.OutboxStore.note", slowly)
    ended = shell("outbox", "drain", "--follow", "--yes")
    assert ended.code == 143
    assert outbox.stats().counts == {"pending": 15}
    assert len(service.messages) == 10


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://me:hidden@db/shop",
        "postgresql://:hidden@db/shop",
        "postgresql://db/shop?user=me&password=hidden",
        "postgresql://me@db/shop?password=hidden",
    ],
)
def test_a_password_on_the_command_line_is_refused(shell: Shell, url: str) -> None:
    refused = shell("outbox", "status", "--database", url)
    assert refused.code == 2
    assert "SMSMANAGER_OUTBOX" in refused.err
    assert "hidden" not in refused.out + refused.err


def test_a_password_in_the_environment_is_taken_and_not_shown(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = f"postgresql+psycopg://me:hidden@/shop?host={tmp_path}"
    monkeypatch.setenv("SMSMANAGER_OUTBOX", url)
    failed = shell("outbox", "status")
    assert failed.code == 3
    assert "cannot be read" in failed.err
    assert "hidden" not in failed.out + failed.err


def test_an_outbox_has_to_be_named(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SMSMANAGER_OUTBOX", raising=False)
    refused = shell("outbox", "drain")
    assert refused.code == 2
    assert "SMSMANAGER_OUTBOX" in refused.err


def test_a_file_that_does_not_exist_is_not_made(shell: Shell, path: Path, tmp_path: Path) -> None:
    for named in ((), ("--database", str(tmp_path / "none.db"))):
        refused = shell("outbox", "status", *named)
        assert refused.code == 3
        assert "no such file" in refused.err
    assert not path.exists()
