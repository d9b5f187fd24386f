"""Errors of an outbox; none of their messages holds a number, a text or a key."""

from __future__ import annotations

from smsmanager.errors import SmsManagerError

EXPIRED = "The message was not sent in time. Nothing was sent."


class OutboxError(SmsManagerError):
    """The outbox cannot be read or written. The text says whether anything was sent."""


class KeyConflictError(OutboxError):
    """The key belongs to another message; nothing was sent."""


class OutboxTargetError(OutboxError):
    """A message is for another service than the client's, or went to it; nothing was sent.

    A rehearsal in a sandbox does not count for the real service, nor the other way round.
    """


class SendInProgressError(OutboxError):
    """Another process is sending the message of this key now; call again later for its outcome."""

    safe_to_retry = True


class MessageExpiredError(OutboxError):
    """The message was not sent in time and will not be sent; nothing was sent."""
