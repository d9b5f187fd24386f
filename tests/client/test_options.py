"""Options: from arguments and the environment, on copies, and with the caller's own httpx client."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import httpx
import pytest

import smsmanager
from smsmanager import AsyncSmsManager, ConfigurationError, RetryPolicy, SmsManager, transport
from tests.faults.callers import KEY

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
    assert cls("key").base_url == "https://api.smsmngr.com/v2"
    with pytest.raises(ConfigurationError, match="SMSMANAGER_API_KEY"):
        cls()
    monkeypatch.setenv("SMSMANAGER_API_KEY", " key-from-outside\n")
    monkeypatch.setenv("SMSMANAGER_BASE_URL", "http://localhost:8080/v2/")
    monkeypatch.setenv("SMSMANAGER_SENDER", "Shop")
    client = cls()
    assert client.base_url == "http://localhost:8080/v2"
    assert client._settings.api_key == "key-from-outside"
    assert client._settings.sender == "Shop"
    assert cls("argument", base_url="https://example.com/v2").base_url == "https://example.com/v2"


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
    twin.close_client()
    assert client.send("Hello", to=TO).ok


def test_a_request_has_limits_of_its_own(make: Any, service: Any) -> None:
    client = make(timeout=1.5)
    client.send("Hello", to=TO)
    service.requests[0].extensions["timeout"].clear()
    client.send("Hello", to=TO)
    assert service.requests[1].extensions["timeout"]["read"] == 1.5


def test_no_phase_of_a_request_may_take_longer_than_the_call(make: Any, service: Any) -> None:
    client = make(timeout=httpx.Timeout(30.0, connect=0.5))
    client.send("Hello", to=TO, deadline_s=2.5)
    limits = service.requests[0].extensions["timeout"]
    assert limits.pop("connect") == 0.5
    assert limits.keys() == {"read", "write", "pool"}
    assert all(2 < limit_s <= 2.5 for limit_s in limits.values())


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
    assert service.requests[0].headers["x-api-key"] == KEY
    assert service.requests[0].headers["x-trace"] == "1"
    assert "x-api-key" not in own.headers
    assert own.event_hooks == {"request": [], "response": []}
    client.close_client()
    assert not own.is_closed


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


def test_clients_print_no_key(cls: Any) -> None:
    client = cls("secret-key-123", base_url="http://127.0.0.1:1/v2")
    assert repr(client) == f"{cls.__name__}(base_url='http://127.0.0.1:1/v2')"
    assert "secret-key" not in repr(client.raw)


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


OTHER_KIND = {SmsManager: httpx.AsyncHTTPTransport, AsyncSmsManager: httpx.HTTPTransport}


@pytest.mark.parametrize("transport", ["aiohttp", 5, httpx.HTTPTransport, None])
def test_what_is_no_transport_of_the_clients_kind_is_refused(cls: Any, transport: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"transport must be .*http_client"):
        cls("key", transport=transport or OTHER_KIND[cls]())


@pytest.mark.parametrize("by", ["transport", "http_client"])
def test_what_the_caller_supplies_excludes_what_it_would_ignore(cls: Any, by: str) -> None:
    mock: Any = httpx.MockTransport(lambda _: httpx.Response(200))
    http: Any = httpx.Client if cls is SmsManager else httpx.AsyncClient
    own: Any = {by: mock if by == "transport" else http(transport=mock)}
    with pytest.raises(ConfigurationError, match="proxy, verify"):
        cls("key", proxy="http://127.0.0.1:1", verify=False, **own)
