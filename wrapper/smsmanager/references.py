"""The caller's own id of a message, carried through payload and webhooks.

A request whose outcome is unknown has no message id. A reference settles it later: it goes out in the
message's `payload`, which every webhook of the message repeats.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

REFERENCE_KEY = "smsmanager_reference"
"""The field of `payload` that holds the reference."""
_FORM_KEY = "customID"


def new_reference() -> str:
    """Return a reference that no other message has."""
    import uuid  # noqa: PLC0415 - few clients make references

    return uuid.uuid4().hex


def reference_of(payload: object) -> str | None:
    """Return the reference that a payload carries.

    Args:
        payload: The `payload` of a message or of a webhook, as JSON. That of a message sent by form holds the
            reference as `customID` (SmsManager API reference, "Send a simple message").

    Returns:
        The reference, or None when there is none.
    """
    # The exact type first: asking for an abstract class takes long.
    if type(payload) is not dict and not isinstance(payload, Mapping):
        return None
    fields: Mapping[str, Any] = payload
    for key in (REFERENCE_KEY, _FORM_KEY):
        value = fields.get(key)
        if isinstance(value, str) and value:
            return value
    return None
