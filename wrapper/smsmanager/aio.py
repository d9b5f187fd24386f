"""`AsyncSmsManager`, the asynchronous client: the methods of `SmsManager`, to be awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, Unpack, cast

import httpx

from smsmanager._base import ClientBase
from smsmanager._message.prepare import prepare_batch, prepare_send, prepare_simple
from smsmanager._message.wire_requests import Request
from smsmanager._plan import CERTAINLY_NOT_TAKEN, PERHAPS_TAKEN
from smsmanager._privacy import hides_locals
from smsmanager._transport.exchange import AsyncExchange, RawAsyncExchange
from smsmanager.results import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from smsmanager._message.compose import SendFields, SimpleFields, TimedFields
    from smsmanager._message.wire_requests import Prepared
    from smsmanager.asking import AsyncService, SettleOptions
    from smsmanager.errors import SmsManagerError
    from smsmanager.results import SendResult
    from smsmanager_jsonapi.models import Message, Recipient


class AsyncSmsManager(ClientBase[httpx.AsyncClient, httpx.AsyncBaseTransport]):
    """Asynchronous client of the SmsManager JSON API v2, under asyncio or trio.

    Use it in an `async with` block, or await `aclose()` at the end. Methods, options, results and errors are
    those of `SmsManager`; only the following differ.

    Args:
        http_client: A caller-supplied `httpx.AsyncClient`. It is used as it is, gets the key for these
            requests only, and is not closed; for its promises see `SmsManager`.
        transport: An `httpx.AsyncBaseTransport` to send with.

    Raises:
        ConfigurationError: If there is no usable key or base URL, or an extra is missing.
    """

    _kinds = (httpx.AsyncClient, httpx.AsyncBaseTransport)
    _raw_exchange = RawAsyncExchange

    @staticmethod
    def _make_transport(**options: Any) -> Any:
        from smsmanager.transport import AsyncHTTPTransport  # noqa: PLC0415 - loads httpcore

        return AsyncHTTPTransport(**options)

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

    @hides_locals
    async def send(
        self, message: str | Message | None = None, /, **fields: Unpack[SendFields]
    ) -> SendResult:
        """Send one message to any number of recipients; see `SmsManager.send`."""
        deadline_s = fields.pop("deadline_s", None)
        prepared = self._prepared(fields.get("reference"), prepare_send, message, fields)
        return await self._run(prepared, deadline_s)

    @hides_locals
    async def send_priority(
        self, message: str | Message | None = None, /, **fields: Unpack[TimedFields]
    ) -> SendResult:
        """Send through the priority queue, for one-time codes; see `send`."""
        deadline_s = fields.pop("deadline_s", None)
        urgent = {**fields, "priority": True}
        prepared = self._prepared(fields.get("reference"), prepare_send, message, urgent)
        return await self._run(prepared, deadline_s)

    @hides_locals
    async def send_batch(
        self, messages: Iterable[Message], /, *, deadline_s: float | None = None
    ) -> SendResult:
        """Send any number of messages; see `SmsManager.send_batch`."""
        return await self._run(self._prepared(None, prepare_batch, messages), deadline_s)

    @hides_locals
    async def send_simple(
        self, body: str, *, to: str | Recipient, **fields: Unpack[SimpleFields]
    ) -> SendResult:
        """Send one plain SMS by form; see `SmsManager.send_simple`."""
        deadline_s = fields.pop("deadline_s", None)
        custom_id = fields.get("custom_id")
        prepared = self._prepared(custom_id, prepare_simple, body, to, fields)
        return await self._run(prepared, deadline_s)

    @hides_locals
    async def resume(
        self,
        failed: SmsManagerError | SendResult,
        /,
        *,
        resend_unknown: bool = False,
        deadline_s: float | None = None,
    ) -> SendResult:
        """Go on after a call that did not reach every recipient; see `SmsManager.resume`."""
        statuses = CERTAINLY_NOT_TAKEN | (PERHAPS_TAKEN if resend_unknown else frozenset())
        prepared, result, positions = self._rest(failed, statuses)
        return await self._run(prepared, deadline_s, result, positions) if positions else result

    @hides_locals
    async def retry_rejected(
        self, result: SendResult, /, *, deadline_s: float | None = None
    ) -> SendResult:
        """Send again to the recipients that were rejected; see `SmsManager.retry_rejected`."""
        prepared, result, positions = self._rest(result, frozenset((Status.REJECTED,)))
        return await self._run(prepared, deadline_s, result, positions) if positions else result

    @property
    def service(self) -> AsyncService:
        """What the service knows; see `SmsManager.service`."""
        from smsmanager.asking import AsyncService  # noqa: PLC0415 - most programs never ask

        return AsyncService(self._connections, self._settings, self._sleep)

    @hides_locals
    async def settle(
        self, failed: SmsManagerError | SendResult, /, **options: Unpack[SettleOptions]
    ) -> SendResult:
        """Return the result with what the service knows of its open recipients; see `SmsManager.settle`."""
        return await self.service.settle(failed, **options)

    async def _run(
        self,
        prepared: Prepared,
        deadline_s: float | None,
        earlier: SendResult | None = None,
        positions: Sequence[int] | None = None,
    ) -> SendResult:
        steps, exchange = self._begin(AsyncExchange, prepared, deadline_s, earlier, positions)
        try:
            step = next(steps)
            while True:
                answer: Any = None
                try:
                    if isinstance(step, Request):
                        answer = await exchange.perform(step)
                    else:
                        await self._sleep(step)
                except BaseException as error:  # noqa: BLE001 - the plan raises it again
                    step = steps.throw(error)
                else:
                    step = steps.send(answer)
        except StopIteration as end:
            return cast("SendResult", end.value)

    @staticmethod
    async def _sleep(seconds: float) -> None:
        import anyio  # noqa: PLC0415 - httpcore loads it as late, and most calls never wait

        await anyio.sleep(seconds)
