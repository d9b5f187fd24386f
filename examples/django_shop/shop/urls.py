"""The page of an order, and where delivery reports go."""

from __future__ import annotations

import logging

from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import path

from shop.models import Order
from shop.notices import outbox, signer
from smsmanager.webhooks import DeliveryReport, WebhookReceiver
from smsmanager.webhooks.django import webhook_view

log = logging.getLogger("shop")
# The answer waits for the handler: a report that cannot be recorded now is sent again later.
receiver = WebhookReceiver(callbacks=signer(), acknowledge="after")


@receiver.on(DeliveryReport)
def report(event: DeliveryReport) -> None:
    """Record a report on a notice; reports may arrive twice, and in any order."""
    outbox().record([event])
    if event.gateway == "sms" and event.result in {"undelivered", "failed", "rejected"}:
        log.warning("message %s reached nobody: %s", event.message_id, event.result_info)


def order(_: HttpRequest, pk: int) -> JsonResponse:
    """Show an order, and the state of its notice."""
    found = get_object_or_404(Order, pk=pk)
    notice = outbox().find(found.notice_key)
    state = notice.deliveries[0] if notice and notice.deliveries else None
    return JsonResponse(
        {
            "item": found.item,
            "notice": notice and notice.state,
            "delivery": state and str(state.result),
            "channel": state and str(state.gateway),
        }
    )


urlpatterns = [path("orders/<int:pk>", order), path("sms", webhook_view(receiver))]
