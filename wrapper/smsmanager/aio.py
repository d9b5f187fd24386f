"""`AsyncSmsManager`, the asynchronous client: the methods of `SmsManager`, to be awaited."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Self

import httpx

from smsmanager._base import ClientBase
from smsmanager._message.wire_requests import Request
from smsmanager._plan import follow_async
from smsmanager._transport.exchange import AsyncExchange
from smsmanager.results import SendResult

if TYPE_CHECKING:
    from smsmanager._plan import Steps
    from smsmanager.asking import AsyncService


class AsyncSmsManager(
    ClientBase[httpx.AsyncClient, httpx.AsyncBaseTransport, Coroutine[Any, Any, SendResult]]
):
    """Asynchronous client of the SmsManager JSON API v2, under asyncio or trio.

    Use it in an `async with` block, or await `aclose()` at the end. Methods, options, results and errors are
    those of `SmsManager`; only the following differ.

    Args:
        http_client: A caller-supplied `httpx.AsyncClient`. It is used as it is, gets the key for these
            requests only, and is not closed; for the guarantees, see `SmsManager`.
        transport: An `httpx.AsyncBaseTransport` to send with.

    Raises:
        ConfigurationError: If there is no usable key or base URL, or an extra is missing.
    """

    _kinds = (httpx.AsyncClient, httpx.AsyncBaseTransport)
    _exchange = AsyncExchange
    _transport_name = "AsyncHTTPTransport"

    @property
    def service(self) -> AsyncService:
        """Questions to the service; see `smsmanager.asking`."""
        from smsmanager.asking import AsyncService  # noqa: PLC0415 - most programs never ask

        return AsyncService(self._connections, self._settings, self._sleep)

    async def aclose(self) -> None:
        """Close the connections, unless the httpx client is the caller's or this is a copy."""
        if not self._is_copy:
            for transport in self._connections.take():
                await transport.aclose()

    async def __aenter__(self) -> Self:
        """Return the client itself."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self.aclose()

    async def _run(self, steps: Steps, exchange: AsyncExchange) -> SendResult:
        async def act(step: Request | float) -> Any:
            if isinstance(step, Request):
                return (await exchange.request(**step.arguments)).json()
            return await self._sleep(step)

        result: SendResult = (await follow_async(steps, act)).value
        return result

    @staticmethod
    async def _sleep(seconds: float) -> None:
        import anyio  # noqa: PLC0415 - httpcore loads it just as late, and most calls never wait

        await anyio.sleep(seconds)
