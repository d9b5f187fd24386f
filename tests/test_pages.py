"""Every Python snippet on the pages runs unchanged; every command line is valid."""

from __future__ import annotations

import contextlib
import inspect
import os
import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest

from smsmanager.cli.root_command import root_command
from smsmanager.sandbox import Sandbox
from smsmanager.testing import SandboxServer

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"


def blocks(page: Path, language: str) -> list[str]:
    """Return the blocks of a page in this language, in order."""
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


# The cookbook's programs have tests of their own.
WRITTEN = [
    ROOT / "README.md",
    *(path for path in sorted(DOCS.rglob("*.md")) if "cookbook" not in path.parts),
]
PAGES = [page for page in WRITTEN if blocks(page, "python")]


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_snippets_run(
    page: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a page sets is gone afterwards.
    monkeypatch.setattr(os, "environ", os.environ.copy())
    # One namespace per page: a reader goes from top to bottom too.
    namespace: dict[str, Any] = {"__name__": "snippet"}
    with Sandbox() as running:
        # What sends for real, or to the sandbox of another terminal, comes here.
        monkeypatch.setenv("SMSMANAGER_API_KEY", "any-key")
        monkeypatch.setenv("SMSMANAGER_BASE_URL", running.base_url)
        try:
            for number, code in enumerate(blocks(page, "python"), start=1):
                here = code.replace('"http://127.0.0.1:8025/v2"', f'"{running.base_url}"')
                # As a reader runs it: without the __future__ of this file.
                title = f"{name(page)}, snippet {number}"
                code_object = compile(here, title, "exec", dont_inherit=True)
                exec(code_object, namespace)  # noqa: S102 - our own pages
        finally:
            for value in list(namespace.values()):
                stop = getattr(value, "stop", None) or getattr(value, "close", None)
                if callable(stop) and hasattr(type(value), "__exit__"):
                    stop()
    run_tests(namespace, monkeypatch)
    if page.name == "README.md":
        printed = capsys.readouterr().out
        assert "420777123456 accepted" in printed
        assert "421905123456 accepted" in printed


def test_the_readme_is_short_and_its_links_lead_to_files() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    # A third of the 2,556 words that it once had.
    assert len(text.split()) <= 852
    linked = re.findall(r"\]\((?!https?:)([^)#]+)|(?:src|srcset)=\"([^\"]+)\"", text)
    assert len(linked) > 20
    assert [path for pair in linked for path in pair if path and not (ROOT / path).is_file()] == []


def run_tests(namespace: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the tests that a page shows, with the fixtures that they ask for."""
    shown = [value for name, value in namespace.items() if name.startswith("test_")]
    if not shown:
        return
    with SandboxServer() as server:
        for test in shown:
            sandbox = server.isolated()
            for variable, value in sandbox.environment().items():
                monkeypatch.setenv(variable, value)
            with sandbox.client() as client:
                fixtures = {"smsmanager_sandbox": sandbox, "smsmanager_client": client}
                test(**{name: fixtures[name] for name in inspect.signature(test).parameters})


def command_lines(page: Path) -> list[str]:
    """Return what a page has a reader type, each in one line."""
    found = []
    for block in blocks(page, "console"):
        text = re.sub(r"\\\n\s*", "", block)
        found += [line[2:] for line in text.splitlines() if line.startswith("$ ")]
    return found


LINES = [(page, line) for page in WRITTEN for line in command_lines(page)]


def parse(arguments: list[str]) -> None:
    """Let click parse a command line without running it."""
    command: click.Command = root_command
    context = command.make_context("smsmanager", list(arguments))
    while isinstance(command, click.Group):
        _, found, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        assert found is not None
        command = found
        context = command.make_context(command.name, rest, parent=context)


@pytest.mark.parametrize(
    ("page", "line"), LINES, ids=lambda value: value if isinstance(value, str) else name(value)
)
def test_a_command_line_is_one_that_the_command_takes(
    page: Path, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = shlex.split(line, comments=True)
    while re.match(r"[A-Z_]+=", words[0]):
        del words[0]
    for word in words:
        if re.fullmatch(r"[\w-]+\.(xlsx|csv|txt|sqlite3)", word):
            Path(word).write_text("420777123456\n", encoding="utf-8")
    if words[0] == "smsmanager":
        # The help ends with an exception of click.
        with contextlib.suppress(click.exceptions.Exit):
            parse(words[1:])
    elif words[:2] == ["pip", "install"]:
        extras = (
            (ROOT / "pyproject.toml")
            .read_text("utf-8")
            .partition("[project.optional-dependencies]")[2]
        )
        for wanted in re.findall(r"smsmanager\[([\w,-]+)\]", line):
            assert all(
                re.search(rf"^{extra} = ", extras, re.MULTILINE) for extra in wanted.split(",")
            )
    elif words[0] == "make":
        makefile = (ROOT / "Makefile").read_text("utf-8")
        assert re.search(rf"^{words[1]}:", makefile, re.MULTILINE)
    else:
        known = (
            "python",
            "curl",
            "export",
            "podman",
            "docker",
            "cp",
            "cd",
            "celery",
            "procrastinate",
        )
        assert words[0].startswith(known), f"{name(page)}: {line}"


def test_a_command_line_that_the_command_does_not_take_is_noticed() -> None:
    with pytest.raises(click.NoSuchOption):
        parse(["send", "Hello", "--two", "420777123456"])
