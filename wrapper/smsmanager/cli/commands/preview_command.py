"""`smsmanager preview`: what a file would send and cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from smsmanager.cli import file_preview, output
from smsmanager.cli.account_options import account_options, ask_account, pop_account_options
from smsmanager.cli.exit_codes import Exit
from smsmanager.cli.recipients_file import (
    FILE_HELP,
    open_recipients_file,
    recipients_file_options,
)
from smsmanager.cli.shared_options import base_url_option, json_option, sms_type_option
from smsmanager.cli.target import open_target

if TYPE_CHECKING:
    from pathlib import Path

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
Exit codes: 0 every row can be sent, 1 rows were refused or credit is
missing, 2 the command line is wrong, 3 no row can be sent or a file cannot
be used.
"""
)


@click.command("preview", epilog=_EPILOG)
@recipients_file_options
@account_options
@sms_type_option
@base_url_option("Where to ask about the account")
@json_option
def command(
    file: str,
    *,
    refused: Path | None,
    sms_type: str | None,
    base_url: str | None,
    as_json: bool,
    **options: Any,
) -> Exit:
    """Show what a file would send: rows, parts, cost. Nothing is sent.

    Needs no API key and no network, except for the --account options.
    """
    wanted, account = pop_account_options(options), None
    if any(wanted.values()):
        with open_target(base_url) as target:
            account = ask_account(target, wanted)
    with open_recipients_file(file, account, **options) as source:
        preview = file_preview.build(source, refused, sms_type, quiet=as_json)
        if as_json:
            output.print_json(file_preview.document(source, preview))
        file_preview.show(source, preview, refused, quiet=as_json)
    if not preview.recipients:
        return Exit.NOTHING_SENT
    if account is not None and (checked := account.check_credit(preview)) and checked.missing:
        return Exit.INCOMPLETE
    return Exit.OK if preview.rows == preview.recipients else Exit.INCOMPLETE
