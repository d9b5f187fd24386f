"""`smsmanager send`: one text to one or more numbers."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, Any

import click

from smsmanager.cli import output
from smsmanager.cli.exit_codes import EXPLAINED, Exit, exit_of_counts, exit_of_signal
from smsmanager.cli.shared_options import (
    base_url_option,
    json_option,
    read_time,
    region_option,
    sender_option,
    text_or_stdin,
    yes_option,
)
from smsmanager.cli.target import open_target

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
@click.option("--to", "-t", multiple=True, required=True, metavar="NUMBER", help="Can be repeated.")
@sender_option("Sender name or virtual number; default: the account's.")
@click.option("--tag", metavar="TAG", help="Such as transactional; default: the service's.")
@click.option("--priority", is_flag=True, help="Use the queue for one-time codes.")
@click.option(
    "--at",
    type=read_time,
    metavar="TIME",
    help="When to send, with its zone: 2030-01-07T08:00+01:00.",
)
@click.option("--type", "kind", type=click.Choice(["utf", "sms"]), help="sms transliterates.")
@click.option("--gateway", metavar="NAME", help="Route of the SMS; default: the service chooses.")
@click.option("--callback", metavar="URL", help="Where delivery reports go.")
@click.option("--payload", metavar="JSON", help="An object that every report repeats.")
@click.option("--reference", metavar="ID", help="Your own id; it comes back in every report.")
@region_option("Country of numbers without + or 00, such as CZ.")
@base_url_option
@yes_option
@json_option
def command(
    text: str, *, region: str | None, base_url: str | None, yes: bool, as_json: bool, **options: Any
) -> Exit:
    """Send TEXT to one or more numbers.

    TEXT may be - for standard input. A real send asks first, unless you pass --yes.
    """
    from smsmanager import SmsManager, compose  # noqa: PLC0415 - slow to import

    text = text_or_stdin(text)
    priority = options.pop("priority")
    seen: list[SendResult] = []
    as_sms = options["kind"] == "sms"
    message = compose(text, **_arguments(**options))
    with (
        open_target(base_url) as target,
        SmsManager(
            target.api_key,
            base_url=target.base_url,
            default_region=region,
            on_result=seen.append,
        ) as client,
    ):
        target.confirm(_question(text, len(options["to"]), as_sms=as_sms), yes=yes)
        output.sending_begins()
        try:
            result = client.send(message, priority=priority)
        except KeyboardInterrupt as error:
            if not seen:
                raise
            output.note("\nInterrupted. What is known:")
            code, result = exit_of_signal(getattr(error, "number", signal.SIGINT)), seen[-1]
        else:
            code = exit_of_counts(result.counts())
    with output.after_sending():
        if as_json:
            output.print_result_json({"result": result.to_dict()}, code)
        else:
            _show(result)
    return code


def _arguments(
    *, kind: str | None, gateway: str | None, payload: str | None, **fields: Any
) -> dict[str, Any]:
    """Return the arguments of `compose`: only what was set."""
    from smsmanager import Sms  # noqa: PLC0415 - slow to import

    arguments = {name: value for name, value in fields.items() if value is not None}
    if payload is not None:
        arguments["payload"] = _object(payload)
    step = {name: value for name, value in (("type", kind), ("gateway", gateway)) if value}
    return {**arguments, "flow": [Sms.from_dict(step)]} if step else arguments


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


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise click.UsageError('--payload takes a JSON object, such as {"order": 17}.')
    return found
