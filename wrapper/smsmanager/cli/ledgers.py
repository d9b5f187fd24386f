"""Which ledger a file has."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from smsmanager.cli.wording import visible_ledger


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


def address_of(file: str | None, ledger: str | None, name: str | None) -> str:
    """Return how a command names this campaign again, for the shell; without the password of a URL.

    Args:
        file: The file, as it was given.
        ledger: The ledger, when the user named one.
        name: The campaign, when the user named one.
    """
    words = (
        shlex.quote(visible_ledger(file or ""))
        if ledger is None
        else f"--ledger {shlex.quote(visible_ledger(ledger))}"
    )
    return words if name is None else f"{words} --name {shlex.quote(name)}"
