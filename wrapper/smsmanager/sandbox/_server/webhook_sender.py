"""Send one webhook over HTTP, and say what became of it."""

from __future__ import annotations

import asyncio
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

    Args:
        engine: Where the result of each is recorded.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._clients: dict[str, httpx.AsyncClient] = {}
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
        for client in self._clients.values():
            await client.aclose()

    async def send(self, delivery: Delivery, *, by_hand: bool) -> None:
        """Make one attempt, and record it.

        Args:
            delivery: What to send.
            by_hand: Whether somebody requested it.
        """
        at = self._engine.clock.now()
        started = time.perf_counter()
        status: int | None = None
        error: str | None = None
        blocked = False
        try:
            url = httpx.URL(delivery.target.url)
            if not self._is_allowed(url.host):
                blocked, error = True, "the host is neither loopback nor allowed"
            else:
                async with self._at_once, asyncio.timeout(delivery.target.timeout_s):
                    status = await self._exchange(delivery, url)
        except TimeoutError:
            error = "no answer in time"
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as failure:
            error = f"{type(failure).__name__}: the request failed"
        except asyncio.CancelledError:
            error = "the sandbox was stopped"
            raise
        finally:
            latency_ms = (time.perf_counter() - started) * 1000
            attempt = Attempt(at, status, error, round(latency_ms, 1), by_hand)
            self._engine.settle(delivery, attempt, blocked=blocked)

    def _is_allowed(self, host: str) -> bool:
        return is_loopback(host.lower()) or host in self._engine.settings.callback_hosts

    async def _exchange(self, delivery: Delivery, url: httpx.URL) -> int:
        account = self._engine.accounts.of(delivery.key_fingerprint)
        _, content = delivery.content()
        headers = delivery.headers(account.secret)
        if delivery.target.method == "GET":
            query = b"&".join(filter(None, (url.query, content)))
            url, content = url.copy_with(query=query), b""
            del headers["Content-Type"]
        async with self._client(url.scheme).stream(
            delivery.target.method, url, content=content or None, headers=headers
        ) as response:
            size = 0
            async for chunk in response.aiter_raw():
                # Read so that the connection can be used again, but not without end.
                size += len(chunk)
                if size > _MAX_ANSWER_BYTES:
                    break
            return response.status_code

    def _client(self, scheme: str) -> httpx.AsyncClient:
        """Return the client of a scheme: only HTTPS has to read the trusted certificates."""
        client = self._clients.get(scheme)
        if client is None:
            bare = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            client = httpx.AsyncClient(
                verify=True if scheme == "https" else bare,
                follow_redirects=False,
                trust_env=False,
                timeout=None,  # noqa: S113 - the whole exchange has one
            )
            self._clients[scheme] = client
        return client
