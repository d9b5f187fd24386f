"""Write events as webhooks carry them.

Source: SmsManager API reference, webhooks; SmsManager guide, on webhooks. How a report looks as a
form is not published: each field of the event is one of the form, and objects are JSON.
"""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlencode

from smsmanager.sandbox._received import SMS, JsonObject, ReceivedMessage, ReceivedStep
from smsmanager.sandbox.engine.journey import Entry, result_info
from smsmanager.sandbox.engine.pricing import mobile_country

if TYPE_CHECKING:
    from smsmanager.sandbox.engine.incoming import IncomingMessage

ContentType = Literal["json", "form"]

_CHANNEL_OBJECTS: Final = {"whatsapp_text": "whatsapp_body"}
_SIMPLE: Final = "sendSimpleMessage"
# What an account without a sender of its own sends under, here.
DEFAULT_SENDER: Final = "SANDBOX"
_FIRST_OPERATOR: Final = 1


def payload_of(message: ReceivedMessage) -> JsonObject | None:
    """Return what webhooks of a message echo."""
    payload: JsonObject | None = message.message.get("payload")
    if message.operation.startswith(_SIMPLE) and "customID" in message.message:
        return {"customID": message.message["customID"]}
    return payload


def gateway_of(step: ReceivedStep) -> str:
    """Return the route of an SMS: the one that was asked for, else the one the sender selects.

    Source: SmsManager guide, on gateways.
    """
    given: str | None = step.fields.get("gateway")
    if given is not None:
        return given
    return "direct" if (step.sender or "").isdecimal() else "high"


def report(message: ReceivedMessage, entry: Entry) -> JsonObject:
    """Return the event of one report."""
    step = message.steps[entry.step]
    event: JsonObject = {
        "type": "outgoing",
        "request_id": message.request_id,
        "message_id": message.message_id,
        "gateway": step.channel,
        "timestamp": int(entry.at),
        "payload": payload_of(message),
        "to": {"phone_number": message.to},
        "result": entry.result,
        "result_info": result_info(entry.code, entry.text),
    }
    if entry.step < len(message.journey.runs):
        price = message.journey.runs[entry.step].price
        known = mobile_country(message.to)
        event[_CHANNEL_OBJECTS.get(step.channel, step.channel)] = {
            "sender": step.sender or DEFAULT_SENDER,
            **({"gateway": gateway_of(step)} if step.channel == SMS else {}),
            "country": known,
            "operator": _FIRST_OPERATOR if known else 0,
            "price_czk": float(price.czk) if price else 0,
            "price_eur": float(price.eur) if price else 0,
            "count": price.count if price else 0,
        }
    return event


def incoming(message: "IncomingMessage") -> JsonObject:
    """Return the event of a reply or an unsolicited message."""
    ids: JsonObject = {}
    if message.reply_to is not None:
        ids = {
            "request_id": message.reply_to.request_id,
            "message_id": message.reply_to.message_id,
            "payload": payload_of(message.reply_to),
        }
    return {
        "type": "incoming",
        **ids,
        "gateway": message.gateway,
        "timestamp": int(message.at),
        "sender": message.sender,
        "recipient": message.recipient,
        "body": message.body,
    }


def encode(events: Sequence[JsonObject], content_type: ContentType) -> tuple[str, bytes]:
    """Return media type and bytes of the body that carries some events."""
    if content_type == "form":
        pairs: list[tuple[str, Any]] = [
            (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
            for event in events
            for name, value in event.items()
        ]
        return "application/x-www-form-urlencoded", urlencode(pairs).encode()
    content = json.dumps(events, ensure_ascii=False, separators=(",", ":"))
    return "application/json", content.encode()
