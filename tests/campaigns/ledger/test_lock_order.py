"""Transactions of a campaign in PostgreSQL never wait for each other in a circle: one order for all locks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy import Engine, select

from smsmanager.campaigns import Campaign, RowState, tend
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
from smsmanager.campaigns._ledger.shared_session import SharedSession
from tests.campaigns.conftest import claim_one, counts, expire_leases, results, rows, working
from tests.campaigns.ledger.test_shared_session import joined, report_on
from tests.marks import thorough
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
        with while_it_waits(engine, lambda: pace.start({}, lease)):
            hold_still(recorder, key)
            recorder.commit()
    with engine.begin() as connection:
        assert held(connection) == []


class Late:
    """A worker that was taken over, with answers to its request of rows 1 to 100 that it still records.

    Attributes:
        record: Records them, in the opposite order of the rows.
    """

    def __init__(self, campaign: Campaign, session: SharedSession) -> None:
        [claimed], _ = session.settle_and_claim([], session.page(0).batches[:1])
        answers = results(claimed, RowState.ACCEPTED)[::-1]
        expire_leases(campaign)
        tend(str(campaign._ledger.database.engine.url))
        self.record = lambda: session.note_late(answers)


@pytest.fixture
def late(campaign: Campaign) -> Iterator[Late]:
    with joined(campaign) as session:
        yield Late(campaign, session)


Prepared = Callable[[ExitStack, Campaign], Callable[[], object]]


def a_run(held: ExitStack, campaign: Campaign) -> Callable[[], object]:
    session = held.enter_context(working(campaign))
    return lambda: session.begin(resend_unknown=True)


def a_turn(held: ExitStack, campaign: Campaign) -> Callable[[], object]:
    """A worker claims the rows again."""
    campaign.start_workers(resend_unknown=True)
    session = held.enter_context(joined(campaign))
    batches = session.page(0).batches
    return lambda: session.settle_and_claim([], batches)


def a_turn_that_ends(held: ExitStack, campaign: Campaign) -> Callable[[], object]:
    """A worker records answers to the rows that it sent again."""
    campaign.start_workers(resend_unknown=True)
    session = held.enter_context(joined(campaign))
    [claimed], _ = session.settle_and_claim([], session.page(0).batches)
    return lambda: session.settle_and_claim(results(claimed, RowState.ACCEPTED), [])


def an_end(held: ExitStack, campaign: Campaign) -> Callable[[], object]:
    """A worker gives its range up."""
    campaign.start_workers(resend_unknown=True)
    session = held.enter_context(joined(campaign))
    session.settle_and_claim([], session.page(0).batches)
    return session.leave


def tending(held: ExitStack, campaign: Campaign) -> Callable[[], object]:
    an_end(held, campaign)
    expire_leases(campaign)
    return lambda: tend(str(campaign._ledger.database.engine.url))


def reports(_: ExitStack, campaign: Campaign) -> Callable[[], object]:
    return lambda: report_on(campaign, *range(1, 101))


def starting(_: ExitStack, campaign: Campaign) -> Callable[[], object]:
    return lambda: campaign.start_workers(resend_unknown=True)


FIRST, SECOND = "late first", "late second"
ORDERS = [
    (a_turn, SECOND),
    (a_turn, FIRST),
    *((each, order) for each in (a_run, reports, starting) for order in (FIRST, SECOND)),
    # Where the rows are in flight again, a late answer changes none of them, and waits only for the lease.
    *((each, SECOND) for each in (a_turn_that_ends, an_end, tending)),
]


@pytest.mark.parametrize(("prepared", "order"), [ORDERS[0], *thorough(ORDERS[1:])])
def test_a_late_answer_may_be_recorded_while_others_write(
    campaign: Campaign, late: Late, prepared: Prepared, order: str
) -> None:
    """Both change many of the same rows; a third session holds the one in the middle for a moment."""
    _, engine, key = parts(campaign)
    row = schema.row.c
    middle = select(row.row).where(row.campaign == key, row.row == 50).with_for_update()
    with ExitStack() as held:
        other = prepared(held, campaign)
        calls = (late.record, other) if order == FIRST else (other, late.record)
        # The third session ends first, whatever happens: the others wait for it.
        with ExitStack() as both, engine.connect() as holder:
            holder.execute(middle)
            for sessions, call in enumerate(calls, 1):
                both.enter_context(while_it_waits(engine, call, sessions))
    assert campaign.status().total == 300


def test_a_range_is_taken_after_the_rows_that_a_worker_gives_back_at_this_moment(
    campaign: Campaign,
) -> None:
    """A lease that was read before they came back would make the cursor skip them."""
    database, engine, key = parts(campaign)
    with ExitStack() as held:
        first, second = (held.enter_context(joined(campaign)) for _ in range(2))
        assert first.page(0).last == 100
        worker = held.enter_context(engine.connect())
        lease = first._lease
        assert lease is not None
        with worker.begin():
            lease.end(worker)
            with while_it_waits(engine, lambda: second.page(0)):
                worker.commit()
        [taken] = campaign.workers()
        assert (taken.first, taken.last) == (1, 100)
        second.leave()
        assert not SharedPace(database, key).finish_if_done()
