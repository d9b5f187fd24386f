"""A process whose threads work until a campaign is finished: `python -m tests.engines.worker THREADS`."""

from __future__ import annotations

import os
import sys
import threading
import time

from smsmanager import SmsManager
from smsmanager.campaigns import tend, work
from smsmanager.campaigns._run.updates import Phase


def until_finished(ledger: str, client: SmsManager) -> None:
    """Use one permit after the other."""
    while tend(ledger).phase is not Phase.FINISHED:
        done = work(ledger, None, client, for_s=20.0, worker="tests")
        time.sleep(min(0.2, done.again_in_s or 0.2))


def main(threads: str) -> None:
    """Work in that many threads."""
    with SmsManager() as client:
        started = [
            threading.Thread(target=until_finished, args=(os.environ["TESTS_LEDGER"], client))
            for _ in range(int(threads))
        ]
        for each in started:
            each.start()
        for each in started:
            each.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
