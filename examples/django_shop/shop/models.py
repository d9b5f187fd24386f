"""Orders, and the notices about them."""

import uuid

from django.db import models


class Order(models.Model):
    """What somebody bought."""

    phone_number = models.CharField(max_length=20)
    item = models.CharField(max_length=100)


class Notice(models.Model):
    """A message about an order, written in the same transaction as the order."""

    class State(models.TextChoices):
        """What is known of the send. What was delivered is in the tracker."""

        WAITING = "waiting"
        CLAIMED = "claimed"
        ACCEPTED = "accepted"
        UNKNOWN = "unknown"
        REFUSED = "refused"

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="notices")
    text = models.CharField(max_length=1000)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=500, blank=True)
    # Goes out with the message and comes back in every report. A primary key would come again in a database
    # that was restored or emptied.
    reference = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
