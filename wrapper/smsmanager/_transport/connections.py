"""The transport or httpx client of a client, bound to one process and one event loop."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from contextvars import ContextVar, Token
from importlib import import_module
from typing import TYPE_CHECKING, Any

from smsmanager._transport.environment import proxy_for, trust, usable_proxy
from smsmanager.errors import ConfigurationError

if TYPE_CHECKING:
    import httpx

# CONNECT asks a proxy for a tunnel; 5 and 1 begin the two handshakes with a SOCKS proxy.
_TO_A_PROXY = (b"CONNECT ", b"\x05", b"\x01")


class Attempt:
    """One attempt to carry one request over the streams of `smsmanager.transport`.

    Attributes:
        deadline_at: When it must end, by `time.monotonic`.
        left: Whether bytes of the request were written: True if they were, False if they certainly were not,
            None if no such stream took part (a mock, or a transport of another kind).
    """

    __slots__ = ("deadline_at", "left")

    def __init__(self, deadline_at: float = math.inf) -> None:
        self.deadline_at = deadline_at
        self.left: bool | None = None

    def bounded(
        self, timeout: float | None, error: type[Exception], addresses: int = 1
    ) -> float | None:
        """Return the timeout of a step, one of `addresses` that share the time left for the call.

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

    def end(self, token: Token[Attempt]) -> None:
        """End the attempt, even for tasks that a caller-supplied hook started during it."""
        self.deadline_at = math.inf
        current_attempt.reset(token)

    def writes(self, data: bytes) -> None:
        """Record that bytes are about to be written. Opening a tunnel through a proxy does not count."""
        self.left = self.left or not data.startswith(_TO_A_PROXY)


current_attempt: ContextVar[Attempt] = ContextVar("current_attempt", default=Attempt())  # noqa: B039
"""The attempt that this thread or task carries. All other requests of a caller-supplied client share one,
whose `left` is meaningless."""


class Connections:
    """One transport or httpx client, shared by a client and its copies.

    Attributes:
        http_client: A caller-supplied httpx client, or None.
        plain: Whether no caller-supplied code takes part, because the transport is created here.
    """

    def __init__(
        self, make: Callable[[], Any] | None, http_client: Any = None, *, plain: bool = False
    ) -> None:
        self.http_client = http_client
        self.plain = plain
        self._make = make
        self._process = os.getpid()
        self._closed = False
        self._loop: object = None
        self._used: Any = http_client if make is None else make()

    def transport(self) -> Any:
        """Return the transport to send with, or the httpx client; refuse a closed or an inherited one."""
        if self._process != os.getpid():
            self._start_anew()
        if self._closed or (self.http_client is not None and self.http_client.is_closed):
            raise ConfigurationError("This client is closed. Nothing was sent; create a new one.")
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

    def _start_anew(self) -> None:
        if self._make is None or not self.plain:
            raise ConfigurationError(
                "http_client or transport was created before this process was forked, and two processes "
                "cannot share its connections. Nothing was sent; create a new client in each process."
            )
        # Inherited connections are dropped, not closed: another thread may have held one of their locks when
        # the process forked, and closing them would wait forever.
        self._used = self._make()
        self._process = os.getpid()
        self._loop = None

    def enter_loop(self) -> None:
        """Refuse a second event loop: connections belong to the loop in which they were opened."""
        loop = _running_loop()
        if self._loop is None:
            self._loop = loop
        elif self._loop != loop:
            raise ConfigurationError(
                "This client was used in another event loop, to which its connections belong. Nothing was "
                "sent; create a client in each event loop."
            )

    def take(self) -> list[Any]:
        """Mark as closed; return the transports that the caller must close."""
        if self._make is None or self._closed:
            return []
        self._closed = True
        return [self._used] if self._process == os.getpid() else []


def _running_loop() -> object:
    import anyio.lowlevel  # noqa: PLC0415 - httpcore loads it just as late

    return anyio.lowlevel.current_token()


def connections_of(
    base_url: str,
    kinds: tuple[type[Any], type[Any]],
    name: str,
    *,
    http_client: object,
    transport: object,
    proxy: str | httpx.Proxy | None,
    verify: Any,
) -> Connections:
    """Return the connections of a new client.

    `kinds` are the classes of an httpx client and a transport; `name` is the transport created here.
    """
    given: dict[str, object] = {
        "http_client": http_client,
        "transport": transport,
        "proxy": proxy,
        "verify": None if verify is True else verify,
    }
    first, *ignored = [name for name, value in given.items() if value is not None] or [""]
    if first in {"http_client", "transport"}:
        kind = kinds[first == "transport"]
        if not isinstance(given[first], kind):
            raise ConfigurationError(
                f"{first} must be an httpx.{kind.__name__}. To send over another library, such as aiohttp, "
                "pass an httpx client that does so as http_client."
            )
        if ignored:
            text = f"{', '.join(ignored)} cannot be used with {first}: set it on the {first} itself"
            raise ConfigurationError(text)
        return Connections(None if transport is None else lambda: transport, http_client)
    used = proxy_for(base_url) if proxy is None else usable_proxy(proxy, "proxy")
    # This loads httpcore, which a caller's own transport may not need.
    make = getattr(import_module("smsmanager.transport"), name)
    return Connections(lambda: make(verify=trust(verify=verify), proxy=used), plain=True)
