"""`client.raw`: the generated client, with the key, within limits, and never logged."""

from __future__ import annotations

import logging
from typing import Any

import anyio
import httpx
import pytest

from smsmanager import AsyncSmsManager, BadRequestError, ConfigurationError, SmsManager
from smsmanager_jsonapi.api.messages import send_message
from smsmanager_jsonapi.api.simple import send_simple_message_by_query
from smsmanager_jsonapi.models import Message, Recipient, SendResponse, SimpleSendResponse
from tests.client.conftest import BASE_URL, Service
from tests.faults.callers import KEY

BODY = Message(to=[Recipient("420777123456")], body="Hello")


def sync_client(service: Service) -> SmsManager:
    return SmsManager(KEY, base_url=BASE_URL, transport=httpx.MockTransport(service))


def test_generated_functions_carry_the_key_and_raise_like_the_methods(service: Service) -> None:
    client = sync_client(service)
    response = send_message.sync_detailed(client=client.raw, body=BODY)
    assert isinstance(response.parsed, SendResponse)
    assert response.status_code == 200
    assert service.requests[0].headers["x-api-key"] == KEY
    service.script = [httpx.Response(400, json={"Message": "no"})]
    with pytest.raises(BadRequestError):
        send_message.sync(client=client.raw, body=BODY)


def test_functions_of_the_other_kind_are_refused(service: Service) -> None:
    async def main() -> None:
        transport = httpx.MockTransport(service)
        async with AsyncSmsManager(KEY, base_url=BASE_URL, transport=transport) as client:
            parsed = await send_message.asyncio(client=client.raw, body=BODY)
            assert isinstance(parsed, SendResponse)
            with pytest.raises(ConfigurationError, match=r"that of SmsManager for blocking"):
                send_message.sync(client=client.raw, body=BODY)
        with pytest.raises(ConfigurationError, match=r"\.raw of AsyncSmsManager for async"):
            await send_message.asyncio(client=sync_client(service).raw, body=BODY)

    anyio.run(main)
    assert [request.headers["x-api-key"] for request in service.requests] == [KEY]


@pytest.mark.parametrize("supplied", [False, True])
def test_the_get_form_reaches_no_log(
    service: Service, caplog: pytest.LogCaptureFixture, *, supplied: bool
) -> None:
    transport = httpx.MockTransport(service)
    own: Any = {"http_client": httpx.Client(transport=transport)}
    options: Any = own if supplied else {"transport": transport}
    with caplog.at_level(logging.DEBUG):
        answer = send_simple_message_by_query.sync(
            client=SmsManager(KEY, base_url=BASE_URL, **options).raw,
            apikey=KEY,
            phone_number="420777123456",
            message="Hello there",
            sender="Shop",
        )
    assert isinstance(answer, SimpleSendResponse)
    assert answer.accepted is True
    [request] = service.requests
    assert request.method == "GET"
    assert request.url.params["apikey"] == KEY
    assert request.url.raw_path.startswith(b"/v2/simple/message?apikey=" + KEY.encode())
    # Only an httpx client logs the URL of a request.
    assert any("[hidden]" in record.getMessage() for record in caplog.records) is supplied
    for text in (caplog.text, str(request.url), repr(request), repr(request.url)):
        assert KEY not in text
        assert "777" not in text
        assert "Hello" not in text
