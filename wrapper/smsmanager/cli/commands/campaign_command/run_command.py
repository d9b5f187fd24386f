"""`smsmanager campaign run`: preview a file, ask, write the ledger, send."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from smsmanager.cli import file_preview, output
from smsmanager.cli.account_options import (
    account_options,
    ask_account,
    despite_credit_option,
    pop_account_options,
)
from smsmanager.cli.campaign_address import CampaignAddress, ledger_options
from smsmanager.cli.commands.campaign_command.run_options import pop_run_changes, run_options
from smsmanager.cli.commands.campaign_command.starting import workers_option
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
    read_time,
    sender_option,
    sms_type_option,
    yes_option,
)
from smsmanager.cli.target import open_target

if TYPE_CHECKING:
    from smsmanager.campaigns import CampaignOptions, Preview
    from smsmanager.campaigns._run.campaign_options import RunChanges
    from smsmanager.cli.account_options import Account

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

You see a preview and are asked before anything is sent, unless you pass --yes.
Ctrl-C ends cleanly; continue with 'smsmanager campaign resume people.xlsx'.

With --base-url sandbox the run is a rehearsal with its own ledger; the real
run is still to come. When the file has new rows, repeat the command with --add
to send to them, or with --new to send to every row of the file.

"""
    + EXPLAINED
)
_message_options = add_options(
    sender_option("Sender of rows that have none."),
    click.option("--tag", metavar="TAG", help="Tag of rows that have none."),
    click.option(
        "--at",
        type=read_time,
        metavar="TIME",
        help="When the service sends: 2030-01-07T08:00+01:00.",
    ),
    sms_type_option,
    click.option("--callback", metavar="URL", help="Where delivery reports go."),
)


@click.command("run", epilog=_EPILOG)
@recipients_file_options
@account_options
@despite_credit_option
@_message_options
@ledger_options
@click.option(
    "--add",
    "again",
    flag_value="add",
    help="Send to the rows that the campaign of FILE does not have yet.",
)
@click.option(
    "--new", "again", flag_value="new", help="Create another campaign for FILE, named after today."
)
@run_options
@workers_option
@base_url_option("Where to send")
@yes_option("Send")
@json_option
def run_command(
    file: str,
    *,
    refused: Path | None,
    ledger: str | None,
    name: str | None,
    base_url: str | None,
    for_workers: bool,
    yes: bool,
    as_json: bool,
    **options: Any,
) -> Exit:
    """Send to every row of FILE that can be sent."""
    from smsmanager.campaigns import Campaign, InputError, fingerprint_of  # noqa: PLC0415 - an extra
    from smsmanager.cli.commands.campaign_command import (  # noqa: PLC0415
        campaign_summary,
        existing_campaign,
        sending,
        starting,
    )

    address, sms_type = CampaignAddress.of(file, ledger, name, base_url), options["sms_type"]
    wanted = pop_account_options(options)
    despite_credit, again = options.pop("despite_credit"), options.pop("again")
    changes = pop_run_changes(options)
    campaign_options = _pop_campaign_options(options, changes)
    with contextlib.ExitStack() as stack:
        existing: Campaign | None = None
        if again == "add":
            existing = stack.enter_context(address.open())
        elif again == "new":
            address = address.dated()
        # Not before the file is found, unless the account is asked about it.
        target = stack.enter_context(open_target(base_url)) if any(wanted.values()) else None
        account = None if target is None else ask_account(target, wanted)
        source = shown = stack.enter_context(open_recipients_file(file, account, **options))
        fingerprint = fingerprint_of(source.path)
        if existing is not None:
            existing_campaign.check_same_messages(existing, campaign_options)
            shown = existing_campaign.only_new(source, existing)
        else:
            existing_campaign.refuse_existing(address, source.name, fingerprint)
        target = target or stack.enter_context(open_target(base_url))
        target.check()
        preview = _preview(shown, refused, sms_type, quiet=as_json)
        document = file_preview.document(source, preview)
        if not preview.recipients:
            if as_json:
                no_campaign = {"preview": document, "campaign": None}
                output.print_result_json(no_campaign, Exit.NOTHING_SENT)
            else:
                kind = "row" if existing is None else "new row"
                output.note(f"Nothing was sent: no {kind} can be sent.")
            return Exit.NOTHING_SENT
        _require_credit(None if despite_credit else account, preview)
        question = _question(preview)
        if existing is not None:
            question = existing_campaign.whole_question(
                question, existing.status(), target, address
            )
        target.confirm(question, yes=yes)
        if fingerprint_of(source.path) != fingerprint:
            raise InputError(f"{source.name} has changed since the preview.")
        with output.row_counter("Writing the ledger", quiet=as_json) as show_count:
            if existing is not None:
                existing.add(source.selection, fingerprint=fingerprint, on_progress=show_count)
                campaign = existing
            else:
                campaign = stack.enter_context(
                    Campaign.create(
                        address.ledger,
                        source.selection,
                        campaign_options,
                        name=address.name or "campaign",
                        source=source.name,
                        fingerprint=fingerprint,
                        base_url=target.base_url,
                        on_progress=show_count,
                    )
                )
        if for_workers:
            return starting.start(
                campaign, target, address, as_json=as_json, preview=document, **changes
            )
        end = sending.send(campaign, target, quiet=as_json, **changes)
        target.record_reports(campaign)
        return campaign_summary.show_end(campaign, end, address, as_json=as_json, preview=document)


def _pop_campaign_options(options: dict[str, Any], changes: RunChanges) -> CampaignOptions:
    """Remove the message options from the command's options, and return them with those of the run."""
    from smsmanager import Sms  # noqa: PLC0415 - slow to import
    from smsmanager.campaigns import CampaignOptions  # noqa: PLC0415 - an extra

    sms_type = options.pop("sms_type")
    return CampaignOptions(
        **{name: options.pop(name) for name in ("sender", "tag", "at", "callback")},
        # Only what the user chose goes to the service.
        flow=None if sms_type is None else Sms.from_dict({"type": sms_type}),
        **changes,
    )


def _preview(
    source: RecipientsFile, refused: Path | None, sms_type: str | None, *, quiet: bool
) -> Preview:
    """Show the preview; the refused rows go into a file, beside the input unless the user named one."""
    beside = None if source.is_stdin else Path(f"{source.path}.refused.csv")
    written = refused or beside
    preview = file_preview.build(source, written, sms_type, quiet=quiet)
    if refused is None and beside is not None and preview.rows == preview.recipients:
        # A file without rows helps no one.
        beside.unlink(missing_ok=True)
    file_preview.show(source, preview, written, quiet=quiet)
    return preview


def _require_credit(account: Account | None, preview: Preview) -> None:
    """Refuse a run that the credit does not cover, and name the option that overrides this."""
    from smsmanager.campaigns import NotEnoughCreditError  # noqa: PLC0415 - an extra

    checked = None if account is None else account.check_credit(preview)
    try:
        if checked is not None:
            checked.require()
    except NotEnoughCreditError as error:
        raise NotEnoughCreditError(
            f"{error} Top up the account, or pass --despite-credit.",
            missing=error.missing,
            currency=error.currency,
        ) from None


def _question(preview: Preview) -> str:
    from smsmanager.cli.terminal_text import plural  # noqa: PLC0415

    cost = "".join(f", {amount:,.2f} {currency}" for currency, amount in preview.cost.items())
    parts = plural(preview.parts, "part")
    hidden = preview.refused.get("hidden", 0)
    without = f", without {plural(hidden, 'hidden row')}" if hidden else ""
    return f"{plural(preview.recipients, 'recipient')}, about {parts}{cost}{without}"
