"""A preview in a terminal: rows, destinations, lengths, cost and the first messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text

from smsmanager.cli.terminal_tables import BAD, GOOD, HEAD, bar, grid, title
from smsmanager.cli.terminal_text import plural, visible
from smsmanager.parts import Encoding

if TYPE_CHECKING:
    from rich.console import Console

    from smsmanager.campaigns import Preview
    from smsmanager.campaigns._input.send_preview import Costliest
    from smsmanager.cli.recipients_file import RecipientsFile

_MOST_DESTINATIONS = 8
_REASONS = {
    "number": "number missing, damaged or not a phone number",
    "duplicate": "same number as an earlier row",
    "opted_out": "in the opt-out list",
    "blacklisted": "on the blacklist of the account",
    "variable": "no value for a variable of the text",
    "language": "no text for the language",
    "text": "text too long",
    "sender": "sender not valid",
    "payload": "payload is not a JSON object",
    "cells": "row does not fit the header",
    "hidden": "hidden in the spreadsheet; --hidden-rows sends to them too",
}
_KINDS = {"csv": "CSV", "jsonl": "JSON Lines", "spreadsheet": "spreadsheet"}
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "space"}


def show_preview(console: Console, source: RecipientsFile, preview: Preview) -> None:
    """Show the preview of a file."""
    _show_source(console, source)
    console.print(title("Rows"))
    table = grid("", "", "", numbers=(0,))
    table.add_row(f"{preview.rows:,}", "read", "")
    table.add_row(f"{preview.recipients:,}", Text("to send", style=GOOD), "")
    for code, count in preview.refused.items():
        table.add_row(f"{count:,}", Text("refused", style=BAD), _REASONS.get(code, code))
    if preview.possible_duplicates:
        what = "may be duplicates, with and without the country code; give --region"
        table.add_row(f"{preview.possible_duplicates:,}", Text("doubtful", style=BAD), what)
    console.print(table)
    _show_refused(console, preview)
    if not preview.recipients:
        return
    _show_destinations(console, preview)
    _show_lengths(console, preview)
    if preview.cost or (preview.unpriced_parts and source.prices is not None):
        _show_cost(console, source, preview)
    if preview.costliest is not None and preview.costliest.parts > 1:
        _show_costliest(console, preview.costliest)
    console.print(title(f"First {plural(len(preview.samples), 'message')}"))
    for row in preview.samples:
        console.print(Text(f"row {row.row}, to {row.phone_number}", style=HEAD))
        _show_body(console, row.body or "")


def _show_source(console: Console, source: RecipientsFile) -> None:
    table = source.table
    facts = [_KINDS[table.kind]]
    if table.sheet is not None:
        facts.append(f"sheet {table.sheet}")
    if table.encoding is not None:
        facts.append("UTF-8" if table.encoding.startswith("utf-8") else table.encoding)
    if table.delimiter is not None and len(table.header) > 1:
        facts.append(f"cells separated by {_DELIMITERS.get(table.delimiter, table.delimiter)}s")
    console.print(Text(source.name, style=HEAD), Text(visible(f"({', '.join(facts)})")))
    used = ", ".join(f"{role} in “{name}”" for role, name in source.columns.items())
    headerless = "numbers only, no header" if len(table.header) == 1 else f"{used}; no header"
    console.print(visible(f"Columns: {used if table.has_header else headerless}"))
    if table.other_sheets:
        hidden = dict.fromkeys(table.hidden_sheets, " (hidden)")
        listed = ", ".join(name + hidden.get(name, "") for name in table.other_sheets)
        console.print(visible(f"Not read: sheet {listed}"))


def _show_refused(console: Console, preview: Preview) -> None:
    shown = preview.refused_samples
    if not shown:
        return
    total = preview.rows - preview.recipients
    console.print(title("Refused" if len(shown) == total else f"Refused, the first {len(shown)}"))
    table = grid("", "", numbers=(0,))
    for row in shown:
        table.add_row(f"row {row.row}", visible(f"{row.field} {row.reason}"))
    console.print(table)


def _show_destinations(console: Console, preview: Preview) -> None:
    console.print(title("To"))
    table = grid("calling code", "country", "recipients", "parts", numbers=(2, 3))
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
    table = grid("parts", "recipients", "", numbers=(0, 1))
    for parts, count in preview.histogram.items():
        share = count / preview.recipients
        table.add_row(str(parts), f"{count:,}", bar(share))
    console.print(table)
    encodings = {encoding: preview.encodings.get(encoding, 0) for encoding in Encoding}
    listed = ", ".join(f"{n:,} in {e.value.upper()}" for e, n in encodings.items() if n)
    average = preview.parts / preview.recipients
    about = "" if preview.exact else "About "
    console.print(
        f"{about}{plural(preview.parts, 'part')} in all, {average:.2f} per message; {listed}."
    )
    if not preview.exact:
        console.print("An estimate: the service's table of replacements is not public.")
    if preview.saved_as_sms > 0:
        console.print(
            f"With type: sms (transliterated to GSM-7) about {plural(preview.saved_as_sms, 'part')} fewer; "
            "an estimate, because the service's table is not public."
        )


def _show_cost(console: Console, source: RecipientsFile, preview: Preview) -> None:
    amounts = ", ".join(f"{amount:,.2f} {currency}" for currency, amount in preview.cost.items())
    console.print(title("Cost"))
    account = source.account
    by_account = account is not None and account.prices is not None
    by = "the prices of your account: an estimate" if by_account else "your price table"
    console.print(f"{amounts or 'nothing that has a price'}, by {by}.")
    if account is not None and (checked := account.check_credit(preview)):
        enough = f"{checked.missing:,.2f} {checked.currency} too little"
        enough = enough if checked.missing else "which is enough"
        style = BAD if checked.missing else GOOD
        console.print(
            f"Credit: {checked.credit:,.2f} {checked.currency},", Text(f"{enough}.", style=style)
        )
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
    console.print(Padding(Text(visible(body)), (0, 0, 0, 2), expand=False))
