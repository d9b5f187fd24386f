"""What one of many workers writes: which rows it takes and gives back, and how many are left for all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from smsmanager import SmsManager
from smsmanager.campaigns import Campaign, RowState, tend, work
from smsmanager.campaigns._ledger import schema
from smsmanager.campaigns._ledger.batches import Batch
from smsmanager.campaigns._ledger.leases import locked_campaign, take
from smsmanager.campaigns._ledger.shared_pace import SharedPace
from smsmanager.campaigns._ledger.shared_session import SharedSession
from smsmanager.ids import REFERENCE_KEY
from smsmanager.webhooks import parse_webhook
from tests.campaigns.conftest import (
    Service,
    claim_one,
    counts,
    crash,
    delivery_report,
    dying,
    expire_leases,
    results,
    rows,
    working,
)


@pytest.fixture
def campaign(tmp_path: Path) -> Iterator[Campaign]:
    with Campaign.create(tmp_path / "l", rows(250)) as campaign:
        yield campaign


@contextmanager
def joined(campaign: Campaign) -> Iterator[SharedSession]:
    """Work on a campaign as one of many."""
    ledger = campaign._ledger
    with ledger.database.engine.connect() as connection:
        yield SharedSession(ledger, connection, "", None, lambda: 0.0)


def claim(session: SharedSession) -> Batch:
    """Take a range, and record its first request as in flight."""
    [claimed], _ = session.settle_and_claim([], session.page(0).batches[:1])
    return claimed


def left(campaign: Campaign) -> int:
    """Return how many rows are left as `tend` says, which must be so many."""
    known = counts(campaign)
    still = known.get("pending", 0) + known.get("in_flight", 0)
    assert tend(campaign._ledger.database.path or "").left == still
    return still


def test_what_is_left_is_known_at_every_moment(campaign: Campaign) -> None:
    campaign.start_workers()
    assert left(campaign) == 250
    with joined(campaign) as one, joined(campaign) as other:
        claimed = claim(one)
        assert left(campaign) == 250
        one.settle_and_claim(results(claimed, RowState.ACCEPTED, 60), [])
        assert left(campaign) == 190
        claim(other)
        one.settle_and_claim(results(claimed, RowState.PENDING)[60:70], [])
        assert left(campaign) == 190
        one.leave()
        # Those that were in flight are unknown now.
        assert left(campaign) == 160
        assert len(campaign.workers()) == 1


@pytest.mark.parametrize("settled", [0, 40, 100])
def test_what_is_left_is_known_after_a_worker_was_killed(
    campaign: Campaign, client: SmsManager, settled: int
) -> None:
    campaign.start_workers()
    with dying(), joined(campaign) as session:
        claimed = claim(session)
        session.settle_and_claim(results(claimed, RowState.ACCEPTED, settled), [])
    path = campaign._ledger.database.path or ""
    assert tend(path).ended == 1
    assert left(campaign) == 150
    assert work(path, None, client).recipients == 150
    assert left(campaign) == 0


def test_the_first_ranges_are_a_sixteenth_of_what_is_left(tmp_path: Path) -> None:
    """So that all workers finish at about the same time; and no range is smaller than a request."""
    with Campaign.create(tmp_path / "many", rows(1700)) as campaign:
        campaign.start_workers()
        with joined(campaign) as one, joined(campaign) as other:
            one.page(0)
            other.page(0)
            assert [(each.first, each.last) for each in campaign.workers()] == [
                (1, 106),
                (107, 206),
            ]


@pytest.mark.parametrize("control", ["pause_workers", "stop_workers", "none"])
def test_no_range_is_taken_of_a_campaign_that_is_not_being_sent(
    campaign: Campaign, control: str
) -> None:
    """A worker looks only from time to time, so it may have just been paused."""
    if control != "none":
        campaign.start_workers()
        getattr(campaign, control)()
    with joined(campaign) as session:
        assert session.page(0).last is None
    assert campaign.workers() == []


def test_a_lease_is_not_ended_with_another_that_lasts_equally_long(campaign: Campaign) -> None:
    campaign.start_workers()
    with joined(campaign) as alive:
        claim(alive)
        with dying(), joined(campaign) as session:
            claim(session)
        with campaign._ledger.database.writing() as connection:
            connection.execute(update(schema.lease).values(until=1e11))
        assert tend(campaign._ledger.database.path or "").ended == 1
        [worker] = campaign.workers()
        assert worker.first == 1
        alive.renew()


def test_what_is_left_is_known_after_somebody_sent_alone(
    campaign: Campaign, client: SmsManager
) -> None:
    campaign.start_workers()
    with working(campaign) as session:
        claimed = claim_one(session)
        session.settle_and_claim(results(claimed, RowState.ACCEPTED), [])
    assert left(campaign) == 150
    list(campaign.run(client))
    assert left(campaign) == 0


def test_campaigns_in_one_database_count_their_own_rows(campaign: Campaign, tmp_path: Path) -> None:
    """Their rows have the same numbers."""
    with Campaign.create(tmp_path / "l", rows(130), name="other") as other, ExitStack() as held:
        both = (campaign, other)
        for each in both:
            each.start_workers()
        sessions = [held.enter_context(joined(each)) for each in both]
        claimed = [claim(session) for session in sessions]
        sessions[1].settle_and_claim(results(claimed[1], RowState.ACCEPTED, 60), [])
        assert [len(each.workers()) for each in both] == [1, 1]

        def lefts() -> list[int]:
            return [SharedPace(each._ledger.database, each._ledger.head.id).left() for each in both]

        assert lefts() == [250, 70]
        sessions[0].leave()
        assert lefts() == [150, 70]
        sessions[1].leave()
        assert lefts() == [150, 30]
        assert [counts(each)["pending"] for each in both] == [150, 30]


def test_what_an_earlier_version_counted_is_still_read(
    campaign: Campaign, client: SmsManager
) -> None:
    campaign.start_workers()
    kept = json.dumps(dict.fromkeys(RowState, 0) | {"pending": 250, "accepted": 7})
    with campaign._ledger.database.writing() as connection:
        connection.execute(update(schema.pace).values(counts=kept))
    path = campaign._ledger.database.path or ""
    assert left(campaign) == 250
    work(path, None, client, for_s=0)
    assert left(campaign) == 250
    work(path, None, client)
    assert left(campaign) == 0


def test_what_a_report_settles_before_it_is_sent_again_is_not_left(campaign: Campaign) -> None:
    crash(campaign)
    campaign.start_workers(resend_unknown=True)
    assert tend(campaign._ledger.database.path or "").left == 250
    with joined(campaign) as session:
        page = session.page(0)
        for row in list(campaign.rows())[2:4]:
            own: dict[str, Any] = {"to": {"phone_number": row.phone_number}}
            own["payload"] = {REFERENCE_KEY: row.reference}
            assert campaign.record(parse_webhook([delivery_report(f"x{row.row}", **own)])) == 1
        [claimed], reported = session.settle_and_claim([], page.batches)
        assert (claimed.recipients, reported) == (98, set())
        assert left(campaign) == 248
        session.settle_and_claim(results(claimed, RowState.ACCEPTED), [])
        session.leave()
    assert left(campaign) == 150
    assert counts(campaign) == {"accepted": 100, "pending": 150}


def test_work_that_is_interrupted_gives_its_rows_back_at_once(
    campaign: Campaign, client: SmsManager, service: Service
) -> None:
    campaign.start_workers()
    with joined(campaign) as session, joined(campaign) as other:
        claimed, others = claim(session), claim(other)
        session.close([], results(claimed, RowState.PENDING, 30))
        assert len(campaign.workers()) == 1
        assert counts(campaign) == {"in_flight": 100, "pending": 80, "unknown": 70}
        assert left(campaign) == 180
        # Its connection is still open, and others go on.
        assert work(campaign._ledger.database.path or "", None, client).recipients == 80
        other.settle_and_claim(results(others, RowState.ACCEPTED), [])
    assert counts(campaign) == {"accepted": 180, "unknown": 70}
    assert set(service.taken.values()) == {1}


@pytest.mark.parametrize(("first", "last"), [(2, 60), (51, 60), (100, 100)])
def test_a_range_ends_before_the_next_that_somebody_has(
    campaign: Campaign, first: int, last: int
) -> None:
    campaign.start_workers()
    key = campaign._ledger.head.id
    with joined(campaign) as session:
        with campaign._ledger.database.writing() as connection:
            locked_campaign(connection, key)
            take(connection, key, first, last, "", None)
        session.page(0)
        mine = [each for each in campaign.workers() if each.first == 1]
        assert [each.last for each in mine] == [first - 1]
        session.page(0)
        # What was given back comes first again.
        assert {each.first for each in campaign.workers()} == {1, first}


def test_whoever_was_taken_over_gives_nothing_back(campaign: Campaign) -> None:
    campaign.start_workers()
    with joined(campaign) as first, joined(campaign) as second:
        claim(first)
        expire_leases(campaign)
        assert campaign.workers() == []
        claim(second)
        assert counts(campaign) == {"unknown": 100, "in_flight": 100, "pending": 50}
        first.leave()
        assert counts(campaign) == {"unknown": 100, "in_flight": 100, "pending": 50}
        assert left(campaign) == 150
        assert len(campaign.workers()) == 1
