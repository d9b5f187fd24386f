"""A million bodies and the whole crowd: `python -m tests.webhooks.soak`.

It ends by itself. Each part prints what was run; the last line shows how many violations there were, and the
exit status is 1 if there was one. A violation is printed with the seed that draws it again.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings

from tests.postgres import binaries, running_cluster
from tests.webhooks.crowd import crowd, is_right
from tests.webhooks.fuzzing import BODIES_AN_EXAMPLE, check, many_bodies

EXAMPLES = 400
REPORT_S = 60.0


def explore(seed: int) -> tuple[Counter[str], float, int, str | None]:
    """Parse bodies; return counts, CPU seconds of the slowest, peak KiB of the process, the violation."""
    counts: Counter[str] = Counter()
    slowest = 0.0

    @hypothesis.seed(seed)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(many_bodies())
    def run(bodies: list[bytes]) -> None:
        nonlocal slowest
        for body in bodies:
            began = time.thread_time()
            events = check(body)
            slowest = max(slowest, time.thread_time() - began)
            counts["bodies"] += 1
            counts.update(["refused"] if events is None else [type(e).__name__ for e in events])

    violation = None
    try:
        run()
    except Exception as error:  # noqa: BLE001 - any other exception is a violation
        violation = f"seed {seed}: {type(error).__name__}: {error}"
    return counts, slowest, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, violation


def seeds(bodies: int, first: int) -> Iterator[int]:
    """Yield as many seeds as needed."""
    drawn = random.Random(first)  # noqa: S311 - which bodies are drawn is no secret
    for _ in range(-(-bodies // (EXAMPLES * BODIES_AN_EXAMPLE))):
        yield first
        first = drawn.getrandbits(48)


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def parse(bodies: int, seed: int, processes: int) -> int:
    """Parse the given number of bodies; return the number of violations."""
    counts: Counter[str] = Counter()
    slowest, peak, violations = 0.0, 0, 0
    began = reported = time.monotonic()
    # Started anew each, so that one's peak memory is its own.
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for counted, slow, memory, violation in pool.imap_unordered(explore, seeds(bodies, seed)):
            counts.update(counted)
            slowest, peak = max(slowest, slow), max(peak, memory)
            if violation is not None:
                violations += 1
                say(violation)
            if time.monotonic() - reported > REPORT_S:
                reported = time.monotonic()
                say(f"{counts['bodies']} bodies, {violations} violations")
    summary = {
        **counts,
        "seed": seed,
        "seconds": round(time.monotonic() - began),
        "slowest_body_ms": round(slowest * 1e3, 1),
        "peak_mib": round(peak / 1024),
        "violations": violations,
    }
    say(json.dumps({"bodies parsed": summary}))
    return violations


def deliver(events: int) -> int:
    """Run the crowd on SQLite and, if it is installed, on PostgreSQL; return the violations."""
    violations = 0
    with tempfile.TemporaryDirectory() as folder:
        found = crowd(f"sqlite:///{folder}/tracker.db", events, 8)
    say(json.dumps({"crowd on SQLite": found}))
    violations += not is_right(found)
    if binaries() is None:
        say("crowd on PostgreSQL: not run, its server is not installed")
        return violations
    with running_cluster() as cluster, cluster.database() as url:
        found = crowd(url, events, 8)
    say(json.dumps({"crowd on PostgreSQL": found}))
    return violations + (not is_right(found))


def main() -> int:
    """Run the soak; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.webhooks.soak", description=__doc__)
    parser.add_argument("--bodies", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=None, help="which bodies; by default any")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    seed = random.SystemRandom().getrandbits(48) if options.seed is None else options.seed
    violations = deliver(options.events) if options.events else 0
    violations += parse(options.bodies, seed, options.processes) if options.bodies else 0
    say(json.dumps({"violations": violations}))
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
