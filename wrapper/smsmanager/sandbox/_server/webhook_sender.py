"""Send one webhook over HTTP, and report the result."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import time
from typing import TYPE_CHECKING, Self

import httpx

from smsmanager._config import is_loopback
from smsmanager.sandbox.engine.records.webhook_delivery import Attempt

if TYPE_CHECKING:
    from types import TracebackType

    from smsmanager.sandbox.engine.processing import Engine
    from smsmanager.sandbox.engine.records.webhook_delivery import Delivery

_MAX_ANSWER_BYTES = 65_536
_MAX_AT_ONCE = 32


class WebhookSender:
    """The HTTP side of webhooks, which go to loopback and the allowed hosts.

    A caller names address, method, headers and body. So that a sandbox which others reach is no way for
    them to the services of its machine, it sends to loopback only if that host is allowed.

    Args:
        engine: Where the result of each is recorded.
        to_loopback: Whether loopback is allowed.
    """

    def __init__(self, engine: Engine, *, to_loopback: bool) -> None:
        self._engine = engine
        self._to_loopback = to_loopback
        self._transports: dict[str, httpx.AsyncHTTPTransport] = {}
        self._at_once = asyncio.Semaphore(_MAX_AT_ONCE)

    async def __aenter__(self) -> Self:
        """Do nothing: most sandboxes never send a webhook."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connections."""
        for transport in self._transports.values():
            await transport.aclose()

    async def send(self, delivery: Delivery, *, by_hand: bool) -> None:
        """Make one attempt, and record it.

        Args:
            delivery: What to send.
            by_hand: Whether it was requested manually.
        """
        at = self._engine.clock.now()
        started = time.perf_counter()
        status: int | None = None
        error: str | None = None
        blocked = False
        try:
            url = httpx.URL(delivery.target.url)
            if not self._is_allowed(url.host):
                blocked = True
            else:
                async with self._at_once, asyncio.timeout(delivery.target.timeout_s):
                    status = await self._exchange(delivery, url)
        except TimeoutError:
            error = "no answer in time"
        except asyncio.CancelledError:
            error = "the sandbox was stopped"
            raise
        except Exception as failure:  # noqa: BLE001 - whatever a caller's address and headers lead to
            error = _cause(failure)
        finally:
            latency_ms = (time.perf_counter() - started) * 1000
            attempt = Attempt(at, status, error, round(latency_ms, 1), by_hand)
            self._engine.webhooks.settle(delivery, attempt, blocked=blocked)

    def _is_allowed(self, host: str) -> bool:
        if host in self._engine.settings.callback_hosts:
            return True
        return self._to_loopback and is_loopback(host)

    async def _exchange(self, delivery: Delivery, url: httpx.URL) -> int:
        account = self._engine.accounts.of(delivery.key_fingerprint)
        _, content = delivery.content()
        headers = delivery.headers(account.secret)
        if delivery.target.method == "GET":
            query = b"&".join(filter(None, (url.query, content)))
            url, content = url.copy_with(query=query), b""
            del headers["Content-Type"]
        request = httpx.Request(delivery.target.method, url, headers=headers, content=content)
        if url.userinfo:
            next(httpx.BasicAuth(url.username, url.password).auth_flow(request))
        response = await self._transport(url.scheme).handle_async_request(request)
        try:
            size = 0
            async for chunk in response.aiter_raw():
                # Read so that the connection can be used again, but not without end.
                size += len(chunk)
                if size > _MAX_ANSWER_BYTES:
                    break
            return response.status_code
        finally:
            await response.aclose()

    def _transport(self, scheme: str) -> httpx.AsyncHTTPTransport:
        """Return the connections of a scheme: only HTTPS has to read the trusted certificates.

        No client of httpx: it would log each address, which holds user, password and token, and with GET
        the numbers and texts of the event.
        """
        transport = self._transports.get(scheme)
        if transport is None:
            verify = _trusted() if scheme == "https" else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            transport = httpx.AsyncHTTPTransport(verify=verify, trust_env=False)
            self._transports[scheme] = transport
        return transport


def _trusted() -> ssl.SSLContext:
    """Return a context that trusts the authorities that the environment names, else the usual ones."""
    try:
        return httpx.create_ssl_context()
    except OSError:
        raise _UnreadableError(
            "the certificates that SSL_CERT_FILE or SSL_CERT_DIR names cannot be read"
        ) from None


class _UnreadableError(Exception):
    """Says which setting is wrong."""


def _cause(failure: BaseException) -> str:
    """Return why a request failed, without anything of its address, headers and body."""
    if isinstance(failure, _UnreadableError):
        return str(failure)
    chain = [failure]
    while (below := chain[-1].__cause__ or chain[-1].__context__) is not None:
        chain.append(below)
    for error in reversed(chain):
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"the certificate is not trusted: {error.verify_message}"
        if isinstance(error, ssl.SSLError):
            return f"TLS failed: {error.reason or 'the connection was closed'}"
        if isinstance(error, socket.gaierror):
            return "the host name cannot be resolved"
        if isinstance(error, OSError) and error.errno:
            return os.strerror(error.errno)
    return f"{type(failure).__name__}: the request failed"
