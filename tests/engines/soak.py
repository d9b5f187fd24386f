"""The whole of the proofs of many workers: `python -m tests.engines.soak`, with PostgreSQL and Redis."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

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


def main() -> int:
    """Run what is asked for, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--only", action="append", choices=KINDS)
    asked = parser.parse_args()
    for kind in asked.only or KINDS:
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
