"""Errors of webhooks that cannot be read or trusted."""

from __future__ import annotations

from smsmanager.errors import SmsManagerError


class WebhookParseError(SmsManagerError, ValueError):
    """A body contains no readable events, or exceeds a limit; the message quotes nothing from it."""


class CallbackRefusedError(SmsManagerError):
    """A request has no valid callback token.

    Attributes:
        reason: `missing`, `malformed`, `forged` or `expired`. For your logs; the sender does not see it.
    """

    def __init__(self, reason: str) -> None:
        """Keep the reason."""
        super().__init__(f"The callback token of this request is not valid: {reason}.")
        self.reason = reason
