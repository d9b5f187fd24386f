"""What the outcome of a request makes of a row; pure."""

from __future__ import annotations

from smsmanager.campaigns.states import RowState
from smsmanager.results import Status

_PLAIN = {
    Status.ACCEPTED: RowState.ACCEPTED,
    Status.UNCONFIRMED: RowState.UNCONFIRMED,
    Status.UNKNOWN: RowState.UNKNOWN,
}


def settled(status: Status, doubt: RowState | None, *, again: bool) -> RowState:
    """Return the state of a row after its request.

    Args:
        status: What the client says of the recipient.
        doubt: What was known before, when the row was sent again although it may have been taken. A second
            request that was certainly not taken says nothing of the first one, so that holds again.
        again: Whether a row that was certainly not taken is tried again in this run.
    """
    if (plain := _PLAIN.get(status)) is not None:
        return plain
    if status is Status.REJECTED:
        return doubt or RowState.REJECTED
    if again:
        return RowState.PENDING
    return doubt or RowState.NOT_SENT
