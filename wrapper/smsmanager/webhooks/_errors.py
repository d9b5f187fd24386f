"""What goes wrong with a webhook: it cannot be read, or it cannot be trusted."""

from __future__ import annotations

from smsmanager.errors import SmsManagerError


class WebhookParseError(SmsManagerError, ValueError):
    """A body is no JSON of events, or exceeds a bound; the text repeats nothing of it."""


class CallbackRefusedError(SmsManagerError):
    """A request carries no valid callback token.

    Attributes:
        reason: `missing`, `malformed`, `forged` or `expired`. For your logs; a sender is told none of it.
    """

    def __init__(self, reason: str) -> None:
        """Keep the reason."""
        super().__init__(f"The callback token of this request is not valid: {reason}.")
        self.reason = reason
