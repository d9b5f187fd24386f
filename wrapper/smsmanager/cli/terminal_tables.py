"""Tables, headings and bars for a terminal with 80 columns, on a dark or a light background.

Colour alone never carries meaning, and every colour used is readable on both backgrounds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from smsmanager.cli.terminal_text import percent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

GOOD, BAD, DOUBTFUL, HEAD = "green", "red", "bold", "bold"
STYLES = {
    "accepted": GOOD,
    "delivered": GOOD,
    "rejected": BAD,
    "refused": BAD,
    "not_sent": BAD,
    "unconfirmed": DOUBTFUL,
    "unknown": DOUBTFUL,
}
_BAR_COLUMNS, _BLOCK = 30, "\N{FULL BLOCK}"


def grid(*heads: str, numbers: Iterable[int] = ()) -> Table:
    """Return a table without lines; its header is shown if a column has a heading.

    Args:
        heads: Heading of each column.
        numbers: Positions of the columns that are aligned to the right.
    """
    found = Table(box=None, show_header=any(heads), pad_edge=False, header_style=HEAD)
    right = set(numbers)
    for position, head in enumerate(heads):
        # Folded, not cut: half an id is useless.
        found.add_column(head, justify="right" if position in right else "left", overflow="fold")
    return found


def title(text: str) -> Text:
    """Return a heading, with an empty line before it."""
    return Text(f"\n{text}", style=HEAD)


def bar(share: float) -> str:
    """Return a bar of at most 30 columns with its percentage, for a share between 0 and 1."""
    filled = max(round(share * _BAR_COLUMNS), 1 if share > 0 else 0)
    return f"{_BLOCK * filled} {percent(share)}"


def state_text(state: str) -> Text:
    """Return a status or state in its colour."""
    return Text(state, style=STYLES.get(state, ""))


def counts_table(counts: Mapping[Any, int], total: int) -> Table:
    """Return how many rows of a campaign have each state, as a table with bars."""
    table = grid("state", "rows", "", numbers=(1,))
    for state, count in counts.items():
        if count:
            style = STYLES.get(str(state), "")
            share = Text(bar(count / total if total else 0.0), style=style)
            table.add_row(Text(str(state).replace("_", " "), style=style), f"{count:,}", share)
    return table
