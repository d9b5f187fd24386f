"""The table."""

from django.db import migrations, models


class Migration(migrations.Migration):  # type: ignore[misc]
    """Creates it."""

    initial = True

    dependencies = ()

    operations = (
        migrations.CreateModel(
            name="OutboxMessage",
            fields=[
                ("key", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("fingerprint", models.CharField(max_length=64)),
                ("message", models.TextField()),
                ("state", models.CharField(max_length=12)),
                ("rank", models.SmallIntegerField()),
                ("created_s", models.FloatField()),
                ("due_s", models.FloatField()),
                ("expires_s", models.FloatField(null=True)),
                ("tries", models.IntegerField()),
                ("fence", models.CharField(max_length=32, null=True)),
                ("claimed_s", models.FloatField(null=True)),
                ("lease_ends_s", models.FloatField(null=True)),
                ("sent", models.TextField(null=True)),
                ("reference", models.CharField(max_length=200, null=True)),
                ("message_id", models.CharField(max_length=200, null=True)),
                ("request_id", models.CharField(max_length=200, null=True)),
                ("settled_s", models.FloatField(null=True)),
                ("reason", models.CharField(max_length=200, null=True)),
                ("deliveries", models.TextField(null=True)),
            ],
            options={
                "db_table": "smsmanager_outbox",
                "indexes": [
                    models.Index(fields=["state", "rank", "due_s"], name="smsmanager_outbox_work"),
                    models.Index(fields=["message_id"], name="smsmanager_outbox_message_id"),
                    models.Index(fields=["reference"], name="smsmanager_outbox_reference"),
                ],
            },
        ),
    )
