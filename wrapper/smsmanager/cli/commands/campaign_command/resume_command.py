"""`smsmanager campaign resume`: send to every row that certainly got nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from smsmanager.cli.campaign_address import CampaignAddress, campaign_options
from smsmanager.cli.commands.campaign_command.run_options import (
    pop_run_changes,
    rows_patience_option,
    run_options,
)
from smsmanager.cli.commands.campaign_command.starting import workers_option
from smsmanager.cli.shared_options import base_url_option, json_option, yes_option
from smsmanager.cli.target import open_target

if TYPE_CHECKING:
    from smsmanager.cli.exit_codes import Exit


@click.command("resume")
@campaign_options
@click.option(
    "--resend-unknown",
    is_flag=True,
    help="Also send to unknown and unconfirmed rows; they may get the message twice.",
)
@click.option("--no-ask", is_flag=True, help="Do not ask the service about unknown rows first.")
@rows_patience_option("60 with --resend-unknown, else 0")
@run_options
@workers_option
@base_url_option("Where to send")
@yes_option("Send")
@json_option
def resume_command(
    file: str | None,
    *,
    ledger: str | None,
    name: str | None,
    resend_unknown: bool,
    base_url: str | None,
    for_workers: bool,
    yes: bool,
    as_json: bool,
    **options: Any,
) -> Exit:
    """Continue: send to every row that certainly got nothing.

    FILE is the file that the campaign was created from, or its ledger. The
    service is first asked about unknown rows; those that it has are not sent.
    """
    from smsmanager.campaigns.rows import OPEN, UNSENT, UNSETTLED  # noqa: PLC0415 - an extra
    from smsmanager.cli.commands.campaign_command import (  # noqa: PLC0415
        campaign_summary,
        existing_campaign,
        open_rows,
        sending,
        starting,
    )
    from smsmanager.cli.terminal_text import plural  # noqa: PLC0415

    changes = pop_run_changes(options)
    asks = not options.pop("no_ask")
    if (patience_s := options.pop("patience_s")) is None:
        patience_s = 60.0 if resend_unknown else 0.0
    address = CampaignAddress.of(file, ledger, name, base_url)
    with address.open() as campaign, open_target(base_url) as target:
        target.check()
        status = campaign.status()
        earlier = existing_campaign.check_target(status, target, address)
        is_asked = asks and open_rows.ask_before_sending(
            campaign, target, patience_s=patience_s, quiet=as_json
        )
        counts = campaign.status().counts
        states = UNSETTLED | UNSENT | (OPEN if resend_unknown else frozenset())
        if left := sum(counts[state] for state in states):
            twice = ", some of whom may get the message a second time" if resend_unknown else ""
            target.confirm(f"{earlier}{plural(left, 'recipient')}{twice}", yes=yes)
        if for_workers:
            return starting.start(
                campaign,
                target,
                address,
                as_json=as_json,
                resend_unknown=resend_unknown,
                **changes,
            )
        end = sending.send(
            campaign, target, quiet=as_json, resend_unknown=resend_unknown, **changes
        )
        target.record_reports(campaign)
        return campaign_summary.show_end(
            campaign, end, address, as_json=as_json, offers_resend=not is_asked
        )
