"""Run the sandbox from a shell until it is interrupted."""

import argparse
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import FrameType

    from smsmanager.sandbox import Sandbox

_SPEC_VARIABLE: Final = "SMSMANAGER_SANDBOX_SPEC"
_NOT_STARTED: Final = 2
# Windows cannot interrupt a wait without end.
_WAIT_S: Final = 1.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Start the sandbox, print its base URL, and run until Ctrl-C or SIGTERM.

    Args:
        arguments: Arguments of the command line; `None` for those of the process.

    Returns:
        Exit code: 0 after an interrupt, 2 if the sandbox could not be started.
    """
    options = _parser().parse_args(arguments)
    with _interruption() as interrupted:
        try:
            # Not at the top, as the packages of the extra can be missing.
            from smsmanager.sandbox import Sandbox  # noqa: PLC0415

            sandbox = Sandbox(
                host=options.host,
                port=options.port,
                api_keys=options.api_key,
                spec=options.spec,
            )
            sandbox.start()
        except (ImportError, OSError, ValueError) as error:
            sys.stderr.write(f"{error}\n")
            return _NOT_STARTED
        try:
            _welcome(sandbox, any_key=options.api_key is None)
            while not interrupted.wait(_WAIT_S):
                ...
        finally:
            sandbox.stop()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m smsmanager.sandbox",
        description="Run a local stand-in of the SmsManager service. Nothing is sent anywhere.",
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="loopback address to listen on (%(default)s)",
    )
    parser.add_argument(
        "--port",
        type=int,
        default=0,
        help="port to listen on; 0, the default, takes a free one",
    )
    parser.add_argument(
        "--api-key",
        action="append",
        metavar="KEY",
        help="accept this API key and no others; can be repeated (any key is accepted)",
    )
    parser.add_argument(
        "--spec",
        default=os.environ.get(_SPEC_VARIABLE),
        metavar="PATH",
        help=f"OpenAPI description to use in place of the built-in one; also {_SPEC_VARIABLE}",
    )
    return parser


@contextlib.contextmanager
def _interruption() -> Generator[threading.Event, None, None]:
    """Set an event on Ctrl-C or SIGTERM, in place of what they do otherwise."""
    interrupted = threading.Event()

    def interrupt(_number: int, _frame: "FrameType | None") -> None:
        interrupted.set()

    before = {
        number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield interrupted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _welcome(sandbox: "Sandbox", *, any_key: bool) -> None:
    keys = "Any API key is accepted." if any_key else "Only the given API keys are accepted."
    lines = (
        f"SMSMANAGER_BASE_URL={sandbox.base_url}",
        f"{keys} Nothing is sent anywhere. Received: {sandbox.url}/sandbox/messages",
        "Ctrl-C stops the sandbox.",
    )
    # Flushed, as whoever started the process may be waiting for the address.
    print(*lines, sep="\n", flush=True)  # noqa: T201  the output of the command
