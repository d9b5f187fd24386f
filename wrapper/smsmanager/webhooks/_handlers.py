"""Delivery of events to handlers; with `once=True`, each event only once."""

from __future__ import annotations

import inspect
import logging
import traceback
from collections import Counter
from typing import TYPE_CHECKING, Any, TypeAlias

import anyio
import anyio.to_thread
import attrs

from smsmanager.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from smsmanager.webhooks._events import Event
    from smsmanager.webhooks.tracker import DeliveryTracker

    Handler: TypeAlias = Callable[[Any], object]
    OnError: TypeAlias = Callable[[Event, Exception], object]

_logger = logging.getLogger("smsmanager.webhooks")


@attrs.frozen
class Registered:
    """A handler.

    Attributes:
        function: Called with an event; blocking or asynchronous.
        kinds: The classes of events that it gets.
        name: A unique name, the same after a restart.
        is_async: Whether to await its result.
    """

    function: Handler
    kinds: tuple[type, ...]
    name: str
    is_async: bool


@attrs.frozen
class Call:
    """One event for one handler."""

    handler: Registered
    event: Event = attrs.field(repr=False)

    @property
    def key(self) -> str:
        """The key of the claim with which the handler runs once for the event."""
        return f"{self.event.dedup_key}|{self.handler.name}"

    @property
    def earlier_key(self) -> str:
        """The key of the claim that an earlier version made."""
        key = getattr(self.event, "earlier_key", self.event.dedup_key)
        return f"{key}|{self.handler.name}"


@attrs.define
class Work:
    """The calls of one request, run once.

    Attributes:
        calls: The calls, in order.
        tracker: Claims the calls; None to run every call.
        on_error: Called with the event and the exception of each failed handler.
        reference: The reference under which calls are claimed; None if the sender may report on any message.
        failed: Calls whose handler raised.
        busy: Whether another process is running one of the calls.
    """

    calls: Sequence[Call]
    tracker: DeliveryTracker | None
    on_error: OnError | None
    reference: str | None = None
    failed: list[Call] = attrs.field(factory=list)
    busy: bool = False
    _begun: bool = False

    def run(self) -> None:
        """Call blocking handlers."""
        calls = self._begin()
        done: list[Call] = []
        try:
            for call in calls:
                try:
                    call.handler.function(call.event)
                except Exception as error:  # noqa: BLE001 - a handler may raise anything
                    self._note(call, error)
                else:
                    done.append(call)
        finally:
            self._end(calls, done)

    async def arun(self) -> None:
        """Call handlers of both kinds, blocking ones in a thread."""
        calls = await self._in_thread(self._begin)
        done: list[Call] = []
        try:
            for call in calls:
                try:
                    if call.handler.is_async:
                        await call.handler.function(call.event)
                    else:
                        await anyio.to_thread.run_sync(call.handler.function, call.event)
                except Exception as error:  # noqa: BLE001 - a handler may raise anything
                    self._note(call, error)
                else:
                    done.append(call)
        finally:
            with anyio.CancelScope(shield=True):
                await self._in_thread(self._end, calls, done)

    async def _in_thread(self, function: Callable[..., Any], *arguments: Any) -> Any:
        if self.tracker is None:
            return function(*arguments)
        return await anyio.to_thread.run_sync(function, *arguments)

    def _begin(self) -> Sequence[Call]:
        if self._begun:
            return ()
        self._begun = True
        if self.tracker is None or not self.calls:
            return self.calls
        calls = {call.key: call for call in self.calls}
        claims = self.tracker.claim(calls, reference=self.reference)
        self.busy = bool(claims.busy)
        won = {key: call for key, call in calls.items() if key in claims.won}
        handled = self._handled_earlier(won)
        return [call for key, call in won.items() if key not in handled]

    def _handled_earlier(self, won: Mapping[str, Call]) -> set[str]:
        """Settle the claims of calls that an earlier version has already handled; return their keys."""
        if self.tracker is None or not won:
            return set()
        settled = self.tracker.settled(call.earlier_key for call in won.values())
        handled = {key for key, call in won.items() if call.earlier_key in settled}
        if handled:
            self.tracker.settle(handled, reference=self.reference)
        return handled

    def _end(self, calls: Iterable[Call], done: Sequence[Call]) -> None:
        if self.tracker is None:
            return
        handled = {call.key for call in done}
        left = {call.key for call in calls} - handled
        if handled:
            self.tracker.settle(handled, reference=self.reference)
        if left:
            self.tracker.release(left, reference=self.reference)

    def _note(self, call: Call, error: Exception) -> None:
        self.failed.append(call)
        # The error's message may contain a number or a text; the lines of code do not.
        places = "".join(traceback.format_tb(error.__traceback__))
        _logger.error(
            "The webhook handler %s failed with %s; on_error= receives the error itself.\n%s",
            call.handler.name,
            type(error).__name__,
            places,
        )
        if self.on_error is not None:
            try:
                self.on_error(call.event, error)
            except Exception as second:  # noqa: BLE001 - must not stop the other handlers
                _logger.error("on_error failed with %s.", type(second).__name__)  # noqa: TRY400


class Handlers:
    """The registered handlers and the classes of events that each gets."""

    def __init__(self) -> None:
        self._registered: list[Registered] = []
        self._names: Counter[str] = Counter()

    def __len__(self) -> int:
        """Return the number of handlers."""
        return len(self._registered)

    @property
    def any_async(self) -> bool:
        """Whether any handler is asynchronous."""
        return any(handler.is_async for handler in self._registered)

    def add(self, function: Handler, kinds: tuple[type, ...]) -> None:
        """Register a function for classes of events.

        Raises:
            ConfigurationError: If it cannot be called.
        """
        if not callable(function):
            raise ConfigurationError("A webhook handler must be a function that takes an event.")
        own = getattr(function, "__qualname__", type(function).__name__)
        name = f"{getattr(function, '__module__', '')}.{own}"
        self._names[name] += 1
        if self._names[name] > 1:
            name = f"{name}#{self._names[name]}"
        is_async = inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
            getattr(function, "__call__", None)  # noqa: B004 - an object with an asynchronous call
        )
        self._registered.append(Registered(function, kinds, name, is_async))

    def calls(self, events: Iterable[Event]) -> list[Call]:
        """Return the calls for events, in the order of the events."""
        return [
            Call(handler, event)
            for event in events
            for handler in self._registered
            if isinstance(event, handler.kinds)
        ]
