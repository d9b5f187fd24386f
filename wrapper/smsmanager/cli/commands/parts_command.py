"""`smsmanager parts`: how many parts a text has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

from smsmanager.cli import output
from smsmanager.cli.shared_options import json_option, text_or_stdin

if TYPE_CHECKING:
    from smsmanager.parts import MessageParts

_EPILOG = """\b
Examples:
  smsmanager parts "Vaše zásilka je na cestě."
  smsmanager parts --type sms "Vaše zásilka je na cestě."
  smsmanager parts - < text.txt

A text in the GSM-7 alphabet has room for 160 characters in one part and 153 in
each of several; a single character outside it makes the whole text UCS-2, with
70 and 67. With --type sms the service transliterates to GSM-7 with a table that
is not public, so the count is an estimate.
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
def command(text: str, *, kind: Literal["utf", "sms"], as_json: bool) -> None:
    """Count the parts that TEXT is sent and billed as. Nothing is sent.

    TEXT may be - for standard input.
    """
    from smsmanager.parts import message_parts  # noqa: PLC0415 - loads the package

    text = text_or_stdin(text)
    counted = message_parts(text, kind)
    if not as_json:
        _show(text, counted, message_parts(text, "sms"))
        return
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


def _show(text: str, counted: MessageParts, as_sms: MessageParts) -> None:
    from rich.text import Text  # noqa: PLC0415 - slow to import

    from smsmanager.cli.terminal_tables import HEAD, grid  # noqa: PLC0415 - loads rich
    from smsmanager.cli.terminal_text import plural, visible  # noqa: PLC0415

    table = grid("", "")
    table.add_row("encoding", counted.encoding.value)
    table.add_row("parts", Text(str(counted.parts), style=HEAD))
    table.add_row("characters", f"{len(text):,}")
    table.add_row("units", f"{counted.units:,}")
    table.add_row("left in this part", f"{counted.characters_left}")
    if counted.ucs2_characters:
        table.add_row("outside GSM-7", visible(" ".join(counted.ucs2_characters)))
        table.add_row("with type: sms", f"{plural(as_sms.parts, 'part')} (estimate)")
    elif not counted.exact:
        table.add_row("", "An estimate: the service's table of replacements is not public.")
    output.console().print(table)
