"""What a day of many messages takes, and a simulation of the workers that send it.

Run as `python -m bench.scale [--recipients N] [--hours H] ...`: it prints the table of docs/scale.md for your
figures, and how long simulated workers need for a minute's worth of messages. What a recipient costs was
measured with `python -m bench.scale_points`.
"""

from __future__ import annotations

import argparse
import heapq
import math
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_GB = 1e9
_MB = 1e6


@dataclass(frozen=True, slots=True)
class Cost:
    """What one recipient costs, from making the campaign to the last report; measured.

    Attributes:
        per_request: Recipients in one request.
        worker_s: CPU seconds of a worker to send to it.
        database_s: CPU seconds of PostgreSQL meanwhile.
        wal_bytes: WAL that is written.
        stored_bytes: Bytes that stay in the tables and their indexes.
    """

    per_request: int
    worker_s: float
    database_s: float
    wal_bytes: float
    stored_bytes: float


OWN_TEXTS = Cost(10, 210e-6, 70e-6, 735, 420)
ONE_TEXT = Cost(100, 60e-6, 37e-6, 525, 315)
REPORT = Cost(100, 210e-6, 107e-6, 350, 245)
"""A delivery report noted in a campaign, of a hundred in a batch: the first two of a recipient."""


@dataclass(frozen=True, slots=True)
class Day:
    """What is to be sent in a day.

    Attributes:
        recipients: How many.
        hours: In how many hours of the day.
        peak: How many times the average of these hours the busiest minute is.
        answer_s: Seconds until the service answers a request.
        reports: Delivery reports per recipient.
        cost: What a recipient costs.
    """

    recipients: int = 100_000_000
    hours: float = 12.0
    peak: float = 3.0
    answer_s: float = 0.25
    reports: int = 2
    cost: Cost = OWN_TEXTS

    @property
    def peak_a_second(self) -> float:
        """Recipients in a second of the busiest minute."""
        return self.recipients / (self.hours * 3600) * self.peak

    @property
    def requests_a_second(self) -> float:
        """Requests in a second of the busiest minute."""
        return self.peak_a_second / self.cost.per_request

    @property
    def in_flight(self) -> int:
        """Requests that wait for their answer at once, in the busiest minute."""
        return math.ceil(self.requests_a_second * self.answer_s)

    @property
    def workers(self) -> int:
        """Processes that can send that much with half of their time to spare, and one that may be lost."""
        each_s = self.cost.worker_s + self.cost.database_s
        return math.ceil(2 * self.peak_a_second * each_s) + 1

    @property
    def _database_s(self) -> float:
        return self.cost.database_s + self.reports * REPORT.database_s

    @property
    def reporters(self) -> int:
        """Processes that can note the reports of the busiest minute, reckoned as `workers`."""
        each_s = REPORT.worker_s + REPORT.database_s
        return math.ceil(2 * self.peak_a_second * self.reports * each_s) + 1

    def lines(self) -> list[tuple[str, str]]:
        """Return the rows of the table."""
        reports = self.recipients * self.reports
        wal = self.recipients * self.cost.wal_bytes + reports * REPORT.wal_bytes
        # Of the reports of one channel, the last one is kept.
        stored = self.recipients * (
            self.cost.stored_bytes + min(self.reports, 2) * REPORT.stored_bytes
        )
        mean_s = self.hours * 3600
        return [
            (
                "recipients a second, mean and peak",
                f"{_round(self.recipients / mean_s)}, {_round(self.peak_a_second)}",
            ),
            ("requests a second at the peak", _round(self.requests_a_second)),
            ("requests in flight at the peak", _round(self.in_flight)),
            ("worker processes", str(self.workers)),
            (
                "cores of PostgreSQL at the peak",
                f"{self.peak_a_second * self._database_s:.0f}",
            ),
            ("reports a second at the peak", _round(reports / mean_s * self.peak)),
            ("processes that record reports", str(self.reporters)),
            ("WAL of a day", f"{wal / _GB:.0f} GB"),
            ("WAL a second at the peak", f"{wal / mean_s * self.peak / _MB:.0f} MB"),
            ("storage of a day", f"{stored / _GB:.0f} GB"),
        ]


def _round(number: float) -> str:
    """Return a number with two significant digits, in groups of three."""
    digits = 2 - len(str(int(number)))
    return f"{round(number, min(digits, 0)):,.0f}"


@dataclass(frozen=True, slots=True)
class Workers:
    """Processes that share a campaign.

    Attributes:
        count: How many.
        at_once: Requests that each has in flight at most.
        worker_s: CPU seconds of a worker for one request; a worker uses one core at a time.
        database_s: CPU seconds of the database for one request; it uses one core for each worker.
        answer_s: Seconds until a request is answered.
        cores: Cores that workers and database share; None if each has enough of its own.
        per_s: Most requests in a second, of all together; None for no such pace.
    """

    count: int
    at_once: int = 4
    worker_s: float = OWN_TEXTS.worker_s * OWN_TEXTS.per_request
    database_s: float = OWN_TEXTS.database_s * OWN_TEXTS.per_request
    answer_s: float = 0.25
    cores: int | None = None
    per_s: float | None = None

    @classmethod
    def of(cls, cost: Cost, count: int, **fields: Any) -> Workers:
        """Return workers whose requests cost that much for each recipient."""
        each = cost.per_request
        return cls(
            count, worker_s=cost.worker_s * each, database_s=cost.database_s * each, **fields
        )


def simulate(workers: Workers, requests: int) -> float:
    """Return the seconds that workers need for that many requests.

    A request takes its turn in the common pace, then CPU time of its worker and of that worker's session of
    the database, and then waits for its answer. Nothing is drawn: the same figures give the same time.
    """
    # When each place of a worker is free for another request; which worker it is of.
    ready = [(0.0, worker) for worker in range(workers.count) for _ in range(workers.at_once)]
    heapq.heapify(ready)
    worker_free = [0.0] * workers.count
    core_free = [0.0] * (workers.cores or 2 * workers.count)
    heapq.heapify(core_free)
    gap_s = 0.0 if workers.per_s is None else 1 / workers.per_s
    next_turn = end = 0.0
    while requests:
        at, worker = heapq.heappop(ready)
        if worker_free[worker] > at:
            heapq.heappush(ready, (worker_free[worker], worker))
            continue
        requests -= 1
        if gap_s:
            at = max(at, next_turn)
            next_turn = at + gap_s
        # The worker waits for its session, so that the one follows the other on one core each.
        done = max(at, heapq.heappop(core_free)) + workers.worker_s + workers.database_s
        worker_free[worker] = done
        heapq.heappush(core_free, done)
        end = max(end, done + workers.answer_s)
        heapq.heappush(ready, (done + workers.answer_s, worker))
    return end


def table(days: Sequence[tuple[str, Day]]) -> str:
    """Return the figures of several days side by side, as the page shows them."""
    head = ["", *(title for title, _ in days)]
    columns = [day.lines() for _, day in days]
    rows = [
        [name, *(column[place][1] for column in columns)]
        for place, (name, _) in enumerate(columns[0])
    ]
    lines = [head, ["---", *("---:" for _ in days)], *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


PAGE = (("own texts", Day()), ("one text", Day(cost=ONE_TEXT)))
"""The days of docs/scale.md."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table and the simulation for the figures given."""
    usual = Day()
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--recipients", type=int, default=usual.recipients, help="in a day")
    parser.add_argument("--hours", type=float, default=usual.hours, help="of sending in a day")
    parser.add_argument("--peak", type=float, default=usual.peak, help="busiest minute to the mean")
    parser.add_argument(
        "--answer-s", type=float, default=usual.answer_s, help="until an answer comes"
    )
    parser.add_argument("--reports", type=int, default=usual.reports, help="for each recipient")
    parser.add_argument("--per-s", type=float, help="most requests in a second that are allowed")
    asked = parser.parse_args(arguments)
    given = (asked.recipients, asked.hours, asked.peak, asked.answer_s, asked.reports)
    days = [(title, Day(*given, cost=day.cost)) for title, day in PAGE]
    print(table(days))
    for title, day in days:
        requests = math.ceil(day.requests_a_second * 60)
        crew = Workers.of(
            day.cost,
            day.workers,
            at_once=max(1, math.ceil(2 * day.in_flight / day.workers)),
            answer_s=day.answer_s,
            per_s=asked.per_s,
        )
        print(
            f"\n{title}: {crew.count} workers with {crew.at_once} requests in flight each send the busiest "
            f"minute, {requests} requests, in {simulate(crew, requests):.0f} s"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
