"""Bytes or JSON into events, element by element, within bounds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from smsmanager.webhooks._events import (
    GATEWAYS,
    RESULTS,
    DeliveryReport,
    Event,
    IncomingMessage,
    Reply,
    UnknownEvent,
)
from smsmanager.webhooks._lenient_values import id_of, moment_of, text_of
from smsmanager.webhooks._webhook_errors import WebhookParseError
from smsmanager_jsonapi import models

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MAX_BODY_BYTES = 4 * 1024 * 1024
"""Largest body. The service sends at most 500 events in one body, each about 600 bytes plus the payload."""
MAX_EVENTS = 5_000
"""Most elements in one body."""
MAX_DEPTH = 32
"""Most levels of nesting inside one element."""
_LONGEST_WORD = 64
_BYTE_ORDER_MARK = "\ufeff"


def parse_webhook(
    body: bytes | str | Sequence[Any] | Mapping[str, Any],
    *,
    max_bytes: int = MAX_BODY_BYTES,
    max_events: int = MAX_EVENTS,
) -> list[Event]:
    """Return the events of a webhook.

    An element that cannot be understood becomes an `UnknownEvent`; the others are not affected. The service
    posts an array; a bare object and `{"notifications": [...]}` are accepted too.

    Args:
        body: The bytes or text of a request, or JSON that is already decoded.
        max_bytes: Most bytes (characters of a text) that are read.
        max_events: Most elements.

    Raises:
        WebhookParseError: If the body is not a JSON array or object, or exceeds a bound. Nothing else is
            raised for any body.

    Source: SmsManager API reference, "Webhooks".
    """
    elements = _elements(_decoded(body, max_bytes) if isinstance(body, (bytes, str)) else body)
    if len(elements) > max_events:
        raise WebhookParseError(f"The body has more than {max_events} events.")
    return [_event(element) for element in elements]


def _decoded(body: bytes | str, max_bytes: int) -> Any:
    if len(body) > max_bytes:
        raise WebhookParseError(f"The body is longer than {max_bytes} bytes.")
    try:
        if isinstance(body, str):
            body = body.removeprefix(_BYTE_ORDER_MARK)
        return json.loads(body)
    except RecursionError:
        text = "The body is nested too deeply."
    except (ValueError, MemoryError):
        text = "The body is not JSON."
    # Outside the handler: the cause holds the whole body.
    raise WebhookParseError(text)


def _elements(decoded: Any) -> Sequence[Any]:
    if isinstance(decoded, dict):
        wrapped = decoded.get("notifications")
        return wrapped if isinstance(wrapped, list) and "type" not in decoded else [decoded]
    if isinstance(decoded, (list, tuple)):
        return decoded
    raise WebhookParseError("The body is neither a JSON array nor an object.")


def _event(element: Any) -> Event:
    if not isinstance(element, dict):
        return UnknownEvent("it is not an object", element if _is_shallow((element,)) else None)
    if not _is_shallow(element.values()):
        return UnknownEvent(f"it is nested more than {MAX_DEPTH} levels deep")
    kind = element.get("type")
    if kind == "outgoing":
        return _report(element)
    if kind == "incoming":
        return _incoming(element)
    return UnknownEvent("its type is neither outgoing nor incoming", element)


def _is_shallow(values: Iterable[Any], left: int = MAX_DEPTH) -> bool:
    for value in values:
        if isinstance(value, (dict, list, tuple)) and not (
            left and _is_shallow(value.values() if isinstance(value, dict) else value, left - 1)
        ):
            return False
    return True


def _report(element: dict[str, Any]) -> Event:
    # Read from the JSON itself: the generated model takes six times as long as decoding. Tests compare both.
    get = element.get
    message_id = id_of(get("message_id"))
    if message_id is None:
        return UnknownEvent("it is a delivery report without a usable message_id", element)
    result = _word(get("result"))
    if result is None:
        return UnknownEvent("it is a delivery report without a usable result", element)
    to, gateway, payload = get("to"), _word(get("gateway")), get("payload")
    return DeliveryReport(
        message_id,
        RESULTS.get(result, result),
        None if gateway is None else GATEWAYS.get(gateway, gateway),
        moment_of(get("timestamp")),
        text_of(to.get("phone_number") if isinstance(to, dict) else to),
        id_of(get("request_id")),
        payload if isinstance(payload, dict) else {},
        element,
    )


def _word(value: object) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST_WORD else None


def _incoming(element: dict[str, Any]) -> Event:
    model = models.IncomingReplyMessageEvent.from_dict(element)
    gateway = _word(model.gateway)
    known: dict[str, Any] = {
        "body": text_of(model.body) or "",
        "sender": text_of(model.sender),
        "recipient": text_of(model.recipient),
        "gateway": None if gateway is None else GATEWAYS.get(gateway, gateway),
        "at": moment_of(model.timestamp),
        "raw": element,
    }
    if element.get("message_id") is None:
        return IncomingMessage(**known)
    message_id = id_of(model.message_id)
    if message_id is None:
        return UnknownEvent("it is a reply without a usable message_id", element)
    payload = element.get("payload")
    return Reply(
        message_id,
        request_id=id_of(model.request_id),
        payload=payload if isinstance(payload, dict) else {},
        **known,
    )
