"""The guard alone: which hosts, sites and tokens it lets in."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest

from smsmanager.sandbox._server.access import COOKIE, Guard

TOKEN = "a token of the tests"
BEARER = f"Bearer {TOKEN}"


class Asked:
    """What a guard did with a request."""

    def __init__(self, guard: Guard, method: str, target: str, headers: dict[str, str]) -> None:
        self.status, self.body = 0, b""
        self.headers: dict[str, str] = {}
        path, _, query = target.partition("?")
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": [
                (name.encode(), value.encode("latin-1")) for name, value in headers.items()
            ],
        }
        asyncio.run(guard(scope, self._receive, self._send))

    async def _receive(self) -> Any:
        return {"type": "http.request"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self.body += message["body"]


async def inside(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"inside"})


def asked(
    method: str = "GET",
    target: str = "/",
    *,
    token: str | None = None,
    names: Any = frozenset(),
    host: str | None = "127.0.0.1",
    **headers: str,
) -> Asked:
    guard = Guard(inside, open_prefixes=("/v2",), token=token, names=names)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Asked(guard, method, target, given if host is None else {"host": host, **given})


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200), ("127.0.0.1:80", 200), ("LOCALHOST", 200), ("[::1]:80", 200), ("[::1]", 200),
        ("sandbox.example", 200), ("sandbox.example:1", 200), ("Sandbox.Example", 200),
        (None, 403), ("", 403), ("evil.example", 403), ("[127.0.0.1x", 403), ("[::1", 403),
        ("[::2]", 403), ("127.0.0.1]", 403), ("x.sandbox.example", 403), ("]", 403), ("[]", 403),
    ],
)  # fmt: skip
@pytest.mark.parametrize("target", ["/", "/sandbox/messages", "/v2/message", "/l/abc"])
def test_which_hosts(host: str | None, status: int, target: str) -> None:
    names = frozenset({"sandbox.example"})
    found = asked(target=target, host=host, names=names)
    assert found.status == status
    if status == 403:
        assert found.body == (
            b'{"message":"The sandbox only answers under a loopback host, such as 127.0.0.1."}'
        )
    assert asked(target=target, host=host, names=None).status == 200
    # With the token, a client is let in under any name; without it, only to the operations of the service.
    with_token = asked(target=target, host=host, names=names, token=TOKEN, authorization=BEARER)
    assert with_token.status == 200
    without = asked(target=target, host=host, names=names, token=TOKEN)
    is_open = target.startswith(("/v2/", "/l/"))
    assert without.status == (403 if status == 403 else 200 if is_open else 401)


OWN = ["http://127.0.0.1", "https://127.0.0.1"]


ORIGINS = [None, *OWN, "http://127.0.0.1:1", "null", ""]
SITES = [None, "same-origin", "none", "same-site", "cross-site", ""]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "OPTIONS"])
def test_which_sites(method: str) -> None:
    for origin, site, mode in itertools.product(ORIGINS, SITES, [None, "navigate", "cors"]):
        check_site(method, origin, site, mode)


def check_site(method: str, origin: str | None, site: str | None, mode: str | None) -> None:
    given = {"origin": origin, "sec_fetch_site": site, "sec_fetch_mode": mode}
    headers = {name: value for name, value in given.items() if value is not None}
    if site is None:
        is_foreign = origin is not None and origin not in OWN
    else:
        follows = method in {"GET", "HEAD"} and mode == "navigate"
        is_foreign = site not in {"same-origin", "none"} and not follows
    found = asked(method, **headers)
    assert found.status == (403 if is_foreign else 200)
    if is_foreign:
        assert (
            found.body == b'{"message":"Another site may neither read nor change anything here."}'
        )
    assert asked(method, token=TOKEN, authorization=BEARER, **headers).status == found.status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"authorization": BEARER}, 200),
        ({"authorization": f"bearer  {TOKEN} "}, 200),
        ({"authorization": f"Basic {TOKEN}"}, 401),
        ({"authorization": TOKEN}, 401),
        ({"authorization": "Bearer"}, 401),
        ({"authorization": f"Bearer {TOKEN}x"}, 401),
        ({"authorization": "Bearer \xff"}, 401),
        ({"cookie": f"{COOKIE}=a%20token%20of%20the%20tests"}, 200),
        ({"cookie": f"x=1; {COOKIE}=a%20token%20of%20the%20tests; y=2"}, 200),
        ({"cookie": f"{COOKIE}=wrong"}, 401),
        ({"cookie": "other=a%20token%20of%20the%20tests"}, 401),
        ({"cookie": "\x01=;;[]"}, 401),
        ({"cookie": f"{COOKIE}="}, 401),
        ({}, 401),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_which_tokens(headers: dict[str, str], status: int, method: str) -> None:
    found = asked(method, "/sandbox/messages", token=TOKEN, **headers)
    assert found.status == status
    if status == 401:
        assert found.headers["www-authenticate"] == "Bearer"
        assert found.body == (
            b'{"message":"A token is needed: ?token=... once in a browser, or as Bearer."}'
        )


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("/?token=TOKEN", "/"),
        ("/a%20b?token=TOKEN", "/a%2520b"),
        ("/inbox?q=a%26b&token=TOKEN&empty=", "/inbox?q=a%26b&empty="),
        ("//evil.example/?token=TOKEN", "/evil.example/"),
        ("///?token=TOKEN", "/"),
    ],
)
def test_the_login(method: str, target: str, location: str) -> None:
    found = asked(method, target.replace("TOKEN", "a+token%20of+the%20tests"), token=TOKEN)
    assert (found.status, found.headers["location"]) == (303, location)
    assert found.headers["cache-control"] == "no-store"
    assert found.headers["referrer-policy"] == "no-referrer"
    cookie = found.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=a%20token%20of%20the%20tests; ")
    assert {"HttpOnly", "Path=/", "SameSite=strict"} <= set(cookie.split("; "))


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_the_token_in_the_address_is_for_reading(method: str) -> None:
    found = asked(method, "/sandbox/rules?token=a+token+of+the+tests", token=TOKEN)
    assert found.status == 401
    assert "set-cookie" not in found.headers
    assert asked("GET", "/?token=", token=TOKEN).status == 401
    assert asked("GET", "/?token=wrong", token=TOKEN).status == 401


def test_other_protocols_pass() -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    guard = Guard(app, open_prefixes=("/v2",), token=TOKEN, names=frozenset())
    asyncio.run(guard({"type": "lifespan"}, None, None))  # type: ignore[arg-type]
    assert seen == ["lifespan"]
