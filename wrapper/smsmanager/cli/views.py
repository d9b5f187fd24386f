"""How results look in a terminal of 80 columns, on a dark and on a light ground.

Meaning never rests on colour alone, and only colours are used that can be read on both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from smsmanager.cli.wording import counted, plural, visible
from smsmanager.parts import Encoding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import Console

    from smsmanager.campaigns import Preview
    from smsmanager.campaigns._input.send_preview import Costliest
    from smsmanager.cli.inputs import Input
    from smsmanager.results import SendResult

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
_BAR = 30
_MOST_DESTINATIONS = 8
_REASONS = {
    "number": "number missing, damaged or no phone number",
    "duplicate": "number of an earlier row",
    "opted_out": "in the opt-out list",
    "variable": "no value for a variable of the text",
    "language": "no text for the language",
    "text": "text too long",
    "sender": "sender not possible",
    "payload": "payload is no JSON object",
    "cells": "row does not fit the header",
}
_KINDS = {"csv": "CSV", "jsonl": "JSON Lines", "spreadsheet": "spreadsheet"}
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "space"}


def grid(*, heads: Iterable[str] = (), numbers: Iterable[int] = ()) -> Table:
    """Return a table without lines, its numbers to the right."""
    found = Table(box=None, show_header=bool(heads), pad_edge=False, header_style=HEAD)
    right = set(numbers)
    for position, head in enumerate(heads):
        found.add_column(head, justify="right" if position in right else "left")
    return found


def title(text: str) -> Text:
    """Return a heading, with an empty line before it."""
    return Text(f"\n{text}", style=HEAD)


def bar(share: float) -> str:
    """Return a bar of at most 30 columns, for a share between 0 and 1; never empty for a share above 0."""
    return "\N{FULL BLOCK}" * max(round(share * _BAR), 1 if share > 0 else 0)


def show_result(console: Console, result: SendResult) -> None:
    """Show one line a recipient, then the counts."""
    table = grid(heads=("number", "status", "message id"))
    for outcome in result:
        status = Text(outcome.status.value, style=STYLES[outcome.status.value])
        table.add_row(outcome.phone_number, status, outcome.message_id or "-")
    console.print(table)
    console.print(f"\n{counted(result.counts())}.")


def show_parts(console: Console, text: str, as_sms: bool) -> None:  # noqa: FBT001 - one caller
    """Show how a text is counted."""
    from smsmanager.parts import message_parts  # noqa: PLC0415 - only here

    counted_parts = message_parts(text, "sms" if as_sms else "utf")
    table = grid(heads=("", ""))
    table.show_header = False
    table.add_row("encoding", counted_parts.encoding.value)
    table.add_row("parts", Text(str(counted_parts.parts), style=HEAD))
    table.add_row("characters", f"{len(text):,}")
    table.add_row("units", f"{counted_parts.units:,}")
    table.add_row("left in this part", f"{counted_parts.characters_left}")
    if counted_parts.ucs2_characters:
        table.add_row("outside GSM-7", visible(" ".join(counted_parts.ucs2_characters)))
        plain = message_parts(text, "sms")
        table.add_row("with type: sms", f"{plural(plain.parts, 'part')} (estimate)")
    elif not counted_parts.exact:
        table.add_row("", "An estimate: the service's table of replacements is not public.")
    console.print(table)


def show_preview(console: Console, source: Input, preview: Preview) -> None:
    """Show what a file would send."""
    _show_source(console, source)
    console.print(title("Rows"))
    table = grid(heads=("", "", ""), numbers=(0,))
    table.show_header = False
    table.add_row(f"{preview.rows:,}", "read", "")
    table.add_row(f"{preview.recipients:,}", Text("to send", style=GOOD), "")
    for code, count in preview.refused.items():
        table.add_row(f"{count:,}", Text("refused", style=BAD), _REASONS.get(code, code))
    console.print(table)
    _show_refused(console, preview)
    if not preview.recipients:
        return
    _show_destinations(console, preview)
    _show_lengths(console, preview)
    if preview.cost or (preview.unpriced_parts and source.prices is not None):
        _show_cost(console, preview)
    if preview.costliest is not None and preview.costliest.parts > 1:
        _show_costliest(console, preview.costliest)
    console.print(title(f"First {plural(len(preview.samples), 'message')}"))
    for row in preview.samples:
        console.print(Text(f"row {row.row}, to {row.phone_number}", style=HEAD))
        _show_body(console, row.body or "")


def _show_source(console: Console, source: Input) -> None:
    table = source.table
    facts = [_KINDS[table.kind]]
    if table.sheet is not None:
        facts.append(f"sheet {table.sheet}")
    if table.encoding is not None:
        facts.append("UTF-8" if table.encoding.startswith("utf-8") else table.encoding)
    if table.delimiter is not None and len(table.header) > 1:
        facts.append(f"cells between {_DELIMITERS.get(table.delimiter, table.delimiter)}s")
    console.print(Text(source.name, style=HEAD), Text(visible(f"({', '.join(facts)})")))
    used = ", ".join(f"{role} in “{name}”" for role, name in source.columns.items())
    console.print(visible(f"Columns: {used if table.has_header else 'numbers only, no header'}"))
    if table.other_sheets:
        console.print(visible(f"Not read: sheet {', '.join(table.other_sheets)}"))


def _show_refused(console: Console, preview: Preview) -> None:
    shown = preview.refused_samples
    if not shown:
        return
    total = preview.rows - preview.recipients
    console.print(title("Refused" if len(shown) == total else f"Refused, the first {len(shown)}"))
    table = grid(heads=("", ""), numbers=(0,))
    table.show_header = False
    for row in shown:
        field = "the number" if row.field == "phone_number" else row.field
        table.add_row(f"row {row.row}", visible(f"{field} {row.reason}"))
    console.print(table)


def _show_destinations(console: Console, preview: Preview) -> None:
    console.print(title("To"))
    table = grid(heads=("calling code", "country", "recipients", "parts"), numbers=(2, 3))
    shown = preview.destinations[:_MOST_DESTINATIONS]
    for to in shown:
        code = f"+{to.calling_code}" if to.calling_code else "national"
        country = to.regions[0] if to.regions else "the account's" if not to.calling_code else "-"
        if len(to.regions) > 1:
            country = f"{country} and {len(to.regions) - 1} more"
        table.add_row(code, country, f"{to.recipients:,}", f"{to.parts:,}")
    rest = preview.destinations[_MOST_DESTINATIONS:]
    if rest:
        recipients, parts = sum(to.recipients for to in rest), sum(to.parts for to in rest)
        table.add_row(plural(len(rest), "other"), "", f"{recipients:,}", f"{parts:,}")
    console.print(table)


def _show_lengths(console: Console, preview: Preview) -> None:
    console.print(title("Length"))
    table = grid(heads=("parts", "recipients", ""), numbers=(0, 1))
    for parts, count in preview.histogram.items():
        share = count / preview.recipients
        table.add_row(str(parts), f"{count:,}", f"{bar(share)} {_percent(share)}")
    console.print(table)
    encodings = {encoding: preview.encodings.get(encoding, 0) for encoding in Encoding}
    listed = ", ".join(f"{n:,} in {e.value.upper()}" for e, n in encodings.items() if n)
    average = preview.parts / preview.recipients
    about = "" if preview.exact else "About "
    console.print(
        f"{about}{plural(preview.parts, 'part')} in all, {average:.2f} a message; {listed}."
    )
    if not preview.exact:
        console.print("An estimate: the service's table of replacements is not public.")
    if preview.saved_as_sms > 0:
        console.print(
            f"With type: sms (transliterated to GSM-7) about {preview.saved_as_sms:,} parts less; an "
            "estimate, because the service's table is not public."
        )


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.01 else "<1%"  # noqa: PLR2004 - what rounds to nothing


def _show_cost(console: Console, preview: Preview) -> None:
    amounts = ", ".join(f"{amount:,.2f} {currency}" for currency, amount in preview.cost.items())
    console.print(title("Cost"))
    console.print(f"{amounts or 'nothing that is priced'}, by your price table.")
    if preview.unpriced_parts:
        console.print(Text(f"{plural(preview.unpriced_parts, 'part')} without a price.", style=BAD))


def _show_costliest(console: Console, found: Costliest) -> None:
    console.print(title("Longest message"))
    facts = f"row {found.row}: {plural(found.parts, 'part')}, {found.characters} characters"
    console.print(f"{facts}, {found.encoding.value.upper()}")
    if found.ucs2_characters:
        console.print(visible(f"UCS-2 because of: {' '.join(found.ucs2_characters[:20])}"))
    _show_body(console, found.body)


def _show_body(console: Console, body: str) -> None:
    from rich.padding import Padding  # noqa: PLC0415 - only where a text is shown

    console.print(Padding(Text(visible(body)), (0, 0, 0, 2), expand=False))


def counts_table(counts: Mapping[Any, int], total: int) -> Table:
    """Return the states of a campaign as a table with bars."""
    table = grid(heads=("state", "rows", ""), numbers=(1,))
    for state, count in counts.items():
        if count:
            name = str(state)
            share = count / total if total else 0.0
            style = STYLES.get(name, "")
            filled = Text(f"{bar(share)} {_percent(share)}", style=style)
            table.add_row(Text(name.replace("_", " "), style=style), f"{count:,}", filled)
    return table
