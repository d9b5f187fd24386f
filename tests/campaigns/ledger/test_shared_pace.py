"""What all workers of a campaign keep to: when it is finished, and when its next request may go out."""

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
