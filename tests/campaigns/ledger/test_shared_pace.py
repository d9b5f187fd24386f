"""What all workers of a campaign keep to: when it is finished, and when its next request may go out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from smsmanager import SmsManager
from smsmanager.campaigns import Campaign, Phase, Row, RowState, WorkEnd, tend, work
from smsmanager.campaigns._ledger import schema, shared_session
from smsmanager.campaigns._ledger.leases import alone
from smsmanager.campaigns._ledger.shared_pace import SharedPace
from smsmanager.campaigns._ledger.shared_session import SharedSession
from tests.campaigns.conftest import Service, crash, dying, expire_leases, number, results, rows


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


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the time by the ledger's clock, to be set."""
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


def add_up(campaign: Campaign) -> dict[str, int]:
    """Return how many rows are in each state, and check that the stored counts say the same."""
    ledger = campaign._ledger
    with ledger.database.reading() as connection:
        counted = ledger.counts(connection, schema.row.c.state)
    found = {state.value: count for state, count in counted.items() if count}
    assert {state: count for state, count in pace_of(campaign).counts().items() if count} == found
    return found


def paused_by(campaign: Campaign, service: Service) -> Callable[[Any], httpx.Response]:
    """Return an answer during which the workers are told to pause."""

    def answer(body: Any) -> httpx.Response:
        campaign.pause_workers()
        return service.accept(body)

    return answer


def test_the_stored_counts_add_up_when_workers_and_runs_by_one_process_take_turns(
    campaign: Campaign, client: SmsManager, service: Service
) -> None:
    path = campaign._ledger.database.path or ""
    service.script = [paused_by(campaign, service)]
    work(path, None, client)
    assert add_up(campaign) == {"accepted": 100, "pending": 150}

    service.script = [httpx.ReadTimeout("late"), httpx.Response(400)]
    list(campaign.run(client, concurrency=1))
    before = add_up(campaign)
    assert before.keys() == {"accepted", "unknown", "not_sent"}

    campaign.add(Row(row, number(row), "Hello") for row in range(300, 600))
    assert add_up(campaign) == {**before, "pending": 300}
    assert tend(path).left == 300
    crash(campaign)
    campaign.resume_workers()
    service.script = [paused_by(campaign, service)]
    work(path, None, client)
    assert add_up(campaign)["unknown"] == before["unknown"] + 100
    campaign.start_workers()
    add_up(campaign)
    assert work(path, None, client).end is WorkEnd.NO_WORK
    found = tend(path)
    assert (found.phase, found.left) == (Phase.FINISHED, 0)
    assert add_up(campaign).keys() == {"accepted", "unknown"}


def test_the_stored_counts_add_up_after_a_worker_was_killed(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_session, "_FEWEST", 200)
    ledger = campaign._ledger
    with dying(), ledger.database.engine.connect() as connection:
        session = SharedSession(ledger, connection, "", None, lambda: 0.0)
        first, second = session.page(0).batches[:2]
        session.settle_and_claim([], [first, second])
        session.settle_and_claim(results(first, RowState.ACCEPTED), [])
    found = tend(ledger.database.path or "")
    assert (found.ended, found.left) == (1, 50)
    assert add_up(campaign) == {"accepted": 100, "unknown": 100, "pending": 50}
