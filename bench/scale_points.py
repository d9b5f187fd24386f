"""What one recipient costs a PostgreSQL: WAL, storage and time, measured on a server of its own.

Run as `python -m bench.scale_points [ROWS [REQUESTS]]`: it prints JSON. Commits are flushed to the disk, full
pages are written to the WAL after a checkpoint, as by default.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bench.cores import CLIENT, STUB, pin
from bench.scale import Workers, simulate
from bench.stub import running_stub
from smsmanager import SmsManager
from smsmanager.campaigns import Campaign, Row, RowState
from smsmanager.webhooks import DeliveryTracker, parse_webhook
from tests.postgres import running_cluster

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from typing import Unpack

    from smsmanager.campaigns._run.campaign_options import RunChanges
    from tests.postgres import Cluster

_ANSWER_S = 0.25
_FULL = 100
_FIRST = 420_700_000_000
_EVENTS = 100
_RESULTS = ("sent", "delivered")
"""What is reported of a message."""
_OWN_IDS = (
    "UPDATE smsmanager_campaign_row "
    "SET message_id = 'e27ff0ac-87b5-4e1d-b644-' || lpad(row::text, 12, '0') || '-0'"
)


class Meter:
    """Reads what a server has written and used so far.

    Args:
        url: Of its database.
        folder: Of the server.
    """

    def __init__(self, url: str, folder: Path) -> None:
        self._engine = sa.create_engine(url, poolclass=sa.NullPool)
        [first, *_] = (folder / "data" / "postmaster.pid").read_text(encoding="ascii").split()
        self._postmaster = int(first)

    def _cpu_s(self) -> float:
        """Return the CPU seconds of the server: of processes that have ended, and of those that run."""
        mine = Path(f"/proc/{self._postmaster}/task/{self._postmaster}/children")
        ticks = sum(_ticks(self._postmaster)[:4])
        for child in mine.read_text(encoding="ascii").split():
            # One that ends meanwhile is counted with its parent the next time.
            with suppress(OSError):
                ticks += sum(_ticks(int(child))[:2])
        return ticks / os.sysconf("SC_CLK_TCK")

    def read(self) -> dict[str, float]:
        """Return bytes of WAL, bytes of the database, and CPU seconds of this process."""
        wal = "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')"
        size = "SELECT pg_database_size(current_database())"
        with self._engine.connect() as connection:
            return {
                "wal_bytes": float(connection.exec_driver_sql(wal).scalar() or 0),
                "bytes": float(connection.exec_driver_sql(size).scalar() or 0),
                "cpu_s": time.process_time(),
                "database_cpu_s": self._cpu_s(),
                "wall_s": time.perf_counter(),
            }

    def writing(self) -> AbstractContextManager[sa.Connection]:
        """Connect for one transaction."""
        return self._engine.begin()

    def checkpoint(self) -> None:
        """Begin as after a checkpoint: the first change of a page writes all of it."""
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("CHECKPOINT")


def _ticks(pid: int) -> list[int]:
    """Return the CPU time of a process: its own, user and system, and that of its ended children."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return [int(field) for field in fields[11:15]]


def _each(before: dict[str, float], after: dict[str, float], count: int) -> dict[str, float]:
    return {name: (after[name] - before[name]) / count for name in before}


def _rows(count: int, *, own: bool) -> Iterator[Row]:
    for row in range(1, count + 1):
        yield Row(row, str(_FIRST + row), f"Your parcel {row} is on its way." if own else "Hello.")


def _element(message_id: str, number: str, result: str, reference: str) -> dict[str, Any]:
    step = _RESULTS.index(result)
    return {
        "type": "outgoing",
        "request_id": "bc36f3d1-d284-463a-921b-a3560c154649",
        "message_id": message_id,
        "gateway": "sms",
        "timestamp": 1767225600 + step,
        "payload": {"smsmanager_reference": reference},
        "to": {"phone_number": number},
        "result": result,
        "result_info": f"[0] {result}",
        "sms": {"sender": "Shop", "country": 230, "price_czk": 1.05, "count": 1},
    }


def campaign_points(
    url: str, folder: Path, base_url: str, rows: int, *, own: bool
) -> dict[str, Any]:
    """Make a campaign, send it, take its reports; return the cost of each per recipient."""
    meter = Meter(url, folder)
    meter.checkpoint()
    begun = meter.read()
    with (
        Campaign.create(url, _rows(rows, own=own), name=f"own {own}") as campaign,
        SmsManager("bench-key", base_url=base_url) as client,
    ):
        made = meter.read()
        requests = 0
        for update in campaign.run(client):
            requests = update.requests
        sent = meter.read()
        if campaign.status().counts[RowState.ACCEPTED] != rows:
            raise RuntimeError("not every row was accepted")
        # The stub names the recipients of every request alike; the service gives each an id of its own.
        with meter.writing() as connection:
            connection.exec_driver_sql(_OWN_IDS)
        elements = [
            [_element(row.message_id or "", row.phone_number or "", result, row.reference or "r")]
            for result in _RESULTS
            for row in campaign.rows()
        ]
        events = [parse_webhook(element) for element in elements]
        before = meter.read()
        for start in range(0, len(events), _EVENTS):
            campaign.record([e for several in events[start : start + _EVENTS] for e in several])
        reported = meter.read()
    return {
        "requests": requests,
        "create": _each(begun, made, rows),
        "send": _each(made, sent, rows),
        "reports": _each(before, reported, rows),
    }


def tracker_points(url: str, folder: Path, rows: int) -> dict[str, Any]:
    """Take the reports of other messages into a tracker; return the cost per message."""
    meter = Meter(url, folder)
    with DeliveryTracker.open(url) as tracker:
        meter.checkpoint()
        events = [
            parse_webhook(
                [
                    _element(
                        f"e27ff0ac-87b5-4e1d-b644-{row:012}", str(_FIRST + row), result, f"r-{row}"
                    )
                    for row in range(start, min(start + _EVENTS, rows))
                ]
            )
            for start in range(0, rows, _EVENTS)
            for result in _RESULTS
        ]
        before = meter.read()
        for several in events:
            tracker.apply(*several)
        return _each(before, meter.read(), rows)


def times(requests: int) -> list[dict[str, float]]:
    """Return how long one process took where answers take long or a pace is set, beside the simulation.

    What a request costs by itself is measured first, in the same way and under the same load.
    """
    with running_cluster(is_durable=True) as cluster:
        with running_stub() as base_url:
            _sent(cluster, base_url, requests // 10)
            each_s = _sent(cluster, base_url, requests, concurrency=1) / requests
        found = [{"requests": requests, "each_s": each_s}]
        with running_stub(_ANSWER_S) as base_url:
            for at_once, per_s in ((2, None), (8, None), (8, 20.0)):
                measured_s = _sent(
                    cluster, base_url, requests, concurrency=at_once, requests_per_s=per_s
                )
                crew = Workers(1, at_once, each_s, 0.0, _ANSWER_S, per_s=per_s)
                figures = {"at_once": at_once, "per_s": per_s or 0.0, "measured_s": measured_s}
                found.append({**figures, "simulated_s": simulate(crew, requests)})
    return found


def _sent(cluster: Cluster, base_url: str, requests: int, **changes: Unpack[RunChanges]) -> float:
    """Send one text in that many requests; return the seconds."""
    with (
        cluster.database() as url,
        Campaign.create(url, _rows(requests * _FULL, own=False)) as campaign,
        SmsManager("bench-key", base_url=base_url) as client,
    ):
        began = time.perf_counter()
        for _ in campaign.run(client, **changes):
            pass
        return time.perf_counter() - began


def points(rows: int) -> dict[str, Any]:
    """Measure everything on a new server."""
    with running_stub() as base_url:
        pin(STUB)
        with running_cluster(is_durable=True) as cluster:
            pin(CLIENT)
            with cluster.database() as url:
                own = campaign_points(url, cluster.folder, base_url, rows, own=True)
            with cluster.database() as url:
                one = campaign_points(url, cluster.folder, base_url, rows, own=False)
            with cluster.database() as url:
                tracker = tracker_points(url, cluster.folder, rows)
    return {"rows": rows, "own": own, "one": one, "tracker": tracker}


def _main(rows: str = "20000", requests: str = "100") -> None:
    os.environ["NO_PROXY"] = "*"
    # First, because what is measured then keeps this process on one core.
    compared = times(int(requests))
    print(json.dumps({"times": compared, **points(int(rows))}, indent=2))


if __name__ == "__main__":
    _main(*sys.argv[1:])
