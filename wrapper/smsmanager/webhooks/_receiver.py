"""`WebhookReceiver`: one HTTP request in, one answer out, with any framework."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Literal, TypeVar, get_args

import anyio.to_thread
import attrs

from smsmanager.errors import ConfigurationError
from smsmanager.webhooks._events import Event
from smsmanager.webhooks._handlers import Handlers, Work
from smsmanager.webhooks._parse import MAX_BODY_BYTES, parse_webhook
from smsmanager.webhooks._trust import RefusedError, Trust, check_events, header, not_trusted
from smsmanager.webhooks._webhook_body import FORM
from smsmanager.webhooks._webhook_errors import WebhookParseError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from smsmanager.webhooks._callbacks import CallbackSigner
    from smsmanager.webhooks._handlers import Handler, OnError
    from smsmanager.webhooks._signatures import Secrets
    from smsmanager.webhooks._trust import Headers
    from smsmanager.webhooks.tracker import DeliveryTracker

METHODS = ("GET", "PATCH", "POST", "PUT")
"""The methods that a callback can set (SmsManager API reference, "Send a message")."""
_logger = logging.getLogger("smsmanager.webhooks")
_EVERY_KIND: tuple[type[Event], ...] = get_args(Event)
AnyHandler = TypeVar("AnyHandler", bound="Handler")


@attrs.frozen
class Response:
    """The answer to one request.

    Call `finish()`, or `await afinish()`, after the answer was sent: with `acknowledge="before"`, this runs
    the handlers. With `acknowledge="after"`, they have already run.

    Attributes:
        status: 204 accepted, 400 no readable events, 401 not trusted, 405 wrong method, 413 too large, 500 a
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
            except Exception as error:  # noqa: BLE001 - the answer was sent: nothing can catch it
                _store_failed(error)

    async def afinish(self) -> None:
        """Run the handlers that have not run yet; see `finish`."""
        if self._work is not None:
            try:
                await self._work.arun()
            except Exception as error:  # noqa: BLE001 - the answer was sent: nothing can catch it
                _store_failed(error)


class WebhookReceiver:
    """Checks, reads and answers webhook requests, and calls handlers.

        receiver = WebhookReceiver(callbacks=CallbackSigner(url, secret))

        @receiver.on(DeliveryReport)
        def report(event: DeliveryReport) -> None: ...

    Args:
        signature_secrets: Secrets of `X-Request-Signature`: the API key's callback secret, and its successor
            during a rotation. A request without a valid signature is refused.
        callbacks: Signer of the callback URLs. A request is refused if its URL has no valid token, or if an
            event is about a message that the token does not allow.
        basic_auth: User and password of your URL at the service, as `"user:password"`; several during a
            rotation. A signer whose base contains them checks them itself. If you pass several of these three
            checks, a request must pass all of them.
        insecure: Whether to start without any of these checks, so that anyone can report anything.
        acknowledge: `"before"` answers first and then runs the handlers; if one fails, the event is lost for
            it. `"after"` runs them first and answers 500 if one fails, so that the service repeats the event.
        tracker: Records every event before the answer is sent.
        once: Whether each handler gets each event only once, even if it is delivered again or to another
            process. Needs a tracker with a store that the processes share.
        on_error: Called with the event and the exception of a failed handler.
        max_body_bytes: Maximum bytes of a body.

    Raises:
        ConfigurationError: If there is no check and `insecure` is False, or an option is invalid.
    """

    def __init__(  # noqa: PLR0913 - options, by name only
        self,
        *,
        signature_secrets: Secrets | None = None,
        callbacks: CallbackSigner | None = None,
        basic_auth: Secrets | None = None,
        insecure: bool = False,
        acknowledge: Literal["before", "after"] = "before",
        tracker: DeliveryTracker | None = None,
        once: bool = False,
        on_error: OnError | None = None,
        max_body_bytes: int = MAX_BODY_BYTES,
    ) -> None:
        self._trust = Trust(signature_secrets, callbacks, basic_auth, insecure=insecure)
        if acknowledge not in {"before", "after"}:
            raise ConfigurationError('acknowledge must be "before" or "after"')
        if once and tracker is None:
            raise ConfigurationError("once=True needs a tracker, which records the handled events.")
        if max_body_bytes < 1:
            raise ConfigurationError("max_body_bytes must be a positive number of bytes")
        self._acknowledge = acknowledge
        self._tracker = tracker
        self._once = once
        self._on_error = on_error
        self._handlers = Handlers()
        self.max_body_bytes = max_body_bytes

    def __repr__(self) -> str:
        """Show no secret."""
        return f"WebhookReceiver(checks={self._trust!r}, acknowledge={self._acknowledge!r})"

    def on(self, *kinds: type[Event]) -> Callable[[AnyHandler], AnyHandler]:
        """Register the decorated function for some classes of events, or for all if none is named.

        The function is called with the event. `async def` works with `ahandle`, and so with the adapters for
        Starlette and FastAPI and with Django's asynchronous view; there, blocking functions run in a thread.

        Raises:
            ConfigurationError: If one is not a class of events.
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
            headers: The headers, with names in any case.
            query: The raw query string.
            body: The raw body. Read at most `max_body_bytes + 1` bytes: a longer body is refused.

        Returns:
            The answer. Call its `finish()` after it was sent.

        Raises:
            ConfigurationError: If a handler is asynchronous.
        """
        if self._handlers.any_async:
            raise ConfigurationError(
                "A webhook handler is asynchronous, but this receiver was called from blocking code. Use an "
                "asynchronous adapter, or ahandle()."
            )
        try:
            trusted = self._trusted(method, headers, query, body)
            self._track(trusted)
            work = self._work(trusted)
            if self._acknowledge == "after":
                work.run()
        except RefusedError as refused:
            return _refusal(refused.status, str(refused), refused.headers)
        except Exception as error:  # noqa: BLE001 - a store may raise anything
            return _store_failed(error)
        return self._answer(method, trusted, work)

    async def ahandle(
        self, method: str, headers: Headers, query: str | bytes, body: bytes
    ) -> Response:
        """Handle one request with blocking and asynchronous handlers; see `handle`, `Response.afinish`."""
        try:
            trusted = self._trusted(method, headers, query, body)
            if self._tracker is not None:
                await anyio.to_thread.run_sync(self._track, trusted)
            work = self._work(trusted)
            if self._acknowledge == "after":
                await work.arun()
        except RefusedError as refused:
            return _refusal(refused.status, str(refused), refused.headers)
        except Exception as error:  # noqa: BLE001 - a store may raise anything
            return _store_failed(error)
        return self._answer(method, trusted, work)

    def _trusted(self, method: str, headers: Headers, query: str | bytes, body: bytes) -> _Trusted:
        """Return the events of a trusted request; raise `RefusedError` for any other."""
        method = method.upper()
        if method not in METHODS:
            raise RefusedError(
                405, "Webhooks do not use this method.", {"allow": ", ".join(METHODS)}
            )
        if max(len(body), len(query)) > self.max_body_bytes:
            raise RefusedError(413, "The body is too large.")
        reference = self._trust.reference(headers, query, body)
        is_in_query = method == "GET" and not body.strip()
        try:
            events = parse_webhook(
                self._trust.event_fields(query) if is_in_query else body,
                max_bytes=self.max_body_bytes,
                content_type=FORM if is_in_query else header(headers, "content-type"),
            )
        except WebhookParseError:
            raise RefusedError(400, "There are no readable webhook events.") from None
        check_events(events, reference)
        return _Trusted(events, reference)

    def _track(self, trusted: _Trusted) -> None:
        if self._tracker is None:
            return
        if trusted.reference is not None:
            handlers = len(self._handlers) if self._once else 0
            objection = self._tracker.objection(
                trusted.reference, trusted.events, handlers=handlers
            )
            if objection is not None:
                raise not_trusted(objection)
        self._tracker.apply(*trusted.events)

    def _work(self, trusted: _Trusted) -> Work:
        tracker = self._tracker if self._once else None
        calls = self._handlers.calls(trusted.events)
        return Work(calls, tracker, self._on_error, trusted.reference)

    def _answer(self, method: str, trusted: _Trusted, work: Work) -> Response:
        if work.failed:
            return _refusal(500, "A handler failed; send the events again.")
        if work.busy:
            return _refusal(503, "An event is being handled; send the events again.")
        left = work if self._acknowledge == "before" else None
        # If a proxy answered the next GET from its cache, events would be lost.
        headers = {"cache-control": "no-store"} if method.upper() == "GET" else {}
        return Response(204, headers, b"", tuple(trusted.events), left)


@attrs.frozen
class _Trusted:
    """Trusted events, and the one reference that they are about; None for any."""

    events: list[Event] = attrs.field(repr=False)
    reference: str | None = attrs.field(repr=False)


def _store_failed(error: Exception) -> Response:
    # The message of a database error can contain parameters.
    _logger.error("The tracker's store failed with %s.", type(error).__name__)
    return _refusal(503, "The events could not be stored; send them again.")


def _refusal(status: int, text: str, headers: Mapping[str, str] | None = None) -> Response:
    kind = {"content-type": "text/plain; charset=utf-8"}
    return Response(status, {**kind, **(headers or {})}, text.encode())
