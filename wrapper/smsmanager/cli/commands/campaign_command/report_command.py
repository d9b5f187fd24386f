"""`smsmanager campaign report`: the outcome of every row, as CSV and as a page with charts."""

from __future__ import annotations

from pathlib import Path

import click

from smsmanager.cli import output
from smsmanager.cli.campaign_address import CampaignAddress, campaign_options
from smsmanager.cli.exit_codes import Exit
from smsmanager.cli.shared_options import json_option, place_option

_PATH = click.Path(dir_okay=False, path_type=Path)


@click.command("report")
@campaign_options
@place_option
@click.option("--csv", "csv_path", type=_PATH, metavar="FILE", help="Every row and its outcome.")
@click.option(
    "--html", "html_path", type=_PATH, metavar="FILE", help="A page with charts, in one file."
)
@json_option
def report_command(
    file: str | None,
    *,
    ledger: str | None,
    name: str | None,
    base_url: str | None,
    csv_path: Path | None,
    html_path: Path | None,
    as_json: bool,
) -> None:
    """Write the outcome of every row, as CSV and as a page with charts.

    FILE is the file that the campaign was created from, or its ledger. Without
    --csv and --html, both are written beside the ledger; with --json, the totals
    are printed instead.
    """
    from smsmanager.cli.terminal_text import plural  # noqa: PLC0415

    address = CampaignAddress.of(file, ledger, name, base_url)
    if csv_path is None and html_path is None and not as_json:
        near = _beside(address)
        csv_path, html_path = Path(f"{near}.report.csv"), Path(f"{near}.report.html")
    with address.open() as campaign:
        rows = None if csv_path is None else campaign.write_csv(csv_path)
        report = None if html_path is None and not as_json else campaign.report()
        if report is not None and html_path is not None:
            report.write_html(html_path)
    if report is not None and as_json:
        files = {"csv": csv_path and str(csv_path), "html": html_path and str(html_path)}
        output.print_result_json({"report": report.as_json(), "files": files}, Exit.OK)
        return
    if csv_path is not None:
        output.console().print(f"{csv_path}: {plural(rows or 0, 'row')}", soft_wrap=True)
    if html_path is not None:
        output.console().print(f"{html_path}: open it in a browser", soft_wrap=True)


def _beside(address: CampaignAddress) -> str:
    """Return the beginning of both file names: the ledger's name, so that each campaign has its own files."""
    if "://" in address.ledger:
        return address.name or "campaign"
    return address.ledger.removesuffix(".sqlite3").removesuffix(".campaign")
