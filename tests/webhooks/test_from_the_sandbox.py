"""Check that the receiver accepts what the sandbox posts, for all settings of a `Callback`."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from smsmanager import Callback, SmsManager
from smsmanager.sandbox import Sandbox
from smsmanager.webhooks import CallbackSigner, DeliveryReport, DeliveryTracker, WebhookReceiver
from tests.webhook_receiver import Receiver, receiving
from tests.webhooks.bodies import NUMBER, SECRET, collecting
from tests.webhooks.test_forms import ways


@pytest.fixture(scope="module")
def server() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock="manual") as running:
        yield running


@pytest.mark.parametrize(("method", "content_type"), ways())
@pytest.mark.parametrize("user", ["", "shop:p%40ss%C3%A9@"])
def test_every_report_arrives(
    server: Receiver, sandbox: Sandbox, method: str, content_type: str, user: str
) -> None:
    sandbox.clear()
    server.calls.clear()
    signer = CallbackSigner(server.url.replace("http://", f"http://{user}") + "?shop=1", SECRET)
    tracker = DeliveryTracker()
    receiver = WebhookReceiver(callbacks=signer, tracker=tracker, once=True)
    seen = collecting(receiver, DeliveryReport)
    callback = Callback.from_dict(
        {
            "url": signer.callback_for("order-17"),
            "method": method,
            "content_type": content_type,
        }
    )
    with SmsManager("any-key", base_url=sandbox.base_url, on_result=tracker.record) as client:
        client.send("Žluťoučký kůň", to=NUMBER, callback=callback, reference="order-17")
    sandbox.settle()
    assert len(server.calls) == 3
    for call in server.calls:
        assert ("authorization" in call.headers) == bool(user)
        answer = receiver.handle(
            call.method, dict(call.headers), urlsplit(call.path).query, call.body
        )
        answer.finish()
        assert answer.status == 204
    assert [str(event.result) for event in seen if isinstance(event, DeliveryReport)] == [
        "sending",
        "sent",
        "delivered",
    ]
    [status] = tracker.status("order-17")
    assert status.result == "delivered"
