"""Starting a campaign for workers: the tasks of a queue engine, or `campaign work`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

import click

from smsmanager.cli import output
from smsmanager.cli.exit_codes import Exit, named
from smsmanager.cli.terminal_tables import title
from smsmanager.cli.terminal_text import plural

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smsmanager.campaigns import Campaign
    from smsmanager.campaigns._run.campaign_options import RunChanges
    from smsmanager.cli.campaign_address import CampaignAddress
    from smsmanager.cli.target import Target

workers_option = click.option(
    "--workers",
    "for_workers",
    is_flag=True,
    help="Let workers send: those of a task queue, or of 'campaign work'.",
)


def start(
    campaign: Campaign,
    target: Target,
    address: CampaignAddress,
    *,
    as_json: bool,
    preview: Mapping[str, Any] | None = None,
    resend_unknown: bool = False,
    **changes: Unpack[RunChanges],
) -> Exit:
    """Start a campaign for workers, and print how to start them; nothing is sent.

    Args:
        campaign: The campaign.
        target: Where requests will go.
        address: Where the campaign is.
        as_json: Whether to print JSON.
        preview: The preview of a first run, as JSON values.
        resend_unknown: Whether to send again to rows whose outcome is unknown.
        changes: Options for all workers.
    """
    campaign.start_workers(base_url=target.base_url, resend_unknown=resend_unknown, **changes)
    status = campaign.status()
    if as_json:
        document = {
            "ledger": address.visible_ledger,
            "phase": "sending",
            "target": status.target,
            "counts": named(status.counts),
            "total": status.total,
        }
        before = {} if preview is None else {"preview": preview}
        output.print_result_json({**before, "campaign": document}, Exit.OK)
        return Exit.OK
    console = output.console()
    console.print(title("Started for workers"))
    for line in (
        f"{plural(status.left, 'recipient')} left; this command sent nothing.",
        "The workers of a task queue start by themselves. Without one, run this as often as",
        "you like, on any machine:",
        f"  smsmanager campaign work {address.words}",
        "To see which workers have which rows, and to pause or stop all of them:",
        f"  smsmanager campaign workers {address.words}",
        f"  smsmanager campaign workers {address.words} --tell pause",
    ):
        console.print(line, soft_wrap=True)
    return Exit.OK
