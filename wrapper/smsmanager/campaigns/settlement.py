"""What came of asking the service about the rows of a campaign."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping


@attrs.frozen
class Settlement:
    """What `Campaign.settle` found out.

    Attributes:
        settled: Rows that are *accepted* now, under the id that the service gave them.
        questions: Questions that were asked.
        findings: How many rows are still open for which reason: `not_found`, `several` or `doubtful` (see
            `smsmanager.asking.Evidence`); `undated` for rows that an earlier version sent without noting
            when, about which nothing was asked.
        states: Accepted rows whose state was found.
    """

    settled: int
    questions: int
    findings: Mapping[str, int] = attrs.field(factory=dict)
    states: int = 0

    @property
    def still_open(self) -> int:
        """Rows that stay *unknown* or *unconfirmed*; `Campaign.rows` has the evidence of each."""
        return sum(self.findings.values())


@attrs.frozen
class CampaignCancellation:
    """What `Campaign.cancel` achieved; `Campaign.rows` has what became of each row.

    Attributes:
        cancelled: Rows that the service says it cancelled.
        refused: Rows that it did not cancel: they were processed already, or are not known.
        unclear: Rows of which nobody knows: the answer was lost.
    """

    cancelled: int = 0
    refused: int = 0
    unclear: int = 0
