"""`SmsManager`, the blocking client."""

from __future__ import annotations

import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Self, Unpack, cast

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
from smsmanager._transport.calls import BlockingCall, RawExchange
from smsmanager._transport.connections import Connections, made_here
from smsmanager._transport.exchange import Exchange
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
    from smsmanager.errors import SmsManagerError
    from smsmanager.results import SendResult
    from smsmanager.retry import OnRetry, RetryPolicy
    from smsmanager_jsonapi.models import Message, Recipient, SmsGateway


class SmsManager(ClientBase[httpx.Client]):
    """Client of the SmsManager JSON API v2; safe to share between threads.

    Use it in a `with` block, or call `close()` at the end.

    Args:
        api_key: The key; from `SMSMANAGER_API_KEY` when None.
        base_url: Root of the API; from `SMSMANAGER_BASE_URL` when None, else the production service. Must be
            https unless the host is this machine.
        sender: Sender of messages that have none; from `SMSMANAGER_SENDER` when None.
        timeout: Seconds for each phase of a request, or an `httpx.Timeout`; finite.
        retries: How often a request that certainly was not taken is repeated, or a whole `RetryPolicy`. A
            request whose outcome is unknown is never repeated.
        default_region: Two letters such as `"CZ"`: the country of numbers without `+` or `00` (needs
            `smsmanager[phone]`).
        validate: Whether messages are checked before anything is sent.
        on_retry: Called with a `Retry` before each repetition.
        on_result: Called with the `SendResult` of every call, however it ends: by an error, a cancelled task
            or Ctrl-C as well.
        max_response_bytes: Most bytes that are read of an answer.
        deadline_s: Most seconds of one call, over all its requests and waits; None for no bound.
        auto_reference: Whether a message without a reference gets one.
        callbacks: Makes the callback URL of messages that have none, such as a
            `smsmanager.webhooks.CallbackSigner`; bound to the message's reference, where it has one.
        http_client: An own `httpx.Client`; it is used as it is, gets the key for our requests only, and is
            not closed. A connection that another request of yours opened is not watched: a deadline does not
            bound its single reads, and what a server sent behind an answer there could be taken for the next.
        proxy: Proxy for an httpx client of ours.
        verify: Certificates for an httpx client of ours: an `ssl.SSLContext`, or False for none.
        transport: Transport for an httpx client of ours. A class of your own can have sent a request before
            it raises, so what it raises leaves the outcome unknown, unless httpcore below it tells more.

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
        http_client: httpx.Client | None = None,
        proxy: str | httpx.Proxy | None = None,
        verify: ssl.SSLContext | bool = True,
        transport: httpx.BaseTransport | None = None,
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
            an_own_client(http_client, httpx.Client)
            no_options_beside_http_client(proxy=proxy, verify=verify, transport=transport)
            connections = Connections(None, http_client)
        else:
            make = partial(made_here, httpx.Client, verify=verify, proxy=proxy, transport=transport)
            connections = Connections(make, plain=transport is None)
        super().__init__(options, connections, owned=http_client is None)
        self._sleep = time.sleep

    def close(self) -> None:
        """Close the connections, unless the httpx client is the caller's own or this is a copy."""
        if self._owned:
            for http in self._connections.take():
                http.close()

    def __enter__(self) -> Self:
        """Return the client itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connections."""
        self.close()

    @property
    def raw(self) -> AuthenticatedClient:
        """The generated client, to call the functions of `smsmanager_jsonapi.api` with.

        Its requests carry the key, follow no redirect, are bounded, and raise like the methods here; nothing
        is checked, split or repeated. The frames of those functions, in a traceback with local variables,
        hold what you passed. Only the blocking functions work with it.
        """
        exchange = Exchange(self._connections, self._settings)
        low = AuthenticatedClient(base_url=self.base_url, token="")
        low.set_httpx_client(cast("httpx.Client", RawExchange(exchange)))
        return low.set_async_httpx_client(cast("httpx.AsyncClient", wrong_raw("AsyncSmsManager")))

    def send(
        self, message: str | Message | None = None, /, **fields: Unpack[SendFields]
    ) -> SendResult:
        """Send one message to any number of recipients.

        Up to ten recipients take one request; more take as few batch requests as possible.

        Args:
            message: The text, or a whole `Message`. None when the steps of `flow` bring their own content.
            **fields: `to` and the other fields of `compose`; beside a `Message` they replace its own.
                `priority=True` uses the queue for one-time codes, ten recipients a request.
                `deadline_s` bounds the seconds of this call, over all its requests and waits.

        Returns:
            One outcome a recipient, in the order given. *Accepted* means taken for processing.

        Raises:
            ValidationError: If the message is refused locally; nothing was sent.
            SmsManagerError: If a request failed; `result` on it tells what is known of each recipient.

        Source: SmsManager API reference, "Send a message" and "Send a batch of messages".
        """
        deadline_s = fields.pop("deadline_s", None)
        prepared = self._prepare(message, fields)
        del message, fields
        return self._run(prepared, deadline_s)

    def send_priority(
        self, message: str | Message | None = None, /, **fields: Unpack[TimedFields]
    ) -> SendResult:
        """Send through the priority queue, for one-time codes; see `send`."""
        deadline_s = fields.pop("deadline_s", None)
        prepared = self._prepare(message, {**fields, "priority": True})
        del message, fields
        return self._run(prepared, deadline_s)

    def send_batch(
        self, messages: Iterable[Message], /, *, deadline_s: float | None = None
    ) -> SendResult:
        """Send any number of messages, each to any number of recipients.

        Args:
            messages: `Message` objects, for instance from `compose`.
            deadline_s: Most seconds of this call, over all its requests and waits.

        Returns:
            One outcome a recipient, in the order of the messages and their recipients.

        Raises:
            ValidationError: If a message is refused locally; nothing was sent.
            SmsManagerError: If a request failed; `result` on it tells what is known of each recipient.

        Source: SmsManager API reference, "Send a batch of messages".
        """
        prepared = quietly(prepare_batch, messages, self._settings.rules)
        del messages
        return self._run(prepared, deadline_s)

    def send_simple(
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
        """Send one plain SMS by form.

        Args:
            body: The text.
            to: The one recipient.
            sender: The sender; this operation requires one, here or on the client.
            gateway: How to route the SMS; None lets the service choose.
            at: When to send: an aware datetime, or a text that names its zone.
            custom_id: Comes back in webhooks as `payload.customID`, and on the result as `reference`.
            deadline_s: Most seconds of this call, over all its requests and waits.

        Returns:
            One outcome.

        Raises:
            ValidationError: If the message is refused locally; nothing was sent.
            SmsManagerError: If the request failed.

        Source: SmsManager API reference, "Send a simple message".
        """
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
        return self._run(prepared, deadline_s)

    def resume(
        self,
        failed: SmsManagerError | SendResult,
        /,
        *,
        resend_unknown: bool = False,
        deadline_s: float | None = None,
    ) -> SendResult:
        """Go on after a call that did not reach every recipient.

        Sends to those that were certainly not taken: *not sent* and *rejected*.

        Args:
            failed: The error of the call, or its result.
            resend_unknown: Whether to send to *unknown* and *unconfirmed* recipients as well. They may get
                the message twice; nothing else in this library repeats them.
            deadline_s: Most seconds of this call.

        Returns:
            One outcome a recipient of the first call, the earlier ones included.

        Raises:
            ConfigurationError: If the error came before there were recipients, or the result was read from
                JSON; nothing was sent.
            SmsManagerError: If a request failed again; `result` on it tells of every recipient, and can be
                resumed in turn.
        """
        statuses = unsent(resend_unknown=resend_unknown)
        return self._go_on(failed, statuses, deadline_s)

    def retry_rejected(
        self, result: SendResult, /, *, deadline_s: float | None = None
    ) -> SendResult:
        """Send again to the recipients that were rejected, as the service asks for; see `resume`."""
        return self._go_on(result, frozenset((Status.REJECTED,)), deadline_s)

    def _go_on(
        self,
        failed: SmsManagerError | SendResult,
        statuses: frozenset[Status],
        deadline_s: float | None,
    ) -> SendResult:
        result, prepared, positions = unfinished(failed, statuses)
        if not positions:
            return result
        return self._run(prepared, deadline_s, result, positions)

    def _run(
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
        exchange = Exchange(self._connections, self._settings, conduct.deadline_at)
        try:
            step = next(steps)
            while True:
                answer: Any = None
                try:
                    if isinstance(step, Request):
                        answer = BlockingCall(exchange).perform(step)
                    else:
                        self._sleep(step)
                except BaseException as error:  # noqa: BLE001 - the plan raises it again
                    step = steps.throw(without_frames(error, handled))
                else:
                    step = steps.send(answer)
        except StopIteration as end:
            return cast("SendResult", end.value)
