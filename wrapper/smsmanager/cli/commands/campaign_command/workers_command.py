"""`smsmanager campaign workers`: which worker has which rows now; pause and stop all workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from smsmanager.cli import output
from smsmanager.cli.campaign_address import CampaignAddress, campaign_options
from smsmanager.cli.exit_codes import Exit
from smsmanager.cli.shared_options import json_option, place_option
from smsmanager.cli.terminal_text import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smsmanager.campaigns import Worker

_TOLD = {
    "pause": "The workers pause within two seconds.",
    "resume": "The workers may continue.",
    "stop": "The workers stop within two seconds.",
}
_CONTROL = click.Choice([*_TOLD])


@click.command("workers")
@campaign_options
@place_option
@click.option(
    "--tell",
    type=_CONTROL,
    help="Tell all workers to pause, resume or stop; it reaches them within two seconds.",
)
@json_option
def workers_command(
    file: str | None,
    *,
    ledger: str | None,
    name: str | None,
    base_url: str | None,
    tell: str | None,
    as_json: bool,
) -> Exit:
    """Show which worker has which rows of a campaign now.

    FILE is the file that the campaign was created from, or its ledger. A run by
    one process has all rows.
    """
    address = CampaignAddress.of(file, ledger, name, base_url)
    with address.open() as campaign:
        changes = {
            "pause": campaign.pause_workers,
            "resume": campaign.resume_workers,
            "stop": campaign.stop_workers,
        }
        is_changed = None if tell is None else changes[tell]()
        workers = campaign.workers()
    if as_json:
        listed = [
            {
                "lease": each.lease,
                "worker": each.worker,
                "first": each.first,
                "last": each.last,
                "until": each.until.isoformat(),
            }
            for each in workers
        ]
        output.print_result_json({"workers": listed, "changed": is_changed}, Exit.OK)
        return Exit.OK
    if tell is not None:
        output.console().print(_TOLD[tell] if is_changed else f"There is nothing to {tell}.")
    _show(workers)
    return Exit.OK


def _show(workers: Sequence[Worker]) -> None:
    from smsmanager.cli.terminal_tables import grid  # noqa: PLC0415 - needs rich

    if not workers:
        output.console().print("No worker has rows of this campaign.")
        return
    table = grid("Worker", "Rows", "Lease until")
    for each in workers:
        rows = "all" if each.first is None else f"{each.first} to {each.last}"
        table.add_row(visible(each.worker), rows, f"{each.until:%Y-%m-%d %H:%M:%S} UTC")
    output.console().print(table)
