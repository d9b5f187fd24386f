"""Write docs/transcript.txt: what a new user types and sees, from a damaged spreadsheet to a finished report.

`python -m tools.transcript` runs every command anew, in a folder of its own and against the sandbox, and the
session of `tools.nights` as well; `--check` says which page is stale. Ids come from a seed and the width is
fixed; times and tokens are replaced.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parents[1] / "docs" / "transcript.txt"
TEXT = "Dobrý den {name}, dlužíte {due}. Zaplaťte prosím do pátku na účet z faktury."
ROWS: tuple[tuple[str | float, ...], ...] = (
    ("Name", "Telefon", "Due"),
    ("Jana", 420777123456, "1 250 Kč"),
    ("Petr", "4.20777E+11", "99 Kč"),
    ("Eva", "+420 605 123 457", "10 Kč"),
    ("Karel", "'420777123458", ""),
    ("Ota", "420777123456.0", "5 Kč"),
    ("Ľuboš", "+421 905 123 456", "100 €"),
    ("Ema", 777123460, "1 Kč"),
    ("Zdeněk", "12", "8 Kč"),
)
SESSION = (
    ("", "smsmanager --help"),
    ("What would it do with my spreadsheet?", "smsmanager preview --help"),
    ("", 'smsmanager preview people.xlsx --text "Dobrý den {jmeno}"'),
    ("The column is called Name.", f"smsmanager preview people.xlsx --text {TEXT!r}"),
    (
        "Four rows are refused. A list of them, for whoever keeps the spreadsheet:",
        (
            f"smsmanager preview people.xlsx --text {TEXT!r} --region CZ "
            "--refused refused.csv --json > preview.json"
        ),
    ),
    ("", "cat refused.csv"),
    (
        "Two parts each? The accents make it so.",
        "smsmanager parts --type sms 'Dobrý den Ľuboš, dlužíte 100 €.'",
    ),
    ("Now it is sent; the sandbox takes it.", "smsmanager campaign run --help"),
    (
        "",
        f"smsmanager campaign run people.xlsx --text {TEXT!r} --region CZ --type sms --base-url sandbox",
    ),
    (
        "Once more by mistake:",
        f"smsmanager campaign run people.xlsx --text {TEXT!r} --base-url sandbox",
    ),
    (
        "What is the status, and what was refused?",
        "smsmanager campaign status people.xlsx --base-url sandbox",
    ),
    ("", "smsmanager campaign status people.xlsx --base-url sandbox --list refused"),
    ("The report:", "smsmanager campaign report people.xlsx --base-url sandbox"),
    ("", "head -n 4 people.xlsx.rehearsal.report.csv"),
)
_TIME = re.compile(r"(?!2030-01-07)\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:\+00:00|Z)?")

# A campaign draws a token of its own for the references of its rows.
_TOKEN = re.compile(r"\b[0-9a-f]{12}(?=\.\d+,[0-9a-f]{8}-)")


def main(arguments: list[str] | None = None) -> int:
    """Write the pages, or check them; return an exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.transcript", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether a page is stale")
    check = parser.parse_args(arguments).check
    stale = False
    for page, made in pages().items():
        if not check:
            page.write_text(made, encoding="utf-8")
        elif not page.is_file() or page.read_text(encoding="utf-8") != made:
            sys.stderr.write(f"{page.name} is stale: run python -m tools.transcript\n")
            stale = True
    return int(stale)


def pages() -> dict[Path, str]:
    """Run both sessions; return the text of each page."""
    # Not at the top, because it uses this module.
    from tools import nights  # noqa: PLC0415

    return {PAGE: transcript(), nights.PAGE: nights.transcript()}


def transcript() -> str:
    """Run the session and return it as text."""
    with tempfile.TemporaryDirectory() as folder:
        _write_spreadsheet(Path(folder, "people.xlsx"))
        surroundings = environment(install_command(Path(folder)))
        told = [run_step(Path(folder), surroundings, remark, line) for remark, line in SESSION]
    return "\n".join(told)


def install_command(folder: Path) -> Path:
    """Write the command `smsmanager`; return the folder in which it is."""
    bin_folder = folder / ".bin"
    bin_folder.mkdir()
    command = bin_folder / "smsmanager"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m smsmanager "$@"\n')
    command.chmod(0o755)
    return bin_folder


def run_step(folder: Path, surroundings: dict[str, str], remark: str, line: str) -> str:
    """Run a line as a user types it; return it with what it says."""
    finished = subprocess.run(  # noqa: S603 - our own session
        ["/bin/sh", "-c", line],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        env=surroundings,
    )
    return shown(remark, line, finished.stdout, finished.returncode)


def shown(remark: str, line: str, said: bytes, code: int) -> str:
    """Return a line and what it said, as the page has it."""
    text = f"# {remark}\n" if remark else ""
    output = _TOKEN.sub("0123456789ab", _TIME.sub("2026-01-31 12:00", said.decode()))
    lines = [one.rstrip() for one in output.removeprefix("\ufeff").splitlines()]
    killed = f"{128 - code}, killed" if code < 0 else str(code)
    ending = [f"(exit code {killed})"] if code else []
    return "\n".join([f"{text}$ {line}", *lines, *ending, ""])


def environment(bin_folder: Path) -> dict[str, str]:
    """Return what the commands find in their environment: nothing of this machine's settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SMSMANAGER_")}
    return kept | {
        "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "80",
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
        "SMSMANAGER_SANDBOX_SEED": "transcript",
    }


def _write_spreadsheet(path: Path) -> None:
    # By name, because it brings no types.
    book: Any = import_module("openpyxl").Workbook()
    book.active.title = "Customers"
    for cells in ROWS:
        book.active.append(cells)
    book.save(path)


if __name__ == "__main__":
    sys.exit(main())
