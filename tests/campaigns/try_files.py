"""Read the three hundred files of `files_of_people`: `python -m tests.campaigns.try_files`.

Each is read in a separate process, with limited memory. The exit code is 1 if a result is not as expected or
exceeds the limits; time counts only with `--time`, because a busy machine makes it meaningless.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import pickle
import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from smsmanager.campaigns import (
    InputError,
    PreviewBuilder,
    RefusedInput,
    Row,
    Selection,
    Texts,
    open_recipients,
)
from smsmanager.cli import main as command_line
from tests.campaigns.files_of_people import KNOWN, PeopleFile, files

MOST_SECONDS = 10
MOST_MB = 300
_MB = 1024 * 1024


@dataclass(frozen=True)
class Try:
    """The result for a file.

    Attributes:
        name: Its name.
        wrong: What is wrong with the result; empty if it is as expected.
        seconds: How long it took.
        cpu_seconds: Its processor time.
        mb: The peak memory of its process, including the interpreter and the library.
    """

    name: str
    wrong: str
    seconds: float
    cpu_seconds: float
    mb: float


def difference(one: PeopleFile, path: Path) -> str:
    """Read a file; return how the result differs from the expected one."""
    sent: list[tuple[str, str]] = []
    refused: list[tuple[int, str]] = []
    try:
        selection = Selection(
            open_recipients(path, **one.reading),
            Texts.parse(one.text),
            default_region=one.region,
            hidden_rows=one.hidden_rows,
        )
        builder = PreviewBuilder(is_national=selection.is_national)
        for row in builder.watch(selection):
            if isinstance(row, Row) and one.count is None:
                sent.append((row.phone_number, row.body or ""))
            elif isinstance(row, RefusedInput):
                refused.append((row.row, row.code.value))
    except InputError as error:
        said = str(error)
        expected = one.damaged or (one.problem is not None and one.problem in said)
        return "" if expected and said.endswith("Nothing was sent.") else f"refused: {said}"
    if one.damaged:
        more = {number for number, _ in sent} - KNOWN
        return f"{len(more)} numbers that nobody wrote" if more else ""
    count = builder.build().recipients
    right = count == one.count if one.count is not None else tuple(sent) == one.sent
    fits = right and tuple(refused) == one.refused and one.problem is None
    return "" if fits else f"sent {count} {sent}, refused {refused}"


def preview(one: PeopleFile, path: Path) -> str:
    """Preview the file with the command line; return what is wrong with its exit code."""
    options = ["preview", str(path), "--text", one.text, "--json"]
    if one.region:
        options += ["--region", one.region]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        code = command_line(options)
    return "" if code in {0, 1, 3} else f"exit code {code}"


def tried(one: PeopleFile, folder: Path) -> Try:
    """Write a file and read it in a separate process."""
    path = folder / one.name
    writer = os.fork()
    if not writer:
        one.write(path)
        os._exit(0)
    os.waitpid(writer, 0)
    began = time.monotonic()
    reader, end = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        resource.setrlimit(resource.RLIMIT_DATA, (MOST_MB * _MB, MOST_MB * _MB))
        try:
            wrong = difference(one, path)
            if not wrong and not one.large:
                wrong = preview(one, path)
        except BaseException as error:  # noqa: BLE001 - none must come
            wrong = f"raised {type(error).__name__}: {error}"
        with os.fdopen(end, "wb") as file:
            pickle.dump(wrong, file)
        os._exit(0)
    os.close(end)
    with os.fdopen(reader, "rb") as file:
        content = file.read()
    _, status, used = os.wait4(child, 0)
    seconds = time.monotonic() - began
    path.unlink()
    wrong = pickle.loads(content) if content else f"the process ended with {status}"  # noqa: S301 - our own
    # In KiB on Linux.
    return Try(one.name, wrong, seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def main() -> int:
    """Try all files, or those whose name contains a text, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", metavar="TEXT")
    parser.add_argument("--each", action="store_true", help="print the figures of each file")
    parser.add_argument("--time", action="store_true", help="let the bound on time count")
    asked = parser.parse_args()
    chosen = [one for one in files() if asked.only in one.name]
    # Loaded once, not in each process.
    import phonenumbers  # noqa: F401
    import python_calamine  # noqa: F401
    import rich.console  # noqa: F401
    import xlrd  # noqa: F401

    with tempfile.TemporaryDirectory() as folder:
        tries = [tried(one, Path(folder)) for one in chosen]
    if asked.each:
        for one in tries:
            sys.stdout.write(
                f"{one.seconds:6.1f} s {one.cpu_seconds:6.1f} s {one.mb:6.0f} MB  {one.name}\n"
            )
    wrong = [one for one in tries if one.wrong]
    slowest = max(tries, key=lambda one: one.seconds)
    largest = max(tries, key=lambda one: one.mb)
    for one in wrong:
        sys.stdout.write(f"WRONG {one.name}: {one.wrong}\n")
    sys.stdout.write(
        f"{len(tries)} files, {len(wrong)} wrong; slowest: {slowest.name}, {slowest.seconds:.1f} s "
        f"({slowest.cpu_seconds:.1f} s of a processor); largest: {largest.name}, {largest.mb:.0f} MB\n"
    )
    over = largest.mb > MOST_MB or (asked.time and slowest.seconds > MOST_SECONDS)
    return 1 if wrong or over else 0


if __name__ == "__main__":
    sys.exit(main())
