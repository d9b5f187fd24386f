"""The outbox's table as a model, for migrations and for viewing; only `add` and `Outbox` change it."""

from __future__ import annotations

from django.db import models


class OutboxMessage(models.Model):  # type: ignore[misc]
    """The message of a key; the columns are described in `smsmanager.outbox.outbox_table`."""

    key = models.CharField(primary_key=True, max_length=200)
    fingerprint = models.CharField(max_length=64)
    message = models.TextField()
    state = models.CharField(max_length=12)
    rank = models.SmallIntegerField()
    created_s = models.FloatField()
    due_s = models.FloatField()
    expires_s = models.FloatField(null=True)
    tries = models.IntegerField()
    fence = models.CharField(max_length=32, null=True)  # noqa: DJ001 - as in the table of SQLAlchemy
    claimed_s = models.FloatField(null=True)
    lease_ends_s = models.FloatField(null=True)
    sent = models.TextField(null=True)  # noqa: DJ001
    reference = models.CharField(max_length=200, null=True)  # noqa: DJ001
    message_id = models.CharField(max_length=200, null=True)  # noqa: DJ001
    request_id = models.CharField(max_length=200, null=True)  # noqa: DJ001
    settled_s = models.FloatField(null=True)
    reason = models.CharField(max_length=200, null=True)  # noqa: DJ001
    deliveries = models.TextField(null=True)  # noqa: DJ001

    class Meta:
        """The same names as in SQLAlchemy's table."""

        db_table = "smsmanager_outbox"
        indexes = (
            models.Index(fields=["state", "rank", "due_s"], name="smsmanager_outbox_work"),
            models.Index(fields=["message_id"], name="smsmanager_outbox_message_id"),
            models.Index(fields=["reference"], name="smsmanager_outbox_reference"),
        )

    def __str__(self) -> str:
        """Return its state: a key can contain a number."""
        return str(self.state)
