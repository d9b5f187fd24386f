"""`SmsManager`, the blocking client."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

import httpx

from smsmanager._base import ClientBase
from smsmanager._message.wire_requests import Request
from smsmanager._plan import follow
from smsmanager._transport.exchange import BlockingExchange
from smsmanager.results import SendResult

if TYPE_CHECKING:
    from smsmanager._plan import Steps
    from smsmanager.asking import Service


class SmsManager(ClientBase[httpx.Client, httpx.BaseTransport, SendResult]):
    """Client of the SmsManager JSON API v2; safe to share between threads.

    Use it in a `with` block, or call `close()` at the end.

    Args:
        api_key: The key; from `SMSMANAGER_API_KEY` when None.
        base_url: Root URL of the API; from `SMSMANAGER_BASE_URL` when None, or else the production service.
            Must be https unless the host is this machine.
        http_client: A caller-supplied `httpx.Client`. It is used as it is, gets the key for these requests
            only, and is not closed. With a transport of `smsmanager.transport`, every guarantee holds; with
            httpx's own, only an error raised before a connection is made counts as *not sent*, and a
            deadline does not limit a single read.
        proxy: Proxy for the connections of this client. Default: the one that the environment names; never
            one for this machine itself.
        verify: Certificates for the connections of this client: an `ssl.SSLContext`, or False to accept any.
        transport: An `httpx.BaseTransport` to send with. An error raised by your own class leaves the
            outcome unknown, because it may have sent the request.
        **options: Options that `with_options` can also change; see `ClientOptions`.

    Raises:
        ConfigurationError: If there is no usable key or base URL, or an extra is missing.
    """

    _kinds = (httpx.Client, httpx.BaseTransport)
    _exchange = BlockingExchange
    _transport_name = "HTTPTransport"
    _sleep: Callable[[float], object] = staticmethod(time.sleep)

    @property
    def service(self) -> Service:
        """Questions to the service; see `smsmanager.asking`."""
        from smsmanager.asking import Service  # noqa: PLC0415 - most programs never ask

        return Service(self._connections, self._settings, self._sleep)

    def close(self) -> None:
        """Close the connections, unless the httpx client is the caller's or this is a copy."""
        if not self._is_copy:
            for transport in self._connections.take():
                transport.close()

    def __enter__(self) -> Self:
        """Return the client itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self.close()

    def _run(self, steps: Steps, exchange: BlockingExchange) -> SendResult:
        def act(step: Request | float) -> Any:
            if isinstance(step, Request):
                return exchange.request(**step.arguments).json()
            return self._sleep(step)

        result: SendResult = follow(steps, act).value
        return result
