"""`smsmanager parts`: how a text is counted."""

from __future__ import annotations

import sys

import click

from smsmanager.cli import output
from smsmanager.cli.connection import json_option

_EPILOG = """\b
Examples:
  smsmanager parts "Vaše zásilka je na cestě."
  smsmanager parts --type sms "Vaše zásilka je na cestě."
  smsmanager parts - < text.txt

A text in the GSM-7 alphabet has room for 160 characters in one part and 153 in
each of several; a single character outside it makes the whole text UCS-2, with
70 and 67. With --type sms the service transliterates to GSM-7 by a table that
is not public, so that the count is an estimate.
"""


@click.command("parts", epilog=_EPILOG)
@click.argument("text")
@click.option(
    "--type",
    "kind",
    type=click.Choice(["utf", "sms"]),
    default="utf",
    help="type of the SMS step: utf keeps the text, sms transliterates it.",
)
@json_option
def command(text: str, *, kind: str, as_json: bool) -> None:
    """Count what TEXT is sent and billed as. Nothing is sent.

    TEXT may be - for standard input.
    """
    from smsmanager.parts import message_parts  # noqa: PLC0415 - loads the package

    if text == "-":
        text = sys.stdin.read().rstrip("\r\n")
    if not as_json:
        from smsmanager.cli.views import show_parts  # noqa: PLC0415 - loads rich

        show_parts(output.console(), text, kind == "sms")
        return
    counted = message_parts(text, "sms" if kind == "sms" else "utf")
    output.print_json(
        {
            "encoding": counted.encoding.value,
            "parts": counted.parts,
            "characters": len(text),
            "units": counted.units,
            "characters_left": counted.characters_left,
            "exact": counted.exact,
            "ucs2_characters": list(counted.ucs2_characters),
            "texts": list(counted.texts),
        }
    )
