"""A process that resumes a campaign, to be killed: `python -m tests.campaigns.sender LEDGER URL [worker]`."""

from __future__ import annotations

import sys
import threading

from smsmanager import SmsManager
from smsmanager.campaigns import Campaign, work
from smsmanager.campaigns._run.drive import Clock


class Hurried(Clock):
    """A clock that jumps over the pauses."""

    def __init__(self) -> None:
        self._jumped = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self._jumped

    def pause(self, stop: threading.Event, seconds: float) -> None:
        self._jumped += seconds


def main(ledger: str, url: str, way: str = "alone") -> None:
    """Continue until nothing is left."""
    if way == "worker":
        return as_worker(ledger, url)
    with Campaign.open(ledger) as campaign, SmsManager("key", base_url=url) as client:
        campaign._clock = Hurried()
        for update in campaign.run(client):
            sys.stdout.write(f"{update.phase.value}\n")

    return None


def as_worker(ledger: str, url: str) -> None:
    """Work as one of many workers."""
    waiting = threading.Event()
    with SmsManager("key", base_url=url) as client:
        while (again_in_s := work(ledger, None, client, for_s=2).again_in_s) is not None:
            waiting.wait(min(again_in_s, 0.1))


if __name__ == "__main__":
    main(*sys.argv[1:])
