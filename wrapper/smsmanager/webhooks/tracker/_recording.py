"""Which record of a recipient replaces which; pure."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smsmanager.results import RecipientOutcome


def outcome_key(outcome: RecipientOutcome) -> str:
    """Return the key under which a recipient is kept: its message id, where it has one."""
    return replaced_key(outcome) if outcome.message_id is None else f"id:{outcome.message_id}"


def replaced_key(outcome: RecipientOutcome) -> str:
    """Return the key under which the same recipient was kept while it had no message id.

    A recipient that was unknown at first and was sent to again is one recipient.
    """
    names = (outcome.reference, outcome.request_id if outcome.reference is None else None)
    told = repr((*names, outcome.message_index, outcome.index, outcome.phone_number))
    return "at:" + hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:40]
