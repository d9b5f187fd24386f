"""Check the telemetry of delivery reports: counts, the time from sent to delivered, a link to the send."""

from __future__ import annotations

import json
from typing import Any

import pytest
from opentelemetry.trace import SpanKind

from smsmanager.otel._trace_carrier import TRACE_KEY
from smsmanager.webhooks import WebhookReceiver
from tests.otel.conftest import Watched

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
NUMBER = "420601987654"


def reported(watched: Watched, *events: dict[str, Any]) -> None:
    """Receive events, one per request."""
    receiver = WebhookReceiver(insecure=True)
    watched.telemetry.watch(receiver)
    for event in events:
        response = receiver.handle("POST", {}, "", json.dumps([event]).encode())
        assert response.status == 204
        response.finish()


def event(result: str, **fields: Any) -> dict[str, Any]:
    """Return a delivery report."""
    to = {"phone_number": NUMBER}
    return {
        "type": "outgoing",
        "message_id": "m",
        "gateway": "sms",
        "result": result,
        "to": to,
        **fields,
    }


def test_the_time_from_sent_to_delivered_is_measured(watched: Watched) -> None:
    sent, delivered = event("sent", timestamp=1767225600), event("delivered", timestamp=1767225609)
    reported(watched, sent, delivered, delivered)
    assert watched.points("smsmanager.delivery.duration") == [({"smsmanager.channel": "sms"}, 1)]
    assert '"sum": 9.0' in watched.everything()
    assert watched.sums("smsmanager.delivery.reports", "smsmanager.result") == {
        "sent": 1,
        "delivered": 2,
    }


@pytest.mark.parametrize(
    "events",
    [
        [event("delivered", timestamp=1767225609)],
        [event("sent"), event("delivered", timestamp=1767225609)],
        [
            event("sent", timestamp=1767225600),
            event("delivered", timestamp=1767225609, gateway="viber"),
        ],
        [
            event("sent", timestamp=1767225600),
            event("delivered", timestamp=1767225609, message_id="n"),
        ],
    ],
)
def test_no_time_is_guessed(watched: Watched, events: list[dict[str, Any]]) -> None:
    reported(watched, *events)
    assert watched.points("smsmanager.delivery.duration") == []


def test_the_span_of_a_report_is_linked_to_the_message(watched: Watched) -> None:
    reported(watched, event("sent", payload={TRACE_KEY: PARENT}), event("seen"))
    first, second = watched.spans
    assert (first.name, first.kind) == ("process", SpanKind.CONSUMER)
    assert [f"{link.context.span_id:016x}" for link in first.links] == ["b7ad6b7169203331"]
    assert not second.links


def test_names_that_are_in_no_list_do_not_become_attributes(watched: Watched) -> None:
    reported(watched, event(NUMBER, gateway=NUMBER))
    told = {"smsmanager.result": "_OTHER", "smsmanager.channel": "_OTHER"}
    assert watched.points("smsmanager.delivery.reports") == [(told, 1)]
    assert NUMBER not in watched.everything()


def test_little_is_remembered(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smsmanager.otel._delivery_watch._MOST_REMEMBERED", 1)
    first = event("sent", timestamp=1767225600)
    other = event("sent", timestamp=1767225600, message_id="n")
    ends = [event("delivered", timestamp=1767225609, message_id=name) for name in "mn"]
    reported(watched, first, other, *ends)
    assert watched.points("smsmanager.delivery.duration") == [({"smsmanager.channel": "sms"}, 1)]
