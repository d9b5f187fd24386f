"""Keep strangers and other web sites away from what the sandbox shows and does.

The sandbox shows message texts, so that without a token nobody outside this machine may reach it. A
page in a browser on this machine could, under its own host name, which resolves to 127.0.0.1: such a
request carries that name in `Host`, and is refused. And a page of another site could make the browser
post something: such a request carries that site in `Origin`, and is refused.

The operations of the service and the short links stay open, as the service's own are.
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


class Guard:
    """An application that refuses strangers.

    Args:
        app: What is guarded.
        open_prefix: Beginning of the paths of the service's operations.
        token: What a request has to contain; `None` for nothing, on loopback only.
    """

    def __init__(self, app: ASGIApp, *, open_prefix: str, token: str | None) -> None:
        self._app = app
        self._open = (f"{open_prefix}/", LINKS_PATH)
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http" or scope["path"].startswith(self._open):
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
        if self._token is None and not is_loopback(_without_port(host).lower()):
            return _message(
                403, "The sandbox is only shown under a loopback host, such as 127.0.0.1."
            )
        if scope["method"] not in _READING:
            site, origin = headers.get(b"sec-fetch-site"), headers.get(b"origin")
            own = {None, f"http://{host}", f"https://{host}"}
            # Where a browser names the site, `Origin` adds nothing: it is "null" for a form of a
            # page that sends no referrer, such as the sandbox's own.
            is_foreign = origin not in own if site is None else site not in _OWN_SITES
            if is_foreign:
                return _message(403, "Another site may not change anything here.")
        return None if self._token is None else self._login(self._token, scope, headers)

    def _login(self, token: str, scope: Scope, headers: dict[bytes, str]) -> Response | None:
        scheme, _, given = headers.get(b"authorization", "").partition(" ")
        if scheme.lower() == "bearer" and _same(given.strip(), token):
            return None
        if _same(_cookie(headers.get(b"cookie", "")), token):
            return None
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        if scope["method"] in _READING and _same(dict(query).get("token", ""), token):
            return _logged_in(token, scope["path"], query)
        answer = _message(401, "A token is needed: ?token=... once in a browser, or as Bearer.")
        answer.headers["www-authenticate"] = "Bearer"
        return answer


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
