"""The transport or httpx client of a client, bound to one process and one event loop."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from contextvars import ContextVar
from importlib import import_module
from typing import TYPE_CHECKING, Any, Self

from smsmanager._transport.environment import proxy_for, trust, usable_proxy
from smsmanager.errors import ConfigurationError

if TYPE_CHECKING:
    import httpx

# CONNECT asks a proxy for a tunnel; 5 and 1 begin the two handshakes with a SOCKS proxy.
_TO_A_PROXY = (b"CONNECT ", b"\x05", b"\x01")


class Attempt:
    """One attempt to send one request over the streams of `smsmanager.transport`, within a `with` block.

    Attributes:
        deadline_at: When it must end, by `time.monotonic`.
        left: Whether bytes of the request were written: True if they were, False if they certainly were not,
            None if no such stream took part (a mock, or a transport of another kind).
        answer: The answer, from the moment its head was read; None if there was none. Its body may be
            incomplete.
        error: The exception that ended the block, even after the head was read. It is stored, so that it does
            not become the context of the library's own error: its text may repeat what a peer echoed.
    """

    __slots__ = ("_token", "answer", "deadline_at", "error", "left")

    def __init__(self, deadline_at: float = math.inf) -> None:
        self.deadline_at = deadline_at
        self.left: bool | None = None
        self.answer: Any = None
        self.error: Exception | None = None

    def __enter__(self) -> Self:
        self._token = current_attempt.set(self)
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> bool:
        # It also ends for tasks that a caller-supplied hook started during it.
        self.deadline_at = math.inf
        current_attempt.reset(self._token)
        self.error = error if isinstance(error, Exception) else None
        return self.error is not None

    def bounded(
        self, timeout: float | None, error: type[Exception], addresses: int = 1
    ) -> float | None:
        """Return the timeout of a step: at most the time left for the call, shared by the `addresses` to try.

        From here on it is certain whether bytes were written, because a stream takes part. If no time
        is left, `error` is raised.
        """
        self.left = bool(self.left)
        if self.deadline_at == math.inf:
            return timeout
        remaining_s = (self.deadline_at - time.monotonic()) / addresses
        if remaining_s <= 0:
            raise error("the deadline passed")
        return remaining_s if timeout is None else min(timeout, remaining_s)

    def writes(self, data: bytes) -> None:
        """Record that bytes are about to be written. Opening a tunnel through a proxy does not count."""
        self.left = self.left or not data.startswith(_TO_A_PROXY)


current_attempt: ContextVar[Attempt] = ContextVar("current_attempt", default=Attempt())  # noqa: B039
"""The attempt that this thread or task is making. All other requests of a caller-supplied client share the
default one, whose `left` is meaningless."""


class Connections:
    """One transport or httpx client, shared by a client and its copies.

    Args:
        base_url: Where requests go, which decides about a proxy.
        kinds: The classes of an httpx client and a transport that can be given.
        name: The transport of `smsmanager.transport` that is created otherwise.
        given: The options that only a constructor takes; None if they were not given.

    Attributes:
        http_client: A caller-supplied httpx client, or None.
        plain: Whether no caller-supplied code takes part, because the transport is created here.
    """

    def __init__(
        self, base_url: str, kinds: tuple[type[Any], type[Any]], name: str, given: dict[str, Any]
    ) -> None:
        first, *ignored = [option for option, value in given.items() if value is not None] or [""]
        self.http_client = given["http_client"]
        self.plain = first not in {"http_client", "transport"}
        self._process = os.getpid()
        self._closed = False
        self._loop: object = None
        if self.plain:
            proxy, verify = given["proxy"], given["verify"]
            used = proxy_for(base_url) if proxy is None else usable_proxy(proxy, "proxy")
            # Loads httpcore, which a caller's own transport may do without.
            make = getattr(import_module("smsmanager.transport"), name)
            self._make: Callable[[], Any] = lambda: make(
                verify=trust(verify=verify is None or verify), proxy=used
            )
            self._used = self._make()
            return
        self._used = given[first]
        kind = kinds[first == "transport"]
        if not isinstance(self._used, kind):
            raise ConfigurationError(
                f"{first} must be an httpx.{kind.__name__}. To send over another library, such as aiohttp, "
                "pass an httpx client that does so as http_client."
            )
        if ignored:
            text = f"{', '.join(ignored)} cannot be used with {first}: set it on the {first} itself"
            raise ConfigurationError(text)

    def transport(self, loop: object = None) -> Any:
        """Return the transport to send with, or the httpx client; an asynchronous one for its event loop.

        Refuse a closed one, one that another process made, and a second event loop: connections belong to
        the one they were opened in.
        """
        if self._process != os.getpid():
            if not self.plain:
                raise ConfigurationError(
                    "http_client or transport was created before this process was forked, and two processes "
                    "cannot share its connections. Nothing was sent; create a new client in each process."
                )
            # Inherited connections are dropped, not closed: another thread may have held one of their locks
            # when the process forked, and closing them would wait forever.
            self._used, self._process, self._loop = self._make(), os.getpid(), None
        if self._closed or (self.http_client is not None and self.http_client.is_closed):
            raise ConfigurationError("This client is closed. Nothing was sent; create a new one.")
        if self._loop is None:
            self._loop = loop
        elif self._loop != loop:
            raise ConfigurationError(
                "This client was used in another event loop, to which its connections belong. Nothing was "
                "sent; create a client in each event loop."
            )
        return self._used

    def used_for(self, url: httpx.URL) -> tuple[object, bool]:
        """Return the transport for an address, and whether it can repeat requests unnoticed."""
        http = self.http_client
        if http is None:
            return self._used, False
        # httpx has no public name for it. Without it no error says "not sent", which is safe.
        transport = getattr(http, "_transport_for_url", lambda _: None)(url)
        # An authentication flow or a response hook can have sent the request before.
        return transport, http.auth is not None or any(http.event_hooks.get("response", ()))

    def take(self) -> list[Any]:
        """Mark as closed; return the transports that the caller must close."""
        if self.http_client is not None or self._closed:
            return []
        self._closed = True
        return [self._used] if self._process == os.getpid() else []
