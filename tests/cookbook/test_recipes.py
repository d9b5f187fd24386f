"""The programs of the cookbook: each runs in an empty folder with the commands on its page."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RECIPES = sorted(path.parent for path in (ROOT / "examples").glob("*/README.md"))
# What goes on until it is stopped; the block shows the line with which it is ready.
SERVER = re.compile(
    r"python -m smsmanager\.sandbox|uvicorn |python manage\.py runserver|celery .* worker"
)
TYPED = "\x1e"


def consoles(page: Path) -> list[str]:
    """Return the console blocks of a page: one for each terminal."""
    return re.findall(r"^```console\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def free_port() -> str:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return str(listener.getsockname()[1])


def pattern(shown: str) -> re.Pattern[str]:
    """Return a pattern for the output that a page shows, with `...` for anything."""
    return re.compile(re.escape(shown.strip()).replace(r"\.\.\.", ".*?"), re.DOTALL)


class Terminal:
    """Types the lines of a console block into a shell, and compares the output.

    Installation is left out, because everything is already installed.
    """

    def __init__(self, block: str, folder: Path, environment: dict[str, str]) -> None:
        typed = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
        # A command goes on in the next line after a backslash; what is below it is its output.
        matches = [
            re.fullmatch(r"((?:[^\n]*\\\n)*[^\n]*)\n(.*)", text, re.DOTALL) for text in typed
        ]
        steps = [found.groups() for found in matches if found is not None]
        self._steps = [step for step in steps if not step[0].startswith("pip install ")]
        # Behind the output of each command stands what it ended with.
        script = "".join(f"{command}\nprintf '\\n%s{TYPED}' $?\n" for command, _ in self._steps)
        self.printed = ""
        self._news = threading.Condition()
        self._process = subprocess.Popen(
            ["bash", "-c", script],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        while read := os.read(self._process.stdout.fileno(), 65536):
            with self._news:
                self.printed += read.decode(errors="replace")
                self._news.notify_all()

    def check(self) -> None:
        """Wait until everything that the block shows has been printed."""
        for number, (command, shown) in enumerate(self._steps):
            is_server = SERVER.match(command) is not None
            wanted = pattern(shown)
            with self._news:
                while True:
                    outputs = self.printed.split(TYPED)
                    output = outputs[number].strip() if number < len(outputs) else ""
                    ended = len(outputs) > number + 1
                    if (is_server and shown and wanted.search(output)) or (ended and not is_server):
                        break
                    # It waits for what comes next, and gives up where nothing comes any more.
                    assert self._news.wait(60), (command, self.printed)
            if not is_server:
                output, _, status = output.rpartition("\n")
                assert status == "0", (command, output)
                assert not shown or wanted.fullmatch(output.strip()), (command, output)

    def stop(self) -> None:
        """Kill it with everything that it started: a graceful end may take long."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()


@pytest.mark.thorough
@pytest.mark.timeout(300)
@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.name)
def test_a_recipe_runs_in_an_empty_folder(recipe: Path, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    shutil.copytree(recipe, folder, ignore=shutil.ignore_patterns("__pycache__"))
    ours = ("SMSMANAGER_", "PYTEST_")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(ours)},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "wrapper"), str(ROOT / "generated_client")]),
        "PYTHONUNBUFFERED": "1",
    }
    ports = {"8025": free_port(), "8000": free_port()}
    for path in folder.rglob("*.py"):
        text = path.read_text("utf-8")
        path.write_text(text.replace("127.0.0.1:8000", f"127.0.0.1:{ports['8000']}"), "utf-8")
    terminals: list[Terminal] = []
    with ExitStack() as running:
        for block in consoles(folder / "README.md"):
            typed = re.sub("|".join(ports), lambda found: ports[found[0]], block)
            terminals.append(Terminal(typed, folder, environment))
            running.callback(terminals[-1].stop)
            terminals[-1].check()
    for terminal in terminals:
        # Whatever a program logs, the key and the numbers are not in it.
        assert "any-key" not in terminal.printed
        assert "77712345" not in terminal.printed


@pytest.mark.thorough
@pytest.mark.parametrize(
    "recipe",
    [recipe for recipe in RECIPES if any(recipe.glob("*/tests.py"))],
    ids=lambda path: path.name,
)
def test_the_tests_of_a_recipe_need_no_environment(recipe: Path, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    shutil.copytree(recipe, folder, ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run(
        [sys.executable, "manage.py", "test"],
        cwd=folder,
        env={
            "PYTHONPATH": os.pathsep.join([str(ROOT / "wrapper"), str(ROOT / "generated_client")])
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"Ran [1-9]\d* tests?", done.stderr)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.name)
def test_its_page_shows_the_same_commands_and_each_program(recipe: Path) -> None:
    [named] = re.findall(r"docs/cookbook/[\w-]+\.md", (recipe / "README.md").read_text("utf-8"))
    page = ROOT / named
    assert consoles(recipe / "README.md") == consoles(page)
    included = re.findall(r"^```\{literalinclude\} (.+)$", page.read_text("utf-8"), re.MULTILINE)
    shown = {(page.parent / path).resolve() for path in included}
    # What a project has anyhow is left out.
    usual = {"manage.py", "settings.py", "urls.py", "0001_initial.py", "try_it.py", "__init__.py"}
    written = {path for path in recipe.rglob("*.py") if path.name not in usual}
    assert written <= shown


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.name)
def test_what_it_requires_is_installed_here(recipe: Path) -> None:
    for line in (recipe / "requirements.txt").read_text("utf-8").splitlines():
        importlib.metadata.distribution(re.split(r"[\[=<>]", line)[0])
