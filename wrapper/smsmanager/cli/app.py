"""The command `smsmanager`: its subcommands, and what becomes of errors."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from smsmanager._version import __version__
from smsmanager.cli import output
from smsmanager.cli.exits import EXPLAINED, Exit, exit_of_error
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
    from collections.abc import Sequence

# Short, because listing the commands must not load them.
_COMMANDS = {
    "send": "Send one text to one or more numbers.",
    "parts": "Count what a text is sent and billed as.",
    "preview": "Look at what a file would send and cost.",
    "campaign": "Send to a file; stop, crash, and go on.",
    "sandbox": "Run a local stand-in of the service.",
    "webhook": "Receive delivery reports and replies.",
    "doctor": "Check key, connection, clock and sender.",
}
_EPILOG = (
    """\b
First steps, with nothing sent anywhere:
  smsmanager parts "Vaše zásilka je na cestě."
  smsmanager send "Hello" --to "+420 777 123 456" --base-url sandbox
  smsmanager preview people.xlsx --text "Hi {name}."
  smsmanager campaign run people.xlsx --text "Hi {name}." --base-url sandbox

\b
For real: set SMSMANAGER_API_KEY (never an argument, which other users of the
machine could see; without it you are asked), look at the preview, then leave
out --base-url.

"""
    + EXPLAINED
    + """

\b
Completion of commands and options; put the line into ~/.bashrc, ~/.zshrc or
~/.config/fish/completions/smsmanager.fish:
  bash  eval "$(_SMSMANAGER_COMPLETE=bash_source smsmanager)"
  zsh   eval "$(_SMSMANAGER_COMPLETE=zsh_source smsmanager)"
  fish  _SMSMANAGER_COMPLETE=fish_source smsmanager | source
"""
)
_ADVICE: tuple[tuple[type[SmsManagerError], str], ...] = (
    (PartialSendError, "Send again only to recipients that are not_sent or rejected."),
    (AuthenticationError, "Check SMSMANAGER_API_KEY; 'smsmanager doctor' tries the key."),
    (ConfigurationError, ""),
    (NotSentError, "Nothing was sent; try again. 'smsmanager doctor' looks at the connection."),
    (BadRequestError, "Nothing was sent; the same request would be refused again."),
    (OutcomeUnknownError, "Do not send again before you have looked: the message may be out."),
    (ResponseParseError, "The service took the request; do not send again."),
)


class Commands(click.Group):
    """Loads a command when it is used, and turns errors into lines and exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click asks so
        """Return the names, in the order in which one needs them."""
        return list(_COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click asks so
        cmd_name: str,
    ) -> click.Command | None:
        """Load a command."""
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"smsmanager.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click asks so
        formatter: click.HelpFormatter,
    ) -> None:
        """List the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; tell errors in a line or two."""
        try:
            return super().invoke(ctx)
        except SmsManagerError as error:
            code = exit_of_error(error)
            advice = next((text for kind, text in _ADVICE if isinstance(error, kind)), "")
            as_json = bool(ctx.meta.get("smsmanager.json"))
            output.print_error(error, code, as_json=as_json, advice=advice)
        except KeyboardInterrupt:
            output.note("\nInterrupted.")
            code = Exit.INTERRUPTED
        except BrokenPipeError:
            _let_go_of_standard_output()
            code = Exit.READER_GONE
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if os.environ.get("SMSMANAGER_DEBUG"):
                raise
            code = Exit.UNKNOWN
            where = f" ({error.filename}: {error.strerror})" if isinstance(error, OSError) else ""
            output.note(f"Error: {type(error).__name__}{where}, which was not expected here.")
            output.note(
                "If the command sends, messages may be out: look at 'campaign status' before you repeat it. "
                "SMSMANAGER_DEBUG=1 shows where it happened."
            )
        return ctx.exit(int(code))


def _let_go_of_standard_output() -> None:
    # Whoever read the output has enough; Python would complain once more when it exits.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(
    cls=Commands,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
@click.version_option(__version__, prog_name="smsmanager")
def app() -> None:
    """Send SMS, Viber, WhatsApp and RCS through SmsManager, and know what became of each message.

    Every command has --help with examples, and --json for programs.
    """


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    try:
        result = app.main(
            args=None if arguments is None else list(arguments),
            prog_name="smsmanager",
            standalone_mode=False,
        )
    except click.Abort:
        output.note("\nInterrupted; nothing more was done.")
        return Exit.INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    return int(result or 0)
