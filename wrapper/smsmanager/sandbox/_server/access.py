"""Keep strangers and other web sites away from what the sandbox shows and does.

The sandbox shows message texts, so without a token it is not reachable from outside this machine. A
page in a browser on this machine could, under its own host name, which resolves to 127.0.0.1: such a
request carries that name in `Host`, and is refused on every path. And a page of another site could make
the browser post something, or hold a stream open: such a request carries that site in `Sec-Fetch-Site`
or `Origin`, and is refused, except for a link that a person follows.

The operations of the service, downloads of lists and the short links ask for no token, as the service's own
do not.
"""

from __future__ import annotations

import hmac
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode

from starlette.responses import JSONResponse, RedirectResponse, Response

from smsmanager._config import is_loopback
from smsmanager.sandbox.engine.records.short_link import LINKS_PATH

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

COOKIE = "smsmanager_sandbox"

_READING = frozenset({"GET", "HEAD"})
_OWN_SITES = frozenset({"same-origin", "none"})
_UNKNOWN = 401


class Guard:
    """An application that refuses strangers.

    Args:
        app: The guarded application.
        open_prefixes: Beginnings of the paths of the service's operations, and of downloads.
        token: Required in each request; `None` for no token, on loopback only.
        names: Names of hosts besides loopback under which it is known; `None` for any: it listens beyond
            loopback.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        open_prefixes: tuple[str, ...],
        token: str | None,
        names: frozenset[str] | None,
    ) -> None:
        self._app = app
        self._open = (*(f"{prefix}/" for prefix in open_prefixes), LINKS_PATH)
        self._token = token
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        refused = self._refused(scope, headers)
        if refused is None:
            await self._app(scope, receive, send)
        else:
            await refused(scope, receive, send)

    def _refused(self, scope: Scope, headers: dict[bytes, str]) -> Response | None:
        host = headers.get(b"host", "")
        login = None if self._token is None else self._login(self._token, scope, headers)
        has_token = self._token is not None and (login is None or login.status_code != _UNKNOWN)
        if not (self._is_known(_without_port(host).lower()) or has_token):
            return _message(
                403, "The sandbox only answers under a loopback host, such as 127.0.0.1."
            )
        if _is_foreign(scope["method"], host, headers):
            return _message(403, "Another site may neither read nor change anything here.")
        return None if scope["path"].startswith(self._open) else login

    def _is_known(self, host: str) -> bool:
        return self._names is None or is_loopback(host) or host in self._names

    def _login(self, token: str, scope: Scope, headers: dict[bytes, str]) -> Response | None:
        scheme, _, given = headers.get(b"authorization", "").partition(" ")
        if scheme.lower() == "bearer" and _same(given.strip(), token):
            return None
        if _same(_cookie(headers.get(b"cookie", "")), token):
            return None
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        if scope["method"] in _READING and _same(dict(query).get("token", ""), token):
            return _logged_in(token, scope["path"], query)
        answer = _message(
            _UNKNOWN, "A token is needed: ?token=... once in a browser, or as Bearer."
        )
        answer.headers["www-authenticate"] = "Bearer"
        return answer


def _is_foreign(method: str, host: str, headers: dict[bytes, str]) -> bool:
    """Return whether a page of another site made the browser send a request."""
    site = headers.get(b"sec-fetch-site")
    if site is None:
        origin = headers.get(b"origin")
        return origin is not None and origin not in {f"http://{host}", f"https://{host}"}
    # Where a browser names the site, `Origin` adds nothing: it is "null" for a form of a page that
    # sends no referrer, such as the sandbox's own.
    follows_a_link = method in _READING and headers.get(b"sec-fetch-mode") == "navigate"
    return site not in _OWN_SITES and not follows_a_link


def _logged_in(token: str, path: str, query: list[tuple[str, str]]) -> Response:
    """Return the answer that keeps the token in a cookie, and takes it out of the address."""
    rest = urlencode([(name, value) for name, value in query if name != "token"])
    # One slash: `//host/` would lead away.
    target = quote("/" + path.lstrip("/"))
    answer = RedirectResponse(f"{target}?{rest}" if rest else target, 303)
    answer.set_cookie(COOKIE, quote(token, safe=""), httponly=True, samesite="strict", path="/")
    answer.headers["cache-control"] = "no-store"
    answer.headers["referrer-policy"] = "no-referrer"
    return answer


def _cookie(header: str) -> str:
    try:
        found = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return "" if found is None else _unquoted(found.value)


def _unquoted(text: str) -> str:
    return dict(parse_qsl(f"a={text}")).get("a", "")


def _same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), token.encode())


def _message(status_code: int, message: str) -> Response:
    return JSONResponse({"message": message}, status_code)


def _without_port(host: str) -> str:
    end = host.find("]")
    return host[1:end] if host.startswith("[") and end > 0 else host.partition(":")[0]
