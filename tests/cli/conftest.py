"""The command line in this process, with its own sandbox."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from smsmanager.cli.root_command import root_command
from smsmanager.sandbox import Sandbox

COMMAND = (sys.executable, "-m", "smsmanager.cli")
TIME_LIMIT_S = 90
KEY = "a-key-nobody-may-see"


class Finished:
    """The output of a command, and its exit code."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def document(self) -> Any:
        """The one JSON document that it printed."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.out.splitlines()]


class Shell:
    """Runs commands."""

    def __init__(self) -> None:
        self._runner = CliRunner()

    def __call__(self, *arguments: str | Path, stdin: str | bytes | None = None) -> Finished:
        words = [str(argument) for argument in arguments]
        result = self._runner.invoke(root_command, words, input=stdin, prog_name="smsmanager")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert KEY not in result.output
        assert "Traceback" not in result.output
        return Finished(result.exit_code, result.stdout, result.stderr)


@pytest.fixture
def shell() -> Shell:
    return Shell()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=1) as sandbox:
        yield sandbox


@pytest.fixture
def service(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A sandbox that the environment names as the service."""
    monkeypatch.setenv("SMSMANAGER_API_KEY", KEY)
    monkeypatch.setenv("SMSMANAGER_BASE_URL", sandbox.base_url)
    return sandbox


@pytest.fixture
def abroad(service: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """The same sandbox, taken for the real service, so that a send asks first."""
    monkeypatch.setattr("smsmanager.cli.target._is_local", lambda _url: False)
    return service


PEOPLE = """Name;Telefon;Due
Jana;+420 777 123 456;1 250
Petr;4.20777E+11;99
Eva;420605123457;10
Karel;420777123458;
Ota;+420777123456;5
"""


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE, encoding="utf-8")
    return path
