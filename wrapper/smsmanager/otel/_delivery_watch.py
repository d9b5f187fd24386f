"""Delivery reports: their number by result, and the time from sent to delivered."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING

from opentelemetry.trace import Link, SpanKind

from smsmanager.otel._call_watch import SYSTEM
from smsmanager.otel._trace_carrier import trace_context
from smsmanager.webhooks import DeliveryResult, Gateway

if TYPE_CHECKING:
    from datetime import datetime

    from opentelemetry.trace import Tracer

    from smsmanager.otel._instruments import Instruments
    from smsmanager.webhooks import DeliveryReport

_PROCESS = {
    **SYSTEM,
    "messaging.operation.name": "process",
    "messaging.operation.type": "process",
}
_MOST_REMEMBERED = 100_000
_OTHER = "_OTHER"
"""Replaces an unlisted name, because a reporter could write anything."""


class DeliveryWatch:
    """Watches the delivery reports of a receiver.

    Args:
        tracer: Makes the spans.
        instruments: The metrics.
    """

    def __init__(self, tracer: Tracer, instruments: Instruments) -> None:
        self._tracer, self._instruments = tracer, instruments
        self._sent_at: OrderedDict[tuple[str, str], datetime] = OrderedDict()
        self._lock = Lock()

    def note(self, report: DeliveryReport) -> None:
        """Count a report; its span is linked to the span of the message."""
        channel = str(report.gateway) if isinstance(report.gateway, Gateway) else _OTHER
        known = isinstance(report.result, DeliveryResult)
        told = {
            "smsmanager.result": str(report.result) if known else _OTHER,
            "smsmanager.channel": channel,
        }
        made = trace_context(report.payload)
        links = [] if made is None else [Link(made)]
        with self._tracer.start_as_current_span(
            "process", kind=SpanKind.CONSUMER, attributes={**_PROCESS, **told}, links=links
        ):
            self._instruments.reports.add(1, told)
            if (seconds := self._took_s(report)) is not None:
                self._instruments.delivery_duration.record(seconds, {"smsmanager.channel": channel})

    def _took_s(self, report: DeliveryReport) -> float | None:
        """Return the seconds from sent to delivered; None unless this process got both reports."""
        if report.at is None:
            return None
        key = report.message_id, str(report.gateway)
        with self._lock:
            if report.result == DeliveryResult.SENT:
                self._sent_at[key] = report.at
                if len(self._sent_at) > _MOST_REMEMBERED:
                    self._sent_at.popitem(last=False)
            elif report.result == DeliveryResult.DELIVERED:
                sent_at = self._sent_at.pop(key, None)
                return None if sent_at is None else max(0.0, (report.at - sent_at).total_seconds())
        return None
