"""Errors of an outbox. Their messages contain no number, text or key."""

from __future__ import annotations

from smsmanager.errors import SmsManagerError

EXPIRED = "The message was not sent in time. Nothing was sent."


class OutboxError(SmsManagerError):
    """The outbox cannot be read or written. The text says whether anything was sent."""


class KeyConflictError(OutboxError):
    """The key belongs to another message; nothing was sent."""


class OutboxTargetError(OutboxError):
    """A message is for another service than the client's, or was sent there; this call sent nothing.

    A rehearsal in a sandbox does not count for the real service, or the other way round.
    """


class SendInProgressError(OutboxError):
    """Another process is sending the message of this key now; call again later for its outcome."""

    safe_to_retry = True


class MessageExpiredError(OutboxError):
    """The message was not sent in time and will not be sent; nothing was sent."""
