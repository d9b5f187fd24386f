"""One call: its span, a span for each request, and their metrics.

A span processor or a metric reader can raise. This must not affect a message, so every use of them
suppresses errors; the steps of the plan never run inside such a block.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from time import perf_counter
from typing import TYPE_CHECKING, Any

import attrs
import httpx
from opentelemetry.context import attach, detach
from opentelemetry.trace import (
    INVALID_SPAN,
    Link,
    SpanKind,
    StatusCode,
    get_current_span,
    set_span_in_context,
)

from smsmanager._message.wire_requests import Operation, Request
from smsmanager.otel._billed_parts import billed_parts
from smsmanager.results import Status

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    from opentelemetry.trace import Span, SpanContext, Tracer

    from smsmanager._message.wire_requests import Prepared
    from smsmanager.otel._instruments import Instruments
    from smsmanager.results import SendResult

SYSTEM = {"messaging.system": "smsmanager"}
"""The attributes of every span and metric of messaging."""
_NAMES = {
    Operation.SEND: "send",
    Operation.PRIORITY: "send_priority",
    Operation.BATCH: "send_batch",
    Operation.SIMPLE: "send_simple",
}
_PATHS = {
    Operation.SEND: "/message",
    Operation.PRIORITY: "/message/priority",
    Operation.BATCH: "/messages",
    Operation.SIMPLE: "/simple/message",
}
_PORTS = {"http": 80, "https": 443}
# The plan reports the outcome of a call while the call runs, even if it is interrupted.
_CURRENT: ContextVar[CallWatch | None] = ContextVar("smsmanager_call", default=None)


@attrs.define(eq=False)
class CallWatch:
    """Watches one call.

    Attributes:
        tracer: Makes the spans.
        instruments: The metrics.
        prepared: The call.
        url: Root of the API.
        links: The trace contexts of its messages.
        http_spans: Whether each request has a span.
    """

    tracer: Tracer = attrs.field(repr=False)
    instruments: Instruments = attrs.field(repr=False)
    prepared: Prepared = attrs.field(repr=False)
    url: str
    links: Sequence[SpanContext] = ()
    http_spans: bool = True
    _attributes: dict[str, str | int] = attrs.field(factory=dict)
    _tried: set[int] = attrs.field(factory=set)
    _failed: str | None = None
    _resent: int = 0

    def steps(self, steps: Generator[Any, Any, SendResult]) -> Generator[Any, Any, SendResult]:
        """Yield the steps of the plan, and watch the outcome of each."""
        server = _server(self.url)
        self._attributes = {
            **SYSTEM,
            "messaging.operation.name": _NAMES[self.prepared.route],
            "messaging.operation.type": "send",
            **server,
        }
        count = {"messaging.batch.message_count": len(self.prepared.numbers)}
        links = [Link(context) for context in self.links]
        attributes, began = dict(self._attributes), perf_counter()
        told = _CURRENT.set(self)
        try:
            with self._span("send", {**self._attributes, **count}, links):
                return (yield from self._watched(steps, server))
        except BaseException as error:
            attributes["error.type"] = error_type(error)
            raise
        finally:
            _CURRENT.reset(told)
            with suppress(Exception):
                self.instruments.call_duration.record(perf_counter() - began, attributes)
                if self._tried:
                    self.instruments.sent.add(len(self._tried), attributes)

    def _watched(
        self, steps: Generator[Any, Any, SendResult], server: Mapping[str, str | int]
    ) -> Generator[Any, Any, SendResult]:
        answer: Any = None
        raised: BaseException | None = None
        while True:
            try:
                step = steps.send(answer) if raised is None else steps.throw(raised)
            except StopIteration as end:
                result: SendResult = end.value
                return result
            answer, raised = None, None
            try:
                if isinstance(step, Request):
                    self._resent = 0 if self._failed is None else self._resent + 1
                    self._tried.update(step.positions)
                    with self._request(step, server):
                        answer = yield step
                    self._failed = None
                else:
                    answer = yield step
                    self._repeated(step)
            except BaseException as error:  # noqa: BLE001 - the plan raises it again
                raised, self._failed = error, error_type(error)

    def _repeated(self, wait_s: float) -> None:
        why = {} if self._failed is None else {"error.type": self._failed}
        with suppress(Exception):
            self.instruments.wait_duration.record(wait_s, why)
            self.instruments.retries.add(1, why)

    @contextmanager
    def _request(self, request: Request, server: Mapping[str, str | int]) -> Iterator[None]:
        path = _PATHS[request.operation]
        attributes: dict[str, str | int] = {
            "http.request.method": "POST",
            "url.template": path,
            **server,
        }
        began = perf_counter()
        try:
            if not self.http_spans:
                yield
            else:
                resent = {"http.request.resend_count": self._resent} if self._resent else {}
                full = {"url.full": self.url + path, **attributes, **resent}
                with self._span(f"POST {path}", full) as span:
                    yield
                    with suppress(Exception):
                        span.set_attribute("http.response.status_code", 200)
            attributes["http.response.status_code"] = 200
        except BaseException as error:
            attributes["error.type"] = error_type(error)
            attributes.update(_status_of(error))
            raise
        finally:
            with suppress(Exception):
                self.instruments.request_duration.record(perf_counter() - began, attributes)

    @contextmanager
    def _span(
        self, name: str, attributes: Mapping[str, str | int], links: Sequence[Link] = ()
    ) -> Iterator[Span]:
        span: Span = INVALID_SPAN
        with suppress(Exception):
            span = self.tracer.start_span(
                name, kind=SpanKind.CLIENT, attributes=attributes, links=links
            )
        token = attach(set_span_in_context(span)) if span is not INVALID_SPAN else None
        try:
            yield span
        except BaseException as error:
            # Not the exception itself: the text of its cause may repeat a value.
            with suppress(Exception):
                span.set_attributes({"error.type": error_type(error), **_status_of(error)})
                span.set_status(StatusCode.ERROR)
            raise
        finally:
            if token is not None:
                detach(token)
            with suppress(Exception):
                span.end()

    def note(self, result: SendResult) -> None:
        """Count the outcomes of this call, without those of an earlier call that it resumes."""
        attempted = [o for o in result if o.index in self._tried or o.status is Status.NOT_SENT]
        counts = dict.fromkeys((outcome.status for outcome in attempted), 0)
        for outcome in attempted:
            counts[outcome.status] += 1
        for status, count in counts.items():
            self.instruments.recipients.add(count, {"smsmanager.outcome": status.value})
            get_current_span().set_attribute(f"smsmanager.recipients.{status.value}", count)
        accepted = [o.index for o in attempted if o.status is Status.ACCEPTED]
        for encoding, parts in billed_parts(self.prepared, accepted).items():
            self.instruments.parts.add(parts, {"smsmanager.encoding": encoding})


def note_result(result: SendResult) -> None:
    """Count the outcomes of the current call."""
    if (call := _CURRENT.get()) is not None:
        call.note(result)


@cache
def _server(url: str) -> Mapping[str, str | int]:
    place = httpx.URL(url)
    return {"server.address": place.host, "server.port": place.port or _PORTS[place.scheme]}


def error_type(error: BaseException) -> str:
    """Return the class of an error, or of its cause if one of several requests failed."""
    return type(getattr(error, "error", error)).__name__


def _status_of(error: BaseException) -> dict[str, int]:
    status = getattr(getattr(error, "error", error), "status_code", None)
    return {"http.response.status_code": status} if isinstance(status, int) else {}
