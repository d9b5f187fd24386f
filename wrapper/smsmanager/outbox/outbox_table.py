"""The table of an outbox, for `MetaData.create_all`, Alembic and the Django app of this package.

The types are those that Django gives its fields too. Times are Unix seconds. The columns `message` and `sent`
hold numbers and texts; `Outbox.purge` removes them with their rows.
"""

from __future__ import annotations

from sqlalchemy import Column, Double, Index, Integer, MetaData, SmallInteger, String, Table, Text

from smsmanager.outbox.outbox_entry import MOST_KEY

metadata = MetaData()

table = Table(
    "smsmanager_outbox",
    metadata,
    Column("key", String(MOST_KEY), primary_key=True),
    # SHA-256 of what the recipients get: one key never names two messages.
    Column("fingerprint", String(64), nullable=False),
    # JSON: what the caller set.
    Column("message", Text, nullable=False),
    Column("state", String(12), nullable=False),
    # Lower ranks are sent first.
    Column("rank", SmallInteger, nullable=False),
    Column("created_s", Double, nullable=False),
    Column("due_s", Double, nullable=False),
    Column("expires_s", Double),
    Column("tries", Integer, nullable=False),
    # Of the last claim; only its holder can record the outcome.
    Column("fence", String(32)),
    Column("claimed_s", Double),
    Column("lease_ends_s", Double),
    # JSON: what was sent, or was about to be.
    Column("sent", Text),
    Column("reference", String(200)),
    # Of the first recipient, as reports name it.
    Column("message_id", String(200)),
    Column("request_id", String(200)),
    Column("settled_s", Double),
    Column("reason", String(200)),
    # JSON: the state of each step of each recipient, from delivery reports.
    Column("deliveries", Text),
    Index("smsmanager_outbox_work", "state", "rank", "due_s"),
    Index("smsmanager_outbox_message_id", "message_id"),
    Index("smsmanager_outbox_reference", "reference"),
)
