"""Base of every engine: control of a campaign, and the code of its two tasks."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from smsmanager.campaigns import Campaign, started_campaigns, tend, work
from smsmanager.client import SmsManager
from smsmanager.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from smsmanager.campaigns import Tended
    from smsmanager.campaigns._run.campaign_options import RunChanges

PERMIT = "smsmanager.campaigns.permit"
"""Name of the task that works for a short time."""
TEND = "smsmanager.campaigns.tend"
"""Name of the task that replaces lost permits."""


class EngineOptions(TypedDict, total=False):
    """Options of every engine.

    Attributes:
        client: Creates the client of a worker's process, on its first permit. By default `SmsManager()`,
            which takes the key from the worker's environment: `SMSMANAGER_API_KEY`.
        moment_s: Seconds for which a permit lets a worker send; 20 by default.
        most_workers: Maximum permits of one campaign in use at once; 8 by default.
        tend_every_s: Seconds between two checks of each campaign; 10 by default.
    """

    client: Callable[[], SmsManager]
    moment_s: float
    most_workers: int
    tend_every_s: float


class CampaignEngine(ABC):
    """Runs the campaigns of one ledger on the workers of a task queue.

    To support another engine, write `send_permit`, a task that calls `use_permit`, and a periodic task that
    calls `tend_all`.

    Neither the API key nor the ledger's URL is an argument of a task. Both come from the worker's
    configuration.

    Args:
        ledger: As for `Campaign.create`. Workers on several machines need PostgreSQL.
        client: See `EngineOptions`.
        moment_s: See `EngineOptions`.
        most_workers: See `EngineOptions`.
        tend_every_s: See `EngineOptions`.

    Attributes:
        label: Name of the worker in `Campaign.workers`.

    Raises:
        ConfigurationError: If a number is not positive.
    """

    label = ""

    def __init__(
        self,
        ledger: str | Path,
        *,
        client: Callable[[], SmsManager] = SmsManager,
        moment_s: float = 20.0,
        most_workers: int = 8,
        tend_every_s: float = 10.0,
    ) -> None:
        for name, number in (
            ("moment_s", moment_s),
            ("most_workers", most_workers),
            ("tend_every_s", tend_every_s),
        ):
            if not number > 0:
                raise ConfigurationError(f"{name} must be more than 0. Nothing was sent.")
        self._ledger = ledger
        self._make_client = client
        self._moment_s = moment_s
        self._most_workers = most_workers
        self._tend_every_s = tend_every_s
        self._client: SmsManager | None = None
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        """Show no URL."""
        return f"{type(self).__name__}()"

    def __getstate__(self) -> Any:
        """Refuse to be pickled: a task would carry the ledger's URL."""
        raise TypeError(f"{type(self).__name__} cannot be pickled: create one in each process.")

    def start(
        self,
        campaign: str | None = None,
        *,
        base_url: str | None = None,
        resend_unknown: bool = False,
        **changes: Unpack[RunChanges],
    ) -> None:
        """Let workers send the remaining rows, and queue the first permits.

        Args:
            campaign: Its name; None if the ledger contains only one campaign.
            base_url: As for `Campaign.start_workers`.
            resend_unknown: As for `Campaign.start_workers`.
            **changes: As for `Campaign.start_workers`, such as `requests_per_s` for all workers together.

        Raises:
            CampaignNotFoundError: If there is no such campaign.
            CampaignLockedError: If a process is working on the campaign.
            CampaignTargetError: If the campaign is for another service.
        """
        with Campaign.open(self._ledger, name=campaign) as opened:
            opened.start_workers(base_url=base_url, resend_unknown=resend_unknown, **changes)
        self.tend(opened.name)

    def pause(self, campaign: str | None = None) -> bool:
        """Pause all workers within two seconds; return whether they were sending."""
        with Campaign.open(self._ledger, name=campaign) as opened:
            return opened.pause_workers()

    def resume(self, campaign: str | None = None) -> bool:
        """End a pause, and queue permits again; return whether the workers were paused."""
        with Campaign.open(self._ledger, name=campaign) as opened:
            was_paused = opened.resume_workers()
        self.tend(opened.name)
        return was_paused

    def stop(self, campaign: str | None = None, reason: str = "a stop was requested") -> bool:
        """Stop all workers within two seconds plus requests in flight; return whether they were started."""
        with Campaign.open(self._ledger, name=campaign) as opened:
            return opened.stop_workers(reason)

    def tend(self, campaign: str | None = None) -> Tended:
        """End the leases of dead workers, and replace lost permits.

        The engine calls this every few seconds; a manual call is harmless.
        """
        tended, missing = self._missing(campaign)
        for place in range(missing):
            self.send_permit(campaign, place)
        return tended

    def tend_all(self) -> None:
        """Tend every started campaign; the periodic task calls this."""
        for campaign in started_campaigns(self._ledger):
            self.tend(campaign)

    def _all_missing(self) -> list[tuple[str, int]]:
        """Tend every started campaign of the ledger; return how many permits to queue for each."""
        return [(name, self._missing(name)[1]) for name in started_campaigns(self._ledger)]

    def _missing(self, campaign: str | None) -> tuple[Tended, int]:
        tended = tend(self._ledger, campaign)
        return tended, max(0, min(tended.permits, self._most_workers - tended.workers))

    def use_permit(self, campaign: str | None) -> float | None:
        """Work for a short time; the task of a permit calls this.

        Returns:
            Seconds after which to queue the next permit, 0 for at once; None to leave this to `tend`.

        Raises:
            LedgerError: If the ledger fails. Do not retry: `tend` replaces the permit.
        """
        client = self._own_client()
        done = work(self._ledger, campaign, client, for_s=self._moment_s, worker=self.label)
        # A distant time is left to `tend`, which survives this process.
        if done.again_in_s is None or done.again_in_s > self._tend_every_s:
            return None
        # Otherwise each permit that was delivered twice would stay as one too many.
        return done.again_in_s if self._missing(campaign)[1] else None

    def _own_client(self) -> SmsManager:
        with self._lock:
            if self._client is None:
                self._client = self._make_client()
            return self._client

    @abstractmethod
    def send_permit(self, campaign: str | None, place: int) -> None:
        """Queue a task that calls `use_permit`.

        Args:
            campaign: Its name, the only argument of the task.
            place: Number of the permit among those queued together, from 0. An engine that can refuse a
                second task of the same name can use it to keep permits from piling up while no worker runs.
        """
