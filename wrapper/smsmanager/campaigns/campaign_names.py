"""Which campaigns a ledger holds."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from sqlalchemy import select

from smsmanager.campaigns._ledger import schema
from smsmanager.campaigns._ledger.database import Database

if TYPE_CHECKING:
    from pathlib import Path


def campaign_names(ledger: str | Path) -> list[str]:
    """Return the names of the campaigns in a ledger, oldest first; none if there is no ledger.

    Args:
        ledger: As given to `Campaign.create`.

    Raises:
        LedgerError: If the ledger cannot be read.
    """
    with closing(Database(ledger)) as database:
        if database.path is not None and not database.path.is_file():
            return []
        table = schema.campaign
        with database.reading() as connection:
            if not database.engine.dialect.has_table(connection, table.name):
                return []
            named = select(table.c.name).where(table.c.complete).order_by(table.c.id)
            return list(connection.execute(named).scalars())
