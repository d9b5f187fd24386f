"""`smsmanager` itself: help, unexpected errors, colour, pipes, and the cost of starting."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from smsmanager.cli import commands, main
from smsmanager.cli.exit_codes import Exit
from smsmanager.cli.root_command import root_command
from smsmanager.sandbox import Fault, Sandbox, _command
from tests.cli.conftest import COMMAND, KEY, TIME_LIMIT_S, Shell
from tests.marks import thorough


def every_command() -> Iterator[list[str]]:
    context = click.Context(root_command)
    for name in root_command.list_commands(context):
        yield [name]
        command = root_command.get_command(context, name)
        if isinstance(command, click.Group):
            yield from ([name, below] for below in command.list_commands(context))


@pytest.mark.parametrize("words", [[], *every_command()], ids=" ".join)
def test_help_teaches_within_80_columns(shell: Shell, words: list[str]) -> None:
    done = shell(*words, "--help")
    assert done.code == 0
    assert all(len(line) <= 80 for line in done.lines)
    if len(words) < 2:
        assert f"  smsmanager {' '.join(words)}".rstrip() in done.out.partition("\n")[2]


@pytest.mark.parametrize(
    ("words", "verb", "purpose"),
    [
        (["send"], "Send", "Where to send"),
        (["campaign", "run"], "Send", "Where to send"),
        (["campaign", "resume"], "Send", "Where to send"),
        (["campaign", "work"], None, "Where to send"),
        (["outbox", "drain"], "Send", "Where to send"),
        (["outbox", "settle"], None, "Where to ask"),
        (["cancel"], "Cancel", "Where to cancel"),
        (["campaign", "cancel"], "Cancel", "Where to cancel"),
        (["settle"], None, "Where to ask"),
        (["campaign", "settle"], None, "Where to ask"),
        (["inbox"], None, "Where to ask"),
        (["preview"], None, "Where to ask about the account"),
        (["doctor"], None, "What to check"),
    ],
    ids=str,
)
def test_the_help_of_a_shared_option_says_what_this_command_does(
    shell: Shell, words: list[str], verb: str | None, purpose: str
) -> None:
    said = " ".join(shell(*words, "--help").out.split())
    assert f"--base-url URL {purpose};" in said
    assert re.findall(r"-y, --yes (\w+) without asking", said) == ([verb] if verb else [])


def test_the_sandbox_has_the_options_that_it_describes_itself(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    from smsmanager.cli.commands import sandbox_command

    parser = _command._parser()
    expected = vars(parser.parse_args([]))
    ran: list[Any] = []
    monkeypatch.setattr(_command, "run", ran.append)
    assert shell("sandbox").code == 0
    assert vars(ran[0]) == expected
    words = ["--port", "8025", "--api-key", "a", "--api-key", "b", "--demo", "--speed", "2.5"]
    assert shell("sandbox", *words).code == 0
    assert vars(ran[1]) == vars(parser.parse_args(words))
    said = shell("sandbox", "--help").out
    assert all(option.opts[0] in said for option in sandbox_command.command.params)
    assert shell("sandbox", "--port", "x").code == 2


def test_no_help_is_cut(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for words in ([], *every_command()):
        # Not by click's runner, which is two columns wider than a terminal.
        assert main([*words, "--help"]) == 0
        listed = capsys.readouterr().out.partition("\nCommands:\n")[2].partition("\n\n")[0]
        assert "..." not in listed
        assert listed or words not in ([], ["campaign"], ["webhook"])


def test_help_lists_each_file_of_a_command() -> None:
    files = Path(commands.__file__).parent.glob("*_command*")
    assert {file.stem.removesuffix("_command") for file in files} == commands.COMMANDS.keys()


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Make the part counter raise an error."""

    def breaks(error: BaseException) -> None:
        def fail(*_: Any) -> None:
            raise error

        monkeypatch.setattr("smsmanager.parts.message_parts", fail)

    return breaks


def test_an_unexpected_error_is_named_without_a_traceback(
    shell: Shell, broken: Callable[[BaseException], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(RuntimeError(f"420777123456 {KEY}"))
    done = shell("parts", "Hello")
    assert done.code == Exit.NOTHING_SENT
    assert done.err.startswith("Error: unexpected RuntimeError.\n")
    assert "777" not in done.err
    assert "Nothing was sent." in done.err
    monkeypatch.setenv("SMSMANAGER_DEBUG", "1")
    with pytest.raises(RuntimeError):
        shell("parts", "Hello")


def test_a_full_disk_is_named(shell: Shell, broken: Callable[[BaseException], None]) -> None:
    broken(OSError(28, "No space left on device", "/data/x"))
    done = shell("parts", "Hello")
    assert "OSError (/data/x: No space left on device)" in done.err


def test_ctrl_c_outside_a_campaign(shell: Shell, broken: Callable[[BaseException], None]) -> None:
    broken(KeyboardInterrupt())
    done = shell("parts", "Hello")
    assert (done.code, done.err) == (130, "\nInterrupted.\n")


def test_main_returns_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["parts", "Hello", "--json"]) == 0
    assert main(["parts"]) == 2
    assert main(["nonsense"]) == 2
    assert main(["preview", "none.csv", "--text", "x"]) == 2
    assert main(["--version"]) == 0
    captured = capsys.readouterr()
    assert "smsmanager, version" in captured.out
    assert "Missing argument 'TEXT'" in captured.err


def test_an_aborted_question(
    abroad: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def abort(*_: Any, **__: Any) -> bool:
        raise click.Abort

    monkeypatch.setattr("smsmanager.cli.target._at_terminal", lambda: True)
    monkeypatch.setattr("click.confirm", abort)
    assert main(["send", "Hello", "--to", "420777123456"]) == 130
    assert "Interrupted" in capsys.readouterr().err
    assert abroad.requests == ()


def process(
    *arguments: str, key: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    names = {"SMSMANAGER_API_KEY": key} if key else {}
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        timeout=TIME_LIMIT_S,
        check=False,
        env=os.environ | {"PYTHONWARNINGS": "error"} | names | environment,
        stdin=subprocess.DEVNULL,
    )


def test_a_real_process(service: Sandbox) -> None:
    done = process("send", "Hello", "--to", "420777123456", key=KEY)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 accepted." in done.stdout
    assert "\x1b" not in done.stdout
    done = process("send", "Hello", "--to", "12", key=KEY)
    assert done.returncode == 3
    assert "\x1b" not in done.stderr


def test_colour_only_where_it_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    coloured = process("doctor", "--base-url", "sandbox", FORCE_COLOR="1", NO_COLOR="").stdout
    assert "\x1b[32m" in coloured
    plain = process("doctor", "--base-url", "sandbox", FORCE_COLOR="1", NO_COLOR="1").stdout
    assert "\x1b[3" not in plain


def test_a_reader_that_has_enough(tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("phone\n420777123456\n")
    with subprocess.Popen(
        [*COMMAND, "preview", str(people), "--text", "x"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONWARNINGS": "error"},
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        errors = running.stderr.read()
        code = running.wait(TIME_LIMIT_S)
    assert errors == b""
    assert code == 141


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), *thorough([(signal.SIGTERM, 143), (signal.SIGHUP, 129)])],
)
def test_ctrl_c_and_its_like_end_a_campaign_cleanly(
    service: Sandbox, tmp_path: Path, number: int, code: int
) -> None:
    people = tmp_path / "people.csv"
    people.write_text("phone\n" + "".join(f"42077700{n:04}\n" for n in range(300)))
    # One request goes out, the next has to wait for a minute and a half.
    pace = ("--rate", "0.01", "--concurrency", "1")
    with subprocess.Popen(
        [*COMMAND, "campaign", "run", str(people), "--text", "x", *pace],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"SMSMANAGER_API_KEY": KEY, "PYTHONWARNINGS": "error"},
    ) as running:
        while not service.messages:
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.wait(0.05)
            assert running.returncode is None
        running.send_signal(number)
        out, err = running.communicate(timeout=TIME_LIMIT_S)
    assert running.returncode == code
    assert "waiting for the answers to requests in flight" in err
    assert "Traceback" not in err
    assert ("Stopped by you" if code == 130 else "Stopped by a signal") in out
    assert f"smsmanager campaign resume {people}" in out
    assert len(service.messages) == 100
    done = process("campaign", "resume", str(people), "--rate", "1000", key=KEY)
    assert done.returncode == 0
    assert len({message.to for message in service.messages}) == len(service.messages) == 300


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGTERM, 143), *thorough([(signal.SIGINT, 130), (signal.SIGHUP, 129)])],
)
def test_a_send_that_is_ended_says_what_is_known(service: Sandbox, number: int, code: int) -> None:
    service.inject(Fault("hang"))
    with subprocess.Popen(
        [*COMMAND, "send", "Hello", "--to", "420777123456", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"SMSMANAGER_API_KEY": KEY, "PYTHONWARNINGS": "error"},
    ) as running:
        while not service.messages:
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.wait(0.05)
            assert running.returncode is None
        running.send_signal(number)
        out, err = running.communicate(timeout=TIME_LIMIT_S)
    assert running.returncode == code
    assert "Interrupted. What is known:" in err
    document = json.loads(out)
    assert document["result"]["outcomes"][0]["status"] == "unknown"
    assert "'settle' in place of 'send', and --between" in document["advice"]


def test_a_signal_that_is_ignored_stays_ignored(service: Sandbox, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("phone\n" + "".join(f"42077700{n:04}\n" for n in range(300)))
    command = [*COMMAND, "campaign", "run", str(people), "--text", "x", "--rate", "2"]
    with subprocess.Popen(
        ["/bin/sh", "-c", 'trap "" HUP; exec "$@"', "sh", *command, "--concurrency", "1"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=os.environ | {"SMSMANAGER_API_KEY": KEY},
    ) as running:
        while not service.messages:
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.wait(0.05)
            assert running.returncode is None
        running.send_signal(signal.SIGHUP)
        assert running.wait(TIME_LIMIT_S) == 0
    assert len(service.messages) == 300


def test_without_the_extra() -> None:
    code = (
        "import sys; sys.modules['click'] = None; "
        "from smsmanager.cli import main; sys.exit(main(['parts', 'x']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "The command line needs more packages: install 'smsmanager[cli]'.\n"


def test_without_rich_nothing_is_begun(monkeypatch: pytest.MonkeyPatch, shell: Shell) -> None:
    """uvicorn brings click, so the command starts."""
    monkeypatch.setitem(sys.modules, "rich", None)
    monkeypatch.setattr("smsmanager.cli.root_command.find_spec", lambda _name: None)
    done = shell("send", "Hello", "--to", "420777123456", "--yes")
    assert done.code == 2
    assert "Nothing was sent" in done.err
    assert "smsmanager[cli]" in done.err
    assert shell("sandbox", "--help").code == 0


def test_a_missing_module_of_the_package_is_not_blamed_on_the_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "smsmanager.cli.root_command", None)
    with pytest.raises(ModuleNotFoundError, match="root_command"):
        main([])


def test_help_loads_no_more_than_it_prints() -> None:
    code = (
        "import sys, smsmanager; before = set(sys.modules); from smsmanager.cli import main; "
        "main(['--help']); print(*set(sys.modules) - before, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    heavy = {
        "rich",
        "sqlalchemy",
        "phonenumbers",
        "starlette",
        "uvicorn",
        "python_calamine",
        "jinja2",
    }
    assert not loaded & heavy
    assert "click" in loaded


def test_shells_complete_commands() -> None:
    done = process(_SMSMANAGER_COMPLETE="bash_complete", COMP_WORDS="smsmanager ca", COMP_CWORD="1")
    assert done.stdout == "plain,campaign\nplain,cancel\n"
    for shell in ("bash", "zsh", "fish"):
        script = process(_SMSMANAGER_COMPLETE=f"{shell}_source").stdout
        assert "_SMSMANAGER_COMPLETE" in script
