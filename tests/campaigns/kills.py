"""Kills a campaign repeatedly, resumes it, and compares its ledger with the service's."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue

import httpx

from smsmanager.campaigns import Campaign, CampaignOptions, Phase, RowState, Settlement, tend
from tests.campaigns.conftest import client_of, number, rows
from tests.campaigns.listing import Listing, Taken
from tests.faults.script import Fault, Step
from tests.faults.server import FaultServer

ENVIRONMENT = {
    **{k: v for k, v in os.environ.items() if not k.startswith("SMSMANAGER_")},
    "PYTHONPATH": os.pathsep.join(sys.path),
}


DROPPED = 9


def answers(dropped: int) -> dict[Step, float]:
    """Return how the service handles requests, and how often in a hundred.

    Requests whose answers it drops or cuts off were taken.
    """
    return {
        Step(): 95 - dropped,
        Step(Fault.CLOSE): dropped * 2 / 3,
        Step(Fault.CUT_LENGTH): dropped / 3,
        Step(Fault.STATUS, 503): 5,
    }


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
    settlement: Settlement | None = None


class Service:
    """The service, in a thread of this process.

    Attributes:
        server: The server.
    """

    def __init__(self, server: FaultServer, seed: int | None, dropped: int) -> None:
        self.server = server
        self._events: SimpleQueue[None] = SimpleQueue()
        server.on_event = lambda: self._events.put(None)
        if seed is not None:
            chance = random.Random(seed)  # noqa: S311 - to be repeated with a seed
            steps = answers(dropped)
            server.play(*chance.choices([*steps], [*steps.values()], k=10_000))
        self._times: list[datetime] = []
        server.on_received = lambda _: self._times.append(datetime.now(UTC))

    def wait_for(self, events: int, sender: subprocess.Popen[str]) -> bool:
        """Wait until requests began, were taken or were answered; return False if the sender ended."""
        while events > 0:
            try:
                self._events.get(timeout=0.2)
                events -= 1
            except Empty:
                if sender.poll() is not None:
                    return False
        return sender.poll() is None

    def next_event(self, timeout_s: float) -> None:
        """Wait for one such event.

        Raises:
            queue.Empty: If none comes in time.
        """
        self._events.get(timeout=timeout_s)

    def drain(self) -> None:
        """Forget the events so far."""
        with suppress(Empty):
            while True:
                self._events.get_nowait()

    def taken(self) -> Counter[str]:
        """Return how often it accepted each number."""
        self.server.settle()
        return Counter({n: len(ids) for (_, n), ids in self.server.ledger.taken.items()})

    def listing(self) -> Listing:
        """Return the accepted messages, in the form in which the service lists them."""
        self.server.settle()
        found = Listing()
        requests = zip(self.server.ledger.requests, self._times, strict=True)
        for count, ((received, step), at) in enumerate(requests, start=1):
            request_id = f"{received.case}.{count}"
            for key, numbers in enumerate(received.recipients):
                for index, to in enumerate(numbers if step.takes(key) else ()):
                    own = received.message_id(request_id, key, index)
                    body = received.body[key]["body"]
                    found.add(Taken(own, request_id, to, body, "promotional", at))
        return found


@contextmanager
def running_service(seed: int | None = None, dropped: int = DROPPED) -> Iterator[Service]:
    """Run the service; without a seed it drops and refuses nothing."""
    with FaultServer() as server:
        yield Service(server, seed, dropped)


def start(ledger: Path | str, service: Service, way: str = "alone") -> subprocess.Popen[str]:
    """Start a process that resumes the campaign."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.campaigns.sender", str(ledger), service.server.url, way],
        stdout=subprocess.DEVNULL,
        text=True,
        env=ENVIRONMENT,
    )


def text(row: int) -> str:
    """Return the text of a row: most rows share a few texts, others have their own."""
    return f"Hello {row}" if row % 3 == 0 else f"Hello group {row % 5}"


def killed_often(
    ledger: Path,
    size: int,
    kills: int,
    seed: int,
    *,
    dropped: int = DROPPED,
    settles: bool = False,
) -> Report:
    """Run a campaign to its end, with kills in between.

    Args:
        ledger: Its ledger.
        size: How many rows.
        kills: How often the sender is killed with SIGKILL, each time after a drawn number of events at the
            service, which come before, during and after every request.
        seed: Decides the moments, and what the service drops.
        dropped: How many answers in a hundred the service drops.
        settles: Whether the service is asked about the unknown rows at the end.

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
    with running_service(seed, dropped) as service:
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
        lost = steps.count(Fault.CLOSE) + steps.count(Fault.CUT_LENGTH)
        requests = steps.count(Fault.ACCEPT) + lost
        report = Report(size, killed, *compared(ledger, size, taken), requests, lost)
        if settles:
            report.settlement = settled(ledger, service.listing())
    return report


def workers_killed_often(ledger: Path | str, size: int, kills: int, seed: int) -> Report:
    """Let three workers share a campaign, and kill one of them repeatedly.

    Raises:
        AssertionError: If a row was sent twice, is missing, or has a wrong state.
    """
    chance = random.Random(seed)  # noqa: S311 - to be repeated with a seed
    events = max(2, int(1.6 * size / 25 * 3 / kills))
    with Campaign.create(ledger, rows(size, text)) as campaign, running_service(seed) as service:
        campaign.start_workers(stop_after=None, attempts=1000, concurrency=2)
        workers = [start(ledger, service, "worker") for _ in range(3)]
        killed = 0
        while killed < kills:
            place = chance.randrange(3)
            if not service.wait_for(chance.randint(0, events), workers[place]):
                break
            workers[place].kill()
            workers[place].wait()
            killed += 1
            workers[place] = start(ledger, service, "worker")
        assert [worker.wait() for worker in workers] == [0] * 3
        assert tend(ledger).phase is Phase.FINISHED
        taken = service.taken()
        steps = [step.fault for _, step in service.server.ledger.requests]
        lost = steps.count(Fault.CLOSE) + steps.count(Fault.CUT_LENGTH)
        requests = steps.count(Fault.ACCEPT) + lost
    return Report(size, killed, *compared(ledger, size, taken), requests, lost)


def settled(ledger: Path, listing: Listing) -> Settlement:
    """Ask about the unknown rows, and compare each row with what the service took.

    Raises:
        AssertionError: If a row that was taken is not accepted under its own id, or another one is accepted.
    """

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.method == "GET", "settling sent something"
        found = listing.asked(request.url.path, dict(request.url.params))
        return httpx.Response(200, json=found)

    with Campaign.open(ledger) as campaign:
        with client_of(answer) as client:
            settlement = campaign.settle(client, patience_s=0)
        for row in campaign.rows():
            own = [one.message_id for one in listing.taken.get(row.phone_number or "", ())]
            if own:
                assert (row.state, [row.message_id]) == (RowState.ACCEPTED, own), row
                continue
            assert (row.state, row.message_id) == (RowState.UNKNOWN, None), row
            assert row.evidence is not None
            assert row.evidence.get("finding") == "not_found"
            assert row.evidence.get("asked_at")
    return settlement


def compared(ledger: str | Path, size: int, taken: Counter[str]) -> tuple[int, int, int]:
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
