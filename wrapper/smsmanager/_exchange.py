"""One HTTP request and its answer, for the generated functions.

The generated functions call `client.get_httpx_client().request(...)`. An exchange stands in that place: it
adds the key and the time limits, never follows a redirect, reads a bounded answer, and turns every status but
2xx and every transport failure into an exception, so that the generated parser only sees answers it knows.
"""

from __future__ import annotations

import json
import math
import time
from contextlib import aclosing, suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import attrs
import httpx

from smsmanager._body import Body
from smsmanager._privacy import without_frames
from smsmanager._requests import encode, operation_module
from smsmanager._status import (
    answer_to_nothing,
    error_for_status,
    error_for_transport,
    private_strings,
    unreadable,
)
from smsmanager._streams import (
    async_trace,
    async_trace_once,
    reads_end_at,
    trace,
    trace_once,
    watch_of,
)
from smsmanager.errors import (
    ConfigurationError,
    SmsManagerError,
    ValidationError,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator, Mapping

    from smsmanager._config import Settings
    from smsmanager._connections import Connections
    from smsmanager._requests import Request

_UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, RecursionError)
_GRACE_S = 0.05


@lru_cache(maxsize=64)
def _address(url: str) -> httpx.URL:
    return httpx.URL(url)


class _PrivateURL(httpx.URL):
    """A URL that prints without its query: httpx logs the URL of every request."""

    def __str__(self) -> str:
        return str(self.copy_with(query=None)) + "?[hidden]"

    def copy_with(self, **changes: Any) -> httpx.URL:
        return httpx.URL(super().__str__()).copy_with(**changes)

    __repr__ = __str__


@attrs.frozen
class Answer:
    """What came back, as far as the generated functions look at it.

    Attributes:
        status_code: Always 2xx.
        headers: The headers.
        content: The body, decoded and bounded.
    """

    status_code: int
    headers: httpx.Headers = attrs.field(repr=False)
    content: bytes = attrs.field(repr=False)
    value: Any = attrs.field(repr=False, default=None)

    def json(self) -> Any:
        """Return the JSON value of the body."""
        return self.value


class _Wire:
    """What the blocking and the awaiting exchange share: everything but the two calls that wait."""

    __slots__ = ("_connections", "_deadline_at", "_settings")
    _trace: Callable[[str, dict[str, Any]], object]
    _trace_once: Callable[[str, dict[str, Any]], object]

    def __init__(
        self, connections: Connections[Any], settings: Settings, deadline_at: float = math.inf
    ) -> None:
        self._connections = connections
        self._settings = settings
        self._deadline_at = deadline_at

    def _build(
        self, http: Any, method: str, url: str, arguments: Mapping[str, Any]
    ) -> tuple[httpx.Request, Any]:
        """Return the request and the values that no exception may repeat."""
        settings = self._settings
        headers = {**settings.headers, **arguments.get("headers", {})}
        ours = self._connections.ours
        watching = self._trace_once if ours else self._trace
        extensions: dict[str, Any] = {"timeout": settings.timeouts, "trace": watching}
        if self._bounded:
            left = max(self._left(), 0.001)
            extensions["timeout"] = {
                phase: left if limit is None else min(limit, left)
                for phase, limit in settings.timeouts.items()
            }
        # An httpx client of the caller's own adds what it is set up with. Ours adds nothing, and without the
        # merging of defaults a request takes a fraction of the time to build.
        build = httpx.Request if ours else http.build_request
        address = _address(settings.base_url + url)
        value = arguments.get("json")
        if value is not None:
            try:
                content = encode(value)
            except (TypeError, ValueError, RecursionError):
                text = "holds a value that cannot be written into a request"
                raise ValidationError([("message", text)]) from None
            request = build(
                method, address, content=content, headers=headers, extensions=extensions
            )
            return request, value
        params, data = arguments.get("params"), arguments.get("data")
        request = build(
            method, address, params=params, data=data, headers=headers, extensions=extensions
        )
        if params:
            _hide_query(http, request)
        return request, [params, data]

    @property
    def api_key(self) -> str:
        """The key, which no error may carry."""
        return self._settings.api_key

    @property
    def _bounded(self) -> bool:
        return self._deadline_at != math.inf

    def _left(self) -> float:
        return self._deadline_at - time.monotonic()

    def _body(self, response: httpx.Response) -> Body:
        """Return what takes the body of an answer.

        Raises:
            OutcomeUnknownError: If the answer came before its request.
        """
        watch = watch_of(response)
        # Where a hook has read the answer, the connection may serve another thread by now.
        consumed = response.is_stream_consumed
        if watch is not None and not consumed and not watch.answers(response.status_code):
            raise answer_to_nothing()
        return Body(response, watch, self._settings.max_response_bytes)

    def _answer(self, response: httpx.Response, body: Body, value: Any) -> Answer:
        """Return the answer, or raise what it means."""
        status, headers, key = response.status_code, response.headers, self._settings.api_key
        if body.read_elsewhere:
            content, body.complete = response.content[: body.limit], True
        else:
            content = body.decoded(headers.get("content-encoding", "").strip().lower())
        if not 200 <= status < 300:  # noqa: PLR2004 - the range of success
            raise error_for_status(
                status,
                headers,
                content,
                private=private_strings(value, key),
                now_s=time.time(),
            )
        if not body.complete:
            what = "is incomplete, too large or in an unknown encoding"
            raise unreadable(status, content, what, key)
        if status != 200:  # noqa: PLR2004 - the only success that the service documents
            raise unreadable(status, content, "has no documented meaning", key)
        try:
            parsed = json.loads(content)
        except (ValueError, RecursionError):
            parsed = None
        if not isinstance(parsed, dict):
            what = "is empty" if not content.strip() else "is not a JSON object"
            raise unreadable(status, content, what, key)
        return Answer(status, headers, content, parsed)

    def _lost(self, error: Exception, value: Any) -> SmsManagerError:
        """Return what a failed exchange means."""
        private = private_strings(value, self._settings.api_key)
        if isinstance(error, httpx.HTTPStatusError):
            # A hook of the caller's own httpx client raised for the status before it came to us.
            answer = error.response
            return error_for_status(
                answer.status_code, answer.headers, b"", private=private, now_s=time.time()
            )
        return error_for_transport(error, private=private)


def _hide_query(http: object, request: httpx.Request) -> None:
    if any(kind.__module__.partition(".")[0] == "httpx_aiohttp" for kind in type(http).__mro__):
        raise ConfigurationError(
            "The GET form cannot be sent over aiohttp without its URL, key included, reaching a log. "
            "Nothing was sent; use the POST form or the default transport."
        )
    request.url = _PrivateURL(request.url)


class Exchange(_Wire):
    """Blocking exchanges over one `httpx.Client`."""

    __slots__ = ()
    _trace = staticmethod(trace)
    _trace_once = staticmethod(trace_once)

    def request(self, method: str, url: str, **arguments: Any) -> Answer:
        """Send one request and read its answer.

        Args:
            method: HTTP method.
            url: Path below the base URL.
            **arguments: `json`, `data`, `params` and `headers`, as the generated functions pass them.
        """
        http: httpx.Client = self._connections.http()
        request, value = self._build(http, method, url, arguments)
        if not self._bounded:
            return self._exchange(http, request, value)
        with reads_end_at(self._deadline_at):
            return self._exchange(http, request, value)

    def _exchange(self, http: httpx.Client, request: httpx.Request, value: Any) -> Answer:
        try:
            response = http.send(request, stream=True, follow_redirects=False)
        except Exception as error:
            raise self._lost(error, value) from error
        try:
            body = self._body(response)
            if not body.read_elsewhere:
                self._read(response.iter_raw(), body)
        finally:
            with suppress(Exception):
                response.close()
        return self._answer(response, body, value)

    def _read(self, chunks: Iterator[bytes], body: Body) -> None:
        # Whatever breaks the body, the status has come.
        with suppress(Exception):
            at_end = all(body.add(chunk) and self._left() > 0 for chunk in chunks)
            body.complete = body.complete or at_end


class AsyncExchange(_Wire):
    """Awaiting exchanges over one `httpx.AsyncClient`."""

    __slots__ = ()
    _trace = staticmethod(async_trace)
    _trace_once = staticmethod(async_trace_once)

    async def request(self, method: str, url: str, **arguments: Any) -> Answer:
        """Send one request and read its answer; see `Exchange.request`."""
        self._connections.enter_loop()
        http: httpx.AsyncClient = self._connections.http()
        request, value = self._build(http, method, url, arguments)
        if not self._bounded:
            return await self._exchange(http, request, value)
        import anyio  # noqa: PLC0415 - httpx loads it as late

        try:
            # The timeouts of the phases end first, and tell whether a connection was made.
            with anyio.fail_after(self._left() + _GRACE_S):
                return await self._exchange(http, request, value)
        except TimeoutError as error:
            raise self._lost(error, value) from error

    async def _exchange(
        self, http: httpx.AsyncClient, request: httpx.Request, value: Any
    ) -> Answer:
        try:
            response = await http.send(request, stream=True, follow_redirects=False)
        except Exception as error:
            raise self._lost(error, value) from error
        try:
            body = self._body(response)
            if not body.read_elsewhere:
                await self._read(cast("AsyncGenerator[bytes]", response.aiter_raw()), body)
        finally:
            with suppress(Exception):
                await response.aclose()
        return self._answer(response, body, value)

    @staticmethod
    async def _read(chunks: AsyncGenerator[bytes], body: Body) -> None:
        # Whatever breaks the body, the status has come.
        with suppress(Exception):
            async with aclosing(chunks):
                async for chunk in chunks:
                    if not body.add(chunk):
                        return
            body.complete = True


class Call:
    """The client that a generated function sees during one call; it keeps the answer for the errors.

    Attributes:
        answer: What came back, once it did.
    """

    raise_on_unexpected_status = False

    def __init__(self, exchange: Exchange | AsyncExchange) -> None:
        self._exchange = exchange
        self.answer: Answer | None = None

    def get_httpx_client(self) -> Call:
        """Return what has `request`."""
        return self

    get_async_httpx_client = get_httpx_client

    def unreadable(self, cause: Exception) -> SmsManagerError:
        """Return the exception for what the generated code could not write or read."""
        answer = self.answer
        error: SmsManagerError
        if answer is None:
            error = error_for_transport(cause, private=())
        else:
            what = "does not have the documented shape"
            error = unreadable(answer.status_code, answer.content, what, self._exchange.api_key)
            error.__cause__ = without_frames(cause)
        return error


class BlockingCall(Call):
    """A blocking call."""

    def perform(self, request: Request) -> Any:
        """Return what the generated client made of the answer, or the error."""
        module = operation_module(request.operation)
        try:
            return module.sync_detailed(client=self, body=request.body).parsed
        except SmsManagerError as error:
            return without_frames(error)
        except _UNREADABLE as error:
            return self.unreadable(error)

    def request(self, **arguments: Any) -> Answer:
        """Send one request."""
        self.answer = cast("Exchange", self._exchange).request(**arguments)
        return self.answer


class AwaitingCall(Call):
    """An awaiting call."""

    async def perform(self, request: Request) -> Any:
        """Return what the generated client made of the answer, or the error."""
        module = operation_module(request.operation)
        try:
            return (await module.asyncio_detailed(client=self, body=request.body)).parsed
        except SmsManagerError as error:
            return without_frames(error)
        except _UNREADABLE as error:
            return self.unreadable(error)

    async def request(self, **arguments: Any) -> Answer:
        """Send one request."""
        self.answer = await cast("AsyncExchange", self._exchange).request(**arguments)
        return self.answer
