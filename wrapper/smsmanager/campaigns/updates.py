"""What a run tells while it goes on."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import attrs

from smsmanager.campaigns.states import UNSETTLED, RowState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from smsmanager.errors import SmsManagerError


class Phase(StrEnum):
    """What a run is doing."""

    SENDING = "sending"
    PAUSED = "paused"
    """Waiting, for the reason and until the time that the update names."""
    STOPPED = "stopped"
    """Ended before every row was tried, for the reason that the update names."""
    FINISHED = "finished"
    """Ended: nothing is left that this run may send."""


@attrs.frozen
class Update:
    """Where a run stands. While the caller has one in hand, no request is in flight.

    Attributes:
        phase: What the run is doing.
        counts: How many rows of the campaign are in each state; every state is there.
        requests: Requests that this run sent.
        recipients: Recipients in them.
        failures: How many of them failed.
        elapsed_s: Seconds since the run began.
        rate: Recipients a second of late; None before there is one.
        remaining_s: Seconds until the run will end at that rate; None when that cannot be told.
        reason: Why it is paused or stopped, in words.
        resumes_at: When a pause ends.
        error: The last failure, when that is why the run is paused or stopped.
    """

    phase: Phase
    counts: Mapping[RowState, int]
    requests: int = 0
    recipients: int = 0
    failures: int = 0
    elapsed_s: float = 0.0
    rate: float | None = None
    remaining_s: float | None = None
    reason: str | None = None
    resumes_at: datetime | None = None
    error: SmsManagerError | None = None

    @property
    def total(self) -> int:
        """Rows of the campaign, the refused ones included."""
        return sum(self.counts.values())

    @property
    def left(self) -> int:
        """Rows that are still to be sent."""
        return sum(self.counts[state] for state in UNSETTLED)

    @property
    def done(self) -> int:
        """Rows that are settled, the refused ones included."""
        return self.total - self.left
