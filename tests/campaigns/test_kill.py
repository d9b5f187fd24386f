"""SIGKILL in the middle, over a service that drops answers: no row twice, none missing."""

from __future__ import annotations

from pathlib import Path

from tests.campaigns.kills import killed_often


def test_a_campaign_that_is_killed_sends_no_row_twice_and_loses_none(
    tmp_path: Path,
) -> None:
    report = killed_often(tmp_path / "ledger.sqlite3", 2000, kills=6, seed=1)
    assert report.kills >= 4
    assert report.dropped > 0
    assert report.accepted + report.unknown == 2000
    assert report.accepted <= report.taken <= 2000
    # What is unknown was in flight in a kill (four requests of up to a hundred), or its answer was dropped.
    assert 0 < report.unknown <= report.kills * 400 + report.dropped * 100
    assert report.accepted > 0
