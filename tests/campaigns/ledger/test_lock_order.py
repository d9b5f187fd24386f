"""Transactions of a campaign in PostgreSQL never wait for each other in a circle: one order for all locks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, select

from smsmanager.campaigns import Campaign, RowState
from smsmanager.campaigns._ledger import schema
from smsmanager.campaigns._ledger.leases import (
    Lease,
    end_leases_of_the_dead,
    hold_still,
    locked_campaign,
    take,
    take_alone,
)
from smsmanager.campaigns._ledger.session import Session
from smsmanager.campaigns._ledger.shared_pace import SharedPace
from tests.campaigns.conftest import claim_one, counts, expire_leases, results, rows, working
from tests.postgres import while_it_waits


@pytest.fixture
def campaign(url: str) -> Iterator[Campaign]:
    with Campaign.create(url, rows(300)) as campaign:
        campaign.start_workers()
        yield campaign


def parts(campaign: Campaign) -> tuple[Any, Engine, int]:
    """Return the database of a campaign, its engine and the id."""
    database = campaign._ledger.database
    return database, database.engine, campaign._ledger.head.id


def test_a_late_answer_waits_for_the_reports_that_are_recorded(campaign: Campaign) -> None:
    """Both change rows, and no lease keeps them apart."""
    _, engine, key = parts(campaign)
    with working(campaign) as session:
        claimed = claim_one(session)
    with engine.connect() as worker, engine.connect() as recorder, recorder.begin():
        late = Session(campaign._ledger, worker, None)
        hold_still(recorder, key)
        settled = results(claimed, RowState.ACCEPTED)
        with while_it_waits(engine, lambda: late.note_late(settled)):
            recorder.commit()
    assert counts(campaign) == {"accepted": 100, "pending": 200}


def held(connection: Any) -> list[Any]:
    return list(connection.execute(select(schema.lease.c.id)).scalars())


def test_a_worker_may_give_up_its_lease_while_it_is_ended_with_others(campaign: Campaign) -> None:
    """Both expired; one worker is alive and ends at this moment."""
    database, engine, key = parts(campaign)
    with engine.begin() as connection:
        leases = [
            take(connection, key, first, first + 99, "", None) for first in range(1, 300, 100)
        ]
    expire_leases(campaign)
    with engine.connect() as worker, worker.begin():
        worker.execute(
            select(schema.lease).where(schema.lease.c.id == leases[1].id).with_for_update()
        )
        with while_it_waits(engine, lambda: end_leases_of_the_dead(database, key)):
            leases[1].end(worker)
            worker.commit()
    with engine.begin() as connection:
        assert held(connection) == []


def test_reports_may_be_recorded_while_workers_are_started(campaign: Campaign) -> None:
    database, engine, key = parts(campaign)
    with engine.begin() as connection:
        lease: Lease = take_alone(connection, key, "a lock")
    pace = SharedPace(database, key)
    with engine.connect() as recorder, recorder.begin():
        locked_campaign(recorder, key)
        with while_it_waits(engine, lambda: pace.start({}, 0, lease)):
            hold_still(recorder, key)
            recorder.commit()
    with engine.begin() as connection:
        assert held(connection) == []
