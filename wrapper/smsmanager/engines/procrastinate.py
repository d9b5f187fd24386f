"""Campaigns on the workers of a Procrastinate app; needs `smsmanager[procrastinate]` and only PostgreSQL."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Unpack

from procrastinate.exceptions import AlreadyEnqueued

from smsmanager.engines.campaign_engine import PERMIT, TEND, CampaignEngine, EngineOptions

if TYPE_CHECKING:
    from pathlib import Path

    from procrastinate import App


class ProcrastinateCampaigns(CampaignEngine):
    """Runs campaigns as tasks of a Procrastinate app.

    Create it where you create the app. Any worker replaces lost permits: Procrastinate runs periodic tasks
    itself.

    Args:
        app: The app. `start`, `resume` and `tend` need it open.
        ledger: As for `CampaignEngine`; it can be the app's database.
        queue: The queue of its tasks.
        **options: As for `CampaignEngine`; `tend_every_s` in whole seconds, up to a minute.
    """

    label = "procrastinate"

    def __init__(
        self,
        app: App,
        ledger: str | Path,
        *,
        queue: str = "smsmanager",
        **options: Unpack[EngineOptions],
    ) -> None:
        super().__init__(ledger, **options)
        self._permits: Any = app.task(name=PERMIT, queue=queue)(self._permit)
        every_s = max(1, min(60, round(self._tend_every_s)))
        tending = app.task(name=TEND, queue=queue, queueing_lock=TEND)(self._tend_each)
        app.periodic(cron=f"* * * * * */{every_s}", periodic_id=TEND)(tending)

    async def _permit(self, campaign: str | None) -> None:
        again_in_s = await asyncio.to_thread(self.use_permit, campaign)
        if again_in_s is not None:
            permit = self._permits.configure(schedule_in={"seconds": again_in_s})
            await permit.defer_async(campaign=campaign)

    async def _tend_each(self, timestamp: int) -> None:  # noqa: ARG002 - of the period
        for campaign, missing in await asyncio.to_thread(self._all_missing):
            for place in range(missing):
                with suppress(AlreadyEnqueued):
                    await self._locked(campaign, place).defer_async(campaign=campaign)

    def send_permit(self, campaign: str | None, place: int) -> None:
        """Queue the permit of a place, unless it is already queued."""
        with suppress(AlreadyEnqueued):
            self._locked(campaign, place).defer(campaign=campaign)

    def _locked(self, campaign: str | None, place: int) -> Any:
        # The lock limits queued permits to the number of places: otherwise they would pile up without a
        # worker.
        return self._permits.configure(queueing_lock=f"{PERMIT}:{campaign or ''}:{place}")
