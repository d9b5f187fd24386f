"""The outcome of a request for its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from smsmanager.campaigns._ledger.batches import Settled
from smsmanager.campaigns.rows import RowState
from smsmanager.errors import (
    AuthenticationError,
    ConfigurationError,
    SmsManagerError,
    ValidationError,
)
from smsmanager.results import Status
from smsmanager.retry import RetryPolicy

if TYPE_CHECKING:
    from smsmanager.campaigns._run.run_steps import Ended

# The run itself repeats requests: it delays all of them, and records every attempt in the ledger.
_BACKOFF = RetryPolicy(retries=1_000_000, total_s=float("inf"), first_wait_s=1.0, max_wait_s=60.0)
_HOPELESS = (AuthenticationError, ConfigurationError, ValidationError)
_DIRECT = {
    Status.ACCEPTED: RowState.ACCEPTED,
    Status.UNCONFIRMED: RowState.UNCONFIRMED,
    Status.UNKNOWN: RowState.UNKNOWN,
}


@attrs.frozen
class Verdict:
    """The outcome of a request.

    Attributes:
        rows: The outcome of each row.
        failure: The error, if it failed.
        fatal: Whether every other request would fail in the same way.
        bug: An exception that the client should never raise; it ends the run.
    """

    rows: list[Settled]
    failure: SmsManagerError | None = None
    fatal: bool = False
    bug: BaseException | None = None


def verdict(ended: Ended, attempts: int) -> Verdict:
    """Return the outcome of a request.

    Args:
        ended: The request.
        attempts: How often one run tries a row.
    """
    error, result = ended.error, ended.result
    failure = error if isinstance(error, SmsManagerError) else None
    if failure is not None:
        result = failure.result
    rows = [(row, number) for _, rows, number in ended.batch.parcels for row in rows]
    if result is not None:
        outcomes = [(each.status, each.message_id, each.request_id) for each in result]
    else:
        # The client refused the call; any other exception may have come after the request left.
        nothing_sent = failure is not None and not failure.request_may_be_taken
        outcomes = [(Status.NOT_SENT if nothing_sent else Status.UNKNOWN, None, None)] * len(rows)
    repeatable = failure is not None and failure.safe_to_retry
    reason = None if error is None else type(error).__name__
    return Verdict(
        [
            Settled(
                row,
                number,
                settled(status, row.doubt, again=repeatable and row.tried + 1 < attempts),
                message_id,
                None if status is Status.ACCEPTED else reason,
                request_id,
            )
            for (row, number), (status, message_id, request_id) in zip(rows, outcomes, strict=True)
        ],
        failure=failure,
        fatal=isinstance(error, _HOPELESS),
        bug=error if failure is None else None,
    )


def settled(status: Status, doubt: str | None, *, again: bool) -> RowState:
    """Return the state of a row after its request.

    Args:
        status: The client's outcome for the recipient.
        doubt: The earlier state of a row that was sent again although it may have been accepted. If the
            second request was certainly not accepted, this says nothing about the first, so the row returns
            to this state.
        again: Whether this run tries a row again that was certainly not accepted.
    """
    if (direct := _DIRECT.get(status)) is not None:
        return direct
    if status is Status.REJECTED:
        return RowState.REJECTED if doubt is None else RowState(doubt)
    if again:
        return RowState.PENDING
    return RowState.NOT_SENT if doubt is None else RowState(doubt)


def backoff_s(error: SmsManagerError, failures: int) -> float:
    """Return the seconds for which all requests are delayed after a failure.

    Args:
        error: The failure.
        failures: Number of failures in a row, including this one.
    """
    return _BACKOFF.wait_after(error, failures, 0.0) or 0.0
