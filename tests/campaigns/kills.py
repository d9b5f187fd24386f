"""Kills a campaign again and again, resumes it, and compares its ledger with the service's."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

from smsmanager.campaigns import Campaign, CampaignOptions, RowState
from tests.campaigns.conftest import number, rows
from tests.faults.script import Fault, Step
from tests.faults.server import FaultServer

ENVIRONMENT = {
    **{k: v for k, v in os.environ.items() if not k.startswith("SMSMANAGER_")},
    "PYTHONPATH": os.pathsep.join(sys.path),
}


ANSWERS = {
    Step(): 86,
    Step(Fault.CLOSE): 6,
    Step(Fault.CUT_LENGTH): 3,
    Step(Fault.STATUS, 503): 5,
}
"""What the service does with requests, and how often; what it drops or cuts off it has taken."""


@dataclass
class Report:
    """Rows and states in the campaign's ledger, and what the service took and dropped."""

    rows: int
    kills: int
    accepted: int
    unknown: int
    taken: int
    requests: int
    dropped: int


class Service:
    """The service, in a thread of this process.

    Attributes:
        server: What it is.
    """

    def __init__(self, server: FaultServer, seed: int | None) -> None:
        self.server = server
        self._events: SimpleQueue[None] = SimpleQueue()
        server.on_event = lambda: self._events.put(None)
        if seed is not None:
            chance = random.Random(seed)  # noqa: S311 - to be repeated with a seed
            server.play(*chance.choices([*ANSWERS], [*ANSWERS.values()], k=10_000))

    def wait_for(self, events: int, sender: subprocess.Popen[str]) -> bool:
        """Wait until requests began, were taken or were answered; return False when the sender ended."""
        while events > 0:
            try:
                self._events.get(timeout=0.2)
                events -= 1
            except Empty:
                if sender.poll() is not None:
                    return False
        return sender.poll() is None

    def drain(self) -> None:
        """Forget the events so far."""
        with suppress(Empty):
            while True:
                self._events.get_nowait()

    def taken(self) -> Counter[str]:
        """Return how often it took each number."""
        self.server.settle()
        return Counter({n: len(ids) for (_, n), ids in self.server.ledger.taken.items()})


@contextmanager
def running_service(seed: int | None = None) -> Iterator[Service]:
    """Run the service; without a seed it drops and refuses nothing."""
    with FaultServer() as server:
        yield Service(server, seed)


def start(ledger: Path, service: Service) -> subprocess.Popen[str]:
    """Start a process that resumes the campaign."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.campaigns.sender", str(ledger), service.server.url],
        stdout=subprocess.DEVNULL,
        text=True,
        env=ENVIRONMENT,
    )


def text(row: int) -> str:
    """Return the text of a row: most rows share a few, others have their own."""
    return f"Hello {row}" if row % 3 == 0 else f"Hello group {row % 5}"


def killed_often(ledger: Path, size: int, kills: int, seed: int) -> Report:
    """Run a campaign to its end, with kills on the way.

    Args:
        ledger: Where it is kept.
        size: How many rows.
        kills: How often the sender is killed with SIGKILL, each time after a drawn number of events at the
            service, which come before, during and after every request.
        seed: Decides the moments, and what the service drops.

    Raises:
        AssertionError: If a row was sent twice, is missing, or has a wrong state.
    """
    chance = random.Random(seed)  # noqa: S311 - to be repeated with a seed
    options = CampaignOptions(stop_after=None, attempts=1000)
    with Campaign.create(ledger, rows(size, text), options):
        pass
    # Three events and 25 rows per request with these texts; the last run must find something left.
    events = max(2, int(1.6 * size / 25 * 3 / kills))
    killed = 0
    with running_service(seed) as service:
        while killed < kills:
            sender = start(ledger, service)
            try:
                if not service.wait_for(chance.randint(0, events), sender):
                    break
            finally:
                sender.kill()
                sender.wait()
            killed += 1
            service.drain()
        sender = start(ledger, service)
        assert sender.wait() == 0
        taken = service.taken()
        steps = [step.fault for _, step in service.server.ledger.requests]
        dropped = steps.count(Fault.CLOSE) + steps.count(Fault.CUT_LENGTH)
        requests = steps.count(Fault.ACCEPT) + dropped
    return Report(size, killed, *compared(ledger, size, taken), requests, dropped)


def compared(ledger: Path, size: int, taken: Counter[str]) -> tuple[int, int, int]:
    """Compare both ledgers; return how many rows are accepted, unknown, and taken by the service."""
    twice = [n for n, times in taken.items() if times > 1]
    assert not twice, f"{len(twice)} rows were sent twice"
    found: Counter[RowState] = Counter()
    seen = 0
    with Campaign.open(ledger) as campaign:
        for seen, row in enumerate(campaign.rows(), start=1):
            assert row.row == seen
            assert row.phone_number == number(seen)
            found[row.state] += 1
            assert row.state in {RowState.ACCEPTED, RowState.UNKNOWN}, row
            if row.state is RowState.ACCEPTED:
                assert taken[number(seen)] == 1, "accepted, yet the service never took it"
    assert seen == size, f"{size - seen} rows are missing"
    assert found.total() == size
    return found[RowState.ACCEPTED], found[RowState.UNKNOWN], len(taken)
