"""The full kill test: `python -m tests.campaigns.soak`."""

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
    parser.add_argument("--settled-kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    asked = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        ledger = Path(folder) / "ledger.sqlite3"
        report = killed_often(ledger, asked.rows, asked.kills, asked.seed)
        figures = _settled(Path(folder) / "settled.sqlite3", asked)
    sys.stdout.write(
        f"campaign, seed {asked.seed}: {report.rows} rows, killed {report.kills} times, "
        f"{report.requests} requests taken, {report.dropped} answers dropped: "
        f"{report.accepted} accepted, {report.unknown} unknown (the service took "
        f"{report.taken - report.accepted} of these), 0 twice, 0 missing; "
        f"{time.monotonic() - began:.0f} s\n{figures}"
    )
    return 0


def _settled(ledger: Path, asked: argparse.Namespace) -> str:
    report = killed_often(
        ledger, asked.rows, asked.settled_kills, asked.seed, dropped=5, settles=True
    )
    found = report.settlement
    assert found is not None
    assert found.settled == report.taken - report.accepted
    share = found.questions / max(found.settled, 1)
    return (
        f"settling, seed {asked.seed}: {report.rows} rows, killed {report.kills} times, "
        f"{report.dropped} of {report.requests} answers dropped: {report.unknown} unknown, of which "
        f"{found.settled} settled and {found.still_open} still unknown {dict(found.findings)}; "
        f"{found.questions} questions, {share:.2f} per settled row; each row that was taken is accepted "
        "under its own id, and no other\n"
    )


if __name__ == "__main__":
    sys.exit(main())
