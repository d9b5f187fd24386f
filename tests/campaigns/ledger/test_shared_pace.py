"""What all workers of a campaign share: when it is finished, and when its next request may go out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from smsmanager.campaigns import Campaign, Phase, tend
from smsmanager.campaigns._ledger.leases import alone
from smsmanager.campaigns._ledger.shared_pace import SharedPace
from tests.campaigns.conftest import expire_leases, rows


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
