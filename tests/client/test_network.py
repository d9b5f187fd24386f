"""Real sockets: what a connection that fails in its own way means."""

from __future__ import annotations

import threading
from typing import Any

import httpx
import pytest

from smsmanager import (
    AsyncSmsManager,
    ConfigurationError,
    NotSentError,
    OutcomeUnknownError,
    ResponseParseError,
    SmsManager,
    SmsManagerError,
)
from tests.client.conftest import Service
from tests.faults.callers import Caller
from tests.faults.script import Fault, Step
from tests.faults.server import FaultServer

TO = "420777123456"


def sends(kind: str, url: str, times: int = 1, **options: Any) -> list[object]:
    """Send as often as told over one client; return results and errors."""
    outcomes: list[object] = []
    with Caller(kind, url, **{"retries": 5, "timeout": 20, **options}) as caller:
        for _ in range(times):
            try:
                outcomes.append(caller.send("some Hello", to=TO))
            except SmsManagerError as error:
                outcomes.append(error)
    return outcomes


def test_an_accepted_message(kind: str, server: FaultServer) -> None:
    [result] = sends(kind, server.url)
    assert getattr(result, "ok", False)
    [(received, _)] = server.ledger.requests
    assert received.body == {"to": [{"phone_number": TO}], "body": "some Hello"}


def test_a_refused_connection_means_nothing_was_sent(kind: str, server: FaultServer) -> None:
    server.play(Step(Fault.REFUSE))
    [error] = sends(kind, server.url, retries=0)
    assert type(error) is NotSentError
    assert server.connections == 0


@pytest.mark.parametrize("speaks_tls", [False, True], ids=["no TLS", "not trusted"])
def test_tls_that_fails_means_nothing_was_sent(
    kind: str, server: FaultServer, *, speaks_tls: bool
) -> None:
    server.speaks_tls = speaks_tls
    [error] = sends(kind, server.tls_url, retries=0)
    assert type(error) is NotSentError
    assert server.ledger.requests == []


LOST = [Fault.CLOSE, Fault.RESET, Fault.HALF_HEAD, Fault.NOT_HTTP]


@pytest.mark.parametrize("fault", LOST)
def test_a_lost_answer_leaves_the_outcome_unknown(
    kind: str, server: FaultServer, fault: Fault
) -> None:
    server.play(Step(fault))
    [error] = sends(kind, server.url)
    assert type(error) is OutcomeUnknownError
    assert server.connections == 1


def test_half_a_body_was_taken(kind: str, server: FaultServer) -> None:
    server.play(Step(Fault.CUT_LENGTH))
    [error] = sends(kind, server.url)
    assert type(error) is ResponseParseError
    assert error.body.startswith(b'{"request_id": "some.1"')
    assert server.ledger.arrived["some", TO] == 1


def test_a_read_timeout_leaves_the_outcome_unknown(kind: str, server: FaultServer) -> None:
    server.play(Step(Fault.HANG))
    [error] = sends(kind, server.url, timeout=0.2)
    assert type(error) is OutcomeUnknownError
    assert server.ledger.arrived["some", TO] == 1


def test_a_kept_connection_that_closes_on_the_next_request(kind: str, server: FaultServer) -> None:
    server.play(Step(), Step(Fault.CLOSE))
    first, second = sends(kind, server.url, times=2)
    assert getattr(first, "ok", False)
    assert type(second) is OutcomeUnknownError
    assert server.ledger.arrived["some", TO] == 2
    assert server.connections == 1


def test_aiohttp_is_refused_with_what_would_work() -> None:
    with pytest.raises(ConfigurationError, match="http_client"):
        AsyncSmsManager("key", transport="aiohttp")  # type: ignore[arg-type,unused-ignore]


def test_many_threads_share_one_client() -> None:
    service = Service()
    client = SmsManager(
        "key", base_url="http://127.0.0.1:9/v2", transport=httpx.MockTransport(service)
    )
    results: list[Any] = []

    def work(worker: int) -> None:
        for n in range(25):
            number = f"4207{worker:02d}{n:06d}"
            twin = client.with_options(timeout=1 + worker)
            results.append((number, twin.send(f"{worker}-{n}", to=number)))

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 200
    assert all(result.ok and result[0].phone_number == number for number, result in results)
    assert len(service.requests) == 200
