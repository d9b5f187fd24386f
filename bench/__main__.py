"""Measure everything, print one table per subject, write JSON on request; the figures decide nothing."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import (
    batches,
    campaigns,
    crowds,
    imports,
    memory,
    rates,
    sandbox,
    sends,
    tracker,
    webhooks,
)
from bench.cores import CLIENT, pin
from bench.options import Options
from bench.stub import running_stub

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.figures import Section

MEASUREMENTS: dict[str, Callable[[Options], Section]] = {
    "imports": imports.measure,
    "sends": sends.measure,
    "crowds": crowds.measure,
    "batches": batches.measure,
    "memory": memory.measure,
    "webhooks": webhooks.measure,
    "tracker": tracker.measure,
    "campaigns": campaigns.measure,
    "rates": rates.measure,
    "sandbox": sandbox.measure,
}
_PACKAGES = ("httpx", "httpcore", "h11", "attrs", "sniffio")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the measurements that `arguments` ask for."""
    asked = _parser().parse_args(arguments)
    defaults = (2, 100, 3, 2000) if asked.quick else (5, 1000, 15, 100_000)
    rounds, calls, interpreters, rows = (
        given if given is not None else default
        for given, default in zip(
            (asked.rounds, asked.sends, asked.imports, asked.rows), defaults, strict=True
        )
    )
    report: dict[str, Any] = {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "packages": _versions(),
        "rounds": rounds,
        "sends": calls,
        "imports": interpreters,
        "rows": rows,
        "sections": [],
    }
    print(
        f"{report['python']}, {report['cores']} cores; {rounds} rounds of {calls} sends, "
        f"{interpreters} imports, {rows} rows; median of the rounds, ratios with lowest and highest round"
    )
    _forget_settings_from_outside()
    with running_stub() as base_url:
        # After the stub was started: what is started from here on inherits the core.
        pin(CLIENT)
        options = Options(base_url, rounds, calls, interpreters, rows)
        for name in asked.only or MEASUREMENTS:
            section = MEASUREMENTS[name](options)
            print(f"\n{section.as_text()}", flush=True)
            report["sections"].append(section.as_json())
    if asked.json is not None:
        asked.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds: seconds, not minutes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure there too")
    parser.add_argument(
        "--only",
        action="append",
        choices=list(MEASUREMENTS),
        help="measure this alone; can be repeated",
    )
    parser.add_argument("--rounds", type=_count, metavar="N")
    parser.add_argument("--sends", type=_count, metavar="N", help="calls of each contender a round")
    parser.add_argument("--imports", type=_count, metavar="N", help="interpreters a statement")
    parser.add_argument(
        "--rows", type=_count, metavar="N", help="rows of a campaign; 1000000 takes minutes"
    )
    return parser


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return count


def _forget_settings_from_outside() -> None:
    """Send to the stub directly, and the same message everywhere."""
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "*"
    for name in [name for name in os.environ if name.startswith("SMSMANAGER_")]:
        del os.environ[name]


def _versions() -> dict[str, str]:
    found = {}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


if __name__ == "__main__":
    sys.exit(main())
