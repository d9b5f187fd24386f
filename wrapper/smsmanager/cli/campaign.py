"""`smsmanager campaign`: send to a file; stop, crash, and go on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from smsmanager.cli import output
from smsmanager.cli.connection import (
    base_url_option,
    confirm,
    connection,
    json_option,
    yes_option,
)
from smsmanager.cli.exits import EXPLAINED, Exit
from smsmanager.cli.inputs import FILE_HELP, input_options, open_input, sms_type_option
from smsmanager.cli.ledgers import address_of, ledger_of
from smsmanager.cli.numbers import AtLeastOne

if TYPE_CHECKING:
    from collections.abc import Callable

    from smsmanager.campaigns import Preview

_EPILOG = """\b
A campaign is a ledger, a SQLite file beside the input, that knows of each row
what became of it. Whatever happens, Ctrl-C, a crash, a lost connection, go on
with 'resume': nobody gets the message twice.

\b
Examples:
  smsmanager campaign run people.xlsx --text "Hi {name}." --base-url sandbox
  smsmanager campaign status people.xlsx
  smsmanager campaign resume people.xlsx --base-url sandbox
  smsmanager campaign report people.xlsx
"""
_RUN_EPILOG = (
    FILE_HELP
    + """
\b
Examples:
  smsmanager campaign run people.xlsx --text "Hi {name}." --base-url sandbox
  smsmanager campaign run people.csv --text-file text.txt --region CZ \\
      --opt-out stop.txt --sender Shop --tag sale \\
      --window "monday-friday 08:00-20:00 Europe/Prague"
  smsmanager campaign run - --ledger postgresql+psycopg://host/db --yes \\
      --text "Hello {name}." < people.jsonl

You see a preview first and are asked, unless --yes. Ctrl-C ends cleanly; go on
with 'smsmanager campaign resume people.xlsx'.

"""
    + EXPLAINED
)
_LEDGER_HELP = "Where the ledger is: a SQLite file or a SQLAlchemy URL; else beside FILE."


@click.group("campaign", epilog=_EPILOG)
def command() -> None:
    """Send to a file of any length; stop, crash, go on, and know what became of each row."""


def ledger_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that name a ledger."""
    function = click.option("--ledger", metavar="PATH|URL", help=_LEDGER_HELP)(function)
    return click.option("--name", metavar="NAME", help="Campaign, if the ledger has several.")(
        function
    )


def pace_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a single run."""
    for option in reversed(
        (
            click.option(
                "--concurrency",
                type=AtLeastOne(int),
                metavar="N",
                help="Most requests at once.  [4]",
            ),
            click.option(
                "--rate",
                type=AtLeastOne(float, above=0),
                metavar="N",
                help="Most requests a second, each up to 100 recipients.",
            ),
            click.option(
                "--stop-after",
                type=AtLeastOne(int),
                metavar="N",
                help="Stop after so many failed requests in a row.  [10]",
            ),
            click.option("--window", metavar="WHEN", help="Days and hours in which to send."),
        )
    ):
        function = option(function)
    return function


@command.command("run", epilog=_RUN_EPILOG)
@input_options
@click.option(
    "--sender",
    "-s",
    metavar="NAME",
    envvar="SMSMANAGER_SENDER",
    help="Sender of rows that have none.  [env: SMSMANAGER_SENDER]",
)
@click.option("--tag", metavar="TAG", help="Tag of rows that have none.")
@click.option("--at", metavar="TIME", help="When the service sends: 2030-01-07T08:00+01:00.")
@sms_type_option
@click.option("--callback", metavar="URL", help="Where delivery reports go.")
@ledger_options
@pace_options
@base_url_option
@yes_option
@json_option
@click.pass_context
def run_command(  # noqa: PLR0913 - one argument an option
    context: click.Context,
    /,
    file: str,
    *,
    refused: Path | None,
    sms_type: str | None,
    sender: str | None,
    tag: str | None,
    at: str | None,
    callback: str | None,
    ledger: str | None,
    name: str | None,
    base_url: str | None,
    yes: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Send to every row of FILE that can be sent to."""
    from smsmanager.campaigns import (  # noqa: PLC0415 - an extra
        Campaign,
        CampaignOptions,
        InputError,
        fingerprint_of,
    )
    from smsmanager.cli import preview as previews  # noqa: PLC0415
    from smsmanager.cli import running  # noqa: PLC0415

    pace = running.pace(**{name: options.pop(name) for name in running.PACE})
    where = ledger_of(file, ledger)
    address = address_of(file, ledger, name)
    running.refuse_existing(where, name, address)
    with open_input(file, **options) as source, connection(base_url) as target:
        written = refused or (None if source.is_stdin else Path(f"{file}.refused.csv"))
        fingerprint = fingerprint_of(source.path)
        preview = previews.look_at(source, written, sms_type, quiet=as_json)
        if written != refused and written is not None and preview.rows == preview.recipients:
            # Nobody asked for a file that says nothing.
            written.unlink()
        _show(preview, source, written, as_json=as_json)
        if not preview.recipients:
            if as_json:
                document = {"preview": previews.as_document(source, preview), "campaign": None}
                output.print_json({**document, "exit_code": int(Exit.NOTHING_SENT)})
            else:
                output.note("Nothing was sent: no row can be sent to.")
            context.exit(int(Exit.NOTHING_SENT))
        confirm(_question(preview, target.base_url), target, yes=yes)
        fixed = CampaignOptions(
            sender=sender,
            tag=tag,
            flow=running.flow_of(sms_type),
            at=at,
            callback=callback,
            **pace,
        )
        if fingerprint_of(source.path) != fingerprint:
            raise InputError(f"{source.name} was changed since it was looked at.")
        with output.counting("Writing the ledger", quiet=as_json) as told:
            campaign = Campaign.create(
                where,
                source.selection,
                fixed,
                name=name or "campaign",
                source=source.name,
                fingerprint=fingerprint,
                on_progress=told,
            )
        with campaign:
            end = running.send(campaign, target, as_json=as_json)
            document = {"preview": previews.as_document(source, preview)}
            code = running.tell(campaign, end, where, address, as_json=as_json, beside=document)
    context.exit(int(code))


def _question(preview: Preview, base_url: str) -> str:
    from smsmanager.cli.wording import plural  # noqa: PLC0415

    cost = ", ".join(f"{amount:,.2f} {currency}" for currency, amount in preview.cost.items())
    priced = f", {cost}" if cost else ""
    recipients, parts = plural(preview.recipients, "recipient"), plural(preview.parts, "part")
    return f"{recipients}, about {parts}{priced}, through {base_url}."


def _show(preview: Preview, source: Any, refused: Path | None, *, as_json: bool) -> None:
    if not as_json:
        from smsmanager.cli.views import show_preview  # noqa: PLC0415 - loads rich

        show_preview(output.console(), source, preview)
    if refused is not None and preview.rows > preview.recipients:
        output.note(f"\nRefused rows, each with its reason: {refused}")


@command.command("resume")
@click.argument("file", metavar="FILE", required=False)
@click.option(
    "--resend-unknown",
    is_flag=True,
    help="Send to unknown and unconfirmed rows too; they may get the message twice.",
)
@ledger_options
@pace_options
@base_url_option
@yes_option
@json_option
@click.pass_context
def resume_command(
    context: click.Context,
    /,
    file: str | None,
    *,
    resend_unknown: bool,
    ledger: str | None,
    name: str | None,
    base_url: str | None,
    yes: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Go on with a campaign: send to every row that certainly got nothing.

    FILE is the file the campaign was made of, or its ledger.
    """
    from smsmanager.campaigns import Campaign  # noqa: PLC0415 - an extra
    from smsmanager.cli import running  # noqa: PLC0415

    pace = running.pace(**options)
    where = ledger_of(file, ledger)
    with Campaign.open(where, name=name) as campaign, connection(base_url) as target:
        left = running.left(campaign.status().counts, resend_unknown=resend_unknown)
        if left:
            question = f"{left:,} recipients, through {target.base_url}."
            if resend_unknown:
                question += " Some may get the message a second time."
            confirm(question, target, yes=yes)
        end = running.send(
            campaign, target, as_json=as_json, resend_unknown=resend_unknown, changes=pace
        )
        code = running.tell(campaign, end, where, address_of(file, ledger, name), as_json=as_json)
    context.exit(int(code))


@command.command("status")
@click.argument("file", metavar="FILE", required=False)
@ledger_options
@click.option("--list", "state", metavar="STATE", help="List the rows in this state, as CSV.")
@json_option
@click.pass_context
def status_command(
    context: click.Context,
    /,
    file: str | None,
    *,
    ledger: str | None,
    name: str | None,
    state: str | None,
    as_json: bool,
) -> None:
    """Say where a campaign stands; also while it runs elsewhere.

    FILE is the file the campaign was made of, or its ledger. With --list the rows
    in a state are listed: --list unknown; with --json one JSON object a line.
    """
    from smsmanager.campaigns import Campaign  # noqa: PLC0415 - an extra
    from smsmanager.cli import standing  # noqa: PLC0415

    where = ledger_of(file, ledger)
    with Campaign.open(where, name=name) as campaign:
        if state is not None:
            standing.list_rows(campaign, state, as_json=as_json)
            return
        context.exit(
            int(standing.show(campaign, where, address_of(file, ledger, name), as_json=as_json))
        )


@command.command("report")
@click.argument("file", metavar="FILE", required=False)
@ledger_options
@click.option(
    "--csv",
    "csv_path",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Every row and what became of it.",
)
@click.option(
    "--html",
    "html_path",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A page with charts, in one file.",
)
@json_option
def report_command(
    file: str | None,
    *,
    ledger: str | None,
    name: str | None,
    csv_path: Path | None,
    html_path: Path | None,
    as_json: bool,
) -> None:
    """Write what became of every row: a CSV file and a page with charts.

    FILE is the file the campaign was made of, or its ledger. Without --csv and
    --html both are written beside it; with --json the sums are printed instead.
    """
    from smsmanager.campaigns import Campaign  # noqa: PLC0415 - an extra
    from smsmanager.cli import standing  # noqa: PLC0415

    where = ledger_of(file, ledger)
    with Campaign.open(where, name=name) as campaign:
        standing.report(
            campaign,
            standing.report_paths(file, csv_path, html_path, as_json=as_json),
            as_json=as_json,
        )
