"""Output to a terminal, a pipe and a full disk: nothing unescaped, nothing that hides what was sent."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsmanager.cli import main, output
from smsmanager.cli.exit_codes import Exit
from smsmanager.sandbox import Fault, Sandbox
from tests.cli.conftest import COMMAND, KEY, TIME_LIMIT_S

TEXT = "Dobrý den {name} 🎉"
ENCODINGS = ("ascii", "cp1252", "cp1250", "cp437", "latin-1", "utf-8", "shift_jis", "utf-16")


class Written(io.TextIOWrapper):
    """A stream with an encoding, like a terminal or a pipe."""

    def __init__(self, encoding: str) -> None:
        super().__init__(io.BytesIO(), encoding=encoding, write_through=True)

    @property
    def text(self) -> str:
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue().decode(self.encoding)


@contextlib.contextmanager
def streams(encoding: str) -> Iterator[tuple[Written, Written]]:
    out, err = Written(encoding), Written(encoding)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        yield out, err


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_gets_through_a_campaign(
    service: Sandbox, tmp_path: Path, encoding: str
) -> None:
    path = tmp_path / "lidé.csv"
    path.write_text("Telefon;name\n420777123456;Ľuboš\n420605123457;\n")
    for words, code in (
        (["preview", str(path), "--text", TEXT], 1),
        (["campaign", "run", str(path), "--text", TEXT], 1),
        (["campaign", "status", str(path)], 1),
        (["campaign", "status", str(path), "--list", "refused"], 0),
        (["campaign", "resume", str(path)], 1),
        (["campaign", "report", str(path)], 0),
    ):
        with streams(encoding) as (out, err):
            assert main(words) == code, err.text
        assert "not expected" not in err.text
        assert out.text
    with streams(encoding) as (out, err):
        assert main(["campaign", "status", str(path), "--json"]) == 1
    assert json.loads(out.text)["campaign"]["source"] == "lidé.csv"


@given(st.text(), st.sampled_from(ENCODINGS))
@settings(max_examples=200, deadline=None)
def test_json_says_the_same_in_every_encoding_and_holds_no_escape(text: str, encoding: str) -> None:
    with streams(encoding) as (out, _):
        output.print_json({"text": text}, line=True)
    assert json.loads(out.text) == {"text": text}
    assert out.text.rstrip("\r\n").isprintable()


foreign = st.text(
    st.one_of(st.characters(), st.sampled_from("\x1b\x9b\x07\x08\r\x00\x7f\u202e\ud800")),
    min_size=1,
    max_size=30,
)


@given(foreign, st.sampled_from(ENCODINGS))
@settings(max_examples=100, deadline=None)
def test_foreign_text_is_shown_as_text_wherever_it_comes_out(text: str, encoding: str) -> None:
    from rich.table import Table

    from smsmanager.campaigns import InputError
    from smsmanager.cli.terminal_tables import title

    with streams(encoding) as (out, err):
        output.prepare_streams()
        console = output.console()
        table = Table(box=None)
        table.add_column(text)
        table.add_row(text)
        console.print(title(text), table, text)
        console.print(text, soft_wrap=True)
        output.note(text)
        output.print_error(InputError(text), as_json=False)
        main([text])
        main(["preview", "none.csv", "--text", "x", "--format", text])
        main(["parts", "x", f"--{text}"])
    shown = (out.text + err.text).replace("\x1b[31m\x1b[1mError:\x1b[0m", "")
    assert all(character == "\n" or character.isprintable() for character in shown)


ESCAPE = "\x1b]0;gotcha\x07\x1b[2J\x9b31m"


def test_names_in_files_and_answers_reach_no_terminal_unescaped(
    service: Sandbox, tmp_path: Path
) -> None:
    path = tmp_path / f"people{ESCAPE}.csv".replace("/", "")
    path.write_text(f"Telefon;na{ESCAPE}me\n420777123456;x\n12;y\n", encoding="utf-8")
    name = f"camp{ESCAPE}"
    for words in (
        ["preview", path, "--text", "x {nope}"],
        ["preview", path, "--text", "x", "--column", "number=nope"],
        ["campaign", "run", path, "--text", "x", "--name", name],
        ["campaign", "run", path, "--text", "x", "--name", name],
        ["campaign", "status", path],
        ["campaign", "status", path, "--name", "none"],
        ["campaign", "status", path, "--list", "accepted"],
        ["campaign", "resume", path],
        ["campaign", "report", path],
        ["campaign", "status", f"{path}{ESCAPE}"],
        ["preview", f"{path}{ESCAPE}", "--text", "x"],
        ["send", "x", "--to", f"42{ESCAPE}"],
        ["send", "x", "--to", "420777123456", "--base-url", f"https://{ESCAPE}"],
        ["doctor", "--sender", ESCAPE],
    ):
        with streams("utf-8") as (out, err):
            main([str(word) for word in words])
        assert "not expected" not in err.text, words
        for said in (out.text, err.text):
            assert all(letter == "\n" or letter.isprintable() for letter in said), words


@pytest.fixture
def ready(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text("phone\n420777123456\n420777123457\n")
    return path


def run(*words: object, redirection: str = "") -> tuple[int, str]:
    """Run a command as a process, perhaps with a redirection; return its exit code and its error output."""
    quoted = " ".join(f"'{word}'" for word in (*COMMAND, *words))
    done = subprocess.run(
        ["/bin/sh", "-c", f"exec {quoted} {redirection}"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=TIME_LIMIT_S,
        check=False,
        text=True,
        env=os.environ | {"PYTHONWARNINGS": "error", "SMSMANAGER_API_KEY": KEY},
    )
    return done.returncode, done.stderr


OUTPUTS = [">/dev/full", ">&-", "2>&-", ">&- 2>&-", ">/dev/full 2>/dev/full"]
needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")


@needs_full
@pytest.mark.thorough
@pytest.mark.parametrize("redirection", OUTPUTS)
def test_an_output_that_fails_changes_nothing_about_what_was_sent(
    service: Sandbox, ready: Path, redirection: str
) -> None:
    code, _ = run("send", "Hello", "--to", "420777123456", redirection=redirection)
    assert code == 0
    assert run("campaign", "resume", ready, redirection=redirection)[0] == 3
    service.inject(Fault("reset", when="after"))
    assert run("send", "Hello", "--to", "420777123456", redirection=redirection)[0] == 4
    # The preview comes before anything is sent, so a disk that is full stops the command there.
    code, said = run("campaign", "run", ready, "--text", "x", redirection=redirection)
    if ">/dev/full" in redirection:
        assert code == 3
        assert "may have been sent" not in said
        code, said = run("campaign", "run", ready, "--text", "x", "--json", redirection=redirection)
        assert code == 0
    else:
        assert code == 0
    assert "Traceback" not in said
    assert "Exception ignored" not in said


@needs_full
def test_a_full_disk_is_said_where_nothing_is_sent(ready: Path) -> None:
    commands: tuple[list[object], ...] = (
        ["parts", "x"],
        ["preview", ready, "--text", "x"],
        ["parts", "x", "--json"],
    )
    for words in commands:
        code, said = run(*map(str, words), redirection=">/dev/full")
        assert code == Exit.NOTHING_SENT
        assert "No space left on device" in said
        assert "Nothing was sent." in said


@needs_full
def test_what_is_left_in_a_stream_does_not_change_the_exit_code() -> None:
    program = (
        "import sys; from smsmanager.cli import main, output\n"
        "output.prepare_streams = lambda: sys.stdout.write('left')\n"
        "sys.exit(main(['bogus']))"
    )
    with Path("/dev/full").open("w") as full:
        # With a buffer, whatever this process was started with.
        buffered = {n: v for n, v in os.environ.items() if n != "PYTHONUNBUFFERED"}
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, stdout=full, env=buffered, check=False)
    assert done.returncode == Exit.USAGE


def test_a_terminal_that_closes_ends_a_campaign_cleanly(service: Sandbox, tmp_path: Path) -> None:
    pty = pytest.importorskip("pty")
    people = tmp_path / "people.csv"
    people.write_text("phone\n" + "".join(f"42077700{n:04}\n" for n in range(300)))
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [
            *COMMAND,
            "campaign",
            "run",
            people,
            "--text",
            "x",
            "--rate",
            "0.01",
            "--concurrency",
            "1",
        ],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        env=os.environ | {"SMSMANAGER_API_KEY": KEY},
    )
    os.close(theirs)
    while not service.messages:
        os.read(ours, 65536)
    os.close(ours)
    process.send_signal(signal.SIGHUP)
    assert process.wait(TIME_LIMIT_S) == Exit.HUNG_UP
    done = subprocess.run(
        [*COMMAND, "campaign", "status", people, "--json"], capture_output=True, check=False
    )
    counts = json.loads(done.stdout)["campaign"]["counts"]
    assert (counts["accepted"], counts["pending"], counts["unknown"]) == (100, 200, 0)
