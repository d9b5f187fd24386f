"""The state of a campaign, and the service it sends to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from smsmanager.campaigns.rows import UNSETTLED, RowState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@attrs.frozen
class CampaignStatus:
    """The state of a campaign.

    Attributes:
        name: Its name.
        counts: The number of rows in each state, including states without rows.
        created_at: When it was created.
        source: Name of the input, as given.
        fingerprint: Identifies that input.
        deliveries: The number of rows by reported result.
        target: The service it sends to: its base URL, or `"this machine"` for a sandbox; None if it was not
            run yet, or was created by a version that did not record it.
        findings: The number of *unknown* and *unconfirmed* rows by finding, if the service was asked about
            them; see `Settlement`.
    """

    name: str
    counts: Mapping[RowState, int]
    created_at: datetime
    source: str | None = None
    fingerprint: str | None = None
    deliveries: Mapping[str, int] = attrs.field(factory=dict)
    target: str | None = None
    findings: Mapping[str, int] = attrs.field(factory=dict)

    @property
    def total(self) -> int:
        """The number of rows, including refused ones."""
        return sum(self.counts.values())

    @property
    def left(self) -> int:
        """The number of rows still to be sent."""
        return sum(self.counts[state] for state in UNSETTLED)
