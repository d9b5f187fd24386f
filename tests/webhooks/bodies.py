"""Bodies as the service posts them."""

from __future__ import annotations

import json
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar

import yaml

from smsmanager.ids import REFERENCE_KEY
from smsmanager.webhooks import (
    DeliveryReport,
    Event,
    IncomingMessage,
    Reply,
    UnknownEvent,
    WebhookReceiver,
    parse_webhook,
)

Kind = TypeVar("Kind", bound=Event)
SPEC = Path(__file__).resolve().parents[2] / "openapi.yaml"
MESSAGE_ID = "e27ff0ac-87b5-4e1d-b644-5fc6029e2a11"
NUMBER = "420777123456"
SECRET = "a secret of sixteen bytes or more"
SMS = {
    "sender": "Shop",
    "gateway": "high",
    "country": 230,
    "operator": 1,
    "price_czk": 1.05,
    "price_eur": 0.042,
    "count": 2,
}


def report(**fields: Any) -> dict[str, Any]:
    """Return a delivery report as JSON."""
    return {
        "type": "outgoing",
        "request_id": "bc36f3d1-d284-463a-921b-a3560c154649",
        "message_id": MESSAGE_ID,
        "gateway": "sms",
        "timestamp": 1767225600,
        "payload": {"campaign": 17},
        "to": {"phone_number": NUMBER},
        "result": "delivered",
        "result_info": "[0] Delivered",
        "sms": SMS,
        **fields,
    }


def referring(reference: str, **fields: Any) -> dict[str, Any]:
    """Return a delivery report of a message with a reference."""
    return report(payload={REFERENCE_KEY: reference}, **fields)


def reply(**fields: Any) -> dict[str, Any]:
    """Return a reply as JSON."""
    return {
        "type": "incoming",
        "request_id": "bc36f3d1-d284-463a-921b-a3560c154649",
        "message_id": MESSAGE_ID,
        "payload": {"campaign": 17},
        "gateway": "sms",
        "timestamp": 1767225600,
        "sender": NUMBER,
        "recipient": "420900123",
        "body": "YES",
        **fields,
    }


def encoded(*events: object) -> bytes:
    """Return a body."""
    return json.dumps(list(events)).encode()


def read_as(kind: type[Kind], element: object) -> Kind:
    """Return the one event of an element."""
    [event] = parse_webhook([element])
    assert isinstance(event, kind)
    return event


read = partial(read_as, DeliveryReport)
read_reply = partial(read_as, Reply)
read_incoming = partial(read_as, IncomingMessage)
unknown = partial(read_as, UnknownEvent)


def collecting(receiver: WebhookReceiver, *kinds: type[Event]) -> list[Event]:
    """Register a handler, and return the list of the events that it gets."""
    found: list[Event] = []
    receiver.on(*kinds)(found.append)
    return found


@cache
def documented() -> tuple[tuple[str, Any], ...]:
    """Return the examples of `openapi.yaml`, with their names."""
    spec = yaml.safe_load(SPEC.read_text(encoding="utf-8"))
    return tuple(
        (f"{webhook}.{name}", example["value"])
        for webhook, item in spec["webhooks"].items()
        for name, example in item["post"]["requestBody"]["content"]["application/json"][
            "examples"
        ].items()
    )


@cache
def schemas() -> dict[str, Any]:
    """Return the component schemas of `openapi.yaml`."""
    found = yaml.safe_load(SPEC.read_text(encoding="utf-8"))["components"]["schemas"]
    assert isinstance(found, dict)
    return found


def touched(event: Event) -> None:
    """Read every attribute of an event: none may raise."""
    assert event.dedup_key
    assert len(event.dedup_key) < 400
    assert repr(event)
    assert hash(event) == hash(event)
    if isinstance(event, (DeliveryReport, Reply)):
        assert event.message_id
        assert event.reference is None or event.reference
    if isinstance(event, DeliveryReport):
        assert event.result_info.code is None or event.result_info.code >= 0
        assert event.channel is None or repr(event.channel)
    if not isinstance(event, UnknownEvent):
        assert event.at is None or event.at.tzinfo is not None
