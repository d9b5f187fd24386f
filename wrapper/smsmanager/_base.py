"""What both clients share: options, copies, preparing, and what must not be printed or pickled."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NoReturn, Self, TypeVar, Unpack

from smsmanager._config import ClientOptions, Settings, checked_deadline
from smsmanager._plan import CallPolicy, plan
from smsmanager._privacy import hides_locals
from smsmanager._transport.connections import connections_of
from smsmanager._transport.exchange import AsyncExchange, BlockingExchange
from smsmanager.errors import ConfigurationError, SmsManagerError
from smsmanager_jsonapi import AuthenticatedClient

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Generator, Sequence

    import httpx

    from smsmanager._message.wire_requests import Prepared, Request
    from smsmanager._transport.connections import Connections
    from smsmanager.results import SendResult, Status

Exchange = TypeVar("Exchange")
HttpClient = TypeVar("HttpClient")
Transport = TypeVar("Transport")


class ClientBase(Generic[HttpClient, Transport]):
    """Options and connections of a client.

    A subclass sets the httpx classes that it accepts (`_kinds`: client and transport), how it creates a
    transport, how it waits, and what `raw` sends with.
    """

    _kinds: ClassVar[tuple[type[Any], type[Any]]]
    _make_transport: Callable[..., Any]
    _sleep: Callable[[float], Any]
    _raw_exchange: ClassVar[type[BlockingExchange | AsyncExchange]]

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
        self._connections = connections_of(
            self.base_url,
            self._kinds,
            self._make_transport,
            http_client=http_client,
            transport=transport,
            proxy=proxy,
            verify=verify,
        )
        self._is_copy = False

    @property
    def base_url(self) -> str:
        """Root of the API."""
        return self._settings.base_url

    @property
    def raw(self) -> AuthenticatedClient:
        """The generated client, to call the functions of `smsmanager_jsonapi.api` with.

        Its requests carry the key, follow no redirect, are bounded, and raise like the methods here; nothing
        is checked, split or repeated. The frames of those functions, in a traceback with local variables,
        hold what you passed. Only the functions of this client's kind work with it: blocking or asynchronous.
        """
        is_blocking = issubclass(self._raw_exchange, BlockingExchange)
        exchange: Any = self._raw_exchange(self._connections, self._settings)
        refusing: Any = _RefusingExchange()
        low = AuthenticatedClient(base_url=self.base_url, token="")
        low.set_httpx_client(exchange if is_blocking else refusing)
        return low.set_async_httpx_client(refusing if is_blocking else exchange)

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

    def _prepared(
        self, reference: object, prepare: Callable[..., Prepared], *arguments: Any
    ) -> Prepared:
        """Return what is to be sent. An error names the message by the reference that it would have had."""
        try:
            return prepare(*arguments, self._settings)
        except SmsManagerError as error:
            if isinstance(reference, str) and reference:
                error.references = (reference,)
            raise

    def _rest(
        self, failed: SmsManagerError | SendResult, statuses: frozenset[Status]
    ) -> tuple[Prepared, SendResult, list[int]]:
        """Return what is needed to resume a call that did not reach every recipient.

        Args:
            failed: The result of the call, or the error that carries it.
            statuses: Which recipients to send to.

        Returns:
            What each recipient was to get, the result, and the positions of those to send to.

        Raises:
            ConfigurationError: If the result no longer knows what was to be sent.
        """
        result = failed.result if isinstance(failed, SmsManagerError) else failed
        if result is None or result.prepared is None:
            raise ConfigurationError(
                "There is nothing to go on with: the error came before there were recipients, or the result "
                "was read from JSON, which keeps no messages. Nothing was sent."
            )
        return result.prepared, result, [o.index for o in result if o.status in statuses]

    def _begin(
        self,
        exchange: Callable[[Connections, Settings, float], Exchange],
        prepared: Prepared,
        deadline_s: float | None,
        earlier: SendResult | None = None,
        positions: Sequence[int] | None = None,
    ) -> tuple[Generator[Request | float, Any, SendResult], Exchange]:
        """Return the plan of a call, and the exchange that carries its requests."""
        settings = self._settings
        limit_s = settings.deadline_s if deadline_s is None else checked_deadline(deadline_s)
        deadline_at = math.inf if limit_s is None else time.monotonic() + limit_s
        policy = CallPolicy(
            settings.retries, time.monotonic, deadline_at, settings.on_retry, settings.on_result
        )
        steps = plan(prepared, policy, earlier, positions)
        return steps, exchange(self._connections, settings, deadline_at)

    def __repr__(self) -> str:
        """Show the base URL, never the key."""
        # A traceback can show a client whose options were refused, and which has no settings.
        settings = self.__dict__.get("_settings")
        shown = "" if settings is None else f"base_url={settings.base_url!r}"
        return f"{type(self).__name__}({shown})"

    def __getstate__(self) -> NoReturn:
        """Refuse to be pickled: the key would be readable in the bytes."""
        text = "a client holds the API key and connections, so it is not pickled: make one in each process"
        raise TypeError(text)


class _RefusingExchange:
    """Refuses calls of the other kind; the generated client would make an httpx client of its own."""

    def request(self, **_: object) -> NoReturn:
        """Refuse."""
        raise ConfigurationError(
            "Nothing was sent: use the .raw of AsyncSmsManager for asynchronous functions, and that of "
            "SmsManager for blocking ones."
        )
