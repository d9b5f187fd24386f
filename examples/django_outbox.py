"""Messages that go out only if Django's transaction commits: `python examples/django_outbox.py`.

In your own project, the settings already exist, the model and the view are yours, and the last function is a
management command or a separate service. SMSMANAGER_API_KEY is the key, DATABASE the path of a
SQLite file.
"""

import os
import time

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection, models, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path

from smsmanager import SmsManager
from smsmanager.outbox import Outbox, add

settings.configure(
    INSTALLED_APPS=["smsmanager.outbox.django_app"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ.get("DATABASE", "shop.db"),
        }
    },
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["*"],
)
django.setup()
IN_STOCK = 10


class Order(models.Model):
    """An order."""

    pieces = models.IntegerField()

    class Meta:
        """Where it belongs in a project of one file."""

        app_label = "shop"

    def __str__(self) -> str:
        """Return its number."""
        return f"order {self.pk}"


@transaction.atomic
def place(request: HttpRequest) -> HttpResponse:
    """Place an order and inform the customer, or do neither."""
    order = Order.objects.create(pieces=int(request.POST["pieces"]))
    text = f"Order {order.pk} is placed."
    add(connection, text, key=f"order-{order.pk}-placed", to=request.POST["phone"])
    if order.pieces > IN_STOCK:
        transaction.set_rollback(True)
        return HttpResponse(b"sold out", status=409)
    return HttpResponse(b"placed")


urlpatterns = [path("orders", place)]


def create_tables() -> None:
    """Migrate, and create the table of this file's model."""
    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(Order)


def work() -> None:
    """Send the added messages, forever."""
    with Outbox(connection) as outbox, SmsManager() as client:
        while True:
            drained = outbox.drain(client)
            time.sleep(10 if drained.failure else 1)


if __name__ == "__main__":
    create_tables()
    work()
