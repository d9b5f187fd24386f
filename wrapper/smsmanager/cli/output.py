"""What is printed: results to standard output, everything else to standard error."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console

    from smsmanager.cli.exits import Exit
    from smsmanager.errors import SmsManagerError

WIDTH = 80
"""Columns when nobody looks: a pipe has no width."""


def console(*, error: bool = False) -> Console:
    """Return a console for standard output or error.

    Rich leaves colours out when the stream is no terminal and when `NO_COLOR` is set; Windows consoles and
    `COLUMNS` are its business too.
    """
    from rich.console import Console  # noqa: PLC0415 - slow to import, and JSON needs none

    stream = sys.stderr if error else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else WIDTH

    class Honest(Console):
        """Leaves it to the command what a reader that went away means for its exit code."""

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    return Honest(file=stream, width=width, highlight=False, emoji=False, markup=False)


@contextlib.contextmanager
def counting(what: str, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Yield what shows in a terminal how many rows were done; nothing is shown in a pipe.

    Args:
        what: What is being done to them.
        quiet: Whether nothing is to be shown at all.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda _rows: None
        return
    with console(error=True).status(f"{what} ...") as status:
        yield lambda rows: status.update(f"{what}, {rows:,} rows ...")


def print_json(document: Any, *, line: bool = False) -> None:
    """Print one JSON document, or one line of JSON Lines."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=None if line else 2))


def note(text: str) -> None:
    """Tell the user something that is no result."""
    click.echo(text, err=True)


def what_was_sent(exit_code: Exit, error: SmsManagerError) -> str:
    """Return whether anything was sent, in one word for programs."""
    if error.result is not None:
        return "see result"
    return "unknown" if exit_code.name == "UNKNOWN" else "nothing"


def print_error(error: SmsManagerError, exit_code: Exit, *, as_json: bool, advice: str) -> None:
    """Tell what happened, whether anything was sent, and what to do next."""
    if as_json:
        document: dict[str, Any] = {
            "error": {
                "type": type(error).__name__,
                "message": str(error),
                "sent": what_was_sent(exit_code, error),
                "safe_to_retry": error.safe_to_retry,
                "advice": advice,
            },
            "exit_code": int(exit_code),
        }
        if error.result is not None:
            document["result"] = error.result.to_dict()
        print_json(document)
        return
    # No rich here: an error must come out whole, whatever stands in it.
    click.echo(f"{click.style('Error:', fg='red', bold=True)} {error}", err=True, color=colour())
    if advice:
        click.echo(advice, err=True)


def colour() -> bool | None:
    """Return False when the user wants no colour, None to let the stream decide."""
    return False if os.environ.get("NO_COLOR") else None
