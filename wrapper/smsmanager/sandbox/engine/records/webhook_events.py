"""Write events as webhooks carry them.

Source: SmsManager API reference, webhooks; SmsManager guide, on webhooks. How a report looks as a
form is not published: here each field of the event becomes a field of the form, and objects are JSON.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from urllib.parse import quote_plus, urlencode

from smsmanager.sandbox.engine.records.callback_templates import rendered
from smsmanager.sandbox.engine.records.journey import Entry, result_info
from smsmanager.sandbox.engine.records.received_message import SMS, ReceivedMessage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smsmanager.sandbox.engine.records import JsonObject
    from smsmanager.sandbox.engine.records.incoming_message import IncomingMessage
    from smsmanager.sandbox.engine.records.received_message import ReceivedStep

ContentType: TypeAlias = Literal["json", "form"]

DEFAULT_SENDER = "SANDBOX"
"""The sender for an account that has none."""

_CHANNEL_OBJECTS = {"whatsapp_text": "whatsapp_body"}
_SIMPLE = "sendSimpleMessage"
_FIRST_OPERATOR = 1
_NO_REPORT = Entry(0, "report", 0)
COUNTRIES = {
    "1": 310,
    "30": 202,
    "31": 204,
    "32": 206,
    "33": 208,
    "34": 214,
    "36": 216,
    "39": 222,
    "40": 226,
    "41": 228,
    "43": 232,
    "44": 234,
    "45": 238,
    "46": 240,
    "47": 242,
    "48": 260,
    "49": 262,
    "351": 268,
    "353": 272,
    "359": 284,
    "370": 246,
    "371": 247,
    "372": 248,
    "380": 255,
    "385": 219,
    "386": 293,
    "420": 230,
    "421": 231,
}
"""Mobile country codes by country calling code: ITU-T E.212 and E.164."""
_LONGEST_PREFIX = 3


def event_of(subject: ReceivedMessage | IncomingMessage, entry: Entry | None) -> JsonObject:
    """Return the event about a message.

    Args:
        subject: The message that was sent, or the incoming message.
        entry: For a message that was sent, the report.
    """
    if isinstance(subject, ReceivedMessage):
        return report(subject, entry or _NO_REPORT)
    return incoming(subject)


def payload_of(message: ReceivedMessage) -> JsonObject | None:
    """Return the payload that webhooks of a message repeat."""
    payload: JsonObject | None = message.message.get("payload")
    if message.operation.startswith(_SIMPLE) and "customID" in message.message:
        return {"customID": message.message["customID"]}
    return payload


def _payload(message: ReceivedMessage) -> JsonObject:
    payload = payload_of(message)
    return {} if payload is None else {"payload": payload}


def gateway_of(step: ReceivedStep) -> str:
    """Return the route of an SMS: the requested one, or else the one that the sender selects.

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
        **_payload(message),
        "to": {"phone_number": message.to},
        "result": entry.result,
    }
    info = result_info(entry.code, entry.text)
    if info:
        # If it is empty, the service leaves it out, as other clients have observed.
        event["result_info"] = info
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


def incoming(message: IncomingMessage) -> JsonObject:
    """Return the event of a reply or an unsolicited message."""
    ids: JsonObject = {}
    if message.reply_to is not None:
        ids = {
            "request_id": message.reply_to.request_id,
            "message_id": message.reply_to.message_id,
            **_payload(message.reply_to),
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


def encode(
    events: Sequence[JsonObject], content_type: ContentType, item: Any = None, body: Any = None
) -> tuple[str, bytes]:
    """Return the media type and bytes of a body with some events.

    Args:
        events: The events.
        content_type: The form of the body.
        item: Template of one event; `None` for the event as it is.
        body: Template of the whole body; `None` for the list of the events.
    """
    is_form = content_type == "form"
    content = rendered(item, body, events, quote_plus if is_form else _inside_json)
    if is_form:
        media_type = "application/x-www-form-urlencoded"
        if isinstance(content, str):
            return media_type, content.encode()
        parts = content if isinstance(content, list) else [content]
        pairs = [pair for part in parts if isinstance(part, dict) for pair in part.items()]
        return media_type, urlencode([(name, _form_value(value)) for name, value in pairs]).encode()
    if not isinstance(content, str) or not isinstance(body, str):
        content = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return "application/json", content.encode()


def _inside_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _form_value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@functools.lru_cache(maxsize=4096)
def mobile_country(number: str) -> int:
    """Return the mobile country code of a number; 0 if the sandbox does not know it."""
    for length in range(_LONGEST_PREFIX, 0, -1):
        found = COUNTRIES.get(number[:length])
        if found is not None:
            return found
    return 0
