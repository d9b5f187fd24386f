"""Run the sandbox from a shell until it is interrupted."""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import signal
import sys
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

from smsmanager.sandbox._words import counted

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from types import FrameType

    from smsmanager.sandbox import InboxView, ReceivedMessage, ReceivedRequest, Sandbox, Settings

_SPEC_VARIABLE = "SMSMANAGER_SANDBOX_SPEC"
_SECRET_VARIABLE = "SMSMANAGER_SANDBOX_SECRET"  # noqa: S105 - its name
_TOKEN_VARIABLE = "SMSMANAGER_SANDBOX_TOKEN"  # noqa: S105 - its name
_NOT_STARTED = 2
_NOT_WRITTEN = 1
# Windows cannot interrupt a wait without end.
_WAIT_S = 1.0
_PATIENCE_S = 0.5
_PAUSE_S = 0.05


def main(arguments: Sequence[str] | None = None) -> int:
    """Start the sandbox, print its base URL, and run until Ctrl-C or SIGTERM.

    Args:
        arguments: Arguments of the command line; `None` for those of the process.

    Returns:
        Exit code: 0 after an interrupt, 1 if the data file lacks the latest changes, 2 if the sandbox could
        not be started.
    """
    return run(_parser().parse_args(arguments))


def run(options: argparse.Namespace) -> int:
    """Run the sandbox as the options of `add_arguments` say; see `main`."""
    with _interruption() as interrupted:
        try:
            # Not at the top, as the packages of the extra can be missing.
            from smsmanager.sandbox import Sandbox  # noqa: PLC0415

            sandbox = Sandbox(
                host=options.host,
                port=options.port,
                api_keys=options.api_key,
                spec=options.spec,
                rules=options.rules,
                clock=options.clock,
                speed=options.speed,
                max_messages=options.max_messages,
                settings=_settings(options),
                token=options.token,
                tls=options.tls_name or options.tls,
                data=options.data,
                now=_start(options),
            )
            sandbox.start()
            if options.demo:
                sandbox.fill_with_demo()
        except (ImportError, OSError, ValueError) as error:
            is_taken = getattr(error, "errno", None) == errno.EADDRINUSE
            text = f"Port {options.port} is in use, perhaps by another sandbox. --port 0 picks a free one."
            sys.stderr.write(f"{text if is_taken else error}\n")
            return _NOT_STARTED
        try:
            _welcome(sandbox, any_key=options.api_key is None)
            with _log(sandbox, quiet=options.quiet, verbose=options.verbose):
                while not interrupted.wait(_WAIT_S):
                    ...
        finally:
            lacking = _stop(sandbox)
    return _NOT_WRITTEN if lacking else 0


def _stop(sandbox: Sandbox) -> bool:
    """Stop the sandbox; report and return whether the data file lacks something."""
    try:
        sandbox.stop()
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return True
    return False


class TakesOptions(Protocol):
    """The target for options: a parser, or the command line of the whole package."""

    def add_argument(self, *_names: str, **_facts: Any) -> Any:
        """Add one; the arguments are those of `argparse.ArgumentParser.add_argument`."""


def add_arguments(parser: TakesOptions) -> None:
    """Add the options of the sandbox to a parser."""
    option = parser.add_argument
    option("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    option(
        "--port", type=int, default=0, help="port to listen on; 0, the default, picks a free one"
    )
    option(
        "--api-key",
        action="append",
        metavar="KEY",
        help="accept this API key and no others; can be repeated (any key is accepted)",
    )
    option(
        "--spec",
        default=os.environ.get(_SPEC_VARIABLE),
        metavar="PATH",
        help=f"OpenAPI description to use in place of the built-in one; also {_SPEC_VARIABLE}",
    )
    option(
        "--rules",
        choices=("docs", "spec"),
        default="docs",
        help="accept what the guides allow, or follow the description to the letter (%(default)s)",
    )
    option(
        "--clock",
        choices=("real", "manual"),
        default="real",
        help="a manual clock stands still until POST /sandbox/clock (%(default)s)",
    )
    option("--speed", type=float, metavar="N", help="let the clock run N times as fast")
    option("--credit", metavar="CZK", help="credit of each API key (it never runs out)")
    option("--callback", metavar="URL", help="where webhooks go if a message names no callback")
    option(
        "--secret",
        default=os.environ.get(_SECRET_VARIABLE),
        help=f"sign webhooks with this secret; better set in {_SECRET_VARIABLE}",
    )
    option(
        "--allow-callback-host",
        action="append",
        default=[],
        metavar="HOST",
        help="send webhooks to this host as well as to loopback, or to loopback from a sandbox that listens "
        "beyond it; can be repeated",
    )
    option(
        "--token",
        default=os.environ.get(_TOKEN_VARIABLE),
        help="what the page and the API under /sandbox ask for, needed to listen beyond loopback; "
        f"better set in {_TOKEN_VARIABLE}",
    )
    option(
        "--tls",
        action="store_true",
        help="serve HTTPS, with a certificate that is created at the start; its file is printed",
    )
    option(
        "--tls-name",
        action="append",
        metavar="HOST",
        help="serve HTTPS for this host too, for clients that are sent here by its name; can be repeated",
    )
    option(
        "--key-status",
        choices=("documented", "gateway"),
        default="documented",
        help="answer a bad API key with 400, or with 401 and 403 as other clients have seen (%(default)s)",
    )
    option("--demo", action="store_true", help="fill it with sample messages")
    option("--data", metavar="FILE", help="keep its data in this SQLite file (memory only)")
    option(
        "--max-messages",
        type=int,
        default=100_000,
        metavar="N",
        help="how many messages are kept; the oldest are dropped first (%(default)s)",
    )
    option("--quiet", action="store_true", help="print no line for each request")
    option("--verbose", action="store_true", help="show numbers and texts in these lines")


def _start(options: argparse.Namespace) -> datetime | None:
    """Return what the clock shows at the start: the sample messages end at the present."""
    if not options.demo:
        return None
    if options.api_key is not None:
        raise ValueError("--demo sends with its own keys: leave out --api-key.")
    from smsmanager.sandbox._demo import SPAN_S  # noqa: PLC0415 - as above

    return datetime.now(UTC) - timedelta(seconds=SPAN_S)


def _settings(options: argparse.Namespace) -> Settings:
    from smsmanager.sandbox import Settings  # noqa: PLC0415 - as above

    try:
        credit = None if options.credit is None else Decimal(options.credit)
    except ArithmeticError:
        raise ValueError(
            "--credit must be an amount, such as 100. The sandbox was not started."
        ) from None
    return Settings(
        credit=credit,
        callback=options.callback,
        secret=options.secret,
        callback_hosts=frozenset(options.allow_callback_host),
        key_status=options.key_status,
    )


@contextlib.contextmanager
def _log(sandbox: Sandbox, *, quiet: bool, verbose: bool) -> Generator[None, None, None]:
    """Print a line for each request as it arrives."""
    if quiet:
        yield
        return
    ended = threading.Event()

    def print_lines() -> None:
        for line in _lines(sandbox, ended, verbose=verbose):
            # A reason can name what was sent.
            shown = "".join(letter if letter.isprintable() else "?" for letter in line)
            print(shown, flush=True)  # noqa: T201 - the output of the command

    thread = threading.Thread(target=print_lines, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m smsmanager.sandbox",
        description="Run a local stand-in for the SmsManager service. Nothing is sent anywhere.",
    )
    add_arguments(parser)
    return parser


@contextlib.contextmanager
def _interruption() -> Generator[threading.Event, None, None]:
    """Set an event on Ctrl-C and signals like it, instead of what they usually do."""
    interrupted = threading.Event()

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        interrupted.set()

    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    # An ignored signal, as under nohup, stays ignored.
    before = {
        number: signal.signal(number, interrupt)
        for number in numbers
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield interrupted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _welcome(sandbox: Sandbox, *, any_key: bool) -> None:
    keys = "Any API key is accepted." if any_key else "Only the given API keys are accepted."
    lines = (
        f"SMSMANAGER_BASE_URL={sandbox.base_url}",
        *([] if sandbox.certificate is None else [f"SSL_CERT_FILE={sandbox.certificate}"]),
        *(f"Not served: {name}, {why}." for name, why in sandbox.unserved.items()),
        f"{keys} Nothing is sent anywhere. Look at {sandbox.url}/",
        "Ctrl-C stops the sandbox.",
    )
    # Flushed, as the parent process may be waiting for the address.
    print(*lines, sep="\n", flush=True)  # noqa: T201 - the output of the command


def _lines(inbox: InboxView, ended: threading.Event, *, verbose: bool) -> Iterator[str]:
    """Yield a line for each request, from now on until no more arrive.

    Args:
        inbox: The inbox whose requests are shown.
        ended: Set when no more requests arrive.
        verbose: Whether numbers and texts, which are personal, appear.
    """
    feed = inbox.feed
    seen = feed.latest
    last = inbox.requests[-1].sequence if inbox.requests else 0
    is_last_look = False
    while not is_last_look:
        # Checked before reading, so that nothing that arrives in between is missed.
        is_last_look = ended.is_set()
        if not is_last_look and feed.wait(seen, _PATIENCE_S) == seen:
            continue
        # Under load, this prints many lines at once.
        ended.wait(_PAUSE_S)
        seen = feed.latest
        for request in inbox.requests:
            if request.sequence <= last:
                continue
            last = request.sequence
            yield _request_line(request)
            if verbose and request.recipients:
                found = inbox.messages
                yield from (_message_line(m) for m in found if m.request_id == request.request_id)


def _request_line(request: ReceivedRequest) -> str:
    time = request.received_at.astimezone().strftime("%H:%M:%S")
    status = "no answer" if request.status_code is None else str(request.status_code)
    operation = request.operation or "no operation"
    line = f"{time} {request.method} {operation} {status}"
    if request.recipients:
        line += f", {counted(request.recipients, 'message')}"
    return line if request.reason is None else f"{line}: {request.reason}"


def _message_line(message: ReceivedMessage) -> str:
    text = (message.body or "").replace("\n", " ").replace("\r", " ")
    printable = "".join(letter if letter.isprintable() else "?" for letter in text)
    number = message.to or "a number without digits"
    return f"         {' > '.join(message.channels)} to {number}: {printable}"
