"""The trace context of a message, carried in its `payload`, which every webhook of the message repeats."""

from __future__ import annotations

from collections.abc import Mapping

from opentelemetry.trace import SpanContext, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

TRACE_KEY = "smsmanager_traceparent"
"""The field of `payload` with the context, in the form of the W3C's header `traceparent`."""
_W3C = TraceContextTextMapPropagator()
_HEADER = "traceparent"


def carried() -> dict[str, str]:
    """Return the field for the current span; empty without one."""
    headers: dict[str, str] = {}
    _W3C.inject(headers)
    return {TRACE_KEY: headers[_HEADER]} if _HEADER in headers else {}


def trace_context(payload: object) -> SpanContext | None:
    """Return the context of the span of a message, for a link from another span; None without one.

    Args:
        payload: The `payload` of a webhook event, or of a message.
    """
    value = payload.get(TRACE_KEY) if isinstance(payload, Mapping) else None
    if not isinstance(value, str):
        return None
    context = get_current_span(_W3C.extract({_HEADER: value})).get_span_context()
    return context if context.is_valid else None
