"""Spans and metrics of sends, settling, delivery reports, campaigns and outboxes, through OpenTelemetry.

```python
from smsmanager import SmsManager
from smsmanager.otel import Telemetry

client = SmsManager(observer=Telemetry())
```

Needs `smsmanager[otel]`. Spans and metrics go where the providers of your program send them. No attribute
contains a number, a text, a payload, a tag, a reference or the key. `docs/observability.md` lists all names.

| module | job |
| --- | --- |
| `telemetry` | `Telemetry`: observes a client, a receiver, a campaign and an outbox |
| `_call_watch` | one call: its span, and a span for each request |
| `_instruments` | the metrics, by name |
| `_billed_parts` | the number of SMS parts of a call |
| `_trace_carrier` | the trace context in a `payload` |
| `_delivery_watch` | delivery reports, and the time from sent to delivered |
"""

try:
    import opentelemetry.trace  # noqa: F401 - checks that it is installed
except ModuleNotFoundError as error:
    if error.name is None or not error.name.startswith("opentelemetry"):
        raise
    msg = "Telemetry needs another package: install smsmanager[otel]."
    raise ImportError(msg, name=error.name) from error

from smsmanager.otel._trace_carrier import trace_context
from smsmanager.otel.telemetry import Telemetry

__all__ = ["Telemetry", "trace_context"]
