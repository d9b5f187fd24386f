"""Tell whether a write comes from the page itself; the headers that guard every answer.

Who may reach the sandbox at all is decided before, for the page as for the JSON API. A page is
stricter than that: what its forms do has to come from itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def is_own(request: Request) -> bool:
    """Tell whether a write comes from a page of the sandbox.

    Browsers say so themselves, in `Sec-Fetch-Site`, and where the address is neither loopback nor
    https in `Origin`. A request that has neither is no browser's; programs have the JSON API.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        # `Origin` is "null" then: forms of a page without referrer have none.
        return site == "same-origin"
    origin = urlsplit(request.headers.get("origin", ""))
    return bool(origin.netloc) and origin.netloc == request.headers.get("host")


def own_path(address: str) -> str:
    """Return an address to go on to, or the start page if it leads elsewhere."""
    split = urlsplit(address)
    # `//host` and `/\host` are other hosts to a browser; controls could split the header.
    if split.scheme or split.netloc or not address.startswith("/") or "\\" in address:
        return "/"
    return address if address.isprintable() else "/"
