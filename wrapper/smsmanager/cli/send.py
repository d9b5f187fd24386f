"""`smsmanager send`: one text to one or more numbers."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from smsmanager.cli import output
from smsmanager.cli.connection import (
    base_url_option,
    confirm,
    connection,
    json_option,
    yes_option,
)
from smsmanager.cli.exits import EXPLAINED, exit_of_counts

_EPILOG = (
    """\b
Examples:
  smsmanager send "Hello" --to "+420 777 123 456" --base-url sandbox
  smsmanager send "Your code is 481516." --to 420777123456 --priority
  smsmanager send - --to 777123456 --region CZ --sender Shop < text.txt
  smsmanager send "Sale" --to 420777123456 --at 2030-01-07T08:00+01:00

Only what is set here goes to the service: its defaults stay its own.
420777777777 is the service's test number: processed, never delivered, free.

"""
    + EXPLAINED
)


@click.command("send", epilog=_EPILOG)
@click.argument("text")
@click.option("--to", "-t", multiple=True, required=True, metavar="NUMBER", help="Can be repeated.")
@click.option(
    "--sender",
    "-s",
    metavar="NAME",
    envvar="SMSMANAGER_SENDER",
    help="Sender name or virtual number; else the account's.  [env: SMSMANAGER_SENDER]",
)
@click.option("--tag", metavar="TAG", help="Such as transactional; else the service's default.")
@click.option("--priority", is_flag=True, help="The queue for one-time codes.")
@click.option("--at", metavar="TIME", help="When to send, with its zone: 2030-01-07T08:00+01:00.")
@click.option("--type", "kind", type=click.Choice(["utf", "sms"]), help="sms transliterates.")
@click.option("--gateway", metavar="NAME", help="How the SMS is routed; else the service chooses.")
@click.option("--callback", metavar="URL", help="Where delivery reports go.")
@click.option("--payload", metavar="JSON", help="An object that every report repeats.")
@click.option("--reference", metavar="ID", help="Your own id; it comes back in every report.")
@click.option("--region", metavar="CC", help="Country of numbers without + or 00, such as CZ.")
@base_url_option
@yes_option
@json_option
@click.pass_context
def command(  # noqa: PLR0913 - one argument an option
    context: click.Context,
    /,
    text: str,
    *,
    to: tuple[str, ...],
    kind: str | None,
    gateway: str | None,
    payload: str | None,
    region: str | None,
    base_url: str | None,
    yes: bool,
    as_json: bool,
    **fields: Any,
) -> None:
    """Send TEXT to one or more numbers.

    TEXT may be - for standard input. A real send asks first, unless --yes.
    """
    from smsmanager import Sms, SmsManager, compose  # noqa: PLC0415 - slow to import
    from smsmanager.cli.wording import plural  # noqa: PLC0415
    from smsmanager.parts import message_parts  # noqa: PLC0415

    if text == "-":
        text = sys.stdin.read().rstrip("\r\n")
    message: dict[str, Any] = {name: value for name, value in fields.items() if value is not None}
    priority = message.pop("priority")
    if payload is not None:
        message["payload"] = _object(payload)
    step = {name: value for name, value in (("type", kind), ("gateway", gateway)) if value}
    if step:
        message["flow"] = [Sms.from_dict(step)]
    composed = compose(text, to=to, **message)
    with connection(base_url) as target:
        region = region and region.upper()
        with SmsManager(target.api_key, base_url=target.base_url, default_region=region) as client:
            counted = message_parts(text, "sms" if kind == "sms" else "utf")
            to_whom = plural(len(to), "recipient")
            parts = f"{plural(counted.parts * len(to), 'part')} in {counted.encoding.value.upper()}"
            confirm(f"{to_whom}, {parts}, through {target.base_url}.", target, yes=yes)
            result = client.send(composed, priority=priority)
    code = exit_of_counts(result.counts())
    if as_json:
        output.print_json({"result": result.to_dict(), "exit_code": int(code)})
    else:
        from smsmanager.cli.views import show_result  # noqa: PLC0415 - loads rich

        show_result(output.console(), result)
    context.exit(int(code))


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise click.UsageError('--payload takes a JSON object, such as {"order": 17}.')
    return found
