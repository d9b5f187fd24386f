"""The whole of the kill test: `python -m tests.campaigns.soak`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.campaigns.kills import killed_often


def main() -> int:
    """Run it and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    asked = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        ledger = Path(folder) / "ledger.sqlite3"
        report = killed_often(ledger, asked.rows, asked.kills, asked.seed)
    sys.stdout.write(
        f"campaign, seed {asked.seed}: {report.rows} rows, killed {report.kills} times, "
        f"{report.requests} requests taken, {report.dropped} answers dropped: "
        f"{report.accepted} accepted, {report.unknown} unknown (the service took "
        f"{report.taken - report.accepted} of these), 0 twice, 0 missing; "
        f"{time.monotonic() - began:.0f} s\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
