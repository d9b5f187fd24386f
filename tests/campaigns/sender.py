"""A process that makes or resumes a campaign, to be killed: `python -m tests.campaigns.sender LEDGER URL`."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from smsmanager import SmsManager
from smsmanager.campaigns import Campaign
from smsmanager.campaigns._run.drive import Clock


class Hurried(Clock):
    """A clock that jumps over the pauses."""

    def __init__(self) -> None:
        self._jumped = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self._jumped

    def pause(self, stop: threading.Event, seconds: float) -> None:
        self._jumped += seconds


def main(ledger: str, url: str) -> None:
    """Go on until nothing is left."""
    with Campaign.open(Path(ledger)) as campaign, SmsManager("key", base_url=url) as client:
        campaign._clock = Hurried()
        for update in campaign.run(client):
            sys.stdout.write(f"{update.phase.value}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
