"""The full tests of many workers: `python -m tests.engines.soak`, with PostgreSQL and Redis."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.engines.once_kills import sent_once
from tests.engines.paced import PER_S, WORKERS, paced
from tests.engines.worker_kills import (
    Commands,
    attacked,
    celery_crew,
    procrastinate_crew,
    standby_crew,
    started,
)
from tests.postgres import running_cluster
from tests.redis_server import running_redis


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


@contextmanager
def _celery(folder: Path) -> Iterator[tuple[Commands, Callable[[dict[str, str]], object]]]:
    with running_redis() as broker:
        yield celery_crew(broker, folder), started("tests.engines.celery_app")


@contextmanager
def _procrastinate(_: Path) -> Iterator[tuple[Commands, Callable[[dict[str, str]], object]]]:
    yield procrastinate_crew(), started("tests.engines.procrastinate_app")


@contextmanager
def _standby(_: Path) -> Iterator[tuple[Commands, Callable[[dict[str, str]], object]]]:
    yield standby_crew(), lambda _: None


KINDS = {
    "celery": ("Celery on Redis", _celery),
    "procrastinate": ("Procrastinate", _procrastinate),
    "standby": ("one process with a standby", _standby),
}


def pace(seconds: float) -> None:
    """Let eight workers keep one pace; fail if a second has too many requests, or a pause comes late."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_cluster() as cluster,
        cluster.database() as url,
    ):
        seen = paced(url, Path(folder) / "log", seconds=seconds)
    say(
        f"{WORKERS} workers at {PER_S} requests a second: {len(seen.times)} requests, at most "
        f"{seen.most_sent} sent and {seen.most_arrived} seen in any second; after a pause the last one "
        f"came after {seen.pause_s:.2f} s, after a stop after {seen.stop_s:.2f} s"
    )
    assert seen.most_sent <= PER_S + 2
    assert max(seen.pause_s, seen.stop_s) <= 2.0


def once(tasks: int, kills: int, seed: int) -> None:
    """Kill workers whose tasks are acknowledged late and send once."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_cluster() as cluster,
        cluster.database() as url,
        running_redis() as broker,
    ):
        sent = sent_once(url, broker, Path(folder) / "log", tasks=tasks, kills=kills, seed=seed)
    say(
        f"send_once in {sent.tasks} Celery tasks acknowledged late, seed {seed}: workers killed {sent.kills} "
        f"times, {sent.arrived} requests, {dict(sent.states)}, {sent.twice} twice, {sent.missing} missing"
    )
    assert sent.twice == sent.missing == 0
    assert sent.states["unknown"] <= 2 * sent.kills


def main() -> int:
    """Run the requested tests, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--tasks", type=int, default=5_000)
    parser.add_argument("--paced-s", type=float, default=30.0)
    parser.add_argument("--only", action="append", choices=[*KINDS, "once", "pace"])
    asked = parser.parse_args()
    wanted = asked.only or [*KINDS, "once", "pace"]
    if "once" in wanted:
        once(asked.tasks, asked.kills, asked.seed)
    if "pace" in wanted:
        pace(asked.paced_s)
    for kind in [kind for kind in KINDS if kind in wanted]:
        title, surroundings = KINDS[kind]
        with (
            tempfile.TemporaryDirectory() as folder,
            running_cluster() as cluster,
            cluster.database() as url,
            surroundings(Path(folder)) as (crew, start),
        ):
            toll = attacked(
                url,
                crew,
                start,
                Path(folder) / "log",
                size=asked.rows,
                kills=asked.kills,
                sessions=asked.sessions,
                seed=asked.seed,
            )
        assert toll.unknown <= toll.most_unknown
        say(
            f"{title}, seed {asked.seed}: {toll.rows} rows, workers killed {toll.kills} times, "
            f"{toll.sessions} sessions ended: {toll.accepted} accepted, {toll.unknown} unknown (the "
            f"service took {toll.taken - toll.accepted} of these), 0 twice, 0 missing; {toll.seconds:.0f} s"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
