"""The indexes used to find the row of a report.

They are built when the first report arrives, not earlier: writing ids into an index in random order costs
more than everything else in sending, and PostgreSQL would have to move a row whenever it changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from smsmanager.campaigns._ledger.database import ledger_errors

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from smsmanager.campaigns._ledger.database import Database

LOOKUPS = {
    "smsmanager_campaign_row_message_id": "smsmanager_campaign_row (campaign, message_id)",
    "smsmanager_campaign_row_message": "smsmanager_campaign_row (campaign, message)",
    "smsmanager_campaign_content_reference": "smsmanager_campaign_content (campaign, reference)",
}
_LOCK = 1_397_574_478


def build_lookups(database: Database) -> None:
    """Build the missing indexes without blocking processes that send or record meanwhile."""
    if database.path is None:
        _build_beside_others(database)
        return
    for name, place in LOOKUPS.items():
        # One at a time: in SQLite, no other process can write meanwhile.
        with database.writing() as connection:
            connection.exec_driver_sql(f"CREATE INDEX IF NOT EXISTS {name} ON {place}")


def _build_beside_others(database: Database) -> None:
    with (
        ledger_errors(),
        database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
    ):
        if all(_is_valid(connection, name) for name in LOOKUPS):
            return
        # The second process reads without an index. If it waited here, the two would deadlock.
        locking = text("SELECT pg_try_advisory_lock(:lock)")
        if not connection.execute(locking, {"lock": _LOCK}).scalar():
            return
        try:
            for name, place in LOOKUPS.items():
                if _is_valid(connection, name) is False:
                    # Left behind by an interrupted attempt: still updated, but never used.
                    connection.exec_driver_sql(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
                connection.exec_driver_sql(
                    f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {place}"
                )
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})


def _is_valid(connection: Connection, name: str) -> bool | None:
    """Return whether an index is usable; None if it does not exist."""
    valid = text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)")
    found: bool | None = connection.execute(valid, {"name": name}).scalar()
    return found
