"""Eight workers at one pace: when requests arrive, and how soon a pause or a stop reaches all workers."""

from __future__ import annotations

import sys
import time
from bisect import bisect_left
from dataclasses import dataclass
from pathlib import Path

from smsmanager.campaigns import Campaign, CampaignOptions
from tests.campaigns.conftest import rows
from tests.campaigns.kills import running_service
from tests.engines.worker_kills import crew_of

WORKERS = 8
PER_S = 50


@dataclass
class Paced:
    """What the service saw.

    Attributes:
        sent: When each request left its worker, in seconds since the start.
        times: When each one arrived, likewise. On a busy machine the service may notice it late.
        pause_s: Seconds from the end of `pause_workers` to the last request before the workers continued.
        stop_s: The same for `stop_workers`.
        taken_twice: How many recipients were taken more than once.
        left: Rows that were left when it was stopped.
    """

    sent: list[float]
    times: list[float]
    pause_s: float
    stop_s: float
    taken_twice: int
    left: int

    @property
    def most_sent(self) -> int:
        """Maximum number of requests that left in any second."""
        return _most_in_a_second(self.sent)

    @property
    def most_arrived(self) -> int:
        """Maximum number of requests that the service saw in any second."""
        return _most_in_a_second(self.times)

    @property
    def most_ahead(self) -> float:
        """Maximum number of requests that arrived before the pace allowed them."""
        return max(place + 1 - at * PER_S for place, at in enumerate(self.sent))


def _most_in_a_second(times: list[float]) -> int:
    return max(place - bisect_left(times, at - 1.0) + 1 for place, at in enumerate(times))


def paced(ledger: str, log: Path, *, seconds: float, quiet_s: float = 4.0) -> Paced:
    """Let eight workers send at a pace; pause, resume and stop them.

    Args:
        ledger: URL of an empty database.
        log: Where workers write.
        seconds: How long they send, at least, before the pause and after it.
        quiet_s: How long to look for late requests.
    """
    # Ten rows per request; more than can be sent.
    size = int(PER_S * 10 * (2 * seconds + 2 * quiet_s + 10))
    options = CampaignOptions(stop_after=None, concurrency=4)
    Campaign.create(ledger, rows(size, lambda row: f"Hello {row}"), options).close()
    command = [sys.executable, "-m", "tests.engines.worker", str(WORKERS // 4)]
    with running_service() as service, Campaign.open(ledger) as campaign:
        times: list[float] = []
        service.server.on_received = lambda _: times.append(time.monotonic())
        environment = {
            "TESTS_LEDGER": ledger,
            "TESTS_SENT": f"{log}.sent",
            "SMSMANAGER_API_KEY": "key",
            "SMSMANAGER_BASE_URL": service.server.url,
        }
        campaign.start_workers(requests_per_s=PER_S)
        began = time.monotonic()
        with crew_of([command] * 4, environment, log):
            _until(times, int(seconds * PER_S))
            campaign.pause_workers()
            pause_s = _last_after(times, quiet_s)
            campaign.resume_workers()
            _until(times, len(times) + int(seconds * PER_S))
            campaign.stop_workers()
            stop_s = _last_after(times, quiet_s)
            left = campaign.status().left
        twice = sum(count > 1 for count in service.taken().values())
    sent = sorted(map(float, Path(f"{log}.sent").read_text(encoding="ascii").split()))
    return Paced(
        [at - began for at in sent], [at - began for at in times], pause_s, stop_s, twice, left
    )


def _until(times: list[float], count: int) -> None:
    while len(times) < count:
        time.sleep(0.05)


def _last_after(times: list[float], quiet_s: float) -> float:
    """Return how long after now the last request came."""
    at, before = time.monotonic(), len(times)
    time.sleep(quiet_s)
    return times[-1] - at if len(times) > before else 0.0
