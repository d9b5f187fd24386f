"""Base of both clients: calls, options and copies."""

from __future__ import annotations

import inspect
import math
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NoReturn, Self, TypeVar, Unpack, overload

from smsmanager._config import NOT_PICKLED, ClientOptions, Settings, call_hook, checked_deadline
from smsmanager._message.prepare import prepare_batch, prepare_send, prepare_simple
from smsmanager._plan import CERTAINLY_NOT_TAKEN, PERHAPS_TAKEN, plan
from smsmanager._privacy import hides_locals
from smsmanager._transport.connections import Connections
from smsmanager.errors import ConfigurationError, SmsManagerError

if TYPE_CHECKING:
    import ssl

    import httpx

    from smsmanager._message.compose import SendFields, SimpleFields, TimedFields, To
    from smsmanager._message.wire_requests import Prepared
    from smsmanager.asking import SettleOptions
    from smsmanager.results import SendResult
    from smsmanager_jsonapi import AuthenticatedClient
    from smsmanager_jsonapi.models import Message, Recipient

HttpClient = TypeVar("HttpClient")
Transport = TypeVar("Transport")
Result = TypeVar("Result")
"""What a call returns: a `SendResult`, or a coroutine that returns one."""


class ClientBase(Generic[HttpClient, Transport, Result]):
    """The calls of a client, its options and its connections.

    A subclass sets the httpx classes that it accepts (`_kinds`: client and transport), its own transport of
    `smsmanager.transport`, its exchange, and how it runs the plan of a call.
    """

    _kinds: ClassVar[tuple[type[Any], type[Any]]]
    _transport_name: ClassVar[str]
    _exchange: ClassVar[type[Any]]
    _run: Callable[..., Result]

    def __init_subclass__(cls) -> None:
        """Hide the locals of every call. An asynchronous client's calls become coroutine functions."""
        if ClientBase in cls.__bases__:
            waits = inspect.iscoroutinefunction(cls._run)
            for name, call in vars(ClientBase).items():
                # The other public functions are decorated where they are defined.
                if inspect.isfunction(call) and name[0] != "_" and not hasattr(call, "__wrapped__"):
                    setattr(cls, name, hides_locals(call, waits=waits))

    @hides_locals
    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        http_client: HttpClient | None = None,
        proxy: str | httpx.Proxy | None = None,
        verify: ssl.SSLContext | bool = True,
        transport: Transport | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        self._settings = Settings.complete(api_key, base_url, options)
        given = {
            "http_client": http_client,
            "transport": transport,
            "proxy": proxy,
            "verify": None if verify is True else verify,
        }
        self._connections = Connections(self.base_url, self._kinds, self._transport_name, given)
        self._is_copy = False

    @property
    def base_url(self) -> str:
        """Root URL of the API."""
        return self._settings.base_url

    @property
    def raw(self) -> AuthenticatedClient:
        """The generated client, for calling the functions of `smsmanager_jsonapi.api`.

        Its requests carry the key, follow no redirects, keep the limits, and raise the same errors as the
        methods of this client; nothing is checked, split or repeated. In a traceback with local variables,
        the frames of those functions show what you passed. Use only functions of the client's own kind,
        blocking or asynchronous.
        """
        exchange = self._exchange(self._connections, self._settings)
        # The user's code calls it directly.
        exchange.request = hides_locals(exchange.request)
        client: AuthenticatedClient = exchange
        return client

    @hides_locals
    def with_options(self, **changes: Unpack[ClientOptions]) -> Self:
        """Return a light copy with other options; it shares the connections and never closes them.

        Args:
            **changes: Any of `ClientOptions`.

        Raises:
            ConfigurationError: If a value cannot be used, or an extra is missing.
        """
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin._settings = self._settings.changed(changes)
        twin._is_copy = True
        return twin

    @overload
    def send(
        self, message: str | None = None, /, *, to: To, **fields: Unpack[SendFields]
    ) -> Result: ...
    @overload
    def send(
        self, message: Message, /, *, to: To = ..., **fields: Unpack[SendFields]
    ) -> Result: ...
    def send(self, message: Any = None, /, *_others: Any, **fields: Any) -> Result:
        """Send one message to any number of recipients.

        Up to ten recipients take one request; more take as few batch requests as possible.

        Args:
            message: The text, at most 1000 characters, or a whole `Message`, whose fields the keywords
                replace. None when the steps of `flow` bring their own text.
            to: By keyword: `to="+420 777 123 456"`, a `Recipient`, or a list. A number given twice gets two.
            **fields: Any of these. None means unset, and only what is set is sent.

                - sender: A name (of at most 11 characters for an SMS), a virtual number without `+`, or an
                  alias of the account. Steps of `flow` without a sender use it.
                - flow: Channels to try, in order: `[Viber(...), Sms(...)]`. Unset means one plain SMS.
                - tag: Groups messages. `"transactional"` and `"priority"` choose a queue; unset means
                  promotional, which some destinations get only from 8:00 to 20:00.
                - at: When to send: an aware datetime, or an ISO 8601 string with an offset. Sent as UTC; a
                  time up to one minute ahead means now.
                - window: Days and hours in which to send: `{"days": ["monday"], "start": "08:00",
                  "end": "20:00"}`, in the IANA zone `"tz"`, or UTC if unset.
                - callback: Where webhooks of this message go: a URL, a `Callback`, or an object that makes a
                  URL per message, such as `smsmanager.webhooks.CallbackSigner`.
                - payload: A JSON object that every webhook of the message repeats.
                - params: `{"_url": ...}` shortens links, `{"_incoming": ...}` handles replies.
                - reference: Your own id for the message, such as `"order-17"`. It is sent in `payload`, and
                  comes back in results, errors and every webhook.
                - priority: Whether to use the queue for one-time codes, ten recipients per request.
                - deadline_s: Time limit for this call in seconds, including all its requests and waits.

        Returns:
            A `SendResult`: one outcome per recipient, in the order given. *Accepted* is not yet delivered.

        Raises:
            ValidationError: If the message is refused locally; nothing was sent.
            OutcomeUnknownError: If the answer was lost: do not repeat the call, `settle` asks about it.
            SmsManagerError: If a request failed; its `result` says what is known about each recipient.

        Source: SmsManager API reference, "Send a message" and "Send a batch of messages".
        """
        if _others:
            raise TypeError("Pass the recipients by keyword: send(text, to=...). Nothing was sent.")
        deadline_s, reference = fields.pop("deadline_s", None), fields.get("reference")
        return self._call(deadline_s, reference, prepare_send, message, fields)

    @overload
    def send_priority(
        self, message: str | None = None, /, *, to: To, **fields: Unpack[TimedFields]
    ) -> Result: ...
    @overload
    def send_priority(
        self, message: Message, /, *, to: To = ..., **fields: Unpack[TimedFields]
    ) -> Result: ...
    def send_priority(self, message: Any = None, /, *_others: Any, **fields: Any) -> Result:
        """Send through the priority queue, for one-time codes; see `send`."""
        fields["priority"] = True
        return self.send(message, *_others, **fields)

    def send_batch(
        self, messages: Iterable[Message], /, *, deadline_s: float | None = None
    ) -> Result:
        """Send any number of messages, each to any number of recipients.

        Args:
            messages: `Message` objects, for instance from `compose`.
            deadline_s: Time limit for this call in seconds, including all its requests and waits.

        Returns:
            One outcome per recipient, in the order of the messages and their recipients.

        Raises:
            ValidationError: If a message is refused locally; nothing was sent.
            SmsManagerError: If a request failed; its `result` says what is known about each recipient.

        Source: SmsManager API reference, "Send a batch of messages".
        """
        return self._call(deadline_s, None, prepare_batch, messages)

    def send_simple(
        self, body: str, *, to: str | Recipient, **fields: Unpack[SimpleFields]
    ) -> Result:
        """Send one plain SMS by form.

        Args:
            body: The text.
            to: The one recipient.
            **fields: `sender` (this operation requires one, here or on the client), `gateway` (unset lets the
                service choose), `at` (an aware datetime, or an ISO 8601 string with an offset), `custom_id`
                (comes back in webhooks as `payload.customID`, and on the result as `reference`), and
                `deadline_s` (the time limit for this call in seconds).

        Returns:
            One outcome.

        Raises:
            ValidationError: If the message is refused locally; nothing was sent.
            SmsManagerError: If the request failed.

        Source: SmsManager API reference, "Send a simple message".
        """
        deadline_s, reference = fields.pop("deadline_s", None), fields.get("custom_id")
        return self._call(deadline_s, reference, prepare_simple, body, to, fields)

    def resume(
        self,
        failed: SmsManagerError | SendResult,
        /,
        *,
        resend_unknown: bool = False,
        deadline_s: float | None = None,
    ) -> Result:
        """Continue a call that did not reach every recipient.

        Sends only to recipients that were certainly not accepted: *not sent* and *rejected*.

        Args:
            failed: The error of the call, or its result.
            resend_unknown: Whether to send to *unknown* and *unconfirmed* recipients as well. They may get
                the message twice; nothing else in this library repeats them.
            deadline_s: Time limit for this call in seconds.

        Returns:
            One outcome per recipient of the first call, including the outcomes that stay as they were.

        Raises:
            ConfigurationError: If the first call failed before it had recipients, or the result was read
                from JSON; nothing was sent.
            SmsManagerError: If a request failed again; its `result` covers every recipient, and can be
                resumed in turn.
        """
        result = failed.result if isinstance(failed, SmsManagerError) else failed
        if result is None or result.prepared is None:
            raise ConfigurationError(
                "There is nothing to resume: the call failed before it had recipients, or the result "
                "was read from JSON, which keeps no messages. Nothing was sent."
            )
        again = CERTAINLY_NOT_TAKEN | (PERHAPS_TAKEN if resend_unknown else frozenset())
        positions = [outcome.index for outcome in result if outcome.status in again]
        return self._start(result.prepared, deadline_s, result, positions)

    def settle(
        self, failed: SmsManagerError | SendResult, /, **options: Unpack[SettleOptions]
    ) -> Result:
        """Ask the service about *unknown* and *unconfirmed* recipients; see `Service.settle`."""
        service: Any = self.service  # type: ignore[attr-defined]
        return service.settle(failed, **options)  # type: ignore[no-any-return]

    def _call(
        self,
        deadline_s: float | None,
        reference: object,
        prepare: Callable[..., Prepared],
        *arguments: Any,
    ) -> Result:
        try:
            prepared = prepare(*arguments, self._settings)
        except SmsManagerError as error:
            # The reference that the message would have had identifies it.
            if isinstance(reference, str) and reference:
                error.references = (reference,)
            raise
        return self._start(prepared, deadline_s)

    def _start(
        self,
        prepared: Prepared,
        deadline_s: float | None,
        earlier: SendResult | None = None,
        positions: Sequence[int] | None = None,
    ) -> Result:
        """Carry out the plan of a call."""
        settings = self._settings
        limit_s = settings.deadline_s if deadline_s is None else checked_deadline(deadline_s)
        deadline_at = math.inf if limit_s is None else time.monotonic() + limit_s
        steps = plan(prepared, settings, time.monotonic, deadline_at, earlier, positions)
        if settings.observer is not None:
            steps = call_hook(settings.observer.sending, steps, prepared, self.base_url) or steps
        return self._run(steps, self._exchange(self._connections, settings, deadline_at))

    def __repr__(self) -> str:
        """Show the base URL, never the key."""
        # A traceback can show a client whose options were refused, and which has no settings.
        settings = self.__dict__.get("_settings")
        shown = "" if settings is None else f"base_url={settings.base_url!r}"
        return f"{type(self).__name__}({shown})"

    def __getstate__(self) -> NoReturn:
        """Refuse `pickle` and `copy`: a pickle would hold the key in readable form; see `with_options`."""
        raise TypeError(NOT_PICKLED)
