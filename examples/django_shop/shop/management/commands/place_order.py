"""`manage.py place_order PHONE ITEM`: what the checkout of a shop does."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from shop.models import Order
from shop.notices import write_notice


class Command(BaseCommand):
    """Write both an order and its notice, or neither."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the number and the item."""
        parser.add_argument("phone")
        parser.add_argument("item")

    def handle(self, *, phone: str, item: str, **_: Any) -> None:
        """Place the order. Nothing is sent here, so the customer does not have to wait."""
        with transaction.atomic():
            order = Order.objects.create(phone_number=phone, item=item)
            write_notice(order)
        self.stdout.write(f"order {order.pk}")
