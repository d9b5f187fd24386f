"""A campaign compared with a bare loop of requests: time, memory, and whether the totals agree."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

from bench.figures import Comparison, Row, Section, quotients

if TYPE_CHECKING:
    from bench.options import Options

_FULL = 100
_FLAT = 1.1
_BARE = "bare loop of encoded requests"


def measure(options: Options) -> Section:
    """Measure one round: a campaign is long enough to be its own average."""
    rows = max(options.rows // _FULL * _FULL, _FULL)
    tenth = max(rows // 10 // _FULL * _FULL, _FULL)
    bare = _run("bare", rows, options)
    small = _run("one", tenth, options)
    whole = _run("one", rows, options)
    own = _run("own", tenth, options)
    peaks = quotients((whole["peak_mib"],), (small["peak_mib"],))
    return Section(
        f"A campaign, rows: {rows}",
        ("wall us", "CPU us", "peak MiB"),
        (
            _row(_BARE, bare),
            _row("one text, a tenth of the rows", small, _against(bare, small)),
            _row(
                "one text",
                whole,
                _against(bare, whole),
                Comparison("peak of a tenth of the rows", peaks, aim=_FLAT),
            ),
            _row("a text each, a tenth of the rows", own, _against(bare, own)),
        ),
        "  Time per recipient, ratios of wall time. The SQLite ledger is flushed before each request.\n"
        f"  One text: {whole['accepted'] / whole['wall_s']:.0f} recipients per second (the aim is 5000) and "
        f"{whole['ledger_mib']:.0f} MiB of ledger, written\n"
        f"  at {whole['accepted'] / whole['create_s']:.0f} rows per second. "
        f"A text each: {own['accepted'] / own['wall_s']:.0f} per second. "
        "The ledger's totals equal the stub's.",
    )


def _row(name: str, figures: dict[str, Any], *comparisons: Comparison) -> Row:
    each = 1e6 / figures["accepted"]
    return Row(
        name,
        ((figures["wall_s"] * each,), (figures["cpu_s"] * each,), (figures["peak_mib"],)),
        comparisons,
    )


def _against(bare: dict[str, Any], ours: dict[str, Any]) -> Comparison:
    one, other = (each["wall_s"] / each["accepted"] for each in (ours, bare))
    return Comparison(_BARE, (one / other,))


def _run(kind: str, rows: int, options: Options) -> dict[str, Any]:
    before = _taken(options.base_url)
    command = [sys.executable, "-m", "bench.campaign_run", kind, options.base_url, str(rows)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    figures: dict[str, Any] = json.loads(done.stdout)
    taken = _taken(options.base_url) - before
    if not rows == taken == figures["accepted"]:
        raise RuntimeError(
            f"of {rows} rows {figures['accepted']} are accepted, the stub took {taken}"
        )
    return figures


def _taken(base_url: str) -> int:
    with urlopen(f"{base_url}/taken") as answer:  # noqa: S310 - the stub
        return int(json.load(answer)["taken"])
