"""`Telemetry`: observes a client, a receiver, a campaign and an outbox."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from opentelemetry.metrics import Observation, get_meter
from opentelemetry.trace import SpanKind, get_tracer

from smsmanager._config import __version__
from smsmanager.otel._call_watch import SYSTEM, CallWatch, note_result
from smsmanager.otel._delivery_watch import DeliveryWatch
from smsmanager.otel._instruments import Instruments
from smsmanager.otel._trace_carrier import carried, trace_context
from smsmanager.webhooks import DeliveryReport

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping

    from opentelemetry.metrics import CallbackOptions, MeterProvider
    from opentelemetry.trace import SpanContext, TracerProvider

    from smsmanager._message.wire_requests import Prepared
    from smsmanager.campaigns import Update
    from smsmanager.outbox import Outbox
    from smsmanager.results import SendResult
    from smsmanager.webhooks import WebhookReceiver

_CREATE = {**SYSTEM, "messaging.operation.name": "create", "messaging.operation.type": "create"}
_MOST_LINKS = 100


class Telemetry:
    """Creates spans and metrics; create one per program, and pass it to each client as `observer`.

    Args:
        tracer_provider: Where spans go. Default: the provider of the program.
        meter_provider: Where metrics go. Default: the provider of the program.
        carry_trace: Whether each message gets its own span, whose context is in the `payload` as
            `smsmanager_traceparent`. Webhooks repeat it, and their spans are linked to it.
        http_spans: Whether each request has a span. Pass False if OpenTelemetry instruments httpx too.
    """

    def __init__(
        self,
        *,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
        carry_trace: bool = False,
        http_spans: bool = True,
    ) -> None:
        self._tracer = get_tracer("smsmanager", __version__, tracer_provider)
        self._meter = get_meter("smsmanager", __version__, meter_provider)
        self._instruments = Instruments(self._meter)
        self._carry_trace, self._http_spans = carry_trace, http_spans

    def watch(self, receiver: WebhookReceiver) -> None:
        """Watch the delivery reports that a receiver accepts."""
        receiver.on(DeliveryReport)(DeliveryWatch(self._tracer, self._instruments).note)

    def note(self, update: Update) -> None:
        """Record the progress of a campaign: call it with each update."""
        if update.rate is not None:
            self._instruments.campaign_rate.set(update.rate)
        for state, count in update.counts.items():
            self._instruments.campaign_rows.set(count, {"smsmanager.state": str(state)})

    def watch_outbox(self, outbox: Outbox) -> None:
        """Report the age of an outbox's oldest due message and the number in each state, at each export."""

        def age(_: CallbackOptions) -> Iterable[Observation]:
            yield Observation(outbox.stats().age_s)

        def counts(_: CallbackOptions) -> Iterable[Observation]:
            for state, count in outbox.stats().counts.items():
                yield Observation(count, {"smsmanager.state": str(state)})

        gauge = self._meter.create_observable_gauge
        gauge("smsmanager.outbox.age", [age], "s", "Age of the oldest message that is due")
        gauge("smsmanager.outbox.messages", [counts], "{message}", "Messages of an outbox")

    def sending(
        self, steps: Generator[Any, Any, SendResult], prepared: Prepared, url: str
    ) -> Generator[Any, Any, SendResult]:
        """Watch the steps of a call and return them; a client calls this."""
        call = CallWatch(
            self._tracer,
            self._instruments,
            prepared,
            url,
            _made_in(prepared) if self._carry_trace else (),
            self._http_spans,
        )
        return call.steps(steps)

    def ended(self, result: SendResult) -> None:
        """Count the outcomes of a call; a client calls this."""
        note_result(result)

    def settled(self, before: SendResult, after: SendResult) -> None:
        """Count the findings of `settle`; a client calls this."""
        for then, now in zip(before, after, strict=True):
            if now.evidence is not None and then.status.value in {"unknown", "unconfirmed"}:
                self._instruments.settled.add(1, {"smsmanager.outcome": now.status.value})

    def payload_fields(self) -> Mapping[str, str]:
        """Return the trace context to add to a message; a client calls this."""
        if not self._carry_trace:
            return {}
        with self._tracer.start_as_current_span(
            "create", kind=SpanKind.PRODUCER, attributes=_CREATE
        ):
            return carried()


def _made_in(prepared: Prepared) -> list[SpanContext]:
    """Return the trace contexts in the messages of a call."""
    payloads = (
        json.loads(content.json).get("payload") for content in prepared.contents[:_MOST_LINKS]
    )
    return [context for context in map(trace_context, payloads) if context is not None]
