"""What all workers of a campaign share: when it is finished, and when its next request may go out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import delete

from smsmanager import SmsManager
from smsmanager.campaigns import Campaign, Phase, Row, WorkEnd, tend, work
from smsmanager.campaigns._ledger import schema
from smsmanager.campaigns._ledger.leases import alone
from smsmanager.campaigns._ledger.shared_pace import SharedPace
from tests.campaigns.conftest import Service, crash, expire_leases, number, rows


@pytest.fixture
def campaign(tmp_path: Path) -> Iterator[Campaign]:
    with Campaign.create(tmp_path / "l", rows(250)) as campaign:
        campaign.start_workers()
        yield campaign


def pace_of(campaign: Campaign) -> SharedPace:
    """Return the pace of a campaign."""
    return SharedPace(campaign._ledger.database, campaign._ledger.head.id)


def test_a_campaign_is_not_finished_while_rows_are_under_an_expired_lease(
    campaign: Campaign,
) -> None:
    database = campaign._ledger.database
    with alone(database, campaign._ledger.head.id):
        expire_leases(campaign)
        # Its process may only have been asleep, so `tend` leaves the lease alone.
        found = tend(database.path or "")
        assert (found.phase, found.left) == (Phase.SENDING, 250)
    assert not pace_of(campaign).finish_if_done()
    assert tend(database.path or "").phase is Phase.SENDING


def test_a_campaign_that_was_stopped_stays_so_though_nothing_is_left(
    campaign: Campaign, client: SmsManager
) -> None:
    list(campaign.run(client))
    pace = pace_of(campaign)
    assert campaign.stop_workers("enough")
    assert not pace.finish_if_done()
    control = pace.control()
    assert control is not None
    assert (control.phase, control.reason) == ("stopped", "enough")
    campaign.start_workers()
    assert [pace.finish_if_done() for _ in range(2)] == [True, True]
    found = tend(campaign._ledger.database.path or "")
    assert (found.phase, found.left, found.permits) == (Phase.FINISHED, 0, 0)


def test_what_was_never_started_for_workers_is_not_finished(tmp_path: Path) -> None:
    with Campaign.create(tmp_path / "other", []) as campaign:
        campaign.start_workers()
        with campaign._ledger.database.writing() as connection:
            connection.execute(delete(schema.pace))
        assert not pace_of(campaign).finish_if_done()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the time of the ledger's clock, which a test can set."""
    at = [1_000_000.0]
    monkeypatch.setattr("smsmanager.campaigns._ledger.leases.time.time", lambda: at[0])
    return at


def test_a_slot_that_comes_too_late_is_not_reserved(campaign: Campaign, clock: list[float]) -> None:
    pace = pace_of(campaign)
    assert pace.slot(10.0, 5.0) == 0
    for _ in range(3):
        assert pace.slot(10.0, 5.0) is None
    control = pace.control()
    assert control is not None
    assert control.next_s == pytest.approx(10)
    clock[0] += 6
    assert pace.slot(10.0, 5.0) == pytest.approx(4)


def test_a_gap_of_minutes_is_kept(campaign: Campaign, clock: list[float]) -> None:
    pace = pace_of(campaign)
    waits = [pace.slot(300.0, 1000.0) for _ in range(3)]
    assert waits == [0, pytest.approx(300), None]
    clock[0] += 300
    assert pace.slot(300.0, 1000.0) == pytest.approx(300)


def test_a_clock_that_steps_back_puts_nothing_off_for_long(
    campaign: Campaign, clock: list[float]
) -> None:
    pace = pace_of(campaign)
    assert pace.slot(10.0, 30.0) == 0
    clock[0] -= 3600
    assert pace.slot(10.0, 30.0) is None
    control = pace.control()
    assert control is not None
    assert control.next_s <= 70
    clock[0] += 70
    assert pace.slot(10.0, 30.0) == 0


def left_of(campaign: Campaign) -> int:
    """Return how many rows are left, as it is stored, and check that the rows say the same."""
    found = pace_of(campaign).left()
    assert found == campaign.status().left
    return found


def paused_by(campaign: Campaign, service: Service) -> Callable[[Any], httpx.Response]:
    """Return an answer during which the workers are told to pause."""

    def answer(body: Any) -> httpx.Response:
        campaign.pause_workers()
        return service.accept(body)

    return answer


def test_what_is_left_adds_up_when_workers_and_runs_by_one_process_take_turns(
    campaign: Campaign, client: SmsManager, service: Service
) -> None:
    path = campaign._ledger.database.path or ""
    service.script = [paused_by(campaign, service)]
    work(path, None, client)
    assert left_of(campaign) == 150

    for update in campaign.run(client, concurrency=1):
        if update.done > 100:
            break
    before = left_of(campaign)
    assert before < 150
    campaign.add(Row(row, number(row), "Hello") for row in range(300, 600))
    assert left_of(campaign) == before + 300
    crash(campaign)
    campaign.resume_workers()
    service.script = [paused_by(campaign, service)]
    work(path, None, client)
    # One request of the run that crashed, and one of the worker.
    assert left_of(campaign) <= before + 100
    list(campaign.run(client, concurrency=1))
    assert left_of(campaign) == 0
    campaign.resume_workers()
    assert work(path, None, client).end is WorkEnd.NO_WORK
    found = tend(path)
    assert (found.phase, found.left) == (Phase.FINISHED, 0)
