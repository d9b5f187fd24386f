"""The metrics, named by the semantic conventions for messaging and HTTP where these define a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.metrics import Meter


class Instruments:
    """The counters and histograms of a `Telemetry`; `docs/observability.md` describes each."""

    def __init__(self, meter: Meter) -> None:
        """Create all instruments."""
        counter, histogram, gauge = (
            meter.create_counter,
            meter.create_histogram,
            meter.create_gauge,
        )
        self.call_duration = histogram(
            "messaging.client.operation.duration", "s", "Duration of a call"
        )
        self.sent = counter(
            "messaging.client.sent.messages", "{message}", "Messages in requests, one per recipient"
        )
        self.request_duration = histogram(
            "http.client.request.duration", "s", "Duration of an HTTP request"
        )
        self.recipients = counter("smsmanager.recipients", "{recipient}", "Recipients by outcome")
        self.parts = counter("smsmanager.parts", "{part}", "Parts of the SMS that were accepted")
        self.retries = counter("smsmanager.retries", "{retry}", "Repeated requests")
        self.wait_duration = histogram("smsmanager.wait.duration", "s", "Waits before repetitions")
        self.settled = counter(
            "smsmanager.settled.recipients", "{recipient}", "Open recipients by what settle found"
        )
        self.reports = counter("smsmanager.delivery.reports", "{report}", "Delivery reports")
        self.delivery_duration = histogram(
            "smsmanager.delivery.duration", "s", "Time from sent to delivered, as reported"
        )
        self.campaign_rate = gauge(
            "smsmanager.campaign.rate", "{recipient}/s", "Recent pace of a campaign"
        )
        self.campaign_rows = gauge("smsmanager.campaign.rows", "{row}", "Rows of a campaign")
