"""Ask Prism, which knows `openapi-rest.yaml` and nothing else of us, through both clients.

It answers 422 or 400 to a request that breaks the description, and else with an example: so these tests show
that requests are right, and that the examples are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import anyio
import httpx
import pytest

from smsmanager import AsyncSmsManager, SmsManager, SmsManagerError, compose
from smsmanager.asking import CancelOutcome, MessageState
from tests.contract.mock_servers import KEY, NO_CERTIFICATES, missing_node_tool, prism
from tests.contract.spec import REST

pytestmark = [pytest.mark.prism, pytest.mark.timeout(60)]

NUMBER = "420777123456"


@pytest.fixture(scope="module")
def rest_url() -> Iterator[str]:
    if reason := missing_node_tool("prism"):
        pytest.skip(reason)
    with prism(REST.path) as url:
        yield url


class Asker:
    """Calls one method of the service of either client."""

    def __init__(self, kind: str, url: str) -> None:
        self._is_async = kind == "async"
        self._options: dict[str, Any] = {
            "base_url": "http://127.0.0.1:9/v2",
            "rest_base_url": url,
            "retries": 0,
            "verify": NO_CERTIFICATES,
        }

    def __call__(self, path: str, *arguments: Any, **options: Any) -> Any:
        """Call a method, and collect what an iterator hands over."""
        if not self._is_async:
            with SmsManager(KEY, **self._options) as client:
                found = _method(client.service, path)(*arguments, **options)
                return list(found) if hasattr(found, "__next__") else found

        async def call() -> Any:
            async with AsyncSmsManager(KEY, **self._options) as client:
                found = _method(client.service, path)(*arguments, **options)
                if hasattr(found, "__anext__"):
                    return [item async for item in found]
                return await found

        return anyio.run(call)


def _method(service: Any, path: str) -> Any:
    for name in path.split("."):
        service = getattr(service, name)
    return service


@pytest.fixture(params=["sync", "async"])
def ask(request: pytest.FixtureRequest, rest_url: str) -> Asker:
    return Asker(request.param, rest_url)


# By operation: the call, and something that is read from the example.
CALLS: dict[str, tuple[tuple[Any, ...], dict[str, Any], Callable[[Any], bool]]] = {
    "getMessage": (
        ("status", "1b7c-0"),
        {},
        lambda found: found is None or isinstance(found.state, MessageState),
    ),
    "listMessages": (
        ("sent", date(2026, 11, 2)),
        {"tag": "a,b", "phone_number": NUMBER, "subid": "x"},
        lambda found: isinstance(found, list),
    ),
    "getRequest": (
        ("request_totals", "9a2f", "2026-11-02"),
        {"subid": "x"},
        lambda found: found is None or found.sent == 9,
    ),
    "listRequests": (
        ("day_totals", ["2026-11-01", "2026-11-02"]),
        {"tag": "a", "subid": "x"},
        lambda found: isinstance(found, tuple),
    ),
    "listInbox": (("inbox", "2026-11-02"), {}, lambda found: isinstance(found, list)),
    "getCredit": (("credit",), {}, lambda found: found.currency == "czk"),
    "getPrices": (("prices",), {}, lambda found: isinstance(found.channels, dict)),
    "getCreditNotice": (("credit_notice",), {}, lambda found: found is None or found.is_enabled),
    "setCreditNotice": (
        ("set_credit_notice",),
        {"email": "a@example.com", "value": 100, "enable": True},
        lambda found: found is None,
    ),
    "getKey": (("me",), {}, lambda found: found.account == "prepaid"),
    "updateKey": (
        ("update_key",),
        {"default_callback_url": "", "note": ""},
        lambda found: found is None,
    ),
    "addToOptOut": (
        ("optouts.add", [NUMBER, "420777123457"]),
        {"subid": "x"},
        lambda found: found.accepted == 2,
    ),
    "removeFromOptOut": (("optouts.remove", NUMBER), {}, lambda found: found.remaining == 4),
    "addToBlacklist": (("blacklist.add", NUMBER), {}, lambda found: found.accepted == 2),
    "removeFromBlacklist": (
        ("blacklist.wipe_the_whole_list",),
        {},
        lambda found: found.remaining == 4,
    ),
    "cancelMessage": (
        ("cancel", "1b7c"),
        {},
        lambda found: found[0].outcome is CancelOutcome.CANCELLED,
    ),
    "validateMessages": (
        ("check", [compose("Hi", to=NUMBER), compose("Hello", to=NUMBER)]),
        {},
        lambda found: isinstance(found.is_right, bool),
    ),
}
DOWNLOADS = {"downloadOptOut", "downloadBlacklist"}


def test_every_operation_is_called() -> None:
    assert {operation.id for operation in REST.operations()} == CALLS.keys() | DOWNLOADS


@pytest.mark.parametrize("operation_id", CALLS)
def test_operation(ask: Asker, operation_id: str) -> None:
    arguments, options, is_read = CALLS[operation_id]
    assert is_read(ask(*arguments, **options))


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/message", None),
        ("GET", "/messages?date=yesterday", None),
        ("GET", "/request?date=2026-11-02", None),
        ("POST", "/optout", {"to": [NUMBER]}),
        ("POST", "/optout", {}),
        ("DELETE", "/blacklist", {}),
        ("DELETE", "/blacklist", {"all": False}),
        ("POST", "/credit/notify", {"email": "a", "value": 0, "enable": True}),
        ("POST", "/credit/notify", {"email": "a", "value": 1, "enabled": True}),
        ("POST", "/apikey/update", {"note": ""}),
        ("POST", "/messaging/cancel", {"message_id": "a", "bulk_id": "b"}),
        ("POST", "/messaging/validate", []),
    ],
)
def test_what_breaks_the_description_is_refused(
    rest_url: str, method: str, path: str, body: Any
) -> None:
    """The other tests lean on it: an answer without complaint means that the request was right."""
    answer = httpx.request(
        method, rest_url + path, json=body, headers={"x-api-key": KEY}, trust_env=False
    )
    assert answer.status_code in {400, 422, 500}, answer.text


def test_missing_key_is_refused(rest_url: str) -> None:
    assert httpx.get(f"{rest_url}/credit", trust_env=False).status_code == 401
    with (
        SmsManager(
            KEY, base_url="http://127.0.0.1:9/v2", rest_base_url=f"{rest_url}/nothing"
        ) as client,
        pytest.raises(SmsManagerError),
    ):
        client.service.credit()
