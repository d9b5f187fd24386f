"""What one of many workers writes: which rows it takes and gives back, and how many are left for all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from smsmanager import SmsManager
from smsmanager.campaigns import Campaign, CampaignLockedError, RowState, tend, work
from smsmanager.campaigns._ledger import schema
from smsmanager.campaigns._ledger.batches import Batch, Settled
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


def report_on(campaign: Campaign, *rows: int) -> None:
    """Record a delivery report on each of these rows, with the id that `results` gives it."""
    wanted = (row for row in campaign.rows() if row.row in rows)
    reports = [
        delivery_report(
            f"late-{row.row}",
            to={"phone_number": row.phone_number},
            payload={REFERENCE_KEY: row.reference},
        )
        for row in wanted
    ]
    assert campaign.record(parse_webhook(reports)) == len(rows)


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
        report_on(campaign, 3, 4)
        [claimed], reported = session.settle_and_claim([], page.batches)
        assert (claimed.recipients, reported) == (98, set())
        assert left(campaign) == 248
        session.settle_and_claim(results(claimed, RowState.ACCEPTED), [])
        session.leave()
    assert left(campaign) == 150
    assert counts(campaign) == {"accepted": 100, "pending": 150}


def test_what_a_report_settles_while_nobody_has_it_is_not_left(campaign: Campaign) -> None:
    crash(campaign)
    campaign.start_workers(resend_unknown=True)
    report_on(campaign, 3, 4, 100)
    assert left(campaign) == 247
    # It is settled already, so that nothing changes.
    report_on(campaign, 4)
    assert left(campaign) == 247
    with joined(campaign) as session:
        session.page(0)
        report_on(campaign, 5)
        assert left(campaign) == 246
        session.leave()
    assert left(campaign) == 246


def test_what_a_report_settles_while_workers_are_started_is_not_left(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    crash(campaign)
    start = SharedPace.start

    def meanwhile(*given: Any) -> None:
        report_on(campaign, 3, 4)
        start(*given)

    monkeypatch.setattr(SharedPace, "start", meanwhile)
    campaign.start_workers(resend_unknown=True)
    assert left(campaign) == 248


def test_what_a_late_answer_settles_is_not_left(campaign: Campaign) -> None:
    campaign.start_workers()
    with joined(campaign) as late:
        claimed = claim(late)
        expire_leases(campaign)
        assert tend(campaign._ledger.database.path or "").ended == 1
        campaign.start_workers(resend_unknown=True)
        late.close([], results(claimed, RowState.ACCEPTED, 30))
        assert counts(campaign) == {"accepted": 30, "pending": 220}
        assert left(campaign) == 220


class Drawn:
    """A campaign of 130 rows, and what workers and others do with it.

    Each method is a step. What is left is compared after each.
    """

    def __init__(self, campaign: Campaign, held: ExitStack) -> None:
        self._campaign = campaign
        self._path = campaign._ledger.database.path or ""
        self._workers = [held.enter_context(joined(campaign)) for _ in range(2)]
        self._claimed: dict[SharedSession, list[Batch]] = {each: [] for each in self._workers}
        self._reported: set[int] = set()

    def take(self, worker: int, _: int) -> None:
        session = self._workers[worker]
        if batches := session.page(0).batches:
            self._claimed[session] += session.settle_and_claim([], batches)[0]

    def accept(self, worker: int, some: int) -> None:
        session = self._workers[worker]
        answers = [each for batch in self._claimed[session] for each in self._answers(batch)]
        # A worker that was taken over notes them late.
        session.close([], answers[:some])
        self._claimed[session] = []

    def _answers(self, batch: Batch) -> list[Settled]:
        found = results(batch, RowState.ACCEPTED)
        return [each for each in found if each.pending.row not in self._reported]

    def die(self, *_: int) -> None:
        expire_leases(self._campaign)
        tend(self._path)

    def report(self, _: int, row: int) -> None:
        known = {each.row for each in self._campaign.rows() if each.reference}
        if row in known - self._reported:
            report_on(self._campaign, row)
            self._reported.add(row)

    def start(self, *_: int) -> None:
        with suppress(CampaignLockedError):
            self._campaign.start_workers(resend_unknown=True)

    def stop(self, *_: int) -> None:
        self._campaign.stop_workers()

    def run_alone(self, *_: int) -> None:
        """One process claims the first request, and ends."""
        with suppress(CampaignLockedError), working(self._campaign) as session:
            session.begin(resend_unknown=True)
            session.settle_and_claim([], session.page(0).batches[:1])


STEPS = ("take", "accept", "die", "report", "start", "stop", "run_alone")


_DRAWN = st.tuples(st.sampled_from(STEPS), st.integers(0, 1), st.integers(1, 130))


@pytest.mark.thorough
@settings(max_examples=150, deadline=None)
@given(st.lists(_DRAWN, max_size=10))
def test_what_is_left_adds_up_whatever_happens(steps: list[tuple[str, int, int]]) -> None:
    with (
        TemporaryDirectory() as folder,
        Campaign.create(Path(folder) / "l", rows(130)) as campaign,
        ExitStack() as held,
    ):
        campaign.start_workers()
        drawn = Drawn(campaign, held)
        for step, worker, number in steps:
            getattr(drawn, step)(worker, number)
            left(campaign)


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


def test_a_range_is_a_third_of_what_each_worker_has_left_to_do(tmp_path: Path) -> None:
    with Campaign.create(tmp_path / "many", rows(6000)) as campaign, ExitStack() as held:
        campaign.start_workers()
        left, expected, sizes = 6000, [], []
        for workers in range(1, 9):
            held.enter_context(joined(campaign)).page(0)
            newest = campaign.workers()[-1]
            assert newest.first is not None
            assert newest.last is not None
            sizes.append(newest.last - newest.first + 1)
            expected.append(left // min(3 * workers, 16))
            left -= expected[-1]
        assert sizes == expected
        assert sizes[0] == 2000


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
