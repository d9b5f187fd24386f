"""The state of a key, the result of a drain, and the state of an outbox."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import attrs

from smsmanager.errors import counted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from smsmanager.errors import SmsManagerError
    from smsmanager.results import SendResult
    from smsmanager.webhooks import DeliveryState

MOST_KEY = 200
"""Maximum characters of a key."""


class OutboxState(StrEnum):
    """The state of the message of a key. The states from *accepted* to *unknown* are those of `Status`."""

    PENDING = "pending"
    """To be sent by the next `drain`."""
    IN_FLIGHT = "in_flight"
    """Being sent; *unknown* if its lease ends without an outcome."""
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNCONFIRMED = "unconfirmed"
    NOT_SENT = "not_sent"
    """Refused, and certainly not accepted; `reason` says why."""
    UNKNOWN = "unknown"
    """It may have been accepted. It is sent again only if the caller asks for it."""
    EXPIRED = "expired"
    """Not sent in time; it will never be sent."""


UNSETTLED = (OutboxState.PENDING, OutboxState.IN_FLIGHT)
PERHAPS_TAKEN = (OutboxState.UNKNOWN, OutboxState.UNCONFIRMED)
NOT_TAKEN = (OutboxState.NOT_SENT, OutboxState.REJECTED)


@attrs.frozen(repr=False)
class OutboxEntry:
    """The state of a key in an outbox.

    Attributes:
        key: The key.
        state: The state of its message.
        result: The outcome for each recipient; None before the first request.
        deliveries: For each recipient of `result`, the delivery reports, combined; None before the first.
        tries: How often the service decided on it, or may have. An outage does not count: no connection,
            a 429, a 503.
        reason: Why it was not sent, or not prepared.
        created_at: When the key was added, in UTC.
        settled_at: When its state became final, in UTC.
        target: The service that it went to or is for: its base URL, or `"this machine"` for a sandbox; None
            if it is not known.
    """

    key: str
    state: OutboxState
    result: SendResult | None
    deliveries: tuple[DeliveryState | None, ...]
    tries: int
    reason: str | None
    created_at: datetime
    settled_at: datetime | None
    target: str | None = None

    def __repr__(self) -> str:
        """Show only the state: a key can contain a number."""
        return f"OutboxEntry(state={self.state.value!r}, tries={self.tries})"


@attrs.frozen
class OutboxStats:
    """The state of an outbox.

    Attributes:
        counts: The number of keys in each state that occurs, except *accepted*.
        age_s: Seconds since the oldest due message became due; 0 if none is due.
    """

    counts: Mapping[OutboxState, int]
    age_s: float


@attrs.frozen(repr=False)
class Drained:
    """The result of one `drain`.

    Attributes:
        counts: The number of keys that changed to each state. *Pending* keys are tried again later.
        failure: The error that ended it early; None if nothing more is due.
    """

    counts: Mapping[OutboxState, int]
    failure: SmsManagerError | None = None

    def __repr__(self) -> str:
        """Show the counts and the kind of failure."""
        counts = counted({state.value: count for state, count in self.counts.items()})
        failure = "" if self.failure is None else f", failure={type(self.failure).__name__}"
        return f"Drained({counts or 'nothing'}{failure})"
