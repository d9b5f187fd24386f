"""Define one request that the sandbox received."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from smsmanager.sandbox.engine.records import hidden_passwords
from smsmanager.sandbox.engine.records.unix_time import iso

if TYPE_CHECKING:
    from datetime import datetime

    from smsmanager.sandbox.engine.records import JsonObject


@attrs.frozen(kw_only=True)
class ReceivedRequest:
    """One request to the service, whether taken or refused.

    Attributes:
        sequence: Position in the order of arrival, counted from 1; never used twice.
        method: HTTP method.
        path: Path, without the query, at most 200 characters.
        operation: `operationId`; `None` if there is no such operation.
        status_code: HTTP status that was answered; `None` if a fault left it without an answer.
        reason: Why it was refused: JSON pointer and rule, nothing personal. With a fault
            `"fault: ..."`: its kind, and whether messages were stored. `None` if taken.
        request_id: Id in the answer, or the one that it would have had without a fault; `None` without one.
        recipients: How many messages, one per recipient, were stored; 0 if refused.
        key_fingerprint: First 12 hex digits of the SHA-256 of the API key; `None` without a key.
        received_at: Time of arrival, UTC.
        content: Beginning of a refused body, at most 4,096 characters; `None` for any other.
    """

    sequence: int
    method: str
    path: str = attrs.field(repr=False)
    operation: str | None
    status_code: int | None
    reason: str | None
    request_id: str | None
    recipients: int
    key_fingerprint: str | None = attrs.field(repr=False)
    received_at: datetime
    content: str | None = attrs.field(default=None, repr=False)

    @property
    def is_refused(self) -> bool:
        """Whether the service refused it; a fault is not a refusal."""
        return self.reason is not None and not self.reason.startswith("fault:")

    @property
    def pointer(self) -> str | None:
        """JSON pointer to what was refused, `"/"` for the whole body; `None` if `reason` has none."""
        if self.reason is None or not self.reason.startswith("/"):
            return None
        return self.reason.partition(":")[0]

    def as_json(self) -> JsonObject:
        """Return the request as the JSON API shows it."""
        return {
            **attrs.asdict(self),
            "content": self.content and hidden_passwords.text(self.content),
            "pointer": self.pointer,
            "received_at": iso(self.received_at),
        }
