"""Asking the service about open rows, for `campaign settle` and `campaign resume`."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

from smsmanager import SmsManager, SmsManagerError
from smsmanager.campaigns import CampaignError, RowState
from smsmanager.campaigns.rows import OPEN
from smsmanager.cli import output
from smsmanager.cli.lost_answers import FINDINGS
from smsmanager.cli.terminal_tables import grid, state_text, title
from smsmanager.cli.terminal_text import plural, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from smsmanager.campaigns import Campaign, LedgerRow, Settlement
    from smsmanager.cli.target import Target

_MOST_ROWS = 20
_FINDINGS = {
    **FINDINGS,
    "undated": "an earlier version sent it without recording the time: add --between",
}


def ask(campaign: Campaign, target: Target, *, quiet: bool, **options: Any) -> Settlement:
    """Ask about the open rows of a campaign; nothing is sent.

    Args:
        campaign: The campaign.
        target: The service to ask.
        quiet: Whether to hide the progress in a terminal.
        options: The options of `Campaign.settle`.
    """
    with (
        SmsManager(target.api_key, base_url=target.base_url) as client,
        _progress(quiet=quiet) as show,
    ):
        return campaign.settle(client, on_progress=show, **options)


def ask_before_sending(
    campaign: Campaign, target: Target, *, patience_s: float, quiet: bool
) -> bool:
    """Ask about the open rows, if there are any; return False if the service could not be asked.

    The remaining rows are sent even then.

    Raises:
        CampaignError: If the ledger cannot be used.
    """
    rows = sum(campaign.status().counts[state] for state in OPEN)
    if not rows:
        return True
    try:
        found = ask(campaign, target, quiet=quiet, patience_s=patience_s)
    except CampaignError:
        raise
    except SmsManagerError as error:
        output.note(
            f"The service could not be asked about {plural(rows, 'unknown row')}: {visible(str(error))}"
        )
        return False
    output.note(summary(found))
    return True


def summary(found: Settlement) -> str:
    """Return the result of asking, in one line."""
    asked = plural(found.questions, "question")
    left = f"{plural(found.still_open, 'row')} still unknown"
    return f"Asked the service, {asked}: {plural(found.settled, 'row')} settled, {left}."


def show_open_rows(campaign: Campaign, findings: Mapping[str, int], address: str) -> None:
    """List the rows that are still open with their findings, and explain the findings."""
    console = output.console()
    console.print(title("Still unknown"))
    for finding, count in findings.items():
        meaning = _FINDINGS.get(finding, "not asked about")
        console.print(f"{plural(count, 'row')} {finding}: {meaning}", soft_wrap=True)
    table = grid("row", "state", "finding", "asked", "candidates", numbers=(0,))
    shown = 0
    for shown, row in enumerate(campaign.rows([*OPEN]), start=1):
        if shown > _MOST_ROWS:
            break
        found = evidence_of(row)
        candidates = visible(" ".join(found["candidates"])) or "-"
        asked_at = (found["asked_at"] or "-").partition(".")[0].removesuffix("+00:00")
        finding = found["finding"] or "-"
        table.add_row(str(row.row), state_text(row.state.value), finding, asked_at, candidates)
    console.print(table)
    if shown > _MOST_ROWS:
        states = [state.value for state in RowState if state in OPEN]
        console.print("The rest:")
        for state in states:
            console.print(f"  smsmanager campaign status {address} --list {state}", soft_wrap=True)


def evidence_of(row: LedgerRow) -> dict[str, Any]:
    """Return the evidence for a row: `finding`, `asked_at` and `candidates`."""
    evidence = row.evidence or {}
    return {
        "finding": evidence.get("finding"),
        "asked_at": evidence.get("asked_at"),
        "candidates": evidence.get("candidates", []),
    }


@contextlib.contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[Settlement], None]]:
    if quiet or not sys.stderr.isatty():
        yield lambda _found: None
        return
    with output.console(error=True).status("Asking the service ...") as status:
        yield lambda found: status.update(
            f"Asking the service, {found.settled:,} settled, {found.still_open:,} left ..."
        )
