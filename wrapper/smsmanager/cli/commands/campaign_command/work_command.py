"""`smsmanager campaign work`: send as one of many workers, until the campaign is over."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from smsmanager.cli.campaign_address import CampaignAddress, campaign_options
from smsmanager.cli.exit_codes import EXPLAINED
from smsmanager.cli.shared_options import base_url_option, json_option
from smsmanager.cli.target import open_target

if TYPE_CHECKING:
    from smsmanager.cli.exit_codes import Exit
    from smsmanager.cli.target import Target

_MOMENT_S = 20.0
_EPILOG = (
    """\b
Examples:
  smsmanager campaign run people.csv --text-file text.txt --workers \\
      --ledger postgresql+psycopg://db/campaigns --rate 50
  smsmanager campaign work --ledger postgresql+psycopg://db/campaigns

Run it in as many processes as you like, on any machine that reaches the
ledger: no row is sent twice, and all workers share one pace. It ends when no
row is left or the campaign is stopped, and waits while the campaign is paused.
Ctrl-C ends it cleanly; the other workers continue.

"""
    + EXPLAINED
)


@click.command("work", epilog=_EPILOG)
@campaign_options
@base_url_option("Where to send")
@json_option
def work_command(
    file: str | None,
    *,
    ledger: str | None,
    name: str | None,
    base_url: str | None,
    as_json: bool,
) -> Exit:
    """Send as one of many workers, until the campaign is over.

    FILE is the file the campaign was created from, or its ledger. First start
    it with 'campaign run --workers' or 'campaign resume --workers'; they ask.
    """
    from smsmanager.cli.commands.campaign_command import (  # noqa: PLC0415
        campaign_summary,
        existing_campaign,
    )

    address = CampaignAddress.of(file, ledger, name, base_url)
    with address.open() as campaign, open_target(base_url) as target:
        target.check()
        existing_campaign.check_target(campaign.status(), target, address)
        _work(address, target)
        target.record_reports(campaign)
        return campaign_summary.show_status(campaign, address, as_json=as_json)


def _work(address: CampaignAddress, target: Target) -> None:
    from smsmanager import ConfigurationError, SmsManager  # noqa: PLC0415 - slow to import
    from smsmanager.campaigns import tend, work  # noqa: PLC0415 - an extra
    from smsmanager.cli import output  # noqa: PLC0415

    if tend(address.ledger, address.name).left is None:
        raise ConfigurationError(
            "This campaign was not started for workers. Nothing was sent. Start it: "
            f"smsmanager campaign resume {address.words} --workers"
        )
    output.sending_begins()
    with SmsManager(target.api_key, base_url=target.base_url) as client:
        while True:
            # Ctrl-C and similar signals end a permit cleanly: answers in flight are awaited and recorded.
            work(address.ledger, address.name, client, for_s=_MOMENT_S, worker="smsmanager")
            again_in_s = tend(address.ledger, address.name).again_in_s
            if again_in_s is None:
                return
            time.sleep(again_in_s)
