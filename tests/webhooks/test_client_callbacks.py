"""Check that a client makes a callback for each message, and keeps it to itself."""

from __future__ import annotations

import json
import logging
import pickle
from typing import Any

import httpx
import pytest

from smsmanager import (
    AsyncSmsManager,
    Callback,
    OutcomeUnknownError,
    SmsManager,
    ValidationError,
    compose,
    reference_of,
)
from smsmanager._config import Settings
from smsmanager._message.prepare import prepare_batch, prepare_send
from smsmanager.webhooks import CallbackSigner
from tests.unit.client_settings import settings_with
from tests.webhooks.bodies import NUMBER, SECRET

BASE = "https://example.com/sms"
SIGNER = CallbackSigner(BASE, SECRET)


def fields(message: Any, rules: Settings, **arguments: Any) -> Any:
    """Return the one message as sent."""
    [content] = prepare_send(message, {"to": NUMBER, **arguments}, rules).contents
    values = json.loads(content.json)
    assert content.reference == reference_of(values.get("payload"))
    return values


def allowed(content: Any) -> str | None:
    return SIGNER.verify(content["callback"]).reference


@pytest.mark.parametrize(
    ("rules", "arguments"),
    [(settings_with(callbacks=SIGNER), {}), (settings_with(), {"callback": SIGNER})],
    ids=["option of the client", "argument"],
)
def test_the_url_is_bound_to_the_reference(rules: Settings, arguments: dict[str, Any]) -> None:
    assert allowed(fields("Hi", rules, reference="order-17", **arguments)) == "order-17"
    assert allowed(fields("Hi", rules, payload={"customID": "c"}, **arguments)) == "c"
    assert allowed(fields("Hi", rules, **arguments)) is None
    automatic = settings_with(callbacks=rules.callbacks, auto_reference=True)
    made = fields("Hi", automatic, **arguments)
    assert allowed(made) == reference_of(made["payload"]) is not None


def test_a_message_with_a_callback_keeps_it() -> None:
    rules = settings_with(callbacks=SIGNER)
    assert fields("Hi", rules, callback="https://other.example")["callback"] == (
        "https://other.example"
    )
    settings = Callback(url="https://other.example")
    assert fields("Hi", rules, callback=settings)["callback"] == {"url": "https://other.example"}
    assert "callback" not in fields("Hi", settings_with())


def test_each_message_of_a_batch_has_its_own() -> None:
    messages = [compose("Hi", to=NUMBER, reference=name, callback=SIGNER) for name in "ab"]
    prepared = prepare_batch([*messages, compose("Hi", to=NUMBER)], settings_with())
    first, second, third = (json.loads(content.json) for content in prepared.contents)
    assert [allowed(first), allowed(second)] == ["a", "b"]
    assert "callback" not in third


def test_a_scheduled_message_has_its_days_from_then_on() -> None:
    later = fields("Hi", settings_with(callbacks=SIGNER), at="2099-01-01T00:00:00Z")
    now = fields("Hi", settings_with(callbacks=SIGNER))
    day_s = 86_400
    ends_s = SIGNER.verify(later["callback"]).expires_at
    assert ends_s == 4_070_908_800 + 31 * day_s
    assert SIGNER.verify(now["callback"]).expires_at < ends_s


def test_a_reference_that_makes_the_url_too_long() -> None:
    with pytest.raises(ValidationError) as caught:
        fields("Hi", settings_with(callbacks=SIGNER), reference="x" * 2000)
    assert caught.value.field == "reference"


class Odd:
    """Fails to make a URL."""

    def callback_for(self, reference: str | None, at: Any) -> Any:
        return None


def test_a_source_that_makes_no_url() -> None:
    with pytest.raises(ValidationError) as caught:
        fields("Hi", settings_with(callbacks=Odd()))
    assert caught.value.field == "callback"


def answering(request: httpx.Request) -> httpx.Response:
    accepted = [{"key": "0", "message_id": "m"}]
    return httpx.Response(200, json={"request_id": "q", "accepted": accepted})


def test_both_clients_take_a_signer() -> None:
    transport = httpx.MockTransport(answering)
    for cls in (SmsManager, AsyncSmsManager):
        client = cls("key", transport=transport, callbacks=SIGNER)
        assert client._settings.callbacks is SIGNER
        without = client.with_options(callbacks=None)
        assert without._settings.callbacks is None
        assert without.with_options(callbacks=SIGNER)._settings.callbacks is SIGNER


def test_the_url_survives_a_failure_and_stays_out_of_everything_printed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    received: list[dict[str, Any]] = []

    def failing(request: httpx.Request) -> httpx.Response:
        received.append(json.loads(request.content))
        if len(received) == 1:
            raise httpx.ReadError(f"cannot read {received[0]['callback']}")
        return answering(request)

    with SmsManager(
        "key", transport=httpx.MockTransport(failing), callbacks=SIGNER, auto_reference=True
    ) as client:
        with pytest.raises(OutcomeUnknownError) as caught:
            client.send("Hi", to=NUMBER)
        error = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own bytes
        result = client.resume(error, resend_unknown=True)
    assert result.ok
    first, second = received
    assert first["callback"] == second["callback"]
    assert allowed(first) == result[0].reference
    token = first["callback"].partition("token=")[2]
    shown = [repr(client), repr(error), str(error), repr(error.result), repr(result), caplog.text]
    message = compose("Hi", to=NUMBER, callback=first["callback"])
    shown += [repr(message), repr(client._settings)]
    for text in shown:
        assert token not in text
        assert SECRET not in text
