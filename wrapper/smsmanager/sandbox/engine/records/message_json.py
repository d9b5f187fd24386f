"""Write a message as the JSON API shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smsmanager.sandbox.engine.records import hidden_passwords
from smsmanager.sandbox.engine.records.unix_time import iso

if TYPE_CHECKING:
    from smsmanager.sandbox.engine.records import JsonObject
    from smsmanager.sandbox.engine.records.journey import StepRun
    from smsmanager.sandbox.engine.records.received_message import ReceivedMessage


def listed(message: ReceivedMessage) -> JsonObject:
    """Return a message as an entry of a list."""
    czk, eur = message.prices
    return {
        "sequence": message.sequence,
        "request_id": message.request_id,
        "message_id": message.message_id,
        "operation": message.operation,
        "status": message.status,
        "to": message.to,
        "to_given": message.to_given,
        "channels": message.channels,
        "body": message.body,
        "parts": message.parts,
        "encoding": message.encoding,
        "tags": message.tags,
        "state": message.state,
        "result_info": message.result_info,
        "waits_until": message.waits_until and iso(message.waits_until),
        "waits_for": message.journey.why,
        "price_czk": float(czk),
        "price_eur": float(eur),
        "notes": message.notes,
        "steps": _steps(message),
        "message": hidden_passwords.message(message.message),
        "key_fingerprint": message.key_fingerprint,
        "received_at": iso(message.received_at),
    }


def alone(message: ReceivedMessage) -> JsonObject:
    """Return a message on its own: with timeline, links and webhooks."""
    return {
        **listed(message),
        "timeline": [entry.as_json() for entry in message.timeline],
        "links": [link.as_json() for link in message.journey.links],
        "deliveries": [delivery.as_json() for delivery in tuple(message.journey.deliveries)],
    }


def _steps(message: ReceivedMessage) -> list[JsonObject]:
    runs = tuple(message.journey.runs)
    texts = message.texts
    return [
        {
            **step.as_json(),
            "text": texts[index],
            "result": runs[index].result if index < len(runs) else None,
            "price_czk": _amount(runs, index, "czk"),
            "price_eur": _amount(runs, index, "eur"),
        }
        for index, step in enumerate(message.steps)
    ]


def _amount(runs: tuple[StepRun, ...], index: int, currency: str) -> float | None:
    if index >= len(runs):
        return None
    price = runs[index].price
    return 0.0 if price is None else float(getattr(price, currency))
