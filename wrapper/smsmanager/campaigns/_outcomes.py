"""What the end of a request makes of its rows; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from smsmanager.campaigns._session import Settled
from smsmanager.campaigns._transitions import settled
from smsmanager.errors import (
    AuthenticationError,
    ConfigurationError,
    SmsManagerError,
    ValidationError,
)
from smsmanager.results import Status
from smsmanager.retry import RetryPolicy

if TYPE_CHECKING:
    from smsmanager.campaigns._steps import Ended

# The engine itself repeats: a pause holds all requests back, and every try is in the ledger.
_BACKOFF = RetryPolicy(retries=1_000_000, total_s=float("inf"), first_wait_s=1.0, max_wait_s=60.0)
_HOPELESS = (AuthenticationError, ConfigurationError, ValidationError)


@attrs.frozen
class Verdict:
    """What the end of a request means.

    Attributes:
        rows: What became of each row.
        failure: The error, if it failed.
        fatal: Whether no other request can fare better.
        bug: What was raised that the client never raises; the run ends with it.
    """

    rows: tuple[Settled, ...]
    failure: SmsManagerError | None = None
    fatal: bool = False
    bug: BaseException | None = None


def verdict(ended: Ended, attempts: int) -> Verdict:
    """Return what the end of a request means.

    Args:
        ended: How it ended.
        attempts: How often a row is tried in one run.
    """
    error = ended.error
    result = ended.result
    if isinstance(error, SmsManagerError):
        result = error.result
    rows = list(ended.batch.rows())
    if result is not None:
        told = [(outcome.status, outcome.message_id) for outcome in result]
    else:
        # Refused before there were recipients; whatever else was raised may have come after the request left.
        nothing_sent = isinstance(error, SmsManagerError) and not error.request_may_be_taken
        told = [(Status.NOT_SENT if nothing_sent else Status.UNKNOWN, None)] * len(rows)
    fatal = isinstance(error, _HOPELESS)
    repeatable = isinstance(error, SmsManagerError) and error.safe_to_retry
    reason = None if error is None else type(error).__name__
    return Verdict(
        tuple(
            Settled(
                row,
                settled(status, row.doubt, again=repeatable and row.tried + 1 < attempts),
                message_id,
                None if status is Status.ACCEPTED else reason,
            )
            for row, (status, message_id) in zip(rows, told, strict=True)
        ),
        failure=error if isinstance(error, SmsManagerError) else None,
        fatal=fatal,
        bug=error if not isinstance(error, (SmsManagerError, type(None))) else None,
    )


def backoff_s(error: SmsManagerError, failures: int) -> float:
    """Return the seconds for which all requests are held back after a failure.

    Args:
        error: The failure.
        failures: How many there were in a row, this one included.
    """
    return _BACKOFF.wait_after(error, failures, 0.0) or 0.0
