"""Notices about orders: by Viber, and by SMS to customers whom Viber does not reach."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection

from smsmanager import Sms, SmsManager, Viber
from smsmanager.outbox import Outbox, add
from smsmanager.webhooks import CallbackSigner

if TYPE_CHECKING:
    from shop.models import Order


@cache
def signer() -> CallbackSigner:
    """Make a callback URL for each message; the receiver checks them."""
    return CallbackSigner(settings.SMS_CALLBACK_URL, settings.SMS_CALLBACK_SECRET)


@cache
def client() -> SmsManager:
    """Create one client for the whole life of the process; it serves any number of threads."""
    return SmsManager(callbacks=signer(), auto_reference=True)


@cache
def outbox() -> Outbox:
    """Open the outbox in the shop's database."""
    return Outbox(connection)


def write_notice(order: Order) -> None:
    """Put the notice about an order into the outbox, in the caller's transaction. Sends nothing."""
    add(
        connection,
        f"Your order {order.pk} ({order.item}) is ready.",
        key=order.notice_key,
        to=order.phone_number,
        sender=settings.SMS_SENDER,
        # If Viber has not delivered it within ten minutes, the SMS goes out.
        flow=[Viber(ttl=10, ttl_condition="delivered"), Sms()],
        tag="transactional",
    )
