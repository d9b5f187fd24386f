"""A process whose threads work until a campaign is finished: `python -m tests.engines.worker THREADS`."""

from __future__ import annotations

import os
import sys
import threading
import time

import httpx

from smsmanager import SmsManager
from smsmanager.campaigns import tend, work
from smsmanager.campaigns._run.updates import Phase
from smsmanager.transport import HTTPTransport


def until_finished(ledger: str, client: SmsManager) -> None:
    """Use one permit after another."""
    while tend(ledger).phase is not Phase.FINISHED:
        done = work(ledger, None, client, for_s=20.0, worker="tests")
        time.sleep(min(0.2, done.again_in_s or 0.2))


def noting() -> httpx.Client:
    """Return a client that records in a file when each request leaves."""
    file = os.open(os.environ["TESTS_SENT"], os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600)

    def note(_: httpx.Request) -> None:
        # With the clock that all processes of a machine share.
        os.write(file, f"{time.monotonic()}\n".encode())

    return httpx.Client(transport=HTTPTransport(), event_hooks={"request": [note]})


def main(threads: str) -> None:
    """Work in the given number of threads."""
    with noting() as http_client, SmsManager(http_client=http_client) as client:
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
