"""`smsmanager preview`: what a file would send, and cost."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import click

from smsmanager.cli import output
from smsmanager.cli.connection import json_option
from smsmanager.cli.exits import Exit
from smsmanager.cli.inputs import FILE_HELP, input_options, open_input, sms_type_option

if TYPE_CHECKING:
    from pathlib import Path

    from smsmanager.campaigns import Preview
    from smsmanager.cli.inputs import Input

_EPILOG = (
    FILE_HELP
    + """
\b
Examples:
  smsmanager preview people.xlsx --text "Hello {name}."
  smsmanager preview people.csv --text-file text.txt --refused refused.csv
  smsmanager preview people.csv --text "Hi {name}" \\
      --language-text cs "Ahoj {name}" --region CZ --opt-out stop.txt
  cat people.jsonl | smsmanager preview - --text "Hello {name}." --json

\b
A price table (--prices) is a file with the columns prefix (or country),
price and currency, for one part: 420;0,89;CZK

\b
Exit codes: 0 every row can be sent, 1 rows were refused, 2 usage,
3 no row can be sent or a file cannot be used.
"""
)


_TOLD_EACH = 5000
"""Rows between two signs of life."""


@click.command("preview", epilog=_EPILOG)
@input_options
@sms_type_option
@json_option
@click.pass_context
def command(
    context: click.Context,
    /,
    file: str,
    *,
    refused: Path | None,
    sms_type: str | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Look at what a file would send: rows, parts, cost. Nothing is sent.

    Needs no API key and no network.
    """
    with open_input(file, **options) as source:
        preview = look_at(source, refused, sms_type, quiet=as_json)
        if as_json:
            output.print_json(as_document(source, preview))
        else:
            from smsmanager.cli.views import show_preview  # noqa: PLC0415 - loads rich

            show_preview(output.console(), source, preview)
    if refused is not None and preview.rows > preview.recipients:
        output.note(f"\nRefused rows, each with its reason: {refused}")
    context.exit(int(exit_of(preview)))


def exit_of(preview: Preview) -> Exit:
    """Return the exit code of a preview."""
    if not preview.recipients:
        return Exit.NOTHING_SENT
    return Exit.OK if preview.rows == preview.recipients else Exit.INCOMPLETE


def look_at(source: Input, refused: Path | None, sms_type: str | None, *, quiet: bool) -> Preview:
    """Read all rows and add them up; write the refused ones on the way.

    Args:
        source: The file.
        refused: Where refused rows are written; None for nowhere.
        sms_type: `type` of the SMS step, if it was chosen.
        quiet: Whether a terminal shows nothing of the progress.
    """
    from smsmanager.campaigns import PreviewBuilder, RefusedReport  # noqa: PLC0415 - an extra

    builder = PreviewBuilder(
        source.prices,
        source.selection.is_national,
        "sms" if sms_type == "sms" else "utf",
    )
    with contextlib.ExitStack() as stack:
        rows = iter(source.selection)
        if refused is not None:
            rows = stack.enter_context(RefusedReport(refused)).watch(rows)
        told = stack.enter_context(output.counting("Reading", quiet=quiet))
        for number, row in enumerate(rows):
            builder.add(row)
            if not number % _TOLD_EACH:
                told(number)
    return builder.build()


def as_document(source: Input, preview: Preview) -> dict[str, Any]:
    """Return a preview as JSON values."""
    table = source.table
    return {
        "source": {
            "name": source.name,
            "format": table.kind,
            "encoding": table.encoding,
            "delimiter": table.delimiter,
            "sheet": table.sheet,
            "columns": source.columns,
        },
        **preview.to_dict(),
    }
