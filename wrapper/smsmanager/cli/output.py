"""What is printed: results to standard output, everything else to standard error."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from smsmanager.cli.exit_codes import Exit, exit_of_error
from smsmanager.errors import (
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    NotSentError,
    OutcomeUnknownError,
    PartialSendError,
    ResponseParseError,
    SmsManagerError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from rich.console import Console

WIDTH = 80
"""Columns of a pipe, which has no width of its own."""
_ADVICE: tuple[tuple[type[SmsManagerError], str], ...] = (
    (PartialSendError, "Send again only to recipients that are not_sent or rejected."),
    (AuthenticationError, "Check SMSMANAGER_API_KEY; 'smsmanager doctor' tries the key."),
    (ConfigurationError, ""),
    (NotSentError, "Nothing was sent; try again. 'smsmanager doctor' looks at the connection."),
    (BadRequestError, "Nothing was sent; the same request would be refused again."),
    (OutcomeUnknownError, "Look before you send again: the message may be out."),
    (ResponseParseError, "The service took the request; do not send again."),
)


def console(*, error: bool = False) -> Console:
    """Return a console for standard output or error.

    Rich decides on colours (`NO_COLOR`, a stream that is not a terminal) and on the width of a terminal.
    """
    from rich.console import Console  # noqa: PLC0415 - slow to import, and JSON does not need it

    stream = sys.stderr if error else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else WIDTH

    class BrokenPipeConsole(Console):
        """Raises when the reader went away, so that the command can choose its exit code."""

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    return BrokenPipeConsole(file=stream, width=width, highlight=False, emoji=False, markup=False)


@contextlib.contextmanager
def row_counter(what: str, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Yield a function that shows in a terminal how many rows are done; a pipe shows nothing.

    Args:
        what: What is being done to the rows.
        quiet: Whether to show nothing in a terminal either.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda _rows: None
        return
    with console(error=True).status(f"{what} ...") as status:
        yield lambda rows: status.update(f"{what}, {rows:,} rows ...")


def print_json(document: Any, *, line: bool = False) -> None:
    """Print one JSON document, or one line of JSON Lines."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=None if line else 2))


def print_result_json(document: Mapping[str, Any], exit_code: Exit) -> None:
    """Print the JSON document of a command, with its exit code."""
    print_json({**document, "exit_code": int(exit_code)})


def note(text: str) -> None:
    """Print a line that is not part of the result."""
    click.echo(text, err=True)


def print_error(error: SmsManagerError, *, as_json: bool) -> Exit:
    """Say what happened, whether anything was sent, and what to do next; return the exit code."""
    exit_code = exit_of_error(error)
    advice = next((text for kind, text in _ADVICE if isinstance(error, kind)), "")
    if as_json:
        told = {
            "type": type(error).__name__,
            "message": str(error),
            "sent": _what_was_sent(error, exit_code),
            "safe_to_retry": error.safe_to_retry,
            "advice": advice,
        }
        result = {} if error.result is None else {"result": error.result.to_dict()}
        print_result_json({"error": told, **result}, exit_code)
        return exit_code
    # Not by rich: an error must come out whole, whatever it contains.
    colour = False if os.environ.get("NO_COLOR") else None
    click.echo(f"{click.style('Error:', fg='red', bold=True)} {error}", err=True, color=colour)
    if advice:
        click.echo(advice, err=True)
    return exit_code


def _what_was_sent(error: SmsManagerError, exit_code: Exit) -> str:
    if error.result is not None:
        return "see result"
    return "unknown" if exit_code is Exit.UNKNOWN else "nothing"


def print_unexpected(error: Exception) -> Exit:
    """Name an unexpected error without its text, which may be private; return the exit code."""
    where = f" ({error.filename}: {error.strerror})" if isinstance(error, OSError) else ""
    note(f"Error: {type(error).__name__}{where}, which was not expected here.")
    note(
        "If the command sends, messages may be out: look at 'campaign status' before you repeat it. "
        "SMSMANAGER_DEBUG=1 shows where it happened."
    )
    return Exit.UNKNOWN
