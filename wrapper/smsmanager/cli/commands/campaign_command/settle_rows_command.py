"""`smsmanager campaign settle`: ask the service about unknown rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from smsmanager.cli import output
from smsmanager.cli.campaign_address import CampaignAddress, campaign_options
from smsmanager.cli.commands.campaign_command.run_options import rows_patience_option
from smsmanager.cli.shared_options import base_url_option, between_option, json_option
from smsmanager.cli.target import open_target

if TYPE_CHECKING:
    from datetime import datetime

    from smsmanager.campaigns import Settlement
    from smsmanager.cli.exit_codes import Exit

_EPILOG = """\b
Examples:
  smsmanager campaign settle people.xlsx
  smsmanager campaign settle people.xlsx --patience 600
  smsmanager campaign settle people.xlsx --json

It asks, and sends nothing. A row is settled only if exactly one of the
service's messages matches it, by number, time, text and request; then it is
accepted with the id of that message. All others stay unknown; the findings are
kept.

\b
Exit codes: 0 every row is accepted, 1 some were rejected or refused,
3 the service could not be asked, 4 rows are still unknown,
5 rows are still to be sent.
"""


@click.command("settle", epilog=_EPILOG)
@campaign_options
@rows_patience_option("60")
@click.option(
    "--other-ledger",
    "other_ledgers",
    multiple=True,
    metavar="PATH|URL",
    help="Ledger of another campaign with the same texts to the same numbers; can be repeated.",
)
@between_option("When an earlier version sent the rows: 2026-11-02T08:00+01:00.")
@base_url_option("Where to ask")
@json_option
def settle_command(
    file: str | None,
    *,
    ledger: str | None,
    name: str | None,
    patience_s: float | None,
    other_ledgers: tuple[str, ...],
    between: tuple[datetime, datetime] | None,
    base_url: str | None,
    as_json: bool,
) -> Exit:
    """Ask the service about rows whose outcome is unknown. Nothing is sent.

    FILE is the file that the campaign was created from, or its ledger.
    """
    from smsmanager.campaigns.rows import OPEN  # noqa: PLC0415 - an extra
    from smsmanager.cli.commands.campaign_command import (  # noqa: PLC0415
        campaign_summary,
        existing_campaign,
        open_rows,
    )

    options: dict[str, Any] = {"other_ledgers": other_ledgers}
    if patience_s is not None:
        options["patience_s"] = patience_s
    if between:
        options["called_between"] = between
    address = CampaignAddress.of(file, ledger, name, base_url)
    with address.open() as campaign, open_target(base_url) as target:
        existing_campaign.check_target(campaign.status(), target, address)
        found = open_rows.ask(campaign, target, quiet=as_json, **options)
        if as_json:
            rows = (
                {"row": r.row, "state": r.state.value, **open_rows.evidence_of(r)}
                for r in campaign.rows([*OPEN])
            )
            document = {"settlement": _document(found), "rows": [*rows]}
            return campaign_summary.show_status(campaign, address, as_json=True, before=document)
        output.console().print(open_rows.summary(found))
        if found.still_open:
            open_rows.show_open_rows(campaign, found.findings, address.words)
        return campaign_summary.show_status(campaign, address, as_json=False)


def _document(found: Settlement) -> dict[str, Any]:
    return {
        "settled": found.settled,
        "still_open": found.still_open,
        "questions": found.questions,
        "findings": dict(found.findings),
    }
