"""Rows per second of a campaign: on both databases, one process and two workers, own texts and one text.

All processes share the machine's cores, the stub and the database server included. Each of them is a
`python -m bench.rates KIND BASE_URL LEDGER ROWS`, which prints `ready`, waits for a line, works, and prints
`done`.
"""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from bench.campaign_run import KEY, bodies, post_all, rows_of
from bench.cores import CLIENT, pin, unpin
from bench.figures import Comparison, Row, Section, quotients
from tests.postgres import binaries, running_cluster

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.options import Options
    from tests.postgres import Cluster

_MESSAGES = 10
_WORKERS = 2
# More than the default, as docs/scale.md advises: what is recorded together costs one flush of the disk.
_CONCURRENCY = 16
_BARE = {True: "bare loop, own texts", False: "bare loop, one text"}
AIMS = {
    ("SQLite", "run", True): 5_000,
    ("PostgreSQL", "run", True): 4_000,
    ("SQLite", "work", True): 5_500,
    ("PostgreSQL", "work", True): 5_500,
    ("SQLite", "run", False): 20_000,
    ("PostgreSQL", "run", False): 20_000,
}
"""Rows per second by database, way of running and whether each row has a text of its own."""


def measure(options: Options) -> Section:
    """Measure each of `AIMS`, and the bare loops, in each round."""
    rows = max(options.rows // 100 * 100, 100)
    given = {True: max(rows // 5 // 100 * 100, 100), False: rows}
    bare: dict[bool, list[float]] = {own: [] for own in given}
    found: dict[tuple[str, str, bool], list[float]] = {each: [] for each in AIMS}
    unpin()
    with ExitStack() as held:
        targets = [_files(held), *([] if binaries() is None else [_databases(held)])]
        for _ in range(min(options.rounds, 3)):
            for own, each in bare.items():
                kind = "bare-own" if own else "bare-one"
                each.append(given[own] / _seconds([kind], options.base_url, "", given[own]))
            for database, target in targets:
                for (named, kind, own), rates in found.items():
                    if named == database:
                        rates.append(_rate(kind, options.base_url, target(), given[own], own=own))
    pin(CLIENT)
    return Section(
        f"Rows of a campaign per second, {given[True]} with own texts, {given[False]} with one text",
        ("rows/s",),
        (
            *(Row(_BARE[own], (tuple(rates),)) for own, rates in bare.items()),
            *(
                _row(kept, rates, bare[kept[2]], AIMS[kept])
                for kept, rates in found.items()
                if rates
            ),
        ),
        f"  Client, stub and database share the cores; {_CONCURRENCY} requests in flight each. Commits\n"
        "  are flushed to the disk. Ratios are of the time that a row takes. The bare loop posts encoded\n"
        "  requests one after the other, and keeps no account.",
    )


def _row(kept: tuple[str, str, bool], rates: list[float], bare: list[float], wanted: int) -> Row:
    database, kind, own = kept
    ways = "one process" if kind == "run" else "two workers"
    return Row(
        f"{database}, {ways}, {'own texts' if own else 'one text'}",
        (tuple(rates),),
        (
            Comparison(_BARE[own], quotients(bare, rates)),
            Comparison(f"aim of {wanted:,}/s", tuple(wanted / rate for rate in rates), aim=1.0),
        ),
    )


def _files(held: ExitStack) -> tuple[str, Callable[[], str]]:
    folder, numbers = Path(held.enter_context(TemporaryDirectory())), count()
    return "SQLite", lambda: str(folder / f"{next(numbers)}.sqlite3")


def _databases(held: ExitStack) -> tuple[str, Callable[[], str]]:
    cluster: Cluster = held.enter_context(running_cluster(is_durable=True))
    return "PostgreSQL", lambda: held.enter_context(cluster.database())


def _rate(kind: str, base_url: str, ledger: str, rows: int, *, own: bool) -> float:
    from smsmanager.campaigns import Campaign, RowState  # noqa: PLC0415 - not in a bare process

    with Campaign.create(ledger, rows_of(rows, own=own)) as campaign:
        if kind == "work":
            campaign.start_workers(base_url=base_url, concurrency=_CONCURRENCY)
        seconds = _seconds([kind] * (_WORKERS if kind == "work" else 1), base_url, ledger, rows)
        if campaign.status().counts[RowState.ACCEPTED] != rows:
            raise RuntimeError("not every row was accepted")
    return rows / seconds


def _seconds(kinds: list[str], base_url: str, ledger: str, rows: int) -> float:
    """Run processes side by side; return how long it took from when all were ready."""
    with ExitStack() as held:
        running = [
            held.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "bench.rates", kind, base_url, ledger, str(rows)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for kind in kinds
        ]
        _expect(running, "ready")
        began = time.perf_counter()
        for each in running:
            print(file=each.stdin, flush=True)
        _expect(running, "done")
        return time.perf_counter() - began


def _expect(running: list[subprocess.Popen[str]], word: str) -> None:
    for each in running:
        if each.stdout is None or each.stdout.readline().strip() != word:
            raise RuntimeError("a process failed: see its error above")


def _bare(base_url: str, rows: int, *, own: bool) -> Callable[[], object]:
    import httpx  # noqa: F401, PLC0415 - before the time begins

    encoded = bodies(rows // (_MESSAGES if own else _MESSAGES * 10), own=own)
    return lambda: post_all(base_url, encoded)


def _campaign(kind: str, base_url: str, ledger: str) -> Callable[[], object]:
    from smsmanager import SmsManager  # noqa: PLC0415 - must not be counted where it is not used
    from smsmanager.campaigns import Campaign, work  # noqa: PLC0415 - as above

    client = SmsManager(KEY, base_url=base_url)
    if kind == "work":
        return lambda: work(ledger, None, client, for_s=3600)
    campaign = Campaign.open(ledger)
    return lambda: [None for _ in campaign.run(client, concurrency=_CONCURRENCY)]


def _main(kind: str, base_url: str, ledger: str, rows: str) -> None:
    job: Callable[[], Any] = (
        _bare(base_url, int(rows), own=kind == "bare-own")
        if kind.startswith("bare")
        else _campaign(kind, base_url, ledger)
    )
    print("ready", flush=True)
    sys.stdin.readline()
    job()
    print("done", flush=True)


if __name__ == "__main__":
    _main(*sys.argv[1:])
