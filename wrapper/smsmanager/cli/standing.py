"""Where a campaign stands, and its report."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smsmanager.cli import output, views
from smsmanager.cli.exits import exit_of_campaign
from smsmanager.cli.running import next_steps, state_of
from smsmanager.cli.wording import plural, visible_ledger

if TYPE_CHECKING:
    from smsmanager.campaigns import Campaign
    from smsmanager.cli.exits import Exit

_LISTED = ("row", "state", "phone_number", "message_id", "reference", "field", "reason")


def show(campaign: Campaign, ledger: str, address: str, *, as_json: bool) -> Exit:
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
    for line in next_steps(counts, address):
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


def report_paths(
    file: str | None, csv_path: Path | None, html_path: Path | None, *, as_json: bool
) -> tuple[Path | None, Path | None]:
    """Return where the two files of a report go; beside the input when the user names neither."""
    if csv_path is not None or html_path is not None or as_json:
        return csv_path, html_path
    near = "campaign" if file is None or "://" in file else file
    return Path(f"{near}.report.csv"), Path(f"{near}.report.html")


def report(campaign: Campaign, paths: tuple[Path | None, Path | None], *, as_json: bool) -> None:
    """Write the report, and say where; or print its sums as JSON."""
    csv_path, html_path = paths
    rows = None if csv_path is None else campaign.write_csv(csv_path)
    if html_path is not None or as_json:
        found = campaign.report()
        if html_path is not None:
            found.write_html(html_path)
        if as_json:
            files = {"csv": csv_path and str(csv_path), "html": html_path and str(html_path)}
            output.print_json({"report": found.as_json(), "files": files, "exit_code": 0})
            return
    if csv_path is not None:
        output.console().print(f"{csv_path}: {plural(rows or 0, 'row')}", soft_wrap=True)
    if html_path is not None:
        output.console().print(f"{html_path}: open it in a browser", soft_wrap=True)
