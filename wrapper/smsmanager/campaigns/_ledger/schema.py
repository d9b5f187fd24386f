"""The SQL tables of a ledger. A database can contain several campaigns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

MADE = 1
"""Version of a new ledger; earlier versions of smsmanager can use it too."""
SHARED = 2
"""Version of a ledger that workers share; versions of smsmanager without leases must not run it."""
VERSION = SHARED
"""The latest known version. A ledger with a later one is not touched."""

metadata = MetaData()

campaign = Table(
    "smsmanager_campaign",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("version", SmallInteger, nullable=False),
    # The prefix of the references of this campaign's messages.
    Column("token", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    # False while rows are being written: no row can have been sent.
    Column("complete", Boolean, nullable=False),
    Column("source", Text),
    Column("fingerprint", Text),
    Column("options", Text, nullable=False),
    # How many messages have been numbered so far.
    Column("messages", BigInteger, nullable=False),
    UniqueConstraint("name"),
)

# What a message holds besides its recipients. Rows with the same text share it.
content = Table(
    "smsmanager_campaign_content",
    metadata,
    Column("campaign", Integer, primary_key=True, autoincrement=False),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("fields", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("reference", Text),
    sqlite_with_rowid=False,
)

row = Table(
    "smsmanager_campaign_row",
    metadata,
    Column("campaign", Integer, primary_key=True, autoincrement=False),
    Column("row", BigInteger, primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False),
    Column("phone_number", Text),
    Column("content", BigInteger),
    # The message that last carried it, and its place among the recipients of that message.
    Column("message", BigInteger),
    Column("place", SmallInteger),
    Column("message_id", Text),
    Column("tried", SmallInteger, nullable=False),
    # `unknown` or `unconfirmed` while the row is sent again although it may have been accepted.
    Column("doubt", Text),
    Column("field", Text),
    Column("reason", Text),
    sqlite_with_rowid=False,
    # A row is written twice more. With this much room, both new versions fit beside the first, and PostgreSQL
    # changes no index: less CPU, WAL and storage.
    postgresql_with={"fillfactor": 40},
)

delivery = Table(
    "smsmanager_campaign_delivery",
    metadata,
    Column("campaign", Integer, primary_key=True, autoincrement=False),
    Column("row", BigInteger, primary_key=True, autoincrement=False),
    Column("gateway", Text, primary_key=True),
    Column("message_id", Text),
    Column("result", Text, nullable=False),
    # Rank, time and tie decide which of two reports counts.
    Column("rank", SmallInteger, nullable=False),
    Column("at", Float),
    Column("tie", BigInteger, nullable=False),
    Column("code", Integer),
    Column("mcc", Integer),
    Column("parts", Integer),
    # In millionths: SQLite has no decimal numbers, and sums must be exact.
    Column("price_czk", BigInteger),
    Column("price_eur", BigInteger),
    sqlite_with_rowid=False,
)

# A request that was sent or about to be: the range of numbers of the messages in it.
request = Table(
    "smsmanager_campaign_request",
    metadata,
    Column("campaign", Integer, primary_key=True, autoincrement=False),
    Column("first", BigInteger, primary_key=True, autoincrement=False),
    Column("last", BigInteger, nullable=False),
    # In Unix seconds, from the clock of the machine that sent it.
    Column("at", Float, nullable=False),
    # The service's id of the request, stored only if it is needed to find a row again.
    Column("request_id", Text),
    sqlite_with_rowid=False,
)

# Messages that may have carried a row before it was sent again.
earlier = Table(
    "smsmanager_campaign_earlier",
    metadata,
    Column("campaign", Integer, primary_key=True, autoincrement=False),
    Column("row", BigInteger, primary_key=True, autoincrement=False),
    Column("message", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

# What the service answered about a row.
asked = Table(
    "smsmanager_campaign_asked",
    metadata,
    Column("campaign", Integer, primary_key=True, autoincrement=False),
    Column("row", BigInteger, primary_key=True, autoincrement=False),
    Column("finding", Text),
    Column("evidence", Text),
    Column("cancellation", Text),
    sqlite_with_rowid=False,
)

# Who may send which rows now: see `leases`.
lease = Table(
    "smsmanager_campaign_lease",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("campaign", Integer, nullable=False),
    Column("worker", Text, nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    # In Unix seconds: from PostgreSQL's clock, or the machine's for SQLite.
    Column("until", Float(53), nullable=False),
    # Identifies the lock that the holder also has, which the system releases when the holder dies.
    Column("lock", Text),
    # Earlier versions counted the changes of the holder here. They created the column without a default, so
    # each lease in their ledgers needs a value. Dropping it would lock the table, and break their workers.
    Column("changes", Text, nullable=False, default="{}"),
    # An id is never reused, even after the last lease is deleted.
    sqlite_autoincrement=True,
)

# The pace that all workers of a campaign share.
pace = Table(
    "smsmanager_campaign_pace",
    metadata,
    Column("campaign", Integer, primary_key=True, autoincrement=False),
    # `sending`, `paused`, `stopped` or `finished`, and the reason.
    Column("phase", Text, nullable=False),
    Column("reason", Text),
    # The options of this start, as JSON.
    Column("options", Text, nullable=False),
    # The last row given to a worker.
    Column("cursor", BigInteger, nullable=False),
    # How many rows are to be sent and under no lease: see `remaining_rows.as_counts`.
    Column("counts", Text, nullable=False),
    # Until when all requests are held back, when the next may be sent, and how many in a row have failed.
    Column("held_until", Float(53), nullable=False),
    Column("next_at", Float(53), nullable=False),
    Column("failures", Integer, nullable=False),
)

ADDED = (request, earlier, asked, lease, pace)
"""Tables that ledgers of earlier versions lack. Those versions can still use a ledger that has them."""


def add_missing(connection: Connection) -> None:
    """Create the tables that the ledger of an earlier version lacks."""
    if not all(has(connection, table) for table in ADDED):
        metadata.create_all(connection, tables=ADDED)


def has(connection: Connection, table: Table) -> bool:
    """Return whether a ledger has a table that earlier versions did not create."""
    return bool(connection.dialect.has_table(connection, table.name))
