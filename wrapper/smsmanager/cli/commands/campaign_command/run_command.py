"""`smsmanager campaign run`: preview a file, ask, write the ledger, send."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from smsmanager.cli import file_preview, output
from smsmanager.cli.campaign_address import CampaignAddress, ledger_options
from smsmanager.cli.commands.campaign_command.run_options import pop_run_changes, run_options
from smsmanager.cli.exit_codes import EXPLAINED, Exit
from smsmanager.cli.recipients_file import (
    FILE_HELP,
    RecipientsFile,
    open_recipients_file,
    recipients_file_options,
)
from smsmanager.cli.shared_options import (
    add_options,
    base_url_option,
    json_option,
    sender_option,
    sms_type_option,
    yes_option,
)
from smsmanager.cli.target import open_target

if TYPE_CHECKING:
    from smsmanager.campaigns import Campaign, CampaignOptions, Preview

_EPILOG = (
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
_message_options = add_options(
    sender_option("Sender of rows that have none."),
    click.option("--tag", metavar="TAG", help="Tag of rows that have none."),
    click.option("--at", metavar="TIME", help="When the service sends: 2030-01-07T08:00+01:00."),
    sms_type_option,
    click.option("--callback", metavar="URL", help="Where delivery reports go."),
)


@click.command("run", epilog=_EPILOG)
@recipients_file_options
@_message_options
@ledger_options
@run_options
@base_url_option
@yes_option
@json_option
def run_command(
    file: str,
    *,
    refused: Path | None,
    ledger: str | None,
    name: str | None,
    base_url: str | None,
    yes: bool,
    as_json: bool,
    **options: Any,
) -> Exit:
    """Send to every row of FILE that can be sent to."""
    from smsmanager.campaigns import fingerprint_of  # noqa: PLC0415 - an extra
    from smsmanager.cli.commands.campaign_command import campaign_summary, sending  # noqa: PLC0415

    address = CampaignAddress.of(file, ledger, name)
    sms_type = options["sms_type"]
    campaign_options = _pop_campaign_options(options)
    _refuse_existing(address)
    with open_recipients_file(file, **options) as source, open_target(base_url) as target:
        fingerprint = fingerprint_of(source.path)
        preview = _preview(source, refused, sms_type, quiet=as_json)
        document = file_preview.document(source, preview)
        if not preview.recipients:
            if as_json:
                no_campaign = {"preview": document, "campaign": None}
                output.print_result_json(no_campaign, Exit.NOTHING_SENT)
            else:
                output.note("Nothing was sent: no row can be sent to.")
            return Exit.NOTHING_SENT
        target.confirm(_question(preview), yes=yes)
        with _create(address, source, campaign_options, fingerprint, quiet=as_json) as campaign:
            end = sending.send(campaign, target, quiet=as_json)
            return campaign_summary.show_end(
                campaign, end, address, as_json=as_json, preview=document
            )


def _pop_campaign_options(options: dict[str, Any]) -> CampaignOptions:
    """Take the options of messages and of the run out of the command's options."""
    from smsmanager import Sms  # noqa: PLC0415 - slow to import
    from smsmanager.campaigns import CampaignOptions  # noqa: PLC0415 - an extra

    sms_type = options.pop("sms_type")
    return CampaignOptions(
        **{name: options.pop(name) for name in ("sender", "tag", "at", "callback")},
        # Only what the user chose goes to the service.
        flow=None if sms_type is None else Sms.from_dict({"type": sms_type}),
        **pop_run_changes(options),
    )


def _refuse_existing(address: CampaignAddress) -> None:
    """Say before a long preview, not after it, that the campaign exists.

    Raises:
        CampaignExistsError: If it does.
    """
    from smsmanager.campaigns import (  # noqa: PLC0415 - an extra
        CampaignExistsError,
        CampaignNotFoundError,
        LedgerError,
    )

    if "://" in address.ledger:
        return
    try:
        with address.open() as campaign:
            made = campaign.status().created_at
    except (CampaignNotFoundError, LedgerError):
        # Writing the ledger reports what is wrong with it, and repairs what can be repaired.
        return
    msg = (
        f"{address.ledger} already holds a campaign of {made:%Y-%m-%d %H:%M} UTC. Nothing was sent. Go on "
        f"with it: smsmanager campaign resume {address.words}; or name another ledger with --ledger."
    )
    raise CampaignExistsError(msg)


def _preview(
    source: RecipientsFile, refused: Path | None, sms_type: str | None, *, quiet: bool
) -> Preview:
    """Show the preview; the refused rows go into a file, beside the input unless the user named one."""
    beside = None if source.is_stdin else Path(f"{source.path}.refused.csv")
    written = refused or beside
    preview = file_preview.build(source, written, sms_type, quiet=quiet)
    if refused is None and beside is not None and preview.rows == preview.recipients:
        # Nobody asked for a file without rows.
        beside.unlink()
    file_preview.show(source, preview, written, quiet=quiet)
    return preview


def _question(preview: Preview) -> str:
    from smsmanager.cli.terminal_text import plural  # noqa: PLC0415

    cost = "".join(f", {amount:,.2f} {currency}" for currency, amount in preview.cost.items())
    parts = plural(preview.parts, "part")
    return f"{plural(preview.recipients, 'recipient')}, about {parts}{cost}"


def _create(
    address: CampaignAddress,
    source: RecipientsFile,
    options: CampaignOptions,
    fingerprint: str,
    *,
    quiet: bool,
) -> Campaign:
    """Write the ledger of a file that has not changed since the preview."""
    from smsmanager.campaigns import Campaign, InputError, fingerprint_of  # noqa: PLC0415

    if fingerprint_of(source.path) != fingerprint:
        raise InputError(f"{source.name} has changed since the preview.")
    with output.row_counter("Writing the ledger", quiet=quiet) as show_count:
        return Campaign.create(
            address.ledger,
            source.selection,
            options,
            name=address.name or "campaign",
            source=source.name,
            fingerprint=fingerprint,
            on_progress=show_count,
        )
