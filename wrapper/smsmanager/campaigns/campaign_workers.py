"""Control of the workers that share a campaign: the methods of `Campaign` that start, pause and stop them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import attrs

if TYPE_CHECKING:
    from datetime import datetime

    from smsmanager.campaigns._ledger.ledger import Ledger
    from smsmanager.campaigns._run.campaign_options import RunChanges


@attrs.frozen
class Worker:
    """One worker and what it works on.

    Attributes:
        lease: Number of its lease.
        worker: Who it is: host, process and engine.
        first: First row that it may send.
        last: Last row that it may send.
        until: When its lease ends unless it is renewed.
    """

    lease: int
    worker: str
    first: int
    last: int
    until: datetime


class CampaignWorkers:
    """Starts, paces, pauses and stops workers; a base of `Campaign`."""

    _ledger: Ledger

    def start_workers(
        self,
        *,
        base_url: str | None = None,
        resend_unknown: bool = False,
        **changes: Unpack[RunChanges],
    ) -> None:
        """Let workers send what is still to be sent; from now on `work` finds something to do.

        Rows that are *not sent* or *rejected* become *pending* again. The changes hold for all workers until
        the next start.

        Args:
            base_url: The service that it is for, as given to the clients; None leaves that to the first one.
            resend_unknown: Whether to also send rows that are *unknown* or *unconfirmed*. Their recipients
                may get the message twice; nothing else repeats them.
            **changes: Options for this start only. `concurrency` is for each worker, `requests_per_s` and
                `window` for all of them together.

        Raises:
            CampaignLockedError: If another process runs the campaign by itself.
            CampaignTargetError: If it is for another service.
        """

    def pause_workers(self) -> None:
        """Let no worker begin another request, within two seconds; their leases stay."""

    def resume_workers(self) -> None:
        """End a pause."""

    def stop_workers(self, reason: str = "a stop was requested") -> None:
        """Let all workers end, within two seconds and what is in flight, until the next start.

        Args:
            reason: Why, in words; shown to workers.
        """

    def workers(self) -> list[Worker]:
        """Return who works on which rows now."""
        return []
