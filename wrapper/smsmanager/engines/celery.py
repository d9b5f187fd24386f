"""Campaigns on the workers of a Celery app; needs `smsmanager[celery]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from smsmanager.engines.campaign_engine import PERMIT, TEND, CampaignEngine, EngineOptions

if TYPE_CHECKING:
    from pathlib import Path

    from celery import Celery


class CeleryCampaigns(CampaignEngine):
    """Runs campaigns as tasks of a Celery app.

    Create it where you create the app, so that workers and beat know its two tasks. Beat replaces lost
    permits: run `celery beat`, or one worker with `-B`.

    Args:
        app: The app.
        ledger: As for `CampaignEngine`.
        queue: The queue of its tasks; None leaves this to the app.
        **options: As for `CampaignEngine`.
    """

    label = "celery"

    def __init__(
        self,
        app: Celery,
        ledger: str | Path,
        *,
        queue: str | None = None,
        **options: Unpack[EngineOptions],
    ) -> None:
        super().__init__(ledger, **options)
        self._queue = {} if queue is None else {"queue": queue}
        # Lost permits are replaced, so no task needs a late acknowledgement or a retry.
        plain: dict[str, Any] = {
            "ignore_result": True,
            "acks_late": False,
            "max_retries": 0,
            "shared": False,  # otherwise every app of the process would get them
        }

        # Functions, because Celery counts the `self` of a method as an argument of the task.
        def permit(campaign: str | None) -> None:
            self._permit(campaign)

        def tending() -> None:
            self.tend_all()

        # Celery has no types for functions that became tasks.
        untyped: Any = app
        self._permits = untyped.task(permit, name=PERMIT, **plain)
        self._tending = untyped.task(tending, name=TEND, **plain)
        untyped.on_after_finalize.connect(self._add_to_beat, weak=False)

    def _add_to_beat(self, sender: Any, **_: Any) -> None:
        # Expires, because tasks would pile up while no worker runs.
        sender.add_periodic_task(
            self._tend_every_s,
            self._tending.s(),
            name=TEND,
            expires=self._tend_every_s,
            **self._queue,
        )

    def _permit(self, campaign: str | None) -> None:
        again_in_s = self.use_permit(campaign)
        if again_in_s is not None:
            self._queue_permit(campaign, again_in_s)

    def send_permit(self, campaign: str | None, place: int) -> None:  # noqa: ARG002 - it expires
        """Queue a permit that expires at the next check of the campaign if it is not used."""
        self._queue_permit(campaign, 0.0)

    def _queue_permit(self, campaign: str | None, delay_s: float) -> None:
        expires_s = delay_s + self._tend_every_s
        self._permits.apply_async((campaign,), countdown=delay_s, expires=expires_s, **self._queue)
