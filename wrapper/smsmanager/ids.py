"""Message ids: those of the service, with their suffixes, and the caller's own references.

A message whose outcome is unknown has no id yet. A reference identifies it later: it is sent in the message's
`payload`, which every webhook of the message repeats.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

REFERENCE_KEY = "smsmanager_reference"
"""The field of `payload` that holds the reference."""
OWN_TAG = "sm-"
"""Prefix of the tag that is unique to a message; see `settle_by_tag` in `ClientOptions`."""
_FORM_KEY = "customID"
_EXPANDED = re.compile(r"(.+)-(0|[1-9][0-9]?)", re.DOTALL)


def expand_message_id(message_id: str, recipient_index: int) -> str:
    """Return `<message_id>-<recipient_index>`, under which webhooks report a recipient of a batch message.

    Args:
        message_id: Id of the message from the answer to `POST /messages`, without a suffix.
        recipient_index: Position in the message's `to`, counted from 0.

    Raises:
        ValueError: If `recipient_index` is negative.

    Source: SmsManager API reference, "Send a batch of messages".
    """
    if recipient_index < 0:
        raise ValueError("recipient_index counts from 0 and cannot be negative")
    return f"{message_id}-{recipient_index}"


def split_message_id(message_id: str) -> tuple[str, int | None]:
    """Return the id of the message and the index of the recipient, None if the id has no suffix.

    A suffix has one digit or two, so the last group of a UUID is never taken for one.

    Args:
        message_id: An id in either form.
    """
    found = _EXPANDED.fullmatch(message_id)
    return (found[1], int(found[2])) if found else (message_id, None)


def same_message(one: str, other: str) -> bool:
    """Return whether two ids can name the same recipient.

    The service's pages leave open whether a batch message with one recipient is reported with the suffix
    `-0` or without it, so an id and the same id with `-0` are treated as one.

    Args:
        one: An id in either form.
        other: An id in either form.
    """
    return other in (one, f"{one}-0") or one == f"{other}-0"


def new_reference() -> str:
    """Return a new, unique reference."""
    return os.urandom(16).hex()


def reference_of(payload: object) -> str | None:
    """Return the reference that a payload carries, or None.

    Args:
        payload: The `payload` of a message or of a webhook: a JSON object. After `send_simple` it holds the
            reference as `customID` (SmsManager API reference, "Send a simple message").
    """
    # The exact type first: a check against an abstract class is slow.
    if type(payload) is not dict and not isinstance(payload, Mapping):
        return None
    values = (payload.get(key) for key in (REFERENCE_KEY, _FORM_KEY))
    return next((value for value in values if isinstance(value, str) and value), None)
