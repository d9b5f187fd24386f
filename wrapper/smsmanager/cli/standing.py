"""Where a campaign stands, and its report."""

from __future__ import annotations

import csv
import sys
from typing import TYPE_CHECKING, Any

from smsmanager.cli import output, views
from smsmanager.cli.exits import exit_of_campaign
from smsmanager.cli.running import next_steps, state_of
from smsmanager.cli.wording import visible_ledger

if TYPE_CHECKING:
    from smsmanager.campaigns import Campaign
    from smsmanager.cli.exits import Exit

_LISTED = ("row", "state", "phone_number", "message_id", "reference", "field", "reason")


def show(campaign: Campaign, ledger: str, file: str, *, as_json: bool) -> Exit:
    """Show the counts and what can be done next; return the exit code."""
    status = campaign.status()
    counts = status.counts
    code = exit_of_campaign({state.value: n for state, n in counts.items()})
    if as_json:
        output.print_json(
            {
                "campaign": {
                    "ledger": visible_ledger(ledger),
                    "name": status.name,
                    "source": status.source,
                    "created_at": status.created_at.isoformat(),
                    "counts": {state.value: n for state, n in counts.items()},
                    "total": status.total,
                    "deliveries": dict(status.deliveries),
                },
                "exit_code": int(code),
            }
        )
        return code
    console = output.console()
    source = f" of {status.source}" if status.source else ""
    console.print(f"{status.name}{source}, made {status.created_at:%Y-%m-%d %H:%M} UTC")
    console.print(views.counts_table(counts, status.total))
    if status.deliveries:
        console.print(views.title("Delivery reports"))
        console.print(views.counts_table(status.deliveries, status.total))
    for line in next_steps(counts, file):
        console.print(line, soft_wrap=True)
    return code


def list_rows(campaign: Campaign, state: str, *, as_json: bool) -> None:
    """Print the rows in a state: CSV with a header, or JSON Lines."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    if not as_json:
        writer.writerow(_LISTED)
    for row in campaign.rows(state_of(state)):
        found: dict[str, Any] = {name: getattr(row, name) for name in _LISTED}
        if as_json:
            output.print_json(found, line=True)
        else:
            writer.writerow("" if value is None else str(value) for value in found.values())
