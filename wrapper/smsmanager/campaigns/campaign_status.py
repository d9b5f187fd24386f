"""The state of a campaign, and the service it is for."""

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
        counts: How many rows are in each state, every state included.
        created_at: When it was made.
        source: Name of the input, as given.
        fingerprint: Identifies that input.
        deliveries: How many rows have which reported result.
        target: The service that it is for: its base URL, or `"this machine"` for a sandbox; None if it has
            not been run yet, or was made by a version that did not record it.
        findings: How many *unknown* and *unconfirmed* rows have which finding, since the service was asked
            about them; see `Settlement`.
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
        """Rows, including refused ones."""
        return sum(self.counts.values())

    @property
    def left(self) -> int:
        """Rows that are still to be sent."""
        return sum(self.counts[state] for state in UNSETTLED)
