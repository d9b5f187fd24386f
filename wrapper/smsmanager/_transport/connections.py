"""The httpx client behind ours: made when needed, never shared with a forked child or another event loop."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import httpx
import sniffio

from smsmanager._cookies import NoCookies
from smsmanager.errors import ConfigurationError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

_ALSO_DECIDES = ("SSL_CERT_DIR", "SSLKEYLOGFILE")

_KNOWN = (httpx.HTTPTransport, httpx.AsyncHTTPTransport, httpx.MockTransport)

Http = TypeVar("Http", bound=httpx.Client | httpx.AsyncClient)


class Connections(Generic[Http]):
    """One httpx client, shared by a client of ours and its copies.

    Args:
        make: Makes an httpx client; None when the caller brought one.
        own: The caller's own.
        plain: Whether a request goes out once at most: over the caller's own transport it may be repeated.

    Attributes:
        plain: The same.
    """

    def __init__(
        self, make: Callable[[], Http] | None, own: Http | None = None, *, plain: bool = False
    ) -> None:
        self.plain = plain
        self._make: Callable[[], Http] | None = make
        self._process = os.getpid()
        self._closed = False
        self._loop: object = None
        # A forked child never touches what it inherited: another thread may have held a lock of it when the
        # process forked, and closing it would wait for ever.
        self._inherited: list[object] = []
        self._http: Http = own if make is None else make()  # type: ignore[assignment]

    @property
    def tells(self) -> bool:
        """Whether the kind of an error tells if the request was written.

        It does over the transports of httpx and httpx-aiohttp. Another one may repeat a request: what it
        raises at last says nothing of the first time.
        """
        if self.plain:
            return True
        mounted = getattr(self._http, "_mounts", {}).values()
        used = [getattr(self._http, "_transport", None), *filter(None, mounted)]
        return all(type(t) in _KNOWN or _package(type(t)) == "httpx_aiohttp" for t in used)

    @property
    def ours(self) -> bool:
        """Whether the httpx client was made here, and not brought by the caller."""
        return self._make is not None

    def http(self) -> Http:
        """Return the httpx client to send with.

        Raises:
            ConfigurationError: If it is closed, or belongs to the process that this one was forked from.
        """
        if self._process != os.getpid():
            self._start_anew()
        if self._closed or self._http.is_closed:
            raise ConfigurationError("This client is closed. Nothing was sent; make a new one.")
        return self._http

    def _start_anew(self) -> None:
        if self._make is None:
            raise ConfigurationError(
                "http_client was made before this process was forked, and two processes cannot share its "
                "connections. Nothing was sent; make a new client in each process."
            )
        self._inherited.append(self._http)
        self._http = self._make()
        self._process = os.getpid()

    def enter_loop(self) -> None:
        """Refuse a second event loop: connections belong to the one they were opened in.

        Raises:
            ConfigurationError: If this is not the event loop of the first call.
        """
        loop = _running_loop()
        if self._process != os.getpid():
            self._loop = None
        if self._loop is None:
            self._loop = loop
        elif self._loop is not loop:
            raise ConfigurationError(
                "This client was used in another event loop, which its connections belong to. Nothing was "
                "sent; make a client in each event loop."
            )

    def take(self) -> list[Http]:
        """Mark as closed; return what is to be closed."""
        if self._make is None or self._closed:
            return []
        self._closed = True
        if self._process != os.getpid():
            return []
        return [self._http]

    def __del__(self) -> None:
        """Close quietly what nobody closed; what cannot be closed here is left to the event loop's end."""
        with suppress(Exception):
            for http in self.take():
                if isinstance(http, httpx.Client):
                    http.close()
                elif self._loop is not None and self._loop is _running_loop():
                    _close_soon(http)


def is_over_aiohttp(http: object) -> bool:
    """Tell whether an httpx client sends over httpx-aiohttp."""
    # A client of the caller's own can be httpx's with aiohttp's transport.
    kinds = (type(http), type(getattr(http, "_transport", None)))
    return "httpx_aiohttp" in {_package(base) for kind in kinds for base in kind.__mro__}


def _package(kind: type[object]) -> str:
    return kind.__module__.partition(".")[0]


def made_here(kind: type[Http], *, verify: ssl.SSLContext | bool, **options: Any) -> Http:
    """Return an httpx client of ours: it shares what it trusts, and keeps no cookies.

    Args:
        kind: Its class.
        verify: As the caller gave it.
        **options: What else it takes.
    """
    return kind(verify=trusted(verify=verify), cookies=NoCookies(), **options)


def trusted(*, verify: ssl.SSLContext | bool) -> ssl.SSLContext | bool:
    """Return what decides about certificates: one context for all clients, where httpx would read its own.

    Reading the bundle of authorities takes some 30 ms, nearly all the time that making a client takes.

    Args:
        verify: As the caller gave it.
    """
    if verify is not True:
        return verify
    bundle = Path(os.environ.get("SSL_CERT_FILE", ""))
    # A bundle that was renewed is read anew.
    changed_ns = bundle.stat().st_mtime_ns if bundle.is_file() else 0
    # A forked child reads its own: it takes nothing over that another thread may have been using.
    return _context(os.getpid(), bundle, changed_ns, *map(os.environ.get, _ALSO_DECIDES))


@lru_cache(maxsize=4)
def _context(*_decides: object) -> ssl.SSLContext:
    return httpx.create_ssl_context()


# A task that nobody holds can be collected before it has run.
_closing: set[object] = set()


def _close_soon(http: httpx.AsyncClient) -> None:
    """Close a client from inside its event loop, without waiting."""
    if sniffio.current_async_library() == "trio":
        import trio  # noqa: PLC0415 - it is running, so it is there

        trio.lowlevel.spawn_system_task(http.aclose)
        return
    import asyncio  # noqa: PLC0415 - a blocking client does without it

    task = asyncio.get_running_loop().create_task(http.aclose())
    _closing.add(task)
    task.add_done_callback(_closing.discard)


def _running_loop() -> object:
    if sniffio.current_async_library() == "trio":
        import trio  # noqa: PLC0415 - it is running, so it is there

        return trio.lowlevel.current_trio_token()
    import asyncio  # noqa: PLC0415 - a blocking client does without it

    return asyncio.get_running_loop()
