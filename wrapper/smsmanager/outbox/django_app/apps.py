"""The Django app of the outbox."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):  # type: ignore[misc]
    """The outbox of `smsmanager`."""

    name = "smsmanager.outbox.django_app"
    label = "smsmanager_outbox"
    verbose_name = "Outbox of SMS messages"
