"""One HTTP request and its answer.

An exchange adds the key and time limits, never follows a redirect, reads a bounded answer, and turns each
status other than 2xx and each failure of the transport into an exception. A generated function that is called
with `client.raw` uses the exchange both as its client and as its httpx client, so it parses only answers that
were checked.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing, nullcontext
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Self, cast

import httpx

from smsmanager._message.wire_requests import WireMessage, encode
from smsmanager._privacy import PrivateURL, strings_in
from smsmanager._transport.connections import Attempt
from smsmanager._transport.failures import as_cause, error_for_transport, may_be_taken
from smsmanager._transport.statuses import error_for_status, unreadable
from smsmanager.errors import ConfigurationError, ValidationError

if TYPE_CHECKING:
    from smsmanager._config import Settings
    from smsmanager._transport.connections import Connections

_GRACE_S = 0.05
_NOT_ENCODED = (b"", b"identity")

_address = lru_cache(maxsize=64)(httpx.URL)


class Answer:
    """An answer, with the attributes that callers and generated functions read.

    Attributes:
        is_complete: Whether the whole answer was read, without a content encoding.
    """

    def __init__(self, response: httpx.Response, limit: int) -> None:
        self.status_code = response.status_code
        self.headers = response.headers
        self.content = b""
        self.is_complete = False
        self._limit = limit
        self._value: Any = None
        if response.is_stream_consumed:
            # A test transport, or a hook of a caller-supplied httpx client, has read and decoded it already.
            self.is_complete = self.add(response.content)

    def add(self, chunk: bytes) -> bool:
        """Keep a chunk, up to the limit; return whether to read on."""
        room = self._limit - len(self.content)
        self.content += chunk[:room]
        return len(chunk) <= room

    def end(self) -> None:
        """Record the end of the body: the answer is complete unless it has a content encoding."""
        # No request asks for an encoding, and a small compressed body can expand to a huge one. `headers.get`
        # would decode every header.
        for name, value in self.headers.raw:
            if name.lower() == b"content-encoding" and value.strip().lower() not in _NOT_ENCODED:
                return
        self.is_complete = True

    def json(self) -> Any:
        """Return the JSON value of the body."""
        return self._value

    def parse(self) -> str | None:
        """Read the JSON object in the body; return its problem, as the end of a sentence."""
        if not self.is_complete:
            return "is incomplete, too large or compressed"
        if self.status_code != 200:  # noqa: PLR2004 - the only success that the service documents
            return "has no documented meaning"
        try:
            self._value = json.loads(self.content)
        except (ValueError, RecursionError):
            return "is not JSON" if self.content.strip() else "is empty"
        return None if isinstance(self._value, dict) else "is not a JSON object"


class _Exchange:
    """Base of both exchanges: everything that does no I/O."""

    raise_on_unexpected_status = False

    def __init__(
        self, connections: Connections, settings: Settings, deadline_at: float = math.inf
    ) -> None:
        self._connections = connections
        self._settings = settings
        self._deadline_at = deadline_at

    def get_httpx_client(self) -> Any:
        """Return the exchange itself, whose `request` a generated function calls, or refuse the function."""
        raise ConfigurationError(
            "Nothing was sent: use the .raw of AsyncSmsManager for asynchronous functions, and that of "
            "SmsManager for blocking ones."
        )

    get_async_httpx_client = get_httpx_client

    def _build(self, method: str, url: str, arguments: dict[str, Any]) -> httpx.Request:
        settings, http_client = self._settings, self._connections.http_client
        timeouts: Any = settings.timeout.as_dict()
        if self._deadline_at != math.inf:
            # This limits the one wait that no stream limits: for a free connection.
            left_s = max(self._deadline_at - time.monotonic(), 0.001)
            timeouts = {phase: min(limit, left_s) for phase, limit in timeouts.items()}
        build = partial(
            # A caller-supplied client adds its own headers and cookies.
            httpx.Request if http_client is None else http_client.build_request,
            method,
            _address(settings.base_url + url),
            # Copying headers takes a fraction of the time of building them.
            headers=settings.json_headers,
            extensions={"timeout": timeouts},
        )
        if (value := arguments.get("json")) is None:
            params = arguments.get("params")
            request = build(params=params, data=_plain(arguments.get("data")))
            del request.headers["content-type"]
            request.headers.update(arguments.get("headers", {}))
            if params:
                request.url = PrivateURL(request.url)
            return request
        try:
            content = encode(value)
        except (TypeError, ValueError, RecursionError):
            text = "holds a value that JSON cannot represent"
            raise ValidationError([("message", text)]) from None
        if http_client is not None:
            return build(content=content)
        # Given a stream, httpx adds no headers of its own, which saves much of the time.
        request = build(stream=httpx.ByteStream(content))
        request.headers["content-length"] = str(len(content))
        request._content = content  # noqa: SLF001 - as `read` sets it, which takes long
        return request

    def _private(self, arguments: dict[str, Any]) -> list[str]:
        """Return the strings that no exception may repeat: the key first, then those of the request."""
        sent = [_plain(arguments.get(name)) for name in ("json", "data", "params")]
        return [self._settings.api_key, *strings_in(sent)]

    def _answer(self, answer: Answer, arguments: dict[str, Any]) -> Answer:
        """Return the answer, or raise the exception that its status or body calls for."""
        status, headers, content = answer.status_code, answer.headers, answer.content
        if not 200 <= status < 300:  # noqa: PLR2004 - the range of success
            private = self._private(arguments)
            raise error_for_status(status, headers, content, private=private, now_s=time.time())
        if what := answer.parse():
            raise unreadable(status, content, what, self._settings.api_key)
        return answer

    def _outcome(
        self, attempt: Attempt, request: httpx.Request, arguments: dict[str, Any]
    ) -> Answer:
        """Return the answer, or raise the exception for an attempt that failed, with its cause."""
        if attempt.answer is not None:
            # Even if reading the body failed, the status is known. That error would form a reference cycle.
            attempt.error = None
            return self._answer(attempt.answer, arguments)
        error: Any = attempt.error
        private, connections = self._private(arguments), self._connections
        own = connections.http_client is None or getattr(error, "_request", None) is request
        if isinstance(error, httpx.HTTPStatusError) and own:
            # A hook of a caller-supplied httpx client raised the status before the answer was read here.
            status, headers = error.response.status_code, error.response.headers
            raise error_for_status(status, headers, b"", private=private, now_s=time.time())
        transport, repeats = connections.used_for(request.url)
        taken = may_be_taken(error, attempt.left, transport, own=own, repeats=repeats)
        failed = error_for_transport(error, private=private, taken=taken)
        # Only caller-supplied code can have raised anything else that is worth showing.
        if isinstance(error, httpx.RequestError) or not connections.plain:
            raise failed from as_cause(error, private, taken=taken)
        raise failed


def _plain(value: Any) -> Any:
    """Return the JSON value of an argument that a generated function passed."""
    if isinstance(value, WireMessage):
        return json.loads(value.json)
    return [_plain(item) for item in value] if isinstance(value, list) else value


class BlockingExchange(_Exchange):
    """Blocking exchanges over one transport."""

    def get_httpx_client(self) -> Self:
        """Return the exchange itself."""
        return self

    def request(self, method: str, url: str, **arguments: Any) -> Answer:
        """Send one request and read its answer; the arguments are those of `httpx.Client.request`."""
        transport = self._connections.transport()
        request = self._build(method, url, arguments)
        with Attempt(self._deadline_at) as attempt:
            if self._connections.http_client is None:
                response = transport.handle_request(request)
            else:
                response = transport.send(request, stream=True, follow_redirects=False)
            attempt.answer = answer = Answer(response, self._settings.max_response_bytes)
            stream: Any = response.stream
            try:
                if not response.is_stream_consumed:
                    for chunk in stream:
                        if not answer.add(chunk) or time.monotonic() >= self._deadline_at:
                            break
                    else:
                        answer.end()
            finally:
                stream.close()
        return self._outcome(attempt, request, arguments)


class AsyncExchange(_Exchange):
    """Asynchronous exchanges over one transport."""

    def get_async_httpx_client(self) -> Self:
        """Return the exchange itself."""
        return self

    async def request(self, method: str, url: str, **arguments: Any) -> Answer:
        """Send one request and read its answer; see `BlockingExchange.request`."""
        import anyio.lowlevel  # noqa: PLC0415 - httpcore loads it as late

        transport = self._connections.transport(anyio.lowlevel.current_token())
        request = self._build(method, url, arguments)
        # Streams of `smsmanager.transport` time out first, and know whether the request left.
        left_s = self._deadline_at - time.monotonic() + _GRACE_S
        bound = nullcontext() if left_s == math.inf else anyio.fail_after(left_s)
        with Attempt(self._deadline_at) as attempt, bound:
            if self._connections.http_client is None:
                response = await transport.handle_async_request(request)
            else:
                response = await transport.send(request, stream=True, follow_redirects=False)
            attempt.answer = answer = Answer(response, self._settings.max_response_bytes)
            async with aclosing(response):
                if not response.is_stream_consumed:
                    raw = cast("AsyncGenerator[bytes]", response.aiter_raw())
                    async with aclosing(raw) as chunks:
                        async for chunk in chunks:
                            if not answer.add(chunk):
                                break
                        else:
                            answer.end()
        return self._outcome(attempt, request, arguments)
