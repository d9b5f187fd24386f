"""`make bench` runs and prints what it measured; no figure is judged."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench.figures import Comparison, Kind, Row, Section
from bench.turns import Contender, one_round
from tests.contract.mock_servers import missing_node_tool

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).resolve().parents[1]
EVERYTHING = {
    "Import": [
        "import httpx",
        "import smsmanager, beyond that",
        "from smsmanager import AsyncSmsManager, beyond that",
    ],
    "One send": ["httpx", "SmsManager", "httpx async", "AsyncSmsManager"],
    "One send of a crowd": [
        "httpx, threads",
        "SmsManager, threads",
        "httpx, tasks",
        "AsyncSmsManager, tasks",
    ],
    "One recipient of many": [
        "httpx, one send",
        "httpx, 100 recipients",
        "send, 100 recipients",
        "send_batch, 10 messages",
        "send_batch, 100 messages",
    ],
    "Peak memory of a process, messages sent: 5": ["httpx", "SmsManager"],
    "One event of a webhook": [
        "json.loads",
        "parse_webhook",
        "parse_webhook, all read",
        "receiver and tracker",
    ],
    "Events into a tracker on PostgreSQL, 100 a batch": [
        "a bare upsert per event",
        "tracker, new reports",
        "tracker, the same again",
    ],
    "A campaign, rows: 1000": [
        "bare loop of encoded requests",
        "one text, a tenth of the rows",
        "one text",
        "a text each, a tenth of the rows",
    ],
    "Rows of a campaign per second, 200 with own texts, 1000 with one text": [
        "bare loop, own texts",
        "bare loop, one text",
        "SQLite, one process, own texts",
        "PostgreSQL, one process, own texts",
        "SQLite, two workers, own texts",
        "PostgreSQL, two workers, own texts",
        "SQLite, one process, one text",
        "PostgreSQL, one process, one text",
    ],
    "One request to a stand-in": [
        *([] if missing_node_tool("prism") else ["Prism"]),
        "sandbox",
    ],
}


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench", *arguments],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        cwd=ROOT,
    )


def test_everything_with_tiny_counts(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    counts = ("--rounds", "1", "--sends", "5", "--imports", "1", "--rows", "1000")
    finished = bench(*counts, "--json", str(file))
    assert finished.returncode == 0, finished.stderr
    assert finished.stderr == ""
    report = json.loads(file.read_text(encoding="utf-8"))
    measured = {s["title"]: [row["name"] for row in s["rows"]] for s in report["sections"]}
    assert measured == EVERYTHING
    for section in report["sections"]:
        assert section["title"] in finished.stdout
        for row in section["rows"]:
            assert f"\n  {row['name']}  " in finished.stdout
            figures = [value for value in row.values() if isinstance(value, dict)]
            assert figures
            assert all(figure["median"] > 0 for figure in figures)
    assert set(aims(report)) == {40.0, 0.75, 0.8, 1.0, 1.1, 1 / 60, 6.0}
    assert "<= 0.75x" in finished.stdout
    assert "<= 1/60.0" in finished.stdout


def aims(report: dict[str, Any]) -> list[float]:
    return [
        comparison["aim"]
        for section in report["sections"]
        for row in section["rows"]
        for comparison in row["comparisons"]
        if comparison["aim"] is not None
    ]


def test_one_subject_alone() -> None:
    finished = bench("--quick", "--only", "memory", "--rounds", "1", "--sends", "1")
    assert finished.returncode == 0, finished.stderr
    assert "Peak memory of a process, messages sent: 1" in finished.stdout
    assert "One send" not in finished.stdout


def test_a_count_of_nothing_is_refused() -> None:
    finished = bench("--sends", "0")
    assert finished.returncode == 2
    assert "must be at least 1" in finished.stderr


def test_a_table() -> None:
    section = Section(
        "A title",
        ("CPU us",),
        (
            Row("theirs", ((100.0, 300.0, 200.0),)),
            Row(
                "ours",
                ((120.0, 300.0, 210.0),),
                (
                    Comparison("theirs", (1.2, 1.0, 1.05), aim=1.1),
                    Comparison("another", (0.02, 0.03, 0.04), Kind.FRACTION, aim=0.025),
                    Comparison("a third", (2.0, -1.0, 1.5), Kind.DIFFERENCE),
                ),
            ),
        ),
        "  A note.",
    )
    assert section.as_text().splitlines() == [
        "A title",
        "          CPU us  compared  (rounds)              with     aim",
        "  theirs   200.0",
        "  ours     210.0     1.05x  (1.00x to 1.20x)      theirs   <= 1.10x   met",
        "                    1/33.3  (1/50.0 to 1/25.0)    another  <= 1/40.0  missed",
        "                   +1.5 ms  (-1.0 ms to +2.0 ms)  a third",
        "  A note.",
    ]


def test_a_contender_that_cannot_be_called_is_told() -> None:
    with pytest.raises(ValueError, match="idle has neither a blocking nor an asynchronous call"):
        one_round([Contender("idle")], "http://127.0.0.1:9/v2", 1)
