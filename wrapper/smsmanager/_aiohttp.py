"""The httpx client that sends over aiohttp (extra `aiohttp`), which keeps cookies in a jar of its own."""

from __future__ import annotations

from typing import Any

from aiohttp import ClientSession, DummyCookieJar
from httpx_aiohttp import AiohttpTransport, HttpxAiohttpClient


class AiohttpClient(HttpxAiohttpClient):
    """Make the transports as `HttpxAiohttpClient` does, but let none keep cookies."""

    def _init_transport(self, *arguments: Any, **options: Any) -> Any:
        return _without_cookies(super()._init_transport(*arguments, **options))

    def _init_proxy_transport(self, *arguments: Any, **options: Any) -> Any:
        return _without_cookies(super()._init_proxy_transport(*arguments, **options))


def _without_cookies(transport: Any) -> Any:
    if isinstance(transport, AiohttpTransport):
        made_by_itself = transport.get_client

        def make() -> ClientSession:
            transport.client = None
            session = made_by_itself()
            connector = session.connector
            session.detach()
            return ClientSession(connector=connector, cookie_jar=DummyCookieJar())

        transport.client = make
    return transport
