"""Time of the import statements, in fresh interpreters.

Each interpreter imports httpx first and then what is measured, and takes the time of both: what the library
adds is then one figure of one process, not the difference of two processes that were disturbed differently.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from bench.figures import Comparison, Kind, Row, Section

if TYPE_CHECKING:
    from bench.options import Options

AIM_MS = 40.0
"""Most milliseconds that the library should add to the import of httpx."""

_BASE = "import httpx"
_STATEMENTS = ("import smsmanager", "from smsmanager import AsyncSmsManager")
_NOTE = "  Compared by CPU time: an import from a warm disk waits for nothing but other processes."
_PROGRAM = """
import json, time
began = time.process_time(), time.perf_counter()
import httpx
between = time.process_time(), time.perf_counter()
{statement}
ended = time.process_time(), time.perf_counter()
print(json.dumps([began, between, ended]))
"""


def measure(options: Options) -> Section:
    """Measure the imports."""
    for statement in _STATEMENTS:
        # The first import of all may compile modules, and reads them from the disk.
        _once(statement)
    base: list[tuple[float, float]] = []
    added: dict[str, list[tuple[float, float]]] = {statement: [] for statement in _STATEMENTS}
    for _ in range(options.imports):
        for statement, taken in added.items():
            httpx_ms, added_ms = _once(statement)
            base.append(httpx_ms)
            taken.append(added_ms)
    rows = [Row(_BASE, _columns(base))]
    for statement, taken in added.items():
        cpu_ms, wall_ms = _columns(taken)
        compared = Comparison(_BASE, cpu_ms, Kind.DIFFERENCE, AIM_MS)
        rows.append(Row(f"{statement}, beyond that", (cpu_ms, wall_ms), (compared,)))
    return Section("Import", ("CPU ms", "wall ms"), tuple(rows), _NOTE)


def _columns(pairs: list[tuple[float, float]]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    return tuple(cpu for cpu, _ in pairs), tuple(wall for _, wall in pairs)


def _once(statement: str) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return milliseconds of CPU and wall time for httpx, and for the statement after it."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    output = subprocess.run(
        [sys.executable, "-c", _PROGRAM.format(statement=statement)],
        check=True,
        stdout=subprocess.PIPE,
        env=environment,
    ).stdout
    began, between, ended = json.loads(output)
    return _passed(began, between), _passed(between, ended)


def _passed(earlier: list[float], later: list[float]) -> tuple[float, float]:
    return (later[0] - earlier[0]) * 1e3, (later[1] - earlier[1]) * 1e3
