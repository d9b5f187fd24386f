"""`AsyncSmsManager`, the awaiting client: the methods of `SmsManager`, to be awaited."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Self, Unpack, cast

import httpx

from smsmanager._base import (
    ClientBase,
    an_own_client,
    named,
    no_options_beside_http_client,
    quietly,
    unfinished,
    unsent,
    wrong_raw,
)
from smsmanager._config import DEFAULT_TIMEOUT, MAX_RESPONSE_BYTES, settings
from smsmanager._message.prepare import prepare_batch, prepare_simple
from smsmanager._message.requests import Request
from smsmanager._plan import plan
from smsmanager._privacy import without_frames
from smsmanager._transport.calls import AwaitingCall, RawAsyncExchange
from smsmanager._transport.connections import Connections, made_here
from smsmanager._transport.exchange import AsyncExchange
from smsmanager.errors import ConfigurationError, SmsManagerError
from smsmanager.results import Status
from smsmanager_jsonapi import AuthenticatedClient

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from types import TracebackType

    from smsmanager._message.compose import CallbackSource, SendFields, TimedFields
    from smsmanager._message.requests import Prepared
    from smsmanager._plan import OnResult
    from smsmanager.results import SendResult
    from smsmanager.retry import OnRetry, RetryPolicy
    from smsmanager_jsonapi.models import Message, Recipient, SmsGateway


class AsyncSmsManager(ClientBase[httpx.AsyncClient]):
    """Awaiting client of the SmsManager JSON API v2, under asyncio or trio.

    Use it in an `async with` block, or await `aclose()` at the end. Methods, options, results and errors are
    those of `SmsManager`; only the following differ.

    Args:
        http_client: An own `httpx.AsyncClient`; it is used as it is, gets the key for our requests only,
            and is not closed.
        transport: An `httpx.AsyncBaseTransport`, or `"aiohttp"` to send over aiohttp, which takes far less
            CPU time a request than httpx's own asynchronous transport (needs `smsmanager[aiohttp]`; asyncio
            only).

    Raises:
        ConfigurationError: If there is no usable key or base URL, or an extra is missing.
    """

    def __init__(  # noqa: PLR0913 - one argument an option
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        sender: str | None = None,
        timeout: float | httpx.Timeout = DEFAULT_TIMEOUT,
        retries: int | RetryPolicy = 2,
        default_region: str | None = None,
        validate: bool = True,
        on_retry: OnRetry | None = None,
        on_result: OnResult | None = None,
        max_response_bytes: int = MAX_RESPONSE_BYTES,
        deadline_s: float | None = None,
        auto_reference: bool = False,
        callbacks: CallbackSource | None = None,
        http_client: httpx.AsyncClient | None = None,
        proxy: str | httpx.Proxy | None = None,
        verify: ssl.SSLContext | bool = True,
        transport: httpx.AsyncBaseTransport | Literal["aiohttp"] | None = None,
    ) -> None:
        options = quietly(
            partial(
                settings,
                sender=sender,
                timeout=timeout,
                retries=retries,
                default_region=default_region,
                validate=validate,
                on_retry=on_retry,
                on_result=on_result,
                max_response_bytes=max_response_bytes,
                deadline_s=deadline_s,
                auto_reference=auto_reference,
                callbacks=callbacks,
            ),
            api_key,
            base_url,
        )
        del api_key, base_url
        if isinstance(options, BaseException):
            raise options
        if http_client is not None:
            an_own_client(http_client, httpx.AsyncClient)
            no_options_beside_http_client(proxy=proxy, verify=verify, transport=transport)
            connections = Connections(None, http_client)
        elif transport == "aiohttp":
            make = partial(made_here, _aiohttp_client(), verify=verify, proxy=proxy)
            connections = Connections(make, plain=True)
        else:
            make = partial(
                made_here, httpx.AsyncClient, verify=verify, proxy=proxy, transport=transport
            )
            connections = Connections(make, plain=transport is None)
        super().__init__(options, connections, owned=http_client is None)
        self._sleep = _sleep

    async def aclose(self) -> None:
        """Close the connections, unless the httpx client is the caller's own or this is a copy."""
        if self._owned:
            for http in self._connections.take():
                await http.aclose()

    async def __aenter__(self) -> Self:
        """Return the client itself."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connections."""
        await self.aclose()

    @property
    def raw(self) -> AuthenticatedClient:
        """The generated client, to call the functions of `smsmanager_jsonapi.api` with.

        Its requests carry the key, follow no redirect, are bounded, and raise like the methods here; nothing
        is checked, split or repeated. The frames of those functions, in a traceback with local variables,
        hold what you passed. Only the awaiting functions work with it.
        """
        low = AuthenticatedClient(base_url=self.base_url, token="")
        exchange = AsyncExchange(self._connections, self._settings)
        low.set_async_httpx_client(cast("httpx.AsyncClient", RawAsyncExchange(exchange)))
        return low.set_httpx_client(cast("httpx.Client", wrong_raw("SmsManager")))

    async def send(
        self, message: str | Message | None = None, /, **fields: Unpack[SendFields]
    ) -> SendResult:
        """Send one message to any number of recipients; see `SmsManager.send`."""
        deadline_s = fields.pop("deadline_s", None)
        prepared = self._prepare(message, fields)
        del message, fields
        return await self._run(prepared, deadline_s)

    async def send_priority(
        self, message: str | Message | None = None, /, **fields: Unpack[TimedFields]
    ) -> SendResult:
        """Send through the priority queue, for one-time codes; see `send`."""
        deadline_s = fields.pop("deadline_s", None)
        prepared = self._prepare(message, {**fields, "priority": True})
        del message, fields
        return await self._run(prepared, deadline_s)

    async def send_batch(
        self, messages: Iterable[Message], /, *, deadline_s: float | None = None
    ) -> SendResult:
        """Send any number of messages; see `SmsManager.send_batch`."""
        prepared = quietly(prepare_batch, messages, self._settings.rules)
        del messages
        return await self._run(prepared, deadline_s)

    async def send_simple(
        self,
        body: str,
        *,
        to: str | Recipient,
        sender: str | None = None,
        gateway: SmsGateway | None = None,
        at: datetime | str | None = None,
        custom_id: str | None = None,
        deadline_s: float | None = None,
    ) -> SendResult:
        """Send one plain SMS by form; see `SmsManager.send_simple`."""
        form = partial(
            prepare_simple,
            sender=sender,
            gateway=gateway,
            at=at,
            custom_id=custom_id,
            rules=self._settings.rules,
        )
        prepared = named(quietly(form, body, to), custom_id or None)
        del form, body, to
        return await self._run(prepared, deadline_s)

    async def resume(
        self,
        failed: SmsManagerError | SendResult,
        /,
        *,
        resend_unknown: bool = False,
        deadline_s: float | None = None,
    ) -> SendResult:
        """Go on after a call that did not reach every recipient; see `SmsManager.resume`."""
        statuses = unsent(resend_unknown=resend_unknown)
        return await self._go_on(failed, statuses, deadline_s)

    async def retry_rejected(
        self, result: SendResult, /, *, deadline_s: float | None = None
    ) -> SendResult:
        """Send again to the recipients that were rejected; see `SmsManager.retry_rejected`."""
        return await self._go_on(result, frozenset((Status.REJECTED,)), deadline_s)

    async def _go_on(
        self,
        failed: SmsManagerError | SendResult,
        statuses: frozenset[Status],
        deadline_s: float | None,
    ) -> SendResult:
        result, prepared, positions = unfinished(failed, statuses)
        if not positions:
            return result
        return await self._run(prepared, deadline_s, result, positions)

    async def _run(
        self,
        prepared: Prepared | BaseException,
        deadline_s: float | None,
        earlier: SendResult | None = None,
        positions: Sequence[int] | None = None,
    ) -> SendResult:
        if isinstance(prepared, BaseException):
            raise prepared
        handled = sys.exception()
        conduct = self._conduct(deadline_s)
        steps = plan(prepared, conduct, earlier, positions)
        exchange = AsyncExchange(self._connections, self._settings, conduct.deadline_at)
        try:
            step = next(steps)
            while True:
                answer: Any = None
                try:
                    if isinstance(step, Request):
                        answer = await AwaitingCall(exchange).perform(step)
                    else:
                        await self._sleep(step)
                except BaseException as error:  # noqa: BLE001 - the plan raises it again
                    step = steps.throw(without_frames(error, handled))
                else:
                    step = steps.send(answer)
        except StopIteration as end:
            return cast("SendResult", end.value)


async def _sleep(seconds: float) -> None:
    import anyio  # noqa: PLC0415 - httpx loads it as late, and most calls never wait

    await anyio.sleep(seconds)


def _aiohttp_client() -> type[httpx.AsyncClient]:
    try:
        from smsmanager._aiohttp import AiohttpClient  # noqa: PLC0415 - an extra
    except ImportError as error:
        msg = "transport='aiohttp' needs an extra: pip install 'smsmanager[aiohttp]'"
        raise ConfigurationError(msg) from error
    return AiohttpClient
