"""The preview of a file of recipients: for `preview`, and for `campaign run` before anything is sent."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from smsmanager.cli import output

if TYPE_CHECKING:
    from pathlib import Path

    from smsmanager.campaigns import Preview
    from smsmanager.cli.recipients_file import RecipientsFile

_ROWS_PER_UPDATE = 5000


def build(
    source: RecipientsFile, refused: Path | None, sms_type: str | None, *, quiet: bool
) -> Preview:
    """Read all rows and add them up; write the refused ones meanwhile.

    Args:
        source: The file.
        refused: Where refused rows are written; None for nowhere.
        sms_type: `type` of the SMS step, if the user chose one.
        quiet: Whether to show no progress in a terminal.
    """
    from smsmanager.campaigns import PreviewBuilder, RefusedReport  # noqa: PLC0415

    builder = PreviewBuilder(
        source.prices,
        source.selection.is_national,
        "sms" if sms_type == "sms" else "utf",
    )
    with contextlib.ExitStack() as stack:
        rows = iter(source.selection)
        if refused is not None:
            rows = stack.enter_context(RefusedReport(refused)).watch(rows)
        show_count = stack.enter_context(output.row_counter("Reading", quiet=quiet))
        for number, row in enumerate(rows):
            builder.add(row)
            if not number % _ROWS_PER_UPDATE:
                show_count(number)
    return builder.build()


def show(source: RecipientsFile, preview: Preview, refused: Path | None, *, quiet: bool) -> None:
    """Show a preview in a terminal, unless quiet, and say where the refused rows are."""
    if not quiet:
        from smsmanager.cli import preview_tables  # noqa: PLC0415 - loads rich

        preview_tables.show_preview(output.console(), source, preview)
    if refused is not None and preview.rows > preview.recipients:
        output.note(f"\nRefused rows, each with its reason: {refused}")


def document(source: RecipientsFile, preview: Preview) -> dict[str, Any]:
    """Return a preview as JSON values."""
    table = source.table
    return {
        "source": {
            "name": source.name,
            "format": table.kind,
            "encoding": table.encoding,
            "delimiter": table.delimiter,
            "sheet": table.sheet,
            "columns": source.columns,
        },
        **preview.to_dict(),
        **({} if source.account is None else source.account.document(preview)),
    }
