"""The campaigns of a ledger that workers send."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from sqlalchemy import select

from smsmanager.campaigns._ledger import schema
from smsmanager.campaigns._ledger.database import Database
from smsmanager.campaigns._ledger.shared_pace import PAUSED, SENDING

if TYPE_CHECKING:
    from pathlib import Path


def started_campaigns(ledger: str | Path) -> list[str]:
    """Return the names of the campaigns that workers send, including paused ones, oldest first.

    Args:
        ledger: As given to `Campaign.create`; it need not exist.

    Raises:
        LedgerError: If the ledger cannot be read.
    """
    with closing(Database(ledger)) as database:
        if database.path is not None and not database.path.is_file():
            return []
        named, pace = schema.campaign, schema.pace
        with database.reading() as connection:
            if not schema.has(connection, pace):
                return []
            found = (
                select(named.c.name)
                .join(pace, pace.c.campaign == named.c.id)
                .where(pace.c.phase.in_((SENDING, PAUSED)))
                .order_by(named.c.id)
            )
            return list(connection.execute(found).scalars())
