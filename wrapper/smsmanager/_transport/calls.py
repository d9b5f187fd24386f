"""What the generated functions take for their client: during a call of ours, and when they are used alone."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, cast

from smsmanager._message.requests import operation_module
from smsmanager._privacy import without_frames
from smsmanager._transport.statuses import error_for_transport, unreadable
from smsmanager.errors import SmsManagerError

if TYPE_CHECKING:
    from smsmanager._message.requests import Request
    from smsmanager._transport.exchange import Answer, AsyncExchange, Exchange

_UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, RecursionError)


class Call:
    """The client that a generated function sees during one call; it keeps the answer for the errors.

    Attributes:
        answer: What came back, once it did.
    """

    raise_on_unexpected_status = False

    def __init__(self, exchange: Exchange | AsyncExchange) -> None:
        self._exchange = exchange
        self._handled = sys.exception()
        self.answer: Answer | None = None

    def get_httpx_client(self) -> Call:
        """Return what has `request`."""
        return self

    get_async_httpx_client = get_httpx_client

    def unreadable(self, error: Exception) -> SmsManagerError:
        """Return the exception for what the generated code could not write or read."""
        answer = self.answer
        if answer is None:
            return error_for_transport(error, private=())
        what = f"does not have the documented shape ({type(error).__name__})"
        return unreadable(answer.status_code, answer.content, what, self._exchange.api_key)


class BlockingCall(Call):
    """A blocking call."""

    def perform(self, request: Request) -> Any:
        """Return what the generated client made of the answer, or the error."""
        module = operation_module(request.operation)
        try:
            return module.sync_detailed(client=self, body=request.body).parsed
        except SmsManagerError as error:
            return without_frames(error, self._handled)
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
            return without_frames(error, self._handled)
        except _UNREADABLE as error:
            return self.unreadable(error)

    async def request(self, **arguments: Any) -> Answer:
        """Send one request."""
        self.answer = await cast("AsyncExchange", self._exchange).request(**arguments)
        return self.answer


class RawExchange:
    """What the generated client sends with when it is used by itself.

    Args:
        exchange: Does the sending.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def request(self, **arguments: Any) -> Answer:
        """Send one request; no frame of ours shows what it held."""
        handled = sys.exception()
        try:
            return self._exchange.request(**arguments)
        except BaseException as error:  # noqa: BLE001 - it is raised again
            failed = without_frames(error, handled)
        arguments.clear()
        raise failed


class RawAsyncExchange:
    """The same, awaiting.

    Args:
        exchange: Does the sending.
    """

    def __init__(self, exchange: AsyncExchange) -> None:
        self._exchange = exchange

    async def request(self, **arguments: Any) -> Answer:
        """Send one request; see `RawExchange.request`."""
        handled = sys.exception()
        try:
            return await self._exchange.request(**arguments)
        except BaseException as error:  # noqa: BLE001 - it is raised again
            failed = without_frames(error, handled)
        arguments.clear()
        raise failed
