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

from smsmanager._message.requests import encode
from smsmanager._transport.body import Body
from smsmanager._transport.connections import is_over_aiohttp
from smsmanager._transport.statuses import (
    answer_to_nothing,
    as_cause,
    error_for_status,
    error_for_transport,
    private_strings,
    unreadable,
)
from smsmanager._transport.streams import AsyncPassage, Passage, all_ends_at, watch_of
from smsmanager.errors import (
    ConfigurationError,
    SmsManagerError,
    ValidationError,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator, Mapping

    from smsmanager._config import Settings
    from smsmanager._transport.connections import Connections

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


@attrs.frozen
class Outgoing:
    """A request on its way.

    Attributes:
        request: The request.
        value: What no exception may repeat.
        passage: How far it came.
    """

    request: httpx.Request = attrs.field(repr=False)
    value: Any = attrs.field(repr=False)
    passage: Passage = attrs.field(repr=False)

    def never_left(self, error: Exception) -> bool:
        """Tell whether the kind of an error can mean that this request was not written.

        It cannot where the head began to be written, whatever was raised afterwards; nor where the error is
        that of another request: a hook of the caller's own can make some.
        """
        return not self.passage.begun and getattr(error, "_request", None) is self.request


class _Wire:
    """What the blocking and the awaiting exchange share: everything but the two calls that wait."""

    __slots__ = ("_connections", "_deadline_at", "_settings")
    _passage: type[Passage]

    def __init__(
        self, connections: Connections[Any], settings: Settings, deadline_at: float = math.inf
    ) -> None:
        self._connections = connections
        self._settings = settings
        self._deadline_at = deadline_at

    def _build(self, http: Any, method: str, url: str, arguments: Mapping[str, Any]) -> Outgoing:
        """Return the request, and what is to be known of it."""
        settings = self._settings
        headers = {**settings.headers, **arguments.get("headers", {})}
        connections = self._connections
        passage = self._passage(once=connections.plain)
        extensions: dict[str, Any] = {"timeout": settings.timeouts, "trace": passage}
        if self._bounded:
            left = max(self._left(), 0.001)
            extensions["timeout"] = {
                phase: left if limit is None else min(limit, left)
                for phase, limit in settings.timeouts.items()
            }
        # An httpx client of the caller's own adds what it is set up with. Ours adds nothing, and without the
        # merging of defaults a request takes a fraction of the time to build.
        build = httpx.Request if connections.ours else http.build_request
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
            return Outgoing(request, value, passage)
        params, data = arguments.get("params"), arguments.get("data")
        request = build(
            method, address, params=params, data=data, headers=headers, extensions=extensions
        )
        if params:
            _hide_query(http, request)
        return Outgoing(request, [params, data], passage)

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

    def _lost(self, error: Exception, out: Outgoing) -> SmsManagerError:
        """Return what a failed exchange means, with its cause."""
        private = private_strings(out.value, self._settings.api_key)
        if isinstance(error, httpx.HTTPStatusError) and error.request is out.request:
            # A hook of the caller's own httpx client raised for the status before it came to us.
            answer = error.response
            return error_for_status(
                answer.status_code, answer.headers, b"", private=private, now_s=time.time()
            )
        connections = self._connections
        failed = error_for_transport(
            error,
            private=private,
            never_left=connections.tells and out.never_left(error),
            certain=out.passage.certainly_not_begun,
        )
        # Over an httpx client of our own no function of the caller's runs that could have raised it.
        own = not connections.plain or isinstance(error, httpx.RequestError)
        failed.__cause__ = as_cause(error, private) if own else None
        return failed


def _hide_query(http: object, request: httpx.Request) -> None:
    if is_over_aiohttp(http):
        raise ConfigurationError(
            "The GET form cannot be sent over aiohttp without its URL, key included, reaching a log. "
            "Nothing was sent; use the POST form or the default transport."
        )
    request.url = _PrivateURL(request.url)


class Exchange(_Wire):
    """Blocking exchanges over one `httpx.Client`."""

    __slots__ = ()
    _passage = Passage

    def request(self, method: str, url: str, **arguments: Any) -> Answer:
        """Send one request and read its answer.

        Args:
            method: HTTP method.
            url: Path below the base URL.
            **arguments: `json`, `data`, `params` and `headers`, as the generated functions pass them.
        """
        http: httpx.Client = self._connections.http()
        out = self._build(http, method, url, arguments)
        if not self._bounded:
            return self._exchange(http, out)
        with all_ends_at(self._deadline_at):
            return self._exchange(http, out)

    def _exchange(self, http: httpx.Client, out: Outgoing) -> Answer:
        try:
            response = http.send(out.request, stream=True, follow_redirects=False)
        except Exception as error:  # noqa: BLE001 - whatever it is, it has a meaning
            lost = self._lost(error, out)
        else:
            return self._taken(response, out)
        # Out here the error is not its context: its text may repeat what a peer echoed.
        raise lost

    def _taken(self, response: httpx.Response, out: Outgoing) -> Answer:
        try:
            body = self._body(response)
            if not body.read_elsewhere:
                self._read(response.iter_raw(), body)
        finally:
            with suppress(Exception):
                response.close()
        return self._answer(response, body, out.value)

    def _read(self, chunks: Iterator[bytes], body: Body) -> None:
        # Whatever breaks the body, the status has come.
        with suppress(Exception):
            at_end = all(body.add(chunk) and self._left() > 0 for chunk in chunks)
            body.complete = body.complete or at_end


class AsyncExchange(_Wire):
    """Awaiting exchanges over one `httpx.AsyncClient`."""

    __slots__ = ()
    _passage = AsyncPassage

    async def request(self, method: str, url: str, **arguments: Any) -> Answer:
        """Send one request and read its answer; see `Exchange.request`."""
        self._connections.enter_loop()
        http: httpx.AsyncClient = self._connections.http()
        out = self._build(http, method, url, arguments)
        if not self._bounded:
            return await self._exchange(http, out)
        import anyio  # noqa: PLC0415 - httpx loads it as late

        try:
            # The timeouts of the phases end first, and tell whether a connection was made.
            with anyio.fail_after(self._left() + _GRACE_S):
                return await self._exchange(http, out)
        except TimeoutError as error:
            lost = self._lost(error, out)
        raise lost

    async def _exchange(self, http: httpx.AsyncClient, out: Outgoing) -> Answer:
        try:
            response = await http.send(out.request, stream=True, follow_redirects=False)
        except Exception as error:  # noqa: BLE001 - whatever it is, it has a meaning
            lost = self._lost(error, out)
        else:
            return await self._taken(response, out)
        raise lost

    async def _taken(self, response: httpx.Response, out: Outgoing) -> Answer:
        try:
            body = self._body(response)
            if not body.read_elsewhere:
                await self._read(cast("AsyncGenerator[bytes]", response.aiter_raw()), body)
        finally:
            with suppress(Exception):
                await response.aclose()
        return self._answer(response, body, out.value)

    @staticmethod
    async def _read(chunks: AsyncGenerator[bytes], body: Body) -> None:
        # Whatever breaks the body, the status has come.
        with suppress(Exception):
            async with aclosing(chunks):
                async for chunk in chunks:
                    if not body.add(chunk):
                        return
            body.complete = True
