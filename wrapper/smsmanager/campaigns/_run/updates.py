"""The updates of a run that the caller sees."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import attrs

from smsmanager.campaigns.rows import UNSETTLED, RowState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from smsmanager.errors import SmsManagerError


class Phase(StrEnum):
    """The phase of a run."""

    SENDING = "sending"
    PAUSED = "paused"
    """Waiting, for the reason and until the time in the update."""
    STOPPED = "stopped"
    """Ended before every row was tried, for the reason in the update."""
    FINISHED = "finished"
    """Ended: nothing is left that this run may send."""


@attrs.frozen
class Update:
    """The state of a run. No request is in flight while the caller handles an update.

    Attributes:
        phase: The phase of the run.
        counts: Number of rows of the campaign in each state, including states without rows.
        requests: Number of requests that this run sent.
        recipients: Number of recipients in them.
        failures: Number of failed requests.
        elapsed_s: Seconds since the run began.
        rate: Recent recipients per second; None if there is no rate yet.
        remaining_s: Seconds until the run will end at this rate; None if this is not known.
        reason: Why it is paused or stopped.
        resumes_at: When the pause ends.
        error: The last failure of the run, if the run is paused or stopped.
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
        """Number of rows of the campaign, including refused ones."""
        return sum(self.counts.values())

    @property
    def left(self) -> int:
        """Number of rows still to be sent."""
        return sum(self.counts[state] for state in UNSETTLED)

    @property
    def done(self) -> int:
        """Number of rows that are not to be sent any more, including refused ones."""
        return self.total - self.left
