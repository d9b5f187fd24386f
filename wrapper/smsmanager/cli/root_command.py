"""The command `smsmanager`: its help, and how errors become lines and exit codes."""

from __future__ import annotations

import io
import os
import signal
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import click

from smsmanager._config import __version__
from smsmanager.cli import interruption, output
from smsmanager.cli.commands import COMMANDS
from smsmanager.cli.exit_codes import EXPLAINED, Exit, exit_of_signal
from smsmanager.cli.shared_options import JSON
from smsmanager.errors import SmsManagerError

if TYPE_CHECKING:
    from collections.abc import Sequence

_EPILOG = (
    """\b
First steps, with nothing sent anywhere:
  smsmanager parts "Vaše zásilka je na cestě."
  smsmanager send "Hello" --to "+420 777 123 456" --base-url sandbox
  smsmanager preview people.xlsx --text "Hi {name}."
  smsmanager campaign run people.xlsx --text "Hi {name}." --base-url sandbox

\b
For real: set SMSMANAGER_API_KEY (never an argument, which other users of the
machine could see; without it you are asked), check the preview, and leave out
--base-url.

"""
    + EXPLAINED
    + """

\b
To complete commands and options, put this line into ~/.bashrc, ~/.zshrc or
~/.config/fish/completions/smsmanager.fish:
  bash  eval "$(_SMSMANAGER_COMPLETE=bash_source smsmanager)"
  zsh   eval "$(_SMSMANAGER_COMPLETE=zsh_source smsmanager)"
  fish  _SMSMANAGER_COMPLETE=fish_source smsmanager | source
"""
)


class RootCommand(click.Group):
    """Loads a command when it is used, and exits with the code that the command returns."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of the commands."""
        return list(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        cmd_name: str,
    ) -> click.Command | None:
        """Load a command."""
        if cmd_name not in COMMANDS:
            return None
        # uvicorn, which the sandbox needs, brings click but not rich: report a missing package before a send.
        if cmd_name != "sandbox" and find_spec("rich") is None:
            text = (
                "Nothing was sent. This command needs more packages: pip install 'smsmanager[cli]'."
            )
            raise click.UsageError(text)
        command: click.Command = import_module(
            f"smsmanager.cli.commands.{cmd_name}_command"
        ).command
        return command

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        """List the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command, and turn errors into a line or two."""
        output.prepare_streams()
        try:
            with interruption.on_signals(interruption.end):
                code: int = super().invoke(ctx) or Exit.OK
                sys.stdout.flush()
        except SmsManagerError as error:
            code = output.print_error(error, as_json=bool(ctx.meta.get(JSON)))
        except KeyboardInterrupt as error:
            output.note("\nInterrupted.")
            code = exit_of_signal(getattr(error, "number", signal.SIGINT))
        except BrokenPipeError:
            code = Exit.READER_GONE
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if os.environ.get("SMSMANAGER_DEBUG"):
                raise
            code = output.print_unexpected(error)
        return ctx.exit(int(code))


@click.group(
    cls=RootCommand,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
@click.version_option(__version__, prog_name="smsmanager")
def root_command() -> None:
    """Send SMS, Viber, WhatsApp and RCS through SmsManager, and know the outcome of each message.

    Every command has --help with examples, and --json for programs.
    """


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    output.prepare_streams()
    try:
        result = root_command.main(
            args=None if arguments is None else list(arguments),
            prog_name="smsmanager",
            standalone_mode=False,
        )
    except click.Abort:
        output.note("\nInterrupted; nothing more was done.")
        return Exit.INTERRUPTED
    except click.ClickException as error:
        said = io.StringIO()
        error.show(said)
        output.note(said.getvalue().rstrip("\n"))
        return error.exit_code
    finally:
        output.drop_what_cannot_be_written()
    return int(result or 0)
