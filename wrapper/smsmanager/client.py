"""`SmsManager`, the blocking client."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Self, Unpack, cast

import httpx

from smsmanager._base import ClientBase
from smsmanager._message.prepare import prepare_batch, prepare_send, prepare_simple
from smsmanager._message.wire_requests import Request
from smsmanager._plan import CERTAINLY_NOT_TAKEN, PERHAPS_TAKEN
from smsmanager._privacy import hides_locals
from smsmanager._transport.exchange import BlockingExchange, RawExchange
from smsmanager.results import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from smsmanager._message.compose import SendFields, SimpleFields, TimedFields
    from smsmanager._message.wire_requests import Prepared
    from smsmanager.asking import Service, SettleOptions
    from smsmanager.errors import SmsManagerError
    from smsmanager.results import SendResult
    from smsmanager_jsonapi.models import Message, Recipient


class SmsManager(ClientBase[httpx.Client, httpx.BaseTransport]):
    """Client of the SmsManager JSON API v2; safe to share between threads.

    Use it in a `with` block, or call `close()` at the end.

    Args:
        api_key: The key; from `SMSMANAGER_API_KEY` when None.
        base_url: Root of the API; from `SMSMANAGER_BASE_URL` when None, else the production service. Must be
            https unless the host is this machine.
        http_client: A caller-supplied `httpx.Client`. It is used as it is, gets the key for these requests
            only, and is not closed. With a transport of `smsmanager.transport` it keeps every promise; with
            httpx's own, only an error that comes before a connection counts as *not sent*, and a deadline
            does not bound its single reads.
        proxy: Proxy for the connections of this client. Default: what the environment names, except for
            this machine itself.
        verify: Certificates for the connections of this client: an `ssl.SSLContext`, or False to accept any.
        transport: An `httpx.BaseTransport` to send with. What a class of your own raises leaves the outcome
            unknown: it can have sent a request before.
        **options: What `with_options` can change as well; see `ClientOptions`.

    Raises:
        ConfigurationError: If there is no usable key or base URL, or an extra is missing.
    """

    _kinds = (httpx.Client, httpx.BaseTransport)
    _raw_exchange = RawExchange
    _sleep = staticmethod(time.sleep)

    @staticmethod
    def _make_transport(**options: Any) -> Any:
        from smsmanager.transport import HTTPTransport  # noqa: PLC0415 - loads httpcore

        return HTTPTransport(**options)

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

    @hides_locals
    def send(
        self, message: str | Message | None = None, /, **fields: Unpack[SendFields]
    ) -> SendResult:
        """Send one message to any number of recipients.

        Up to ten recipients take one request; more take as few batch requests as possible.

        Args:
            message: The text, or a whole `Message`. None when the steps of `flow` bring their own content.
            **fields: `to` and the other fields of `compose`; with a `Message`, they replace its fields.
                `priority=True` uses the queue for one-time codes, ten recipients per request.
                `deadline_s` bounds the seconds of this call, over all its requests and waits.

        Returns:
            One outcome per recipient, in the order given. *Accepted* means taken for processing.

        Raises:
            ValidationError: If the message is refused locally; nothing was sent.
            SmsManagerError: If a request failed; `result` on it tells what is known of each recipient.

        Source: SmsManager API reference, "Send a message" and "Send a batch of messages".
        """
        deadline_s = fields.pop("deadline_s", None)
        prepared = self._prepared(fields.get("reference"), prepare_send, message, fields)
        return self._run(prepared, deadline_s)

    @hides_locals
    def send_priority(
        self, message: str | Message | None = None, /, **fields: Unpack[TimedFields]
    ) -> SendResult:
        """Send through the priority queue, for one-time codes; see `send`."""
        deadline_s = fields.pop("deadline_s", None)
        urgent = {**fields, "priority": True}
        prepared = self._prepared(fields.get("reference"), prepare_send, message, urgent)
        return self._run(prepared, deadline_s)

    @hides_locals
    def send_batch(
        self, messages: Iterable[Message], /, *, deadline_s: float | None = None
    ) -> SendResult:
        """Send any number of messages, each to any number of recipients.

        Args:
            messages: `Message` objects, for instance from `compose`.
            deadline_s: Most seconds of this call, over all its requests and waits.

        Returns:
            One outcome per recipient, in the order of the messages and their recipients.

        Raises:
            ValidationError: If a message is refused locally; nothing was sent.
            SmsManagerError: If a request failed; `result` on it tells what is known of each recipient.

        Source: SmsManager API reference, "Send a batch of messages".
        """
        return self._run(self._prepared(None, prepare_batch, messages), deadline_s)

    @hides_locals
    def send_simple(
        self, body: str, *, to: str | Recipient, **fields: Unpack[SimpleFields]
    ) -> SendResult:
        """Send one plain SMS by form.

        Args:
            body: The text.
            to: The one recipient.
            **fields: `sender` (this operation requires one, here or on the client), `gateway` (unset lets the
                service choose), `at` (an aware datetime, or a text that names its zone), `custom_id` (comes
                back in webhooks as `payload.customID`, and on the result as `reference`), and `deadline_s`
                (most seconds of this call).

        Returns:
            One outcome.

        Raises:
            ValidationError: If the message is refused locally; nothing was sent.
            SmsManagerError: If the request failed.

        Source: SmsManager API reference, "Send a simple message".
        """
        deadline_s = fields.pop("deadline_s", None)
        custom_id = fields.get("custom_id")
        prepared = self._prepared(custom_id, prepare_simple, body, to, fields)
        return self._run(prepared, deadline_s)

    @hides_locals
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
            One outcome per recipient of the first call, the earlier ones included.

        Raises:
            ConfigurationError: If the error came before there were recipients, or the result was read from
                JSON; nothing was sent.
            SmsManagerError: If a request failed again; `result` on it covers every recipient, and can be
                resumed in turn.
        """
        statuses = CERTAINLY_NOT_TAKEN | (PERHAPS_TAKEN if resend_unknown else frozenset())
        prepared, result, positions = self._rest(failed, statuses)
        return self._run(prepared, deadline_s, result, positions) if positions else result

    @hides_locals
    def retry_rejected(
        self, result: SendResult, /, *, deadline_s: float | None = None
    ) -> SendResult:
        """Send again to the recipients that were rejected, as the service asks; see `resume`."""
        prepared, result, positions = self._rest(result, frozenset((Status.REJECTED,)))
        return self._run(prepared, deadline_s, result, positions) if positions else result

    @property
    def service(self) -> Service:
        """What the service knows: states, rows, totals, replies, credit, prices, lists, the key.

        Raises:
            ConfigurationError: If it is not known where to ask; see `rest_base_url`.
        """
        from smsmanager.asking import Service  # noqa: PLC0415 - most programs never ask

        return Service(self._connections, self._settings, self._sleep)

    @hides_locals
    def settle(
        self, failed: SmsManagerError | SendResult, /, **options: Unpack[SettleOptions]
    ) -> SendResult:
        """Return the result with what the service knows of its open recipients; nothing is sent again.

        *Unknown* and *unconfirmed* recipients that are found become *accepted*, with the id that webhooks
        will name. Where no message or more than one can be it, they stay as they are. See `Service.settle`.
        """
        return self.service.settle(failed, **options)

    def _run(
        self,
        prepared: Prepared,
        deadline_s: float | None,
        earlier: SendResult | None = None,
        positions: Sequence[int] | None = None,
    ) -> SendResult:
        steps, exchange = self._begin(BlockingExchange, prepared, deadline_s, earlier, positions)
        try:
            step = next(steps)
            while True:
                answer: Any = None
                try:
                    if isinstance(step, Request):
                        answer = exchange.perform(step)
                    else:
                        self._sleep(step)
                except BaseException as error:  # noqa: BLE001 - the plan raises it again
                    step = steps.throw(error)
                else:
                    step = steps.send(answer)
        except StopIteration as end:
            return cast("SendResult", end.value)
