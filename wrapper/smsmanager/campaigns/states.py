"""The states of a row, and which may follow which; pure."""

from __future__ import annotations

from enum import StrEnum


class RowState(StrEnum):
    """What is known of a row."""

    REFUSED = "refused"
    """Not fit to be sent; it never will be."""
    PENDING = "pending"
    """Not sent yet."""
    IN_FLIGHT = "in_flight"
    """In a request that may be out; noted durably before the request leaves."""
    ACCEPTED = "accepted"
    """Taken for processing."""
    REJECTED = "rejected"
    """Not taken, and meant to be sent again."""
    UNCONFIRMED = "unconfirmed"
    """The answer did not mention it: it may or may not have been taken."""
    NOT_SENT = "not_sent"
    """Certainly not taken, and tried often enough for one run."""
    UNKNOWN = "unknown"
    """Its request may have gone out, and what became of it is not known: it may have been taken."""


OPEN = frozenset((RowState.UNKNOWN, RowState.UNCONFIRMED))
"""Perhaps taken: sent again only when the caller asks for it."""
UNSENT = frozenset((RowState.NOT_SENT, RowState.REJECTED))
"""Certainly not taken: the next run sends them."""
UNSETTLED = frozenset((RowState.PENDING, RowState.IN_FLIGHT))
"""What a run still has to do."""
