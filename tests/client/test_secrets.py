"""A canary key, number and text: none of them is ever printed."""

from __future__ import annotations

import logging
import pickle
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from smsmanager import Message, Recipient, SmsManager, SmsManagerError, Viber, compose
from smsmanager.sandbox import Sandbox
from tests.faults.callers import KEY

NUMBER = "420601987654"
TEXT = "canary text 5b1e"
SENDER = "Shop"


def echo(status: int) -> Callable[[httpx.Request], httpx.Response]:
    """Answer with a status whose reason repeats everything that was sent."""

    def answer(request: httpx.Request) -> httpx.Response:
        said = f"{request.headers['x-api-key']} {request.content.decode()} +420 601 987 654 {TEXT}"
        return httpx.Response(status, json={"Message": said, "message": said, "request_id": said})

    return answer


def calls(client: Any) -> list[Callable[[], Any]]:
    return [
        lambda: client.send(TEXT, to=NUMBER),
        lambda: client.send(TEXT, to=[NUMBER] * 120),
        lambda: client.send(TEXT, to=NUMBER, priority=True),
        lambda: client.send(to=NUMBER, sender=SENDER, flow=[Viber(body=TEXT)]),
        lambda: client.send_batch([compose(TEXT, to=NUMBER)]),
        lambda: client.send_simple(TEXT, to=NUMBER, sender=SENDER),
        lambda: client.send(TEXT * 100, to=NUMBER),
        lambda: client.send(TEXT, to=[NUMBER, NUMBER + "x", NUMBER * 2]),
        lambda: client.send(TEXT, to=NUMBER, sender=TEXT),
        lambda: client.send(TEXT, to=NUMBER, at=TEXT),
        lambda: client.send(TEXT, to=NUMBER, payload={"a": {NUMBER}}),
        lambda: client.send(TEXT, to=NUMBER, window={"days": [TEXT]}),
        lambda: client.send(TEXT, to=NUMBER, params={"_url": {"type": TEXT}}),
        lambda: client.send(TEXT, to=NUMBER, flow=[TEXT]),
        lambda: client.send(Message(to=[Recipient(NUMBER)], body=TEXT, payload={"a": TEXT})),  # type: ignore[arg-type]
    ]


FAULTS: list[Any] = [
    None,
    httpx.ConnectError("[Errno 111] Connection refused"),
    httpx.ReadTimeout("late"),
    *(echo(status) for status in (204, 302, 400, 401, 404, 415, 429, 500, 503, 502, 520)),
    lambda request: httpx.Response(200, content=request.content[:-5]),
    lambda request: httpx.Response(200, json={"accepted": [{"key": 0, "message_id": "m"}]}),
]


@pytest.mark.parametrize("fault", range(len(FAULTS)))
def test_nothing_is_printed(
    make: Callable[..., Any], service: Any, caplog: pytest.LogCaptureFixture, fault: int
) -> None:
    caplog.set_level(logging.DEBUG)
    client = make()
    said: list[str] = [repr(client.client), repr(client.client._settings), repr(client.client.raw)]
    pickles: list[bytes] = []
    errors = results = 0
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        for call in calls(client):
            service.script = [FAULTS[fault]] * 5 if FAULTS[fault] is not None else []
            try:
                result = call()
            except SmsManagerError as error:
                errors += 1
                said += [str(error), repr(error), *traceback.format_exception(error)]
                said.append(repr(error.result))
                pickles.append(pickle.dumps(error))
            else:
                results += 1
                said += [repr(result), repr(list(result))]
                pickles.append(pickle.dumps(result))
    assert not [data for data in pickles if KEY.encode() in data]
    assert errors >= 8
    assert errors + results == 15
    said += [str(warning.message) for warning in warned]
    said += [record.getMessage() for record in caplog.records]
    said += [request.url.__str__() for request in service.requests]
    # A traceback shows the source lines of this file, which contain the constants' names, not their values.
    everything = "\n".join(said)
    for secret in (KEY, NUMBER, TEXT, "601 987 654", "601987"):
        assert secret not in everything


def test_nothing_is_printed_on_the_wire(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with Sandbox() as sandbox, SmsManager(KEY, base_url=sandbox.base_url) as client:
        assert client.send(TEXT, to=NUMBER).ok
        assert client.send(TEXT, to=[NUMBER] * 30).ok
        assert client.send_simple(TEXT, to=NUMBER, sender=SENDER).ok
        assert KEY not in repr(sandbox.requests)
        assert NUMBER not in repr(sandbox.messages) + repr(sandbox.requests) + repr(sandbox)
        assert TEXT not in repr(sandbox.messages) + repr(sandbox.requests) + repr(sandbox)
    assert caplog.records
    for secret in (KEY, NUMBER, TEXT):
        assert secret not in caplog.text
