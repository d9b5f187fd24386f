"""`smsmanager campaign`: send to a file of recipients; stop, crash, and resume.

| module | job |
| --- | --- |
| `run_command`, `resume_command`, `status_command`, `report_command` | one command each |
| `settle_rows_command`, `cancel_rows_command`, `work_command`, `workers_command` | likewise |
| `open_rows` | asking about unknown rows, for `settle` and `resume` |
| `run_options` | options that `run` and `resume` share: concurrency, rate, send window |
| `existing_campaign` | a campaign that already exists: may a command continue it? |
| `sending` | a campaign while it is sent: the progress bar, Ctrl-C and signals |
| `starting` | a campaign that workers are to send |
| `campaign_summary` | what `run`, `resume` and `status` print about a campaign |
"""

from __future__ import annotations

import click

from smsmanager.cli.commands.campaign_command.cancel_rows_command import cancel_command
from smsmanager.cli.commands.campaign_command.report_command import report_command
from smsmanager.cli.commands.campaign_command.resume_command import resume_command
from smsmanager.cli.commands.campaign_command.run_command import run_command
from smsmanager.cli.commands.campaign_command.settle_rows_command import settle_command
from smsmanager.cli.commands.campaign_command.status_command import status_command
from smsmanager.cli.commands.campaign_command.work_command import work_command
from smsmanager.cli.commands.campaign_command.workers_command import workers_command

_EPILOG = """\b
A campaign is a ledger, a SQLite file beside the input, that records the
outcome of each row. Whatever happens (Ctrl-C, a crash, a lost connection),
continue with 'resume': nobody gets the message twice. A rehearsal (--base-url
sandbox) has its own ledger.

\b
Examples:
  smsmanager campaign run people.xlsx --text "Hi {name}." --base-url sandbox
  smsmanager campaign report people.xlsx --base-url sandbox
  smsmanager campaign run people.xlsx --text "Hi {name}."
  smsmanager campaign status people.xlsx
  smsmanager campaign resume people.xlsx
  smsmanager campaign report people.xlsx
"""


@click.group("campaign", epilog=_EPILOG)
def command() -> None:
    """Send to a file of any length; stop, crash, resume, and know the outcome of each row."""


for _subcommand in (
    run_command,
    resume_command,
    status_command,
    settle_command,
    cancel_command,
    report_command,
    work_command,
    workers_command,
):
    command.add_command(_subcommand)
