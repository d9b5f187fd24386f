"""Which campaign a command is about: its ledger, and its name within the ledger."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import click

from smsmanager.cli.shared_options import add_options

if TYPE_CHECKING:
    from smsmanager.campaigns import Campaign

ledger_options = add_options(
    click.option("--name", metavar="NAME", help="Campaign, if the ledger has several."),
    click.option(
        "--ledger",
        metavar="PATH|URL",
        help="Where the ledger is: a SQLite file or a SQLAlchemy URL; else beside FILE.",
    ),
)
campaign_options = add_options(
    click.argument("file", metavar="FILE", required=False), ledger_options
)
"""The options of commands for a campaign that exists."""


@attrs.frozen
class CampaignAddress:
    """Where a campaign is.

    Attributes:
        ledger: Path of a SQLite file, or a SQLAlchemy URL.
        name: The campaign, if the user named one.
        words: How a command names it again, quoted for the shell, without the password of a URL.
    """

    ledger: str
    name: str | None
    words: str

    @classmethod
    def of(
        cls, file: str | None, ledger: str | None = None, name: str | None = None
    ) -> CampaignAddress:
        """Return the address of a campaign.

        Args:
            file: The input file or the ledger itself, as the user named it.
            ledger: The ledger, if the user named one.
            name: The campaign, if the user named one.

        Raises:
            click.UsageError: If the input is standard input, and no ledger is named.
        """
        if ledger is not None:
            where, words = ledger, f"--ledger {shlex.quote(visible_ledger(ledger))}"
        else:
            where, words = _ledger_of(file), shlex.quote(visible_ledger(file or ""))
        return cls(where, name, words if name is None else f"{words} --name {shlex.quote(name)}")

    @property
    def visible_ledger(self) -> str:
        """The ledger, without the password of a URL."""
        return visible_ledger(self.ledger)

    def open(self) -> Campaign:
        """Open the campaign."""
        from smsmanager.campaigns import Campaign  # noqa: PLC0415 - an extra

        return Campaign.open(self.ledger, name=self.name)


def _ledger_of(file: str | None) -> str:
    from smsmanager.campaigns import ledger_beside  # noqa: PLC0415 - an extra

    if file is None or file == "-":
        raise click.UsageError("Standard input has no place for a ledger: name one with --ledger.")
    if "://" in file or Path(file).name.endswith(".sqlite3"):
        return file
    return str(ledger_beside(Path(file)))


def visible_ledger(ledger: str) -> str:
    """Return where a ledger is, without the password that a URL may hold."""
    head, at, tail = ledger.rpartition("@")
    if "://" not in ledger or not at:
        return ledger
    scheme, _, user = head.partition("://")
    return f"{scheme}://{user.partition(':')[0]}@{tail}"
