"""What the shop sells."""

from django.db import models


class Order(models.Model):
    """What a customer bought."""

    phone_number = models.CharField(max_length=20)
    item = models.CharField(max_length=100)

    @property
    def notice_key(self) -> str:
        """Return the key of this order's notice in the outbox: there is one per order."""
        return f"order-{self.pk}-placed"
