"""SIGKILL in the middle, over a service that drops answers: no row twice, none missing."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from pathlib import Path

import pytest

from smsmanager.campaigns import Campaign, CampaignOptions
from tests.campaigns.conftest import counts, rows
from tests.campaigns.kills import (
    compared,
    killed_often,
    running_service,
    start,
    text,
    workers_killed_often,
)
from tests.postgres import running_cluster

pytestmark = pytest.mark.thorough


@pytest.mark.timeout(600)
def test_a_campaign_that_is_killed_sends_no_row_twice_and_loses_none(
    tmp_path: Path,
) -> None:
    report = killed_often(tmp_path / "ledger.sqlite3", 1000, kills=4, seed=1)
    assert report.kills >= 3
    assert report.dropped > 0
    assert report.accepted + report.unknown == 1000
    assert report.accepted <= report.taken <= 1000
    # Unknown rows were in flight at a kill (four requests of up to a hundred), or their answer was dropped.
    assert 0 < report.unknown <= report.kills * 400 + report.dropped * 100
    assert report.accepted > 0


@pytest.mark.timeout(600)
def test_after_kills_and_lost_answers_every_row_that_was_taken_is_found(tmp_path: Path) -> None:
    report = killed_often(tmp_path / "ledger.sqlite3", 1500, 5, 2, dropped=5, settles=True)
    assert report.settlement is not None
    assert report.settlement.settled == report.taken - report.accepted > 0
    assert report.settlement.still_open == 1500 - report.taken


@pytest.mark.timeout(600)
def test_ctrl_c_leaves_nothing_open(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.sqlite3"
    Campaign.create(ledger, rows(2000, text), CampaignOptions(concurrency=4)).close()
    with running_service() as service:
        sender = start(ledger, service)
        assert service.wait_for(30, sender)
        sender.send_signal(signal.SIGINT)
        assert sender.wait() != 0
        with Campaign.open(ledger) as campaign:
            found = counts(campaign)
        assert found.keys() == {"accepted", "pending"}
        assert found["accepted"] == service.taken().total()
        assert start(ledger, service).wait() == 0
        taken = service.taken()
    assert compared(ledger, 2000, taken) == (2000, 0, 2000)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("where", ["SQLite", "PostgreSQL"])
def test_workers_that_are_killed_send_no_row_twice_and_lose_none(
    tmp_path: Path, where: str
) -> None:
    with ExitStack() as held:
        ledger: Path | str = tmp_path / "ledger.sqlite3"
        if where == "PostgreSQL":
            ledger = held.enter_context(held.enter_context(running_cluster()).database())
        report = workers_killed_often(ledger, 1000, kills=5, seed=3)
    assert report.kills >= 3
    assert report.accepted + report.unknown == 1000
    assert report.accepted <= report.taken <= 1000
    assert report.unknown <= report.kills * 200 + report.dropped * 100
