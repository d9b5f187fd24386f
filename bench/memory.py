"""Peak memory of a process that imports, makes a client and sends."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from bench.figures import Comparison, Row, Section, quotients

if TYPE_CHECKING:
    from bench.options import Options


def measure(options: Options) -> Section:
    """Measure the peaks."""
    raw: list[float] = []
    ours: list[float] = []
    for _ in range(options.rounds):
        raw.append(_peak_mib("raw", options))
        ours.append(_peak_mib("ours", options))
    compared = Comparison("httpx", quotients(ours, raw))
    return Section(
        f"Peak memory of a process, messages sent: {options.sends}",
        ("MiB",),
        (Row("httpx", (tuple(raw),)), Row("SmsManager", (tuple(ours),), (compared,))),
    )


def _peak_mib(which: str, options: Options) -> float:
    arguments = [which, options.base_url, str(options.sends)]
    return float(
        subprocess.run(
            [sys.executable, "-m", "bench.peak", *arguments], check=True, stdout=subprocess.PIPE
        ).stdout
    )
