"""A request that began to leave may have been taken, whatever is raised afterwards and by any code."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from smsmanager import (
    AsyncSmsManager,
    ConfigurationError,
    NotSentError,
    OutcomeUnknownError,
    SmsManager,
    SmsManagerError,
    Status,
)
from smsmanager.transport import AsyncHTTPTransport, HTTPTransport
from tests.faults.callers import Caller, fail_elsewhere
from tests.faults.cases import ODD_LOCATIONS
from tests.faults.script import Fault, Step
from tests.faults.server import FaultServer

Make = Callable[..., Caller]
TO = "420777123456"


def unknown(error: SmsManagerError) -> None:
    assert error.result is not None
    assert error.result[0].status is Status.UNKNOWN
    assert error.safe_to_retry is False


@pytest.mark.parametrize("location", ODD_LOCATIONS, ids=lambda value: str(value[:20]))
def test_a_redirect_to_nowhere_is_a_redirect(
    make: Make, server: FaultServer, location: bytes
) -> None:
    server.play(*[Step(Fault.REDIRECT, 302, odd=location)] * 3)
    with pytest.raises(OutcomeUnknownError) as caught:
        make(retries=2).send("redirected Hello", to=TO)
    unknown(caught.value)
    assert server.ledger.arrived["redirected", TO] == 1


def busy_elsewhere(_: httpx.Response) -> None:
    request = httpx.Request("POST", "http://127.0.0.1:9/")
    httpx.Response(503, request=request).raise_for_status()


def unreachable_elsewhere(_: httpx.Response) -> None:
    raise httpx.UnsupportedProtocol("ftp:", request=httpx.Request("GET", "ftp://127.0.0.1/"))


@pytest.fixture(params=[False, True], ids=["theirs", "ours"])
def own(kind: str, request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Create an httpx client for a kind of caller, with httpx's transport or ours."""

    def make_own(hook: Callable[..., Any] | None = None, **options: Any) -> Any:
        hooks = {"response": [hook]} if hook else {}
        if kind == "sync":
            ours = HTTPTransport() if request.param else None
            return httpx.Client(transport=ours, event_hooks=hooks, **options)
        ours_async = AsyncHTTPTransport() if request.param else None
        return httpx.AsyncClient(transport=ours_async, event_hooks=hooks, **options)

    return make_own


def as_hook(kind: str, hook: Callable[[httpx.Response], None]) -> Callable[..., Any]:
    async def hook_async(response: httpx.Response) -> None:
        hook(response)

    return hook if kind == "sync" else hook_async


def is_unknown_and_went_out_once(caller: Caller, server: FaultServer, own: Any) -> None:
    with pytest.raises(OutcomeUnknownError) as caught:
        caller.send("owned Hello", to=TO)
    unknown(caught.value)
    assert server.ledger.arrived["owned", TO] == 1
    own.close() if caller.kind == "sync" else caller.run(own.aclose)


@pytest.mark.parametrize("hook", [fail_elsewhere, busy_elsewhere, unreachable_elsewhere])
def test_what_a_hook_raises_is_not_taken_for_our_request(
    server: FaultServer, make: Make, kind: str, own: Callable[..., Any], hook: Any
) -> None:
    client = own(as_hook(kind, hook))
    is_unknown_and_went_out_once(make(http_client=client, retries=2), server, client)


@pytest.mark.parametrize("main", [httpx.HTTPTransport, HTTPTransport], ids=["httpx", "ours"])
def test_a_side_request_of_a_hook_does_not_tell_of_ours(
    server: FaultServer, main: type[httpx.HTTPTransport]
) -> None:
    """It carries the same attempt over our streams, and nothing of it left."""
    nobody = httpx.Request("GET", "http://127.0.0.1:9/")

    def hook(_: httpx.Request) -> None:
        with pytest.raises(httpx.ConnectError):
            side.send(nobody)

    server.play(Step(Fault.CLOSE))
    with (
        httpx.Client(transport=HTTPTransport()) as side,
        httpx.Client(transport=main(), event_hooks={"request": [hook]}) as own,
    ):
        client = SmsManager("key", base_url=server.url, http_client=own, retries=0)
        with pytest.raises(OutcomeUnknownError) as caught:
            client.send("beside Hello", to=TO)
    unknown(caught.value)
    assert server.ledger.arrived["beside", TO] == 1


class Again(httpx.Auth):
    """An authentication flow that repeats a request after a bad answer."""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        response = yield request
        if response.is_error:
            yield request


def test_an_auth_flow_that_repeats_does_not_hide_that_the_first_one_went_out(
    server: FaultServer, make: Make, own: Callable[..., Any]
) -> None:
    server.play(Step(Fault.STATUS, 502, keep=False), Step(Fault.REFUSE))
    client = own(auth=Again())
    is_unknown_and_went_out_once(make(http_client=client, retries=0), server, client)


def test_a_hook_that_repeats_does_not_hide_that_the_first_one_went_out(
    server: FaultServer, make: Make, kind: str, own: Callable[..., Any]
) -> None:
    server.play(Step(Fault.STATUS, 502, keep=False), Step(Fault.REFUSE))

    def again(response: httpx.Response) -> None:
        if response.is_error:
            response.read()
            client.send(response.request)

    async def again_async(response: httpx.Response) -> None:
        if response.is_error:
            await response.aread()
            await client.send(response.request)

    client = own(again if kind == "sync" else again_async)
    is_unknown_and_went_out_once(make(http_client=client, retries=0), server, client)


class Persistent(httpx.BaseTransport):
    """A transport that repeats failed requests, as retry transports do.

    Args:
        inner: The transport that it uses.
        anew: Whether it repeats with a new request object, which the library cannot see.
    """

    def __init__(self, inner: httpx.BaseTransport, *, anew: bool) -> None:
        self._inner = inner
        self._anew = anew

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self._anew:
            content = request.read()
            request = httpx.Request(
                request.method, request.url, headers=request.headers, content=content
            )
        try:
            return self._inner.handle_request(request)
        except httpx.TransportError:
            return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


@pytest.fixture(params=["transport", "http_client"])
def over_a_transport(
    request: pytest.FixtureRequest, server: FaultServer
) -> Iterator[Callable[..., SmsManager]]:
    """Create a client that sends over a transport: directly, and inside an httpx client."""
    with ExitStack() as stack:

        def make(transport: httpx.BaseTransport, **options: Any) -> SmsManager:
            options = {"base_url": server.url, "retries": 0, **options}
            if request.param == "transport":
                client = SmsManager("key", transport=transport, **options)
            else:
                http = stack.enter_context(httpx.Client(transport=transport))
                client = SmsManager("key", http_client=http, **options)
            return stack.enter_context(client)

        yield make


@pytest.mark.parametrize("inner", [httpx.HTTPTransport, HTTPTransport], ids=["httpx", "ours"])
@pytest.mark.parametrize("anew", [False, True])
def test_a_transport_that_repeats_does_not_hide_that_the_first_one_went_out(
    server: FaultServer,
    over_a_transport: Callable[..., SmsManager],
    inner: type[httpx.BaseTransport],
    *,
    anew: bool,
) -> None:
    server.play(Step(Fault.RESET), Step(Fault.REFUSE))
    client = over_a_transport(Persistent(inner(), anew=anew))
    with pytest.raises(OutcomeUnknownError) as caught:
        client.send("repeated Hello", to=TO)
    unknown(caught.value)
    assert server.ledger.arrived["repeated", TO] == 1


def test_over_our_transport_each_repetition_ends_with_the_call(
    server: FaultServer, over_a_transport: Callable[..., SmsManager]
) -> None:
    # It never ends by itself, and each byte arrives within the timeout.
    server.play(Step(Fault.RESET_UNREAD), Step(Fault.DRIP_HEAD))
    client = over_a_transport(Persistent(HTTPTransport(), anew=False))
    with pytest.raises(OutcomeUnknownError):
        client.send("dripped Hello", to=TO, deadline_s=0.2)


PLAIN = {
    "refused": (Fault.REFUSE, False, NotSentError),
    "no_tls": (Fault.ACCEPT, True, NotSentError),
    "unread": (Fault.RESET_UNREAD, False, OutcomeUnknownError),
    "reset": (Fault.RESET, False, OutcomeUnknownError),
    "closed": (Fault.CLOSE, False, OutcomeUnknownError),
}


@pytest.mark.parametrize("transport", [None, httpx.HTTPTransport, HTTPTransport])
@pytest.mark.parametrize("case", PLAIN)
def test_a_failure_before_a_connection_is_told_from_others_over_transports_of_httpx(
    server: FaultServer, transport: type[httpx.BaseTransport] | None, case: str
) -> None:
    fault, tls, expected = PLAIN[case]
    server.speaks_tls = False
    server.play(Step(fault))
    with httpx.Client(transport=transport() if transport else None) as own:
        url = server.tls_url if tls else server.url
        client = SmsManager("key", base_url=url, http_client=own, retries=0)
        with pytest.raises(SmsManagerError) as caught:
            client.send("plain Hello", to=TO)
    assert type(caught.value) is expected
    assert ("plain", TO) not in server.ledger.arrived or expected is OutcomeUnknownError


@pytest.mark.parametrize(
    ("cls", "wrong", "right"),
    [
        (SmsManager, httpx.AsyncClient, "httpx.Client"),
        (AsyncSmsManager, httpx.Client, "httpx.AsyncClient"),
        (SmsManager, dict, "httpx.Client"),
    ],
)
def test_an_httpx_client_of_the_other_kind_is_refused(cls: Any, wrong: Any, right: str) -> None:
    with pytest.raises(ConfigurationError, match=right):
        cls("key", http_client=wrong())
