"""A process that runs a campaign, or waits until it may run it: `python -m tests.engines.standby`."""

from __future__ import annotations

import os
import sys
import time

from smsmanager import SmsManager
from smsmanager.campaigns import Campaign, CampaignLockedError, LedgerError


def main(ledger: str) -> None:
    """Continue until nothing is left, with a new attempt after each failure of the ledger."""
    while True:
        try:
            with Campaign.open(ledger) as campaign, SmsManager() as client:
                for _ in campaign.run(client):
                    pass
                if not campaign.status().left:
                    return
        except (CampaignLockedError, LedgerError):
            time.sleep(0.1)


if __name__ == "__main__":
    main(os.environ["TESTS_LEDGER"])
    sys.exit(0)
