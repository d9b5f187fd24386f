"""Proxies and certificates named by the environment."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import getproxies, proxy_bypass

import httpx

from smsmanager._config import MAX_PORT, is_loopback
from smsmanager.errors import ConfigurationError

if TYPE_CHECKING:
    import ssl

_context = lru_cache(maxsize=4)(lambda *_decides: httpx.create_ssl_context())
_TRUST_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")


def proxy_for(base_url: str) -> httpx.Proxy | None:
    """Return the proxy that the environment names for an address; never one for this machine itself."""
    url = httpx.URL(base_url)
    if is_loopback(url.host):
        return None
    proxies = getproxies()
    address = proxies.get(url.scheme) or proxies.get("all")
    if not address or proxy_bypass(url.host):
        return None
    names = (f"{url.scheme}_proxy", "all_proxy")
    found = [name for name in os.environ if name.lower() in names and os.environ[name] == address]
    return usable_proxy(address, found[0] if found else "The system's proxy")


def usable_proxy(proxy: str | httpx.URL | httpx.Proxy, name: str) -> httpx.Proxy:
    """Return a proxy through which connections can be opened.

    Errors refer to it by `name`, and never show the address, which can hold a password.
    """
    advice = "It should look like http://proxy.example:3128. Nothing was sent."
    try:
        if isinstance(proxy, str) and "://" not in proxy:
            proxy = f"http://{proxy}"
        usable = proxy if isinstance(proxy, httpx.Proxy) else httpx.Proxy(proxy)
    except (httpx.InvalidURL, TypeError, ValueError):
        raise ConfigurationError(f"{name} cannot be read as a proxy. {advice}") from None
    port = usable.url.port
    if not usable.url.host or not (port is None or 0 < port <= MAX_PORT):
        raise ConfigurationError(f"{name} does not name a valid proxy. {advice}")
    if usable.url.scheme.startswith("socks"):
        try:
            import socksio  # type: ignore[import-untyped,import-not-found,unused-ignore] # noqa: F401, PLC0415
        except ImportError:
            text = f"{name} names a SOCKS proxy, which needs: pip install 'httpx[socks]'. Nothing was sent."
            raise ConfigurationError(text) from None
    return usable


def trust(*, verify: ssl.SSLContext | bool) -> ssl.SSLContext | bool:
    """Return the context that checks certificates: one for all clients, whereas httpx creates one for each.

    Reading the certificate bundle takes about 30 ms, nearly all the time of creating a client.
    """
    if verify is not True:
        return verify
    bundle = Path(os.environ.get("SSL_CERT_FILE", ""))
    values = [os.environ.get(name) for name in _TRUST_VARIABLES]
    try:
        # A renewed bundle is read again. So is any bundle in a forked child, because another thread may
        # have been using the parent's context.
        changed_ns = bundle.stat().st_mtime_ns if bundle.is_file() else 0
        return _context(os.getpid(), changed_ns, *values)
    except (OSError, ValueError):
        names = [name for name, value in zip(_TRUST_VARIABLES, values, strict=True) if value]
        text = f"{' or '.join(names) or 'The bundle of certificates'} cannot be read. Nothing was sent."
        raise ConfigurationError(text) from None
