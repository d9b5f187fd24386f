"""Turn bytes or JSON into events, element by element, within limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smsmanager._message.checks import MAX_DEPTH, is_deeper
from smsmanager.webhooks._events import (
    DeliveryReport,
    Event,
    IncomingMessage,
    Reply,
    UnknownEvent,
)
from smsmanager.webhooks._lenient_values import id_of, moment_of, text_of
from smsmanager.webhooks._webhook_body import Decoded, decode, was_cut
from smsmanager.webhooks._webhook_errors import WebhookParseError
from smsmanager_jsonapi import models

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_BODY_BYTES = 4 * 1024 * 1024
"""Maximum bytes of a body. The service sends up to 500 events, each of about 600 bytes plus the payload."""
MAX_EVENTS = 5_000
"""Maximum number of elements in one body."""
_LONGEST_WORD = 64
_SPOILT = UnknownEvent("it contains a number with hundreds of digits, or is nested too deeply")


def parse_webhook(
    body: bytes | str | Sequence[Any] | Mapping[str, Any],
    *,
    max_bytes: int = MAX_BODY_BYTES,
    max_events: int = MAX_EVENTS,
    content_type: str | None = None,
) -> list[Event]:
    """Return the events of a webhook.

    An element that cannot be understood becomes an `UnknownEvent`; the others are not affected. The service
    posts an array; a bare object and `{"notifications": [...]}` are accepted too.

    Args:
        body: The bytes or text of a request, or JSON that is already decoded.
        max_bytes: Maximum bytes of the body, or characters of a string.
        max_events: Maximum number of elements.
        content_type: The `Content-Type` of the request. The fields of a form
            (`application/x-www-form-urlencoded`) are those of one event, or of several with names such as
            `0[type]`; objects are JSON, or nested as in `payload[order]`.

    Raises:
        WebhookParseError: If the body is neither a JSON array or object nor a form, or exceeds a limit.
            No body raises anything else.

    Source: SmsManager API reference, "Webhooks".
    """
    found = (
        decode(body, max_bytes, content_type) if isinstance(body, (bytes, str)) else Decoded(body)
    )
    elements = _elements(found.value)
    if len(elements) > max_events:
        raise WebhookParseError(f"The body has more than {max_events} events.")
    if found.is_cut:
        return [_SPOILT if was_cut(element) else _event(element) for element in elements]
    return [_event(element) for element in elements]


def _elements(decoded: Any) -> Sequence[Any]:
    if isinstance(decoded, dict):
        wrapped = decoded.get("notifications")
        return wrapped if isinstance(wrapped, list) and "type" not in decoded else [decoded]
    if isinstance(decoded, (list, tuple)):
        return decoded
    raise WebhookParseError("The body is neither a JSON array nor an object.")


def _event(element: Any) -> Event:
    if not isinstance(element, dict):
        return UnknownEvent(
            "it is not an object", None if is_deeper(element, MAX_DEPTH) else element
        )
    if is_deeper(element, MAX_DEPTH + 1):
        return UnknownEvent(f"it is nested more than {MAX_DEPTH} levels deep")
    kind = element.get("type")
    if kind is None or kind == "outgoing":
        return _report(element)
    if kind == "incoming":
        return _incoming(element)
    return UnknownEvent("its type is neither outgoing nor incoming", element)


def _report(element: dict[str, Any]) -> Event:
    # Read from the JSON: the generated model takes six times as long as decoding. Tests compare both.
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
        result,
        gateway,
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
        "gateway": gateway,
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
