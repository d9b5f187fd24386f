"""The ledger test for much longer, with random seeds: `python -m tests.faults.soak`.

It ends by itself. The last line shows what was run and how many violations there were; the exit status is 1
if there was one. A violation is printed with its kind and seed, which draw it again with `--cases 500`.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from multiprocessing import util

from tests.faults.callers import KINDS
from tests.faults.exploring import explore
from tests.faults.ledger import Bench, ViolationError

CHUNK = 500
SHARES = {"sync": 4, "asyncio": 4, "trio": 2}
REPORT_S = 60.0

_bench: Bench | None = None


def chunk(job: tuple[str, int, int]) -> tuple[int, Counter[str], list[str]]:
    """Run a chunk of cases; return how many, the counts, and the violations."""
    global _bench  # noqa: PLW0603 - one server and one set of clients for the life of a process
    kind, examples, seed = job
    if _bench is None:
        warnings.simplefilter("ignore", ResourceWarning)
        _bench = Bench().__enter__()
        # An event loop in a thread would keep the process from ending.
        util.Finalize(None, _bench.__exit__, args=(None, None, None), exitpriority=1)
    bench = _bench
    bench.counts.clear()
    violations = []
    try:
        explore(lambda case: bench.check(kind, case), examples, seed)
    except ViolationError as error:
        violations.append(f"--kind {kind} --seed {seed}: {error}")
    return bench.counts[f"kind {kind}"], Counter(bench.counts), violations


def jobs(cases: int, seed: int, kinds: list[str]) -> Iterator[tuple[str, int, int]]:
    """Yield chunks, with a share for each kind of client."""
    drawn = random.Random(seed)  # noqa: S311 - which cases are drawn is no secret
    while cases > 0:
        kind = drawn.choices(kinds, [SHARES[kind] for kind in kinds])[0]
        yield kind, min(CHUNK, cases), seed
        cases -= CHUNK
        seed = drawn.getrandbits(48)


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """Run the soak; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=None, help="which cases; by default any")
    parser.add_argument("--kind", choices=KINDS, default=None, help="only one kind of client")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    seed = random.SystemRandom().getrandbits(48) if options.seed is None else options.seed
    kinds = [options.kind] if options.kind else list(SHARES)
    say(f"seed {seed}")
    counts: Counter[str] = Counter()
    violations: list[str] = []
    done, began, reported = 0, time.monotonic(), time.monotonic()
    # Spawned, because a process with clients and servers has threads and must not fork.
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        for checked, counted, found in pool.imap_unordered(chunk, jobs(options.cases, seed, kinds)):
            done += checked
            counts.update(counted)
            violations += found
            for violation in found:
                say(violation)
            if time.monotonic() - reported > REPORT_S:
                reported = time.monotonic()
                say(f"{done} cases, {len(violations)} violations")
        pool.close()
        pool.join()
    seconds = time.monotonic() - began
    for name, times in sorted(counts.items()):
        say(f"{times:>9}  {name}")
    summary = {"cases": done, "seconds": round(seconds), "seed": seed}
    say(json.dumps({**summary, "violations": len(violations)}))
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
