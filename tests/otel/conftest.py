"""A telemetry whose spans and metrics stay in memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from smsmanager.otel import Telemetry
from tests.faults.callers import KINDS, Caller

BASE_URL = "http://127.0.0.1:9/v2"
Answer = Callable[[httpx.Request], httpx.Response]
Make = Callable[..., Caller]


class Watched:
    """The spans and metrics of a telemetry.

    Attributes:
        telemetry: The telemetry.
        tracers: Its provider of tracers, for spans around a call.
    """

    def __init__(self, **options: Any) -> None:
        """Begin empty."""
        self._spans, self._reader = InMemorySpanExporter(), InMemoryMetricReader()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self._spans))
        self._meters = MeterProvider([self._reader])
        self.telemetry = Telemetry(
            tracer_provider=self.tracers, meter_provider=self._meters, **options
        )

    @property
    def spans(self) -> list[ReadableSpan]:
        """The spans that ended, in the order in which they began."""
        return sorted(self._spans.get_finished_spans(), key=lambda span: span.start_time or 0)

    def named(self, name: str) -> list[dict[str, Any]]:
        """Return the attributes of the spans with a name."""
        return [dict(span.attributes or {}) for span in self.spans if span.name == name]

    def points(self, metric: str) -> list[tuple[dict[str, Any], Any]]:
        """Return the points of a metric: attributes, and the value, or the count of a histogram."""
        read = self._reader.get_metrics_data()
        return [
            (dict(point.attributes or {}), getattr(point, "value", getattr(point, "count", None)))
            for of_resource in (read.resource_metrics if read is not None else ())
            for of_scope in of_resource.scope_metrics
            for one in of_scope.metrics
            if one.name == metric
            for point in one.data.data_points
        ]

    def sums(self, metric: str, attribute: str) -> dict[Any, Any]:
        """Return the values of a metric by one of its attributes."""
        return {attributes.get(attribute): value for attributes, value in self.points(metric)}

    def everything(self) -> str:
        """Return every span and metric as JSON."""
        spans = "".join(span.to_json() for span in self.spans)
        read = self._reader.get_metrics_data()
        return spans + (read.to_json() if read is not None else "")


class Breaks(SpanProcessor):
    """Raises when spans with a name begin or end, as an exporter can.

    Args:
        where: `on_start` or `on_end`.
        name: The beginning of the spans' names.
    """

    def __init__(self, where: str, name: str) -> None:
        self._name = name
        setattr(self, where, self._break)

    def _break(self, span: ReadableSpan, parent_context: object = None) -> None:
        if span.name.startswith(self._name):
            raise RuntimeError("canary of an exporter")


@pytest.fixture
def watched() -> Watched:
    return Watched()


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def make(kind: str) -> Iterator[Callable[..., Caller]]:
    """Create a client of each kind, for a service that gives set answers, then accepts all requests."""
    with ExitStack() as stack:

        def caller(telemetry: Telemetry, *answers: Any, **options: Any) -> Caller:
            left: list[Any] = list(answers)

            def service(request: httpx.Request) -> httpx.Response:
                if not left:
                    return accepted(request)
                answer = left.pop(0)
                if isinstance(answer, BaseException):
                    raise answer
                if isinstance(answer, int):
                    return httpx.Response(answer, json={})
                return answer(request)  # type: ignore[no-any-return]

            transport = httpx.MockTransport(service)
            made = Caller(kind, BASE_URL, transport=transport, observer=telemetry, **options)
            return stack.enter_context(made)

        yield caller


def accepted(request: httpx.Request) -> httpx.Response:
    """Accept everything."""
    if request.url.path.endswith("/simple/message"):
        return httpx.Response(200, json={"message_id": "m", "accepted": True})
    body = json.loads(request.content)
    keys = range(len(body) if isinstance(body, list) else len(body["to"]))
    return httpx.Response(
        200, json={"accepted": [{"key": str(key), "message_id": f"m{key}"} for key in keys]}
    )
