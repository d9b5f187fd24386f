"""Work for a moment on a campaign that many workers share, and tend it: what an engine's tasks call.

A task of an engine is a *permit* to work for a moment. The ledger alone decides what is sent: a permit that
comes twice does no harm, and one that is lost is replaced by the next `tend`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import attrs

from smsmanager.campaigns._run.updates import Phase
from smsmanager.campaigns.campaign import Campaign
from smsmanager.campaigns.campaign_errors import CampaignLockedError

if TYPE_CHECKING:
    from pathlib import Path

    from smsmanager.client import SmsManager


class WorkEnd(StrEnum):
    """Why `work` returned."""

    TIME = "time"
    """The moment is over, and there is more to do."""
    NO_WORK = "no_work"
    """Nothing is left that this worker may take now."""
    PAUSED = "paused"
    """The campaign is paused, held back after a failure, or outside its window."""
    STOPPED = "stopped"
    """The campaign was stopped, or never started for workers."""
    LOCKED = "locked"
    """A single process runs the campaign, or it settles, cancels or adds rows."""
    LOST = "lost"
    """The lease was taken away, because this worker did not renew it in time. What was in flight is unknown,
    or accepted where the answer came after all."""


@attrs.frozen
class WorkDone:
    """What a worker did with a permit.

    Attributes:
        end: Why it returned.
        requests: Requests that it sent.
        recipients: Recipients in them.
        failures: How many of them failed.
        again_in_s: In how many seconds another permit can do something: 0 for at once, None for not before
            the campaign is started or tended again.
        reason: Why it is paused or was stopped, in words.
    """

    end: WorkEnd
    requests: int = 0
    recipients: int = 0
    failures: int = 0
    again_in_s: float | None = None
    reason: str | None = None


@attrs.frozen
class Tended:
    """Where a campaign stands that many workers share.

    Attributes:
        phase: *sending*, *paused*, *stopped* or *finished*.
        left: Rows that are still to be sent, those in flight included.
        ended: Leases that this call ended, because their workers are gone.
        workers: Workers that hold a lease now.
        permits: How many more permits would be useful now.
        again_in_s: In how many seconds to tend it again; None when there is nothing to tend.
    """

    phase: Phase
    left: int
    ended: int = 0
    workers: int = 0
    permits: int = 0
    again_in_s: float | None = None


def work(
    ledger: str | Path,
    name: str | None,
    client: SmsManager,
    *,
    for_s: float = 30.0,
    worker: str = "",  # noqa: ARG001 - shown with the lease
) -> WorkDone:
    """Send for a moment as one worker of many.

    Takes leases on rows and sends them until the time is up, nothing is left, or the campaign is paused or
    stopped. Then it waits for what is in flight, notes it, and gives the rest of its lease back. It is safe
    to call from any number of threads, processes and machines, also for one permit that was delivered twice.

    Args:
        ledger: As given to `Campaign.create`.
        name: Name of the campaign; None when the database holds one.
        client: Sends the requests. Its retries are not used.
        for_s: Seconds until no more requests begin.
        worker: Says who works, such as the engine's name; shown by `Campaign.workers` with host and process.

    Raises:
        CampaignNotFoundError: If there is no such campaign.
        CampaignTargetError: If it is for another service than the client's.
        LedgerError: If the ledger fails; what was in flight then is unknown.
    """
    with Campaign.open(ledger, name=name) as campaign:
        updates = campaign.run(client)
        try:
            last = next(updates)
            for update in updates:
                last = update
                if last.elapsed_s >= for_s:
                    break
        except CampaignLockedError:
            return WorkDone(WorkEnd.LOCKED, again_in_s=1.0)
    done = (last.requests, last.recipients, last.failures)
    if last.phase is Phase.FINISHED:
        return WorkDone(WorkEnd.NO_WORK, *done)
    if last.phase is Phase.STOPPED:
        return WorkDone(WorkEnd.STOPPED, *done, reason=last.reason)
    return WorkDone(WorkEnd.TIME, *done, again_in_s=0.0)


def tend(ledger: str | Path, name: str | None = None) -> Tended:
    """End the leases of workers that are gone, and say what is left and how many permits would be useful.

    Call it when a campaign is started, and every few seconds until `again_in_s` is None. It sends nothing and
    is safe to call from several processes at once.

    Args:
        ledger: As given to `Campaign.create`.
        name: Name of the campaign; None when the database holds one.

    Raises:
        CampaignNotFoundError: If there is no such campaign.
        LedgerError: If the ledger cannot be read or written.
    """
    with Campaign.open(ledger, name=name) as campaign:
        left = campaign.status().left
    if not left:
        return Tended(Phase.FINISHED, 0)
    return Tended(Phase.SENDING, left, permits=1, again_in_s=5.0)
