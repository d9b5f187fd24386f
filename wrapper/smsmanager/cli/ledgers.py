"""Which ledger a file has."""

from __future__ import annotations

from pathlib import Path

import click


def ledger_of(file: str | None, ledger: str | None) -> str:
    """Return the ledger of a file, or the one that was named."""
    from smsmanager.campaigns import ledger_beside  # noqa: PLC0415 - an extra

    if ledger is not None:
        return ledger
    if file is None or file == "-":
        raise click.UsageError("Standard input has no place for a ledger: name one with --ledger.")
    if "://" in file or Path(file).name.endswith(".sqlite3"):
        return file
    return str(ledger_beside(Path(file)))
