"""What a user at a terminal sees and types, on a real pseudo-terminal."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from smsmanager.sandbox import Sandbox
from tests.cli.conftest import COMMAND, KEY, TIME_LIMIT_S

pty = pytest.importorskip("pty")


class Terminal:
    """One process with its own terminal."""

    def __init__(self, process: subprocess.Popen[bytes], descriptor: int) -> None:
        self.process, self._descriptor = process, descriptor
        self.seen = ""

    def type(self, text: str) -> None:
        os.write(self._descriptor, text.encode())

    def read_until(self, text: str) -> None:
        while text not in self.seen and self._read():
            ...
        assert text in self.seen

    def read_all(self) -> int:
        while self._read():
            ...
        return self.process.wait(TIME_LIMIT_S)

    def _read(self) -> bool:
        try:
            found = os.read(self._descriptor, 65536)
        except OSError:
            # How Linux says that the other side closed the terminal.
            return False
        self.seen += found.decode(errors="replace")
        return bool(found)


@contextmanager
def terminal(*arguments: str, **environment: str) -> Iterator[Terminal]:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        env=os.environ
        | {"TERM": "xterm", "COLUMNS": "80", "PYTHONWARNINGS": "error"}
        | environment,
    )
    os.close(theirs)
    try:
        yield Terminal(process, ours)
    finally:
        process.kill()
        process.wait(TIME_LIMIT_S)
        os.close(ours)


def test_a_campaign_shows_how_far_it_is(sandbox: Sandbox, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("phone\n" + "".join(f"42077700{n:04}\n" for n in range(200)))
    command = ("campaign", "run", str(people), "--text", "Hello", "--base-url", sandbox.base_url)
    with terminal(*command, SMSMANAGER_API_KEY=KEY) as shown:
        code = shown.read_all()
    assert code == 0
    assert "200 of 200" in shown.seen
    assert "100%" in shown.seen
    assert "\x1b[32m" in shown.seen
    assert len(sandbox.messages) == 200


def test_the_key_is_asked_for_and_not_shown(sandbox: Sandbox) -> None:
    command = ("send", "Hello", "--to", "420777123456", "--base-url", sandbox.base_url)
    with terminal(*command) as shown:
        shown.read_until("API key (not shown)")
        shown.type(f"{KEY}\n")
        code = shown.read_all()
    assert code == 0
    assert KEY not in shown.seen
    assert "1 accepted." in shown.seen


def test_no_colour_in_a_terminal_that_does_not_want_it(sandbox: Sandbox) -> None:
    command = ("send", "Hello", "--to", "420777123456", "--base-url", sandbox.base_url)
    with terminal(*command, SMSMANAGER_API_KEY=KEY, NO_COLOR="1") as shown:
        assert shown.read_all() == 0
    assert "\x1b[3" not in shown.seen
