"""What is printed: results to standard output, everything else to standard error.

Whatever comes from a file, the service or the user is shown as text: no control character reaches a terminal.
Characters that a stream cannot encode are replaced, and output that cannot be written never hides what was
sent.
"""

from __future__ import annotations

import atexit
import codecs
import contextlib
import json
import os
import re
import sys
from typing import TYPE_CHECKING, Any, TextIO

import click

from smsmanager.cli.exit_codes import Exit, exit_of_error
from smsmanager.cli.terminal_text import visible
from smsmanager.errors import (
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    NotSentError,
    OutcomeUnknownError,
    PartialSendError,
    ResponseParseError,
    SmsManagerError,
    ValidationError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.segment import Segment

WIDTH = 80
"""Columns of a pipe, which has no width of its own."""
_SENDER = "SMSMANAGER_SENDER"
_SENDING = "smsmanager.sending"
_ADVICE_OF_THE_COMMAND = "smsmanager.advice"
_PLAIN = {
    "\N{FULL BLOCK}": "#",
    "“": '"',
    "”": '"',
    "…": "...",
    "\N{BOX DRAWINGS HEAVY HORIZONTAL}": "=",
}
_BEYOND_ASCII = re.compile(r"[^\n -~]")
_UNWRITABLE = (OSError, ValueError)
"""The errors of a stream that is full, closed or gone."""
_ADVICE: tuple[tuple[type[SmsManagerError], str], ...] = (
    (PartialSendError, "Send again only to recipients that are not_sent or rejected."),
    (AuthenticationError, "Check SMSMANAGER_API_KEY; 'smsmanager doctor' tests the key."),
    (ConfigurationError, ""),
    (NotSentError, "Nothing was sent; try again. 'smsmanager doctor' tests the connection."),
    (BadRequestError, "Nothing was sent; the same request would be refused again."),
    (OutcomeUnknownError, "Check before you send again: the message may have been sent."),
    (ResponseParseError, "The service took the request; do not send again."),
)


def _in_plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_PLAIN.get(character, "?") for character in lacking), error.end


codecs.register_error("smsmanager.plain", _in_plain)


def prepare_streams() -> None:
    """Let both streams replace what they cannot encode; a closed stream discards everything."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
            atexit.register(nowhere.close)
            setattr(sys, name, nowhere)
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="smsmanager.plain")


def drop_what_cannot_be_written() -> None:
    """Discard what a stream cannot write.

    Python would try again at exit, report an error, and end with its own exit code, 120.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except _UNWRITABLE:
            with contextlib.suppress(*_UNWRITABLE):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@contextlib.contextmanager
def after_sending() -> Iterator[None]:
    """Print the outcomes of messages; if they cannot be written, the exit code still shows them."""
    try:
        yield
        sys.stdout.flush()
    except _UNWRITABLE as error:
        drop_what_cannot_be_written()
        if not isinstance(error, BrokenPipeError):
            reason = error.strerror if isinstance(error, OSError) else None
            note(f"The output cannot be written ({reason or type(error).__name__}).")
            note("The exit code shows the outcome of the messages.")


def sending_begins() -> None:
    """Record that from now on messages may have been sent, and which command sends them."""
    context = click.get_current_context()
    context.meta[_SENDING] = context.info_name


def add_advice(text: str) -> None:
    """Let `print_error` also say this; an empty text adds nothing."""
    click.get_current_context().meta[_ADVICE_OF_THE_COMMAND] = text


def console(*, error: bool = False) -> Console:
    """Return a console for standard output or error.

    Rich decides on colours (`NO_COLOR`, a stream that is not a terminal) and on the width of a terminal.
    """
    from rich.console import Console  # noqa: PLC0415 - slow to import, and JSON does not need it
    from rich.segment import Segment  # noqa: PLC0415

    stream = sys.stderr if error else sys.stdout
    # Ignored if COLUMNS is not a number of columns, such as 0 or a word.
    given = os.environ.get("COLUMNS", "").strip("0").isdecimal()
    width = None if given or (stream.isatty() and "COLUMNS" not in os.environ) else WIDTH

    class SafeConsole(Console):
        """Shows no control characters of foreign text, and leaves a broken pipe to the command."""

        def render(
            self, renderable: RenderableType, options: ConsoleOptions | None = None
        ) -> Iterable[Segment]:
            """Render without control characters; those of rich itself are in separate segments."""
            for segment in super().render(renderable, options):
                yield segment if segment.control else Segment(visible(segment.text), segment.style)

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    return SafeConsole(file=stream, width=width, highlight=False, emoji=False, markup=False)


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


def json_text(document: Any, *, indent: int | None = None) -> str:
    """Return JSON that standard output can encode; characters that do not print are escaped."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"

    def written(found: re.Match[str]) -> str:
        character = found[0]
        try:
            # Some encodings write two characters alike, such as a yen sign and a backslash.
            if character.isprintable() and character.encode(encoding).decode(encoding) == character:
                return character
        except (UnicodeError, LookupError):
            pass
        units = character.encode("utf-16-be", "surrogatepass").hex()
        return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))

    return _BEYOND_ASCII.sub(written, json.dumps(document, ensure_ascii=False, indent=indent))


def write_line(text: str, stream: TextIO | None = None) -> None:
    """Write a line to standard output or another stream, at once."""
    # Not with click.echo, which writes UTF-8 even to a stream that declares ASCII.
    to: TextIO = sys.stdout if stream is None else stream
    to.write(f"{text}\n")
    to.flush()


def print_json(document: Any, *, line: bool = False) -> None:
    """Print one JSON document, or one line of JSON Lines."""
    write_line(json_text(document, indent=None if line else 2))


def print_result_json(document: Mapping[str, Any], exit_code: Exit) -> None:
    """Print the JSON document of a command, with its exit code."""
    print_json({**document, "exit_code": int(exit_code)})


def note(text: str) -> None:
    """Print a line that is not part of the result; a failure to print must not stop the command."""
    # RuntimeError: a signal handler writes while the same stream is being written.
    with contextlib.suppress(*_UNWRITABLE, RuntimeError):
        write_line(visible(text), sys.stderr)


def print_error(error: SmsManagerError, *, as_json: bool) -> Exit:
    """Say what happened, whether anything was sent, and what to do next; return the exit code."""
    exit_code = exit_of_error(error)
    advice = next((text for kind, text in _ADVICE if isinstance(error, kind)), "")
    if isinstance(error, ValidationError) and error.field == "sender" and os.environ.get(_SENDER):
        advice = f"Unless you gave another sender, it comes from {_SENDER}."
    context = click.get_current_context(silent=True)
    of_command = "" if context is None else context.meta.get(_ADVICE_OF_THE_COMMAND, "")
    advice = f"{advice} {of_command}".strip()
    with after_sending():
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
        # Not with rich: an error must be printed in full, whatever it contains.
        coloured = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
        head = click.style("Error:", fg="red", bold=True) if coloured else "Error:"
        write_line(f"{head} {visible(str(error))}", sys.stderr)
        if advice:
            note(advice)
    return exit_code


def _what_was_sent(error: SmsManagerError, exit_code: Exit) -> str:
    if exit_code is Exit.UNKNOWN:
        return "unknown"
    return "nothing" if error.result is None else "see result"


def print_unexpected(error: Exception) -> Exit:
    """Name an unexpected error without its text, which may be private; return the exit code."""
    named = (
        [part for part in (error.filename, error.strerror) if part]
        if isinstance(error, OSError)
        else []
    )
    where = f" ({': '.join(map(str, named))})" if named else ""
    note(f"Error: unexpected {type(error).__name__}{where}.")
    command = click.get_current_context().meta.get(_SENDING)
    if not command:
        note("Nothing was sent. SMSMANAGER_DEBUG=1 shows where it happened.")
        return Exit.NOTHING_SENT
    look = "'smsmanager settle'" if command == "send" else "'campaign status'"
    note(
        f"Messages may have been sent: look with {look} before you repeat the command. "
        "SMSMANAGER_DEBUG=1 shows where it happened."
    )
    return Exit.UNKNOWN
