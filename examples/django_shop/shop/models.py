"""What the shop sells."""

from django.db import models


class Order(models.Model):
    """What somebody bought."""

    phone_number = models.CharField(max_length=20)
    item = models.CharField(max_length=100)

    @property
    def notice_key(self) -> str:
        """Name the notice about this order in the outbox: there is one for each order."""
        return f"order-{self.pk}-placed"
