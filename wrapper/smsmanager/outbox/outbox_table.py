"""The table of an outbox, for `MetaData.create_all`, Alembic and the Django app of this package.

The types are also those of Django's fields. Times are Unix seconds. The columns `message` and `sent` contain
numbers and texts; `Outbox.purge` deletes them with their rows.
"""

from __future__ import annotations

from sqlalchemy import Column, Double, Index, Integer, MetaData, SmallInteger, String, Table, Text

from smsmanager.outbox.outbox_entry import MOST_KEY

metadata = MetaData()

table = Table(
    "smsmanager_outbox",
    metadata,
    Column("key", String(MOST_KEY), primary_key=True),
    # SHA-256 of what the recipients get, so that a key never identifies two messages.
    Column("fingerprint", String(64), nullable=False),
    # JSON: the caller's fields.
    Column("message", Text, nullable=False),
    Column("state", String(12), nullable=False),
    # Lower ranks are sent first.
    Column("rank", SmallInteger, nullable=False),
    Column("created_s", Double, nullable=False),
    Column("due_s", Double, nullable=False),
    Column("expires_s", Double),
    Column("tries", Integer, nullable=False),
    # The fence of the last claim: only its holder can record the outcome.
    Column("fence", String(32)),
    Column("claimed_s", Double),
    Column("lease_ends_s", Double),
    # JSON: the message that was sent, or was about to be.
    Column("sent", Text),
    Column("reference", String(200)),
    # The id of the first recipient, as in reports.
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
