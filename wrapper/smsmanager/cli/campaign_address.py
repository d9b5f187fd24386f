"""The campaign that a command is about: its ledger, and its name within the ledger."""

from __future__ import annotations

import re
import shlex
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import click

from smsmanager.cli.shared_options import add_options
from smsmanager.cli.target import SANDBOX, is_rehearsal

if TYPE_CHECKING:
    from smsmanager.campaigns import Campaign, CampaignStatus

# What libpq takes besides the password of the URL itself.
_PASSWORD = re.compile(r"(?<=[?&])(?:ssl)?password=[^&]*&?", re.IGNORECASE)
ledger_options = add_options(
    click.option("--name", metavar="NAME", help="Name of the campaign, if the ledger has several."),
    click.option(
        "--ledger",
        metavar="PATH|URL",
        help="The ledger: a SQLite file or a SQLAlchemy URL; default: a file beside FILE.",
    ),
)
campaign_options = add_options(
    click.argument("file", metavar="FILE", required=False), ledger_options
)
"""The options of commands for a campaign that exists."""


@attrs.frozen
class CampaignAddress:
    """The location of a campaign.

    Attributes:
        file: The input file or the ledger itself, as the user named it.
        ledger: Path of a SQLite file, or a SQLAlchemy URL.
        name: The campaign, if the user named one.
        base_url: Where its requests go, if the user named it.
        is_beside: Whether the ledger is at its usual place beside the file.
    """

    file: str | None
    ledger: str
    name: str | None = None
    base_url: str | None = None
    is_beside: bool = False

    @classmethod
    def of(
        cls,
        file: str | None,
        ledger: str | None = None,
        name: str | None = None,
        base_url: str | None = None,
    ) -> CampaignAddress:
        """Return the address of a campaign.

        Args:
            file: The input file or the ledger itself, as the user named it.
            ledger: The ledger, if the user named one.
            name: The campaign, if the user named one.
            base_url: Where its requests go, if the user named it; a rehearsal has its own ledger.

        Raises:
            click.UsageError: If the input is standard input, and no ledger is named.
        """
        if ledger is not None:
            return cls(file, ledger, name, base_url)
        if file is None or file == "-":
            msg = "No ledger can be kept beside standard input: name one with --ledger."
            raise click.UsageError(msg)
        if "://" in file or Path(file).name.endswith(".sqlite3"):
            return cls(file, file, name, base_url)
        beside = _beside(file, rehearsal=is_rehearsal(base_url))
        return cls(file, str(beside), name, base_url, is_beside=True)

    @property
    def words(self) -> str:
        """The arguments that name it again, quoted for the shell, without the password of a URL."""
        if self.is_beside or self.file == self.ledger:
            words = [shlex.quote(visible_ledger(self.file or ""))]
        else:
            words = ["--ledger", shlex.quote(self.visible_ledger)]
        if self.name is not None:
            words += ["--name", shlex.quote(self.name)]
        if self.base_url is not None:
            words += ["--base-url", shlex.quote(self.base_url)]
        return " ".join(words)

    @property
    def visible_ledger(self) -> str:
        """The ledger, without the password of a URL."""
        return visible_ledger(self.ledger)

    def dated(self) -> CampaignAddress:
        """Return the address of a further campaign for the same file, named after today."""
        if "://" in self.ledger:
            if self.name is None:
                msg = "In a database, give the new campaign its own name with --name."
                raise click.UsageError(msg)
            return self
        path, day = Path(self.ledger), f"{datetime.now().astimezone():%Y-%m-%d}"
        stem, dot, kind = path.stem.rpartition(".") if self.is_beside else (path.stem, "", "")
        names = (f"{stem}.{day}{f'-{n}' if n > 1 else ''}{dot}{kind}.sqlite3" for n in count(1))
        free = next(name for name in names if not path.with_name(name).exists())
        return attrs.evolve(self, ledger=str(path.with_name(free)), is_beside=False)

    def open(self) -> Campaign:
        """Open the campaign.

        Raises:
            CampaignNotFoundError: If there is none; names the other one of the same file, if that exists.
        """
        from smsmanager.campaigns import Campaign, CampaignNotFoundError  # noqa: PLC0415 - an extra

        try:
            return Campaign.open(self.ledger, name=self.name)
        except CampaignNotFoundError as error:
            if not self.is_beside or self.file is None:
                raise
            rehearsal = is_rehearsal(self.base_url)
            other = _beside(self.file, rehearsal=not rehearsal)
            if not other.is_file():
                raise
            advice = (
                f"There is a campaign that is not a rehearsal, {other}: leave out --base-url."
                if rehearsal
                else f"There is a rehearsal, {other}: add --base-url {SANDBOX}."
            )
            raise CampaignNotFoundError(f"{error} {advice}") from None

    def has_changed(self, status: CampaignStatus) -> bool:
        """Return whether the input exists but differs from the one that the campaign was created from."""
        from smsmanager.campaigns import fingerprint_of  # noqa: PLC0415 - an extra

        if self.file in {None, "-", self.ledger} or status.fingerprint is None:
            return False
        path = Path(self.file or "")
        return path.is_file() and fingerprint_of(path) != status.fingerprint


def _beside(file: str, *, rehearsal: bool) -> Path:
    from smsmanager.campaigns import ledger_beside  # noqa: PLC0415 - an extra

    return ledger_beside(Path(file), rehearsal=rehearsal)


def visible_ledger(ledger: str) -> str:
    """Return where a ledger is, without the password that a URL may hold."""
    if "://" not in ledger:
        return ledger
    ledger = _PASSWORD.sub("", ledger).rstrip("?&")
    head, at, tail = ledger.rpartition("@")
    if not at:
        return ledger
    scheme, _, user = head.partition("://")
    return f"{scheme}://{user.partition(':')[0]}@{tail}"
