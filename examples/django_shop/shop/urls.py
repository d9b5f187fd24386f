"""The page of an order, and where delivery reports go."""

from __future__ import annotations

import logging

from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import path

from shop.models import Order
from shop.notices import reported, signer, tracker
from smsmanager.webhooks import DeliveryReport, WebhookReceiver
from smsmanager.webhooks.django import webhook_view

log = logging.getLogger("shop")
receiver = WebhookReceiver(callbacks=signer(), tracker=tracker(), once=True)


@receiver.on(DeliveryReport)
def report(event: DeliveryReport) -> None:
    """Have somebody call the customer whom no message reached; runs once for each report."""
    if event.gateway == "sms" and event.result in {"undelivered", "failed", "rejected"}:
        log.warning(
            "notice %s was not delivered: %s", event.reference, event.result_info.description
        )


def order(_: HttpRequest, pk: int) -> JsonResponse:
    """Show an order, and what became of its notices."""
    found = get_object_or_404(Order, pk=pk)
    notices = []
    for notice in found.notices.all():
        state = reported(notice).state
        notices.append(
            {
                "send": notice.state,
                "delivery": state and str(state.result),
                "channel": state and str(state.gateway),
            }
        )
    return JsonResponse({"item": found.item, "notices": notices})


urlpatterns = [path("orders/<int:pk>", order), path("sms", webhook_view(receiver))]
