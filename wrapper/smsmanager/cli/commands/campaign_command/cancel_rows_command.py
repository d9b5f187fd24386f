"""`smsmanager campaign cancel`: cancel the scheduled messages of a campaign."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from smsmanager.cli import output
from smsmanager.cli.campaign_address import CampaignAddress, campaign_options
from smsmanager.cli.exit_codes import exit_of_cancellation
from smsmanager.cli.shared_options import base_url_option, json_option, yes_option
from smsmanager.cli.target import open_target

if TYPE_CHECKING:
    from smsmanager.cli.exit_codes import Exit

_EPILOG = """\b
It cancels what the service has taken but not processed yet, as after
'campaign run --at TIME'. Rows that were not sent stay unsent.

\b
Exit codes: 0 all were cancelled, 1 some could not be, 3 nothing was
cancelled, 4 some are unclear.
"""


@click.command("cancel", epilog=_EPILOG)
@campaign_options
@base_url_option("Where to cancel")
@yes_option("Cancel")
@json_option
def cancel_command(
    file: str | None,
    *,
    ledger: str | None,
    name: str | None,
    base_url: str | None,
    yes: bool,
    as_json: bool,
) -> Exit:
    """Cancel the scheduled messages of a campaign.

    FILE is the file that the campaign was created from, or its ledger.
    """
    from smsmanager import SmsManager  # noqa: PLC0415 - slow to import
    from smsmanager.campaigns import RowState  # noqa: PLC0415 - an extra
    from smsmanager.cli.commands.campaign_command import existing_campaign  # noqa: PLC0415
    from smsmanager.cli.terminal_text import plural  # noqa: PLC0415

    address = CampaignAddress.of(file, ledger, name, base_url)
    with address.open() as campaign, open_target(base_url) as target:
        status = campaign.status()
        existing_campaign.check_target(status, target, address)
        rows = plural(status.counts[RowState.ACCEPTED], "accepted row")
        target.confirm(f"The scheduled messages of {rows}", yes=yes, verb="Cancel")
        with SmsManager(target.api_key, base_url=target.base_url) as client:
            found = campaign.cancel(client)
        counts = {
            "cancelled": found.cancelled,
            "refused": found.refused,
            "unclear": found.unclear,
        }
        code = exit_of_cancellation(counts)
        if as_json:
            output.print_result_json({"cancellation": counts}, code)
        else:
            output.console().print(
                f"{plural(found.cancelled, 'row')} cancelled, {found.refused:,} could not be, "
                f"{found.unclear:,} unclear."
            )
        return code
