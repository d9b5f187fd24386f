"""`smsmanager campaign status`: the status of a campaign, even while another process runs it."""

from __future__ import annotations

import csv
import sys
from typing import TYPE_CHECKING, Any

import click

from smsmanager.cli import output
from smsmanager.cli.campaign_address import CampaignAddress, campaign_options
from smsmanager.cli.exit_codes import Exit
from smsmanager.cli.shared_options import json_option, place_option
from smsmanager.cli.terminal_text import visible

if TYPE_CHECKING:
    from smsmanager.campaigns import Campaign, RowState

_OF_ROW = ("row", "state", "phone_number", "message_id", "reference", "field", "reason")
_COLUMNS = (*_OF_ROW, "finding", "asked_at", "candidates", "cancellation")


@click.command("status")
@campaign_options
@place_option
@click.option("--list", "state", metavar="STATE", help="List the rows in this state, as CSV.")
@json_option
def status_command(
    file: str | None,
    *,
    ledger: str | None,
    name: str | None,
    base_url: str | None,
    state: str | None,
    as_json: bool,
) -> Exit:
    """Show the status of a campaign, even while it runs elsewhere.

    FILE is the file that the campaign was created from, or its ledger. With
    --list, the rows in a state are listed, as in --list unknown; with --json, as
    one JSON object per line.
    """
    from smsmanager.cli.commands.campaign_command.campaign_summary import (  # noqa: PLC0415 - an extra
        show_status,
    )

    address = CampaignAddress.of(file, ledger, name, base_url)
    with address.open() as campaign:
        if state is None:
            return show_status(campaign, address, as_json=as_json)
        _list_rows(campaign, _state_named(state), as_json=as_json)
        return Exit.OK


def _list_rows(campaign: Campaign, state: RowState, *, as_json: bool) -> None:
    """Print the rows in a state: CSV with a header, or JSON Lines."""
    from smsmanager.cli.commands.campaign_command.open_rows import evidence_of  # noqa: PLC0415 - an extra

    writer = csv.writer(sys.stdout, lineterminator="\n")
    if not as_json:
        writer.writerow(_COLUMNS)
    for row in campaign.rows(state):
        found: dict[str, Any] = {name: getattr(row, name) for name in _OF_ROW}
        found |= {**evidence_of(row), "cancellation": row.cancellation}
        if as_json:
            output.print_json(found, line=True)
        else:
            found["candidates"] = " ".join(found["candidates"])
            writer.writerow(
                "" if value is None else visible(str(value)) for value in found.values()
            )


def _state_named(name: str) -> RowState:
    from smsmanager.campaigns import RowState  # noqa: PLC0415 - an extra

    try:
        return RowState(name.strip().lower().replace(" ", "_"))
    except ValueError:
        listed = ", ".join(state.value for state in RowState)
        raise click.UsageError(f"There is no state {name}. The states are: {listed}.") from None
