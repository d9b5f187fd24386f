"""`WebhookReceiver`: one HTTP request in, one answer out, with any framework."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar, get_args

import anyio.to_thread
import attrs

from smsmanager.errors import ConfigurationError
from smsmanager.webhooks._events import Event, UnknownEvent
from smsmanager.webhooks._handlers import Handlers, Work
from smsmanager.webhooks._parse import MAX_BODY_BYTES, parse_webhook
from smsmanager.webhooks._signatures import (
    SIGNATURE_HEADER,
    Secrets,
    secret_bytes,
    verify_signature,
)
from smsmanager.webhooks._webhook_errors import CallbackRefusedError, WebhookParseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from smsmanager.webhooks._callbacks import CallbackSigner
    from smsmanager.webhooks._handlers import Handler, OnError
    from smsmanager.webhooks.tracker import DeliveryTracker

    Headers: TypeAlias = Mapping[str, str] | Iterable[tuple[str | bytes, str | bytes]]

_logger = logging.getLogger("smsmanager.webhooks")
_EVERY_KIND: tuple[type[Event], ...] = get_args(Event)
AnyHandler = TypeVar("AnyHandler", bound="Handler")


@attrs.frozen
class Response:
    """What to answer.

    Call `finish()`, or `await afinish()`, once the answer is sent: that runs the handlers of a receiver with
    `acknowledge="before"`. With `acknowledge="after"` there is nothing left to run.

    Attributes:
        status: 204 accepted, 400 not JSON of events, 401 not trusted, 405 not a POST, 413 too large, 500 a
            handler failed, 503 the tracker's store failed or another process is handling the same event. The
            service repeats a request unless the status is 2xx.
        headers: Headers of the answer.
        body: A short text that quotes nothing from the request; empty for 204.
        events: The accepted events.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    events: tuple[Event, ...] = attrs.field(default=(), repr=False)
    _work: Work | None = attrs.field(default=None, repr=False)

    def finish(self) -> None:
        """Run the handlers that have not run yet; failures are logged and passed to `on_error`."""
        if self._work is not None:
            try:
                self._work.run()
            except Exception as error:  # noqa: BLE001 - the answer is sent: nobody is left to catch it
                _store_failed(error)

    async def afinish(self) -> None:
        """Run the handlers that have not run yet; see `finish`."""
        if self._work is not None:
            try:
                await self._work.arun()
            except Exception as error:  # noqa: BLE001 - the answer is sent: nobody is left to catch it
                _store_failed(error)


class WebhookReceiver:
    """Checks, reads and answers webhook requests, and calls handlers.

        receiver = WebhookReceiver(callbacks=CallbackSigner(url, secret))

        @receiver.on(DeliveryReport)
        def report(event: DeliveryReport) -> None: ...

    Args:
        signature_secrets: Secrets of `X-Request-Signature`: that of the API key, and its successor during a
            change. A request without a valid signature is refused.
        callbacks: Signer of the callback URLs. A request is refused if its URL has no valid token, or if an
            event is about a message that the token does not allow. With secrets, both must be valid.
        insecure: Whether to start with neither, so that anybody can report anything.
        acknowledge: `"before"` answers first and then runs the handlers; one that fails loses the event.
            `"after"` runs them first and answers 500 if one fails, so that the service repeats the event.
        tracker: Records every event before the answer is sent.
        once: Whether each handler gets each event only once, even if it is delivered again or to another
            process; needs a tracker, whose store the processes share.
        on_error: Called with the event and the exception of a handler that failed.
        max_body_bytes: Largest body that is read.

    Raises:
        ConfigurationError: If there is neither a signature secret nor a signer, or an option is invalid.
    """

    def __init__(
        self,
        *,
        signature_secrets: Secrets | None = None,
        callbacks: CallbackSigner | None = None,
        insecure: bool = False,
        acknowledge: Literal["before", "after"] = "before",
        tracker: DeliveryTracker | None = None,
        once: bool = False,
        on_error: OnError | None = None,
        max_body_bytes: int = MAX_BODY_BYTES,
    ) -> None:
        if signature_secrets is None and callbacks is None and not insecure:
            raise ConfigurationError(
                "This receiver would believe anybody. Pass signature_secrets= (the callback secret of your "
                "API key), or callbacks=CallbackSigner(...) and send with the same signer, or both; "
                "insecure=True starts without."
            )
        if acknowledge not in {"before", "after"}:
            raise ConfigurationError('acknowledge must be "before" or "after"')
        if once and tracker is None:
            raise ConfigurationError("once=True needs a tracker, which remembers what was handled.")
        if max_body_bytes < 1:
            raise ConfigurationError("max_body_bytes must be a positive number of bytes")
        self._secrets = None if signature_secrets is None else secret_bytes(signature_secrets)
        self._callbacks = callbacks
        self._acknowledge = acknowledge
        self._tracker = tracker
        self._once = once
        self._on_error = on_error
        self._handlers = Handlers()
        self.max_body_bytes = max_body_bytes

    def __repr__(self) -> str:
        """Show no secret."""
        found = (("signature", self._secrets), ("callbacks", self._callbacks))
        checks = [name for name, check in found if check]
        return f"WebhookReceiver(checks={checks}, acknowledge={self._acknowledge!r})"

    def on(self, *kinds: type[Event]) -> Callable[[AnyHandler], AnyHandler]:
        """Register the decorated function for classes of events; for every event if none is named.

        The function is called with the event. `async def` works with `ahandle`, that is, with the adapters
        for Starlette, FastAPI and Django's asynchronous view; there, blocking functions run in a thread.

        Raises:
            ConfigurationError: If one of them is not a class of events.
        """
        if unknown := [kind for kind in kinds if kind not in _EVERY_KIND]:
            raise ConfigurationError(f"{unknown[0]!r} is not a class of webhook events.")

        def register(function: AnyHandler) -> AnyHandler:
            self._handlers.add(function, kinds or _EVERY_KIND)
            return function

        return register

    def handle(self, method: str, headers: Headers, query: str | bytes, body: bytes) -> Response:
        """Handle one request, with blocking handlers.

        Args:
            method: The HTTP method.
            headers: Its headers, in any case.
            query: Its raw query string.
            body: Its raw body. Read at most `max_body_bytes + 1` bytes: a longer body is refused.

        Returns:
            The answer. Call its `finish()` once it is sent.

        Raises:
            ConfigurationError: If a handler is asynchronous.
        """
        if self._handlers.any_async:
            raise ConfigurationError(
                "A webhook handler is async, and this receiver was called from blocking code: use an "
                "asynchronous adapter, or ahandle()."
            )
        try:
            events = self._trusted(method, headers, query, body)
            self._track(events)
            work = self._work(events)
            if self._acknowledge == "after":
                work.run()
        except _RefusedError as refused:
            return refused.response
        except Exception as error:  # noqa: BLE001 - a store may raise anything
            return _store_failed(error)
        return self._answer(events, work)

    async def ahandle(
        self, method: str, headers: Headers, query: str | bytes, body: bytes
    ) -> Response:
        """Handle one request, with handlers of both kinds; see `handle`. Then `await response.afinish()`."""
        try:
            events = self._trusted(method, headers, query, body)
            if self._tracker is not None:
                await anyio.to_thread.run_sync(self._track, events)
            work = self._work(events)
            if self._acknowledge == "after":
                await work.arun()
        except _RefusedError as refused:
            return refused.response
        except Exception as error:  # noqa: BLE001 - a store may raise anything
            return _store_failed(error)
        return self._answer(events, work)

    def _trusted(
        self, method: str, headers: Headers, query: str | bytes, body: bytes
    ) -> list[Event]:
        """Return the events of a request that can be trusted; refuse any other with an exception."""
        if method.upper() != "POST":
            raise _RefusedError(405, "Webhooks are posted.", {"allow": "POST"})
        if len(body) > self.max_body_bytes:
            raise _RefusedError(413, "The body is too large.")
        if self._secrets is not None and not verify_signature(
            body, _header(headers, SIGNATURE_HEADER), self._secrets
        ):
            raise _not_trusted("its signature is missing or wrong")
        reference = None
        if self._callbacks is not None:
            try:
                reference = self._callbacks.verify(query).reference
            except CallbackRefusedError as error:
                raise _not_trusted(f"its callback token is {error.reason}") from None
        try:
            events = parse_webhook(body, max_bytes=self.max_body_bytes)
        except WebhookParseError:
            raise _RefusedError(400, "The body is not JSON of webhook events.") from None
        if reference is not None and not all(_is_about(event, reference) for event in events):
            raise _not_trusted("an event is about a message that its callback token does not allow")
        return events

    def _track(self, events: list[Event]) -> None:
        if self._tracker is not None:
            self._tracker.apply(*events)

    def _work(self, events: list[Event]) -> Work:
        tracker = self._tracker if self._once else None
        return Work(self._handlers.calls(events), tracker, self._on_error)

    def _answer(self, events: list[Event], work: Work) -> Response:
        if work.failed:
            return _refusal(500, "A handler failed; send it again.")
        if work.busy:
            return _refusal(503, "The same event is being handled; send it again.")
        left = work if self._acknowledge == "before" else None
        return Response(204, {}, b"", tuple(events), left)


class _RefusedError(Exception):
    """A request is refused, with this answer."""

    def __init__(self, status: int, text: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self.response = _refusal(status, text, headers)


def _header(headers: Headers, name: str) -> str | None:
    """Return the value of a header; None if it is missing, or appears twice."""
    pairs: Any = headers.items() if isinstance(headers, Mapping) else headers
    found = [value for key, value in pairs if _text(key).lower() == name.lower()]
    return _text(found[0]) if len(found) == 1 else None


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _is_about(event: Event, reference: str) -> bool:
    # An unknown event names no message, and changes no state.
    return isinstance(event, UnknownEvent) or getattr(event, "reference", None) == reference


def _not_trusted(reason: str) -> _RefusedError:
    _logger.warning("A webhook was refused: %s.", reason)
    return _RefusedError(401, "The request is not trusted.")


def _store_failed(error: Exception) -> Response:
    # The message of a database error can contain parameters.
    _logger.error("The tracker's store failed with %s.", type(error).__name__)
    return _refusal(503, "The events could not be stored; send them again.")


def _refusal(status: int, text: str, headers: Mapping[str, str] | None = None) -> Response:
    kind = {"content-type": "text/plain; charset=utf-8"}
    return Response(status, {**kind, **(headers or {})}, text.encode())
