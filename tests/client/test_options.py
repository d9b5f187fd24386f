"""Options: from arguments and the environment, on copies, and over an own httpx client."""

from __future__ import annotations

import inspect
import os
import pickle
import shutil
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import certifi
import httpx
import pytest

import smsmanager
from smsmanager import AsyncSmsManager, ConfigurationError, RetryPolicy, SmsManager, transport

CLIENTS = [SmsManager, AsyncSmsManager]
TO = "420777123456"


@pytest.fixture(params=CLIENTS, ids=["sync", "async"])
def cls(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_both_clients_have_the_same_methods() -> None:
    def surface(cls: type) -> dict[str, str]:
        names = {n for n in dir(cls) if not n.startswith("_")} - {"close", "aclose"}
        return {
            name: str(inspect.signature(member)) if callable(member) else "property"
            for name in names
            if (member := getattr(cls, name))
        }

    def same(text: str) -> str:
        return (
            text.replace("AsyncSmsManager", "SmsManager")
            .replace("AsyncClient", "Client")
            .replace("AsyncBaseTransport", "BaseTransport")
        )

    assert surface(SmsManager) == surface(AsyncSmsManager)
    one, other = (str(inspect.signature(cls)) for cls in CLIENTS)
    assert one == same(other).replace('"', "'")


def test_the_environment_fills_in(cls: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMSMANAGER_API_KEY", " key-from-outside\n")
    monkeypatch.setenv("SMSMANAGER_BASE_URL", "http://localhost:8080/v2/")
    monkeypatch.setenv("SMSMANAGER_SENDER", "Shop")
    client = cls()
    assert client.base_url == "http://localhost:8080/v2"
    assert client._settings.api_key == "key-from-outside"
    assert client._settings.sender == "Shop"
    assert cls("argument", base_url="https://example.com/v2").base_url == "https://example.com/v2"


def test_the_production_service_is_the_default(cls: Any) -> None:
    assert cls("key").base_url == "https://api.smsmngr.com/v2"


@pytest.mark.parametrize("key", [None, "", "  \n"])
def test_no_key(cls: Any, key: str | None) -> None:
    with pytest.raises(ConfigurationError, match="SMSMANAGER_API_KEY"):
        cls(key)


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "kl\u00ed\u010d", "nul\0"])
def test_a_key_that_cannot_be_one(cls: Any, key: str) -> None:
    with pytest.raises(ConfigurationError, match="copied whole") as caught:
        cls(key)
    assert key not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://api.smsmngr.com/v2", "must use https"),
        ("http://10.0.0.1/v2", "must use https"),
        ("http://127.0.0.1.example.com/v2", "must use https"),
        ("ftp://example.com", "not an http"),
        ("api.smsmngr.com/v2", "not an http"),
        ("https://", "not an http"),
        ("https://user:secret@example.com/v2", "no user"),
        ("https://example.com/v2?apikey=secret", "no user"),
        ("https://example.com:port/v2", "cannot be read"),
    ],
)
def test_a_base_url_that_cannot_be_used(cls: Any, url: str, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason) as caught:
        cls("key", base_url=url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["http://localhost:1/v2", "http://127.0.0.1/v2", "http://127.8.8.8/v2", "http://[::1]:1/v2"],
)
def test_http_is_for_this_machine_only(cls: Any, url: str) -> None:
    assert cls("key", base_url=url).base_url == url


def test_default_timeouts_are_finite(cls: Any) -> None:
    assert cls("key")._settings.timeouts == {"connect": 5, "read": 30, "write": 30, "pool": 30}


@pytest.mark.parametrize("timeout", [0, -1, float("inf"), float("nan"), httpx.Timeout(None)])
def test_timeouts_must_be_finite(cls: Any, timeout: Any) -> None:
    with pytest.raises(ConfigurationError, match="finite"):
        cls("key", timeout=timeout)


@pytest.mark.parametrize("retries", [-1, "two", None])
def test_retries_must_be_a_number(cls: Any, retries: Any) -> None:
    with pytest.raises(ConfigurationError, match="0 or more"):
        cls("key", retries=retries)


def test_a_copy_shares_the_connections_and_leaves_the_original_alone(
    make: Callable[..., Any], service: Any
) -> None:
    client = make(sender="Shop")
    twin = client.with_options(
        sender="Other",
        timeout=1.5,
        retries=RetryPolicy(retries=7),
        validate=False,
        max_response_bytes=10_000,
        on_retry=print,
    )
    twin.send("x" * 1001, to=TO)
    client.send("Hello", to=TO)
    assert [body["sender"] for body in service.bodies] == ["Other", "Shop"]
    assert service.requests[0].extensions["timeout"]["read"] == 1.5
    assert service.requests[1].extensions["timeout"]["read"] == 30
    assert twin.client._connections is client.client._connections
    twin.close()
    assert client.send("Hello", to=TO).ok


def test_a_copy_refuses_what_it_cannot_change(cls: Any) -> None:
    with pytest.raises(TypeError, match="api_key"):
        cls("key").with_options(api_key="other")
    with pytest.raises(ConfigurationError, match="region"):
        cls("key").with_options(default_region="XX")


def test_national_numbers_with_a_region(make: Callable[..., Any], service: Any) -> None:
    result = make(default_region="CZ").send("Hello", to=["777 123 456", "+421 905 123 456"])
    assert [outcome.phone_number for outcome in result] == ["420777123456", "421905123456"]
    assert [outcome.given for outcome in result] == ["777 123 456", "+421 905 123 456"]


def test_one_transport_for_the_life_of_a_client(cls: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    name = "HTTPTransport" if cls is SmsManager else "AsyncHTTPTransport"
    original: Any = getattr(transport, name)

    class Counted(original):  # type: ignore[misc,unused-ignore]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            made.append(self)
            super().__init__(*args, **kwargs)

    monkeypatch.setattr(transport, name, Counted)
    client: Any = cls("key")
    copy = client.with_options(timeout=1).with_options(retries=0)
    assert client.raw
    assert [copy._connections.transport(), client._connections.transport()] == made * 2
    assert len(made) == 1


def test_clients_read_the_bundle_of_authorities_once(
    cls: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    read: list[str | None] = []
    original = ssl.create_default_context

    def counted(*args: Any, **options: Any) -> ssl.SSLContext:
        read.append(options.get("cafile"))
        return original(*args, **options)

    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"):
        monkeypatch.delenv(name, raising=False)
    cls("key")
    monkeypatch.setattr(ssl, "create_default_context", counted)
    cls("key")
    assert read == []
    bundle = tmp_path / "authorities.pem"
    shutil.copy(certifi.where(), bundle)
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    cls("key")
    cls("key")
    assert read == [str(bundle)]
    os.utime(bundle, ns=(1, 1))
    cls("key")
    assert read == [str(bundle)] * 2
    cls("key", verify=original())
    assert len(read) == 2
    client = cls("key")
    monkeypatch.setattr(os, "getpid", lambda: -1)
    # A forked child takes nothing over that a thread of the other process may have been using.
    client._connections.transport()
    assert read == [str(bundle)] * 3


def test_an_own_httpx_client_gets_the_key_for_our_requests_only(
    make: Callable[..., Any], kind: str, service: Any
) -> None:
    transport = httpx.MockTransport(service)
    own: Any = (httpx.Client if kind == "sync" else httpx.AsyncClient)(
        transport=transport, headers={"x-trace": "1"}, follow_redirects=True, timeout=1
    )
    client = make(http_client=own)
    service.script = [httpx.Response(307, headers={"location": "http://127.0.0.1:9/other"})]
    with pytest.raises(smsmanager.OutcomeUnknownError):
        client.send("Hello", to=TO)
    assert client.send("Hello", to=TO).ok
    assert service.paths == ["/v2/message", "/v2/message"]
    assert service.requests[0].headers["x-api-key"] == "test-key-0123456789"
    assert service.requests[0].headers["x-trace"] == "1"
    assert "x-api-key" not in own.headers
    assert own.event_hooks == {"request": [], "response": []}
    client.close()
    assert not own.is_closed


def test_an_own_httpx_client_excludes_what_it_would_ignore(cls: Any) -> None:
    own: Any = httpx.Client() if cls is SmsManager else httpx.AsyncClient()
    with pytest.raises(ConfigurationError, match="proxy, verify"):
        cls("key", http_client=own, proxy="http://127.0.0.1:1", verify=False)


def test_a_hook_that_raises_for_a_status_does_not_hide_it(
    make: Callable[..., Any], kind: str, service: Any
) -> None:
    def check(response: httpx.Response) -> None:
        response.raise_for_status()

    async def acheck(response: httpx.Response) -> None:
        response.raise_for_status()

    transport = httpx.MockTransport(service)
    own: Any = (
        httpx.Client(transport=transport, event_hooks={"response": [check]})
        if kind == "sync"
        else httpx.AsyncClient(transport=transport, event_hooks={"response": [acheck]})
    )
    service.script = [httpx.Response(400, json={"Message": "no"})]
    with pytest.raises(smsmanager.BadRequestError):
        make(http_client=own).send("Hello", to=TO)


def test_clients_are_not_pickled_and_print_no_key(cls: Any) -> None:
    client = cls("secret-key-123", base_url="http://127.0.0.1:1/v2")
    assert repr(client) == f"{cls.__name__}(base_url='http://127.0.0.1:1/v2')"
    assert "secret-key" not in repr(client._settings)
    assert "secret-key" not in repr(client.raw)
    for value in (client, client._settings):
        with pytest.raises(TypeError, match="make one in each process"):
            pickle.dumps(value)


def test_context_managers_close() -> None:
    import anyio

    closed: list[str] = []

    class Blocking(httpx.BaseTransport):
        def close(self) -> None:
            closed.append("blocking")

    class Asynchronous(httpx.AsyncBaseTransport):
        async def aclose(self) -> None:
            closed.append("asynchronous")

    with SmsManager("key", transport=Blocking()) as client:
        with client.with_options(retries=0):
            pass
        assert closed == []
    assert closed == ["blocking"]
    client.close()

    async def main() -> None:
        async with AsyncSmsManager("key", transport=Asynchronous()) as client:
            async with client.with_options(retries=0):
                pass
            assert closed == ["blocking"]
        await client.aclose()

    anyio.run(main)
    assert closed == ["blocking", "asynchronous"]


@pytest.mark.parametrize("transport", ["aiohttp", "httpx", 5, httpx.HTTPTransport])
def test_what_is_no_transport_is_refused(cls: Any, transport: Any) -> None:
    with pytest.raises(ConfigurationError, match="http_client"):
        cls("key", transport=transport)


def test_a_transport_of_the_other_kind_is_refused(cls: Any) -> None:
    other: Any = httpx.AsyncHTTPTransport() if cls is SmsManager else httpx.HTTPTransport()
    with pytest.raises(ConfigurationError, match="transport must be"):
        cls("key", transport=other)


def test_a_transport_excludes_what_it_would_ignore(cls: Any) -> None:
    own = httpx.MockTransport(lambda _: httpx.Response(200))
    with pytest.raises(ConfigurationError, match="proxy, verify"):
        cls("key", transport=own, proxy="http://127.0.0.1:1", verify=False)


def test_no_cookie_of_an_answer_is_repeated(make: Callable[..., Any], service: Any) -> None:
    client = make()
    cookie = {"set-cookie": "session=1; Path=/"}
    service.script = [httpx.Response(400, headers=cookie, json={"Message": "no"})]
    with pytest.raises(smsmanager.BadRequestError):
        client.send("Hello", to=TO)
    client.send("Hello", to=TO)
    client.with_options(retries=0).send("Hello", to=TO)
    assert len(service.requests) == 3
    assert not any("cookie" in request.headers for request in service.requests)
