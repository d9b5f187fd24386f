"""`smsmanager send`: one text to one or more numbers."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import click

from smsmanager.cli import output
from smsmanager.cli.exit_codes import EXPLAINED, Exit, exit_of_counts, exit_of_signal
from smsmanager.cli.lost_answers import how_to_ask
from smsmanager.cli.message_options import message_of, message_options
from smsmanager.cli.shared_options import base_url_option, json_option, text_or_stdin, yes_option
from smsmanager.cli.target import open_target
from smsmanager.errors import SmsManagerError

if TYPE_CHECKING:
    from smsmanager.results import SendResult

_EPILOG = (
    """\b
Examples:
  smsmanager send "Hello" --to "+420 777 123 456" --base-url sandbox
  smsmanager send "Your code is 481516." --to 420777123456 --priority
  smsmanager send - --to 777123456 --region CZ --sender Shop < text.txt
  smsmanager send "Sale" --to 420777123456 --at 2030-01-07T08:00+01:00

Only what is set here goes to the service, which has its own defaults.
420777777777 is the service's test number: processed, never delivered, free.

"""
    + EXPLAINED
)


@click.command("send", epilog=_EPILOG)
@click.argument("text")
@message_options
@base_url_option("Where to send")
@yes_option("Send")
@json_option
def command(
    text: str, *, region: str | None, base_url: str | None, yes: bool, as_json: bool, **options: Any
) -> Exit:
    """Send TEXT to one or more numbers.

    TEXT may be - for standard input. A real send asks first, unless you pass --yes.
    """
    from smsmanager import SmsManager  # noqa: PLC0415 - slow to import

    text = text_or_stdin(text)
    priority = options.pop("priority")
    seen: list[SendResult] = []
    as_sms, recipients = options["kind"] == "sms", len(options["to"])
    message = message_of(text, **options)
    with (
        open_target(base_url) as target,
        SmsManager(
            target.api_key,
            base_url=target.base_url,
            default_region=region,
            on_result=seen.append,
        ) as client,
    ):
        target.confirm(_question(text, recipients, as_sms=as_sms), yes=yes)
        output.sending_begins()
        try:
            result = client.send(message, priority=priority)
        except SmsManagerError as error:
            output.add_advice(how_to_ask(error.result, target))
            raise
        except KeyboardInterrupt as error:
            if not seen:
                raise
            output.note("\nInterrupted. What is known:")
            code, result = exit_of_signal(getattr(error, "number", signal.SIGINT)), seen[-1]
        else:
            code = exit_of_counts(result.counts())
        advice = how_to_ask(result, target)
    with output.after_sending():
        if as_json:
            told = {"advice": advice} if advice else {}
            output.print_result_json({"result": result.to_dict(), **told}, code)
        else:
            _show(result)
            if advice:
                output.note(advice)
    return code


def _question(text: str, recipients: int, *, as_sms: bool) -> str:
    from smsmanager.cli.terminal_text import plural  # noqa: PLC0415
    from smsmanager.parts import message_parts  # noqa: PLC0415 - slow to import

    counted = message_parts(text, "sms" if as_sms else "utf")
    parts = plural(counted.parts * recipients, "part")
    return f"{plural(recipients, 'recipient')}, {parts} in {counted.encoding.value.upper()}"


def _show(result: SendResult) -> None:
    """Show one line per recipient, then the counts."""
    from smsmanager.cli.terminal_tables import grid, state_text  # noqa: PLC0415 - loads rich
    from smsmanager.errors import counted  # noqa: PLC0415 - loads the package

    table = grid("number", "status", "message id")
    for outcome in result:
        status = state_text(outcome.status.value)
        table.add_row(outcome.phone_number, status, outcome.message_id or "-")
    console = output.console()
    console.print(table)
    console.print(f"\n{counted(result.counts())}.")
