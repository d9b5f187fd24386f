"""Check the page about large numbers: its table, its simulation, its recipe, and the measurements."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bench import scale
from bench.scale import ONE_TEXT, OWN_TEXTS, REPORT, Day, Workers, simulate
from smsmanager.campaigns import Campaign
from tests.campaigns.conftest import rows
from tests.postgres import running_cluster

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "scale.md").read_text(encoding="utf-8")


def test_the_page_shows_what_is_counted() -> None:
    shown = PAGE.partition("<!-- python -m bench.scale -->\n")[2].partition("\n<!-- end -->")[0]
    assert shown == scale.table(scale.PAGE)
    for cost in (OWN_TEXTS, ONE_TEXT, REPORT):
        cells = (cost.wal_bytes, cost.stored_bytes)
        times = (cost.worker_s * 1e6, cost.database_s * 1e6)
        line = " | ".join(
            [*(f"{each:.0f} B" for each in cells), *(f"{each:.0f} us" for each in times)]
        )
        assert f"| {line} |" in PAGE


def test_a_day_adds_up() -> None:
    day = Day(recipients=3_600_000, hours=1.0, peak=2.0, answer_s=0.5, cost=OWN_TEXTS)
    assert (day.peak_a_second, day.requests_a_second, day.in_flight) == (2_000, 200, 100)
    # Each of 2,000 recipients takes 210 and 70 us; half of the time is spare, one worker too many.
    assert day.workers == 3
    assert day.reporters == 4


# What decides: the waiting for answers, the time of a worker, the cores of all, the pace.
@pytest.mark.parametrize(
    ("workers", "per_s"),
    [
        (Workers(4, at_once=2, worker_s=1e-6, database_s=1e-6, answer_s=0.5), 4 * 2 / 0.5),
        (Workers(3, at_once=8, worker_s=0.004, database_s=0.006, answer_s=0.01), 3 / 0.01),
        (Workers(8, at_once=4, worker_s=0.004, database_s=0.006, answer_s=0.01, cores=2), 2 / 0.01),
        (Workers(8, at_once=4, worker_s=0.001, database_s=0.001, answer_s=0.1, per_s=50), 50),
    ],
)
def test_the_simulation_agrees_with_what_can_be_reckoned(workers: Workers, per_s: float) -> None:
    assert simulate(workers, 4_000) == pytest.approx(4_000 / per_s, rel=0.02)
    assert simulate(workers, 4_000) == simulate(workers, 4_000)


def test_the_simulation_agrees_with_the_measured_points() -> None:
    row = re.compile(
        r"^\| (\d+) \| (none|(\d+) a second) \| ([\d.]+) s \| ([\d.]+) s \|$", re.MULTILINE
    )
    found = row.findall(PAGE)
    assert len(found) >= 3
    for at_once, _, per_s, measured_s, simulated_s in found:
        pace = float(per_s) if per_s else None
        workers = Workers(1, int(at_once), 0.0064, 0.0, 0.25, per_s=pace)
        assert simulate(workers, 100) == pytest.approx(float(simulated_s), rel=0.02)
        assert float(simulated_s) == pytest.approx(float(measured_s), rel=0.25)


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert scale.main(["--recipients", "1000000", "--hours", "10", "--per-s", "5"]) == 0
    told = capsys.readouterr().out
    assert "| requests a second at the peak | 8 | 1 |" in told
    assert "own texts: 2 workers" in told
    # Its pace, not what the minute brings.
    assert "501 requests, in 100 s" in told


@pytest.mark.thorough
def test_what_one_recipient_costs() -> None:
    from bench.scale_points import points

    found: dict[str, Any] = points(2_000)
    for name, cost in (("own", OWN_TEXTS), ("one", ONE_TEXT)):
        for measure, expected in (("wal_bytes", cost.wal_bytes), ("bytes", cost.stored_bytes)):
            each = found[name]["create"][measure] + found[name]["send"][measure]
            assert 0.5 < each / expected < 2, (name, measure, each)
    reports = found["own"]["reports"]
    assert 0.5 < reports["wal_bytes"] / (2 * REPORT.wal_bytes) < 2
    assert 0.5 < reports["bytes"] / (2 * REPORT.stored_bytes) < 2


@pytest.mark.thorough
def test_a_database_for_a_day_that_is_dropped() -> None:
    code = PAGE.partition("<!-- executed: a day -->\n```py\n")[2].partition("```")[0]
    day = date(2026, 11, 26)
    with running_cluster() as cluster, cluster.database() as url:
        server = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        names: dict[str, Any] = {"server": server}
        exec(code, names)  # noqa: S102 - our own page
        assert names["ledger_of"](day) == names["ledger_of"](day)
        with Campaign.create(names["ledger_of"](day), rows(3)) as campaign:
            assert campaign.status().total == 3
        names["forget"](day)
        names["forget"](day)
        with server.connect() as connection:
            left = connection.exec_driver_sql("SELECT datname FROM pg_database").scalars().all()
        assert "campaigns_20261126" not in left
        server.dispose()
