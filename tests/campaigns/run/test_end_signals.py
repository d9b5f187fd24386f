"""SIGTERM and similar signals: requests in flight end and are recorded, then the signal takes effect."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from smsmanager.campaigns import Campaign, CampaignOptions
from smsmanager.campaigns._run.end_signals import END_SIGNALS, deferred_ends
from tests.campaigns.conftest import counts, rows
from tests.campaigns.kills import ENVIRONMENT

# A service that answers only when the parent says so: the requests that it holds are in flight.
SCRIPT = """
import sys, threading
import anyio, httpx
from smsmanager import AsyncSmsManager, SmsManager
from smsmanager.campaigns import Campaign
from tests.campaigns.conftest import BASE_URL, Service

service = Service()

def held(request):
    print("in flight", flush=True)
    sys.stdin.readline()
    return service(request)

async def aheld(request):
    return await anyio.to_thread.run_sync(held, request)

async def main():
    transport = httpx.MockTransport(aheld)
    async with AsyncSmsManager("key", base_url=BASE_URL, transport=transport) as client:
        async for update in campaign.run(client):
            pass

with Campaign.open(sys.argv[1]) as campaign:
    if sys.argv[2] == "sync":
        with SmsManager("key", base_url=BASE_URL, transport=httpx.MockTransport(held)) as client:
            for update in campaign.run(client):
                pass
    else:
        anyio.run(main, backend=sys.argv[2])
print("the end", flush=True)
"""


@pytest.mark.parametrize("number", END_SIGNALS)
def test_a_signal_takes_effect_after_what_is_in_flight_is_recorded(
    kind: str, number: int, tmp_path: Path
) -> None:
    ledger = tmp_path / "l"
    with Campaign.create(ledger, rows(300), CampaignOptions(concurrency=1)):
        pass
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(ledger), kind],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "in flight\n"
        process.send_signal(number)
        process.stdin.write("\n" * 3)
        process.stdin.close()
        said = process.stdout.read()
        assert process.wait() == -number
    # More only if the answer was faster than the signal.
    assert "the end" not in said
    with Campaign.open(ledger) as campaign:
        found = counts(campaign)
    assert found.keys() == {"accepted", "pending"}


@pytest.mark.parametrize("number", END_SIGNALS)
def test_a_handler_or_a_choice_to_ignore_a_signal_is_kept(number: int) -> None:
    def mine(_number: int, _frame: object) -> None: ...

    before = signal.getsignal(number)
    try:
        for decided in (mine, signal.SIG_IGN):
            signal.signal(number, decided)
            with deferred_ends(lambda: None):
                assert signal.getsignal(number) is decided
                signal.raise_signal(number)
            assert signal.getsignal(number) is decided
    finally:
        signal.signal(number, before)


def test_outside_the_main_thread_nothing_is_touched() -> None:
    before = [signal.getsignal(number) for number in END_SIGNALS]
    seen: list[object] = []

    def work() -> None:
        with deferred_ends(lambda: None):
            seen.extend(signal.getsignal(number) for number in END_SIGNALS)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == before
