"""The drawn settling for much longer, with random seeds: `python -m tests.asking.soak`.

The last line shows what was run and how many violations there were; the exit status is 1 if there was one.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import sys
from collections import Counter

from tests.asking.settling_world import WrongError, play

CHUNK = 250
KINDS = ("plan", "plan", "plan", "plan", "plan", "plan", "plan", "sync", "asyncio", "trio")


def chunk(seed: int) -> tuple[Counter[str], list[str]]:
    """Run a chunk of worlds; return the counts and the violations."""
    drawn = random.Random(seed)  # noqa: S311 - which cases are drawn is no secret
    counts: Counter[str] = Counter()
    violations = []
    for _ in range(CHUNK):
        kind, world_seed = drawn.choice(KINDS), drawn.getrandbits(48)
        counts[f"kind {kind}"] += 1
        try:
            counts.update(play(kind, world_seed).counts)
        except (WrongError, AssertionError) as error:
            violations.append(f"{kind} {world_seed}: {error}")
    return counts, violations


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=50_000)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)
    seeds = [random.SystemRandom().getrandbits(48) for _ in range(-(-options.cases // CHUNK))]
    counts: Counter[str] = Counter()
    violations: list[str] = []
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        for found, wrong in pool.imap_unordered(chunk, seeds):
            counts.update(found)
            violations += wrong
            for text in wrong:
                sys.stdout.write(f"VIOLATION {text}\n")
    cases = len(seeds) * CHUNK
    sys.stdout.write(json.dumps({"cases": cases, "violations": len(violations), **counts}) + "\n")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
