"""Wrong values in the user's environment: each command names the wrong variable, and nothing leaks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from smsmanager.sandbox import Sandbox
from tests.cli.conftest import COMMAND, KEY, TIME_LIMIT_S, Finished, Shell

WRONG = {
    "HTTPS_PROXY": "http://proxy.example:99999",
    "ALL_PROXY": "socks4://proxy.example",
    "SSL_CERT_FILE": "/nowhere/bundle.pem",
    "SMSMANAGER_BASE_URL": "https://sms.example:99999/v2",
    "SMSMANAGER_API_KEY": '"a-key-nobody-may-see"',
}


@pytest.fixture
def ready(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text("phone\n420777123456\n")
    return path


@pytest.mark.parametrize("variable", WRONG)
def test_each_command_names_the_variable_and_does_nothing(
    variable: str, shell: Shell, ready: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMSMANAGER_API_KEY", KEY)
    monkeypatch.setenv("SMSMANAGER_BASE_URL", "https://sms.example/v2")
    monkeypatch.delenv("HTTPS_PROXY", raising=False)
    monkeypatch.setenv(variable, WRONG[variable])
    for words in (
        ("send", "Hello", "--to", "420777123456", "--yes"),
        ("campaign", "run", ready, "--text", "x", "--yes"),
        ("doctor",),
    ):
        done = shell(*words)
        assert done.code == (1 if words == ("doctor",) else 3), words
        assert variable in " ".join((done.out + done.err).split()), words
        assert "not expected" not in done.err
        assert "may have been sent" not in done.err
    assert list(ready.parent.glob("*.sqlite3")) == []


def test_a_sender_that_cannot_be_is_traced_to_its_variable(
    shell: Shell, service: Sandbox, ready: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMSMANAGER_SENDER", "A sender that is far too long")
    for words in (
        ("send", "Hello", "--to", "420777123456"),
        ("campaign", "run", ready, "--text", "x"),
    ):
        done = shell(*words)
        assert done.code == 3
        assert "SMSMANAGER_SENDER" in done.err
    assert service.requests == ()


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_no_command_sends_anything_for_this_machine_to_a_proxy(
    variable: str, shell: Shell, service: Sandbox, ready: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nothing listens there, so whatever goes to it fails.
    monkeypatch.setenv(variable, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert shell("doctor").code == 0
    assert shell("send", "Hello", "--to", "420777123456").code == 0
    assert shell("campaign", "run", ready, "--text", "x").code == 0
    assert len(service.messages) == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("COLUMNS", value) for value in ("abc", "0", "-5", "1", "999999999999")),
        ("LINES", "x"),
        ("TERM", "nonsense"),
        ("NO_COLOR", "\x1b[2J"),
        ("FORCE_COLOR", "x"),
        ("TZ", "Nowhere/Nothing"),
        ("LANG", "xx_YY.nonsense"),
        ("SMSMANAGER_SANDBOX_SEED", "\x1b[2J"),
        ("HOME", "/nowhere"),
    ],
)
def test_odd_surroundings_make_no_difference(
    name: str,
    value: str,
    shell: Shell,
    service: Sandbox,
    ready: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(name, value)
    monkeypatch.setenv("SMSMANAGER_BASE_URL", service.base_url)

    def said(done: Finished) -> str:
        assert "not expected" not in done.err
        return done.out

    assert "--to" in shell("send", "--help").out
    assert said(shell("preview", ready, "--text", "x"))
    assert said(shell("doctor"))
    assert shell("campaign", "run", ready, "--text", "x").code == 0


@pytest.mark.parametrize(
    "text",
    ["tomorrow", "tomorrow 8:00", "8:00", "2030-01-07T08:00", "2030-13-01", "", "07.01.2030"],
)
def test_a_time_that_cannot_be_read_says_what_is_accepted(
    text: str, shell: Shell, service: Sandbox, ready: Path
) -> None:
    for words in (
        ("send", "Hello", "--to", "420777123456", "--at", text),
        ("campaign", "run", ready, "--text", "x", "--at", text),
    ):
        done = shell(*words)
        assert done.code == 2
        assert "2030-01-07T08:00+01:00" in done.err
    assert service.requests == ()


@pytest.mark.parametrize("window", ["08:00-20:00", "monday-friday", "mon 08:00-20:00"])
def test_a_window_needs_its_zone(window: str, shell: Shell, ready: Path) -> None:
    done = shell("campaign", "run", ready, "--text", "x", "--window", window)
    assert done.code == 2
    assert "names no time zone" in done.err
    assert "Europe/Prague" in done.err
    done = shell("campaign", "run", ready, "--text", "x", "--window", f"{window} Nowhere/Nothing")
    assert done.code == 2
    assert "must be an IANA time zone" in done.err


def test_the_package_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "smsmanager", "parts", "Hello", "--json"],
        capture_output=True,
        text=True,
        timeout=TIME_LIMIT_S,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert '"parts": 1' in done.stdout
    assert COMMAND[1] == "-m"
