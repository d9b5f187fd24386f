"""The results of asking the service about the rows of a campaign."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping


@attrs.frozen
class Settlement:
    """The result of `Campaign.settle`.

    Attributes:
        settled: Number of rows that are now *accepted*, under the id from the service.
        questions: Number of questions asked.
        findings: Number of rows still open, by reason: `not_found`, `several` or `doubtful` (see
            `smsmanager.asking.Evidence`), or `undated`: an earlier version sent the row without noting when,
            so nothing was asked.
        states: Number of accepted rows whose state was found.
    """

    settled: int
    questions: int
    findings: Mapping[str, int] = attrs.field(factory=dict)
    states: int = 0

    @property
    def still_open(self) -> int:
        """Number of rows that stay *unknown* or *unconfirmed*; `Campaign.rows` has the evidence of each."""
        return sum(self.findings.values())


@attrs.frozen
class CampaignCancellation:
    """The result of `Campaign.cancel`; `Campaign.rows` has the outcome of each row.

    Attributes:
        cancelled: Number of rows that the service says it cancelled.
        refused: Number of rows that it did not cancel: they were already processed, or are unknown.
        unclear: Number of rows whose answer was lost: they may or may not be cancelled.
    """

    cancelled: int = 0
    refused: int = 0
    unclear: int = 0
