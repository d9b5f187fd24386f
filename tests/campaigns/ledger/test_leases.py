"""Who may write: a holder whose lease was taken away can change nothing, whatever it believes."""

from __future__ import annotations

import itertools
import os
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from smsmanager import SmsManager
from smsmanager.campaigns import (
    Campaign,
    CampaignLockedError,
    LedgerError,
    Phase,
    RowState,
    WorkEnd,
    tend,
    work,
)
from smsmanager.campaigns._ledger import leases, schema
from smsmanager.campaigns._ledger.database import Database
from smsmanager.campaigns._ledger.leases import (
    LeaseLostError,
    all_leases,
    alone,
    locked_campaign,
    take,
    take_alone,
)
from smsmanager.campaigns._ledger.shared_pace import SharedPace
from smsmanager.campaigns._ledger.shared_session import SharedSession
from smsmanager.campaigns._ledger.worker_process import is_gone, shown, this_worker
from smsmanager.webhooks import parse_webhook
from tests.campaigns.conftest import (
    Service,
    claim_one,
    client_of,
    counts,
    crash,
    delivery_report,
    dying,
    expire_leases,
    number,
    results,
    rows,
    working,
)


@pytest.fixture
def campaign(tmp_path: Path) -> Any:
    with Campaign.create(tmp_path / "l", rows(250)) as campaign:
        yield campaign


def test_a_holder_that_was_taken_over_changes_nothing_any_more(
    campaign: Campaign, client: SmsManager, service: Service
) -> None:
    with working(campaign) as first:
        claimed = claim_one(first)
        expire_leases(campaign)
        with Campaign.open(campaign._ledger.database.path or "") as other:

            def meanwhile(body: Any) -> httpx.Response:
                # The rows of the other one are in flight, and the first one wakes up.
                assert counts(campaign) == {"unknown": 100, "in_flight": 100, "pending": 50}
                for state in (RowState.PENDING, RowState.NOT_SENT, RowState.REJECTED):
                    with pytest.raises(LeaseLostError):
                        first.settle_and_claim(results(claimed, state), [])
                for write in (first.renew, first.finish, lambda: first.begin(resend_unknown=True)):
                    with pytest.raises(LeaseLostError):
                        write()
                first.close([claimed], results(claimed, RowState.PENDING, 3))
                assert counts(campaign) == {"unknown": 100, "in_flight": 100, "pending": 50}
                return service.accept(body)

            service.script = [meanwhile]
            list(other.run(client, concurrency=1))
    assert counts(campaign) == {"unknown": 100, "accepted": 150}
    assert set(service.taken.values()) == {1}


def test_a_late_answer_makes_accepted_what_is_unknown(campaign: Campaign) -> None:
    with working(campaign) as first:
        claimed = claim_one(first)
        expire_leases(campaign)
        with working(campaign) as second:
            second.begin(resend_unknown=False)
            first.close([], results(claimed, RowState.ACCEPTED, 30))
            assert counts(campaign) == {"accepted": 30, "unknown": 70, "pending": 150}
            for state in set(RowState) - {RowState.ACCEPTED}:
                first.close([], results(claimed, state))
            assert counts(campaign) == {"accepted": 30, "unknown": 70, "pending": 150}


def test_a_late_answer_without_an_id_gives_a_row_none(campaign: Campaign) -> None:
    with working(campaign) as first:
        settled = results(claim_one(first), RowState.ACCEPTED, 1)
        expire_leases(campaign)
        with working(campaign) as second:
            second.begin(resend_unknown=False)
            first.close([], [each._replace(message_id=None) for each in settled])
    assert next(iter(campaign.rows(RowState.ACCEPTED))).message_id is None


def test_a_late_answer_is_about_its_own_message_alone(campaign: Campaign) -> None:
    """The row is in flight again, in another message: the answer to the first one settles nothing."""
    with working(campaign) as first:
        claimed = claim_one(first)
        expire_leases(campaign)
        with working(campaign) as second:
            second.begin(resend_unknown=True)
            [again], _ = second.settle_and_claim([], second.page(0).batches[:1])
            assert [row.row for row in again.rows()] == [row.row for row in claimed.rows()]
            first.close([], results(claimed, RowState.ACCEPTED))
            assert counts(campaign) == {"in_flight": 100, "pending": 150}
            second.settle_and_claim(results(again, RowState.UNKNOWN), [])
            first.close([], results(claimed, RowState.ACCEPTED))
            assert counts(campaign) == {"unknown": 100, "pending": 150}


def test_a_late_answer_keeps_its_row_from_being_sent_again(campaign: Campaign) -> None:
    with working(campaign) as first:
        claimed = claim_one(first)
        expire_leases(campaign)
        with working(campaign) as second:
            second.begin(resend_unknown=True)
            page = second.page(0)
            first.close([], results(claimed, RowState.ACCEPTED, 95))
            [again], _ = second.settle_and_claim([], page.batches[:1])
            assert [row.row for row in again.rows()] == list(range(96, 101))


def test_a_result_that_finds_its_row_changed_stops_the_run(campaign: Campaign) -> None:
    with working(campaign) as session:
        claimed = claim_one(session)
        with campaign._ledger.database.writing() as connection:
            connection.exec_driver_sql(
                "UPDATE smsmanager_campaign_row SET state = 'refused' WHERE row = 5"
            )
        following = session.page(0).batches[:1]
        with pytest.raises(LedgerError, match="not sent"):
            session.settle_and_claim(results(claimed, RowState.ACCEPTED), following)
        # The answer is recorded all the same.
        assert counts(campaign) == {"accepted": 99, "refused": 1, "pending": 150}


def test_a_result_is_about_its_own_message_alone(campaign: Campaign) -> None:
    with working(campaign) as session:
        claimed = claim_one(session)
        others = [
            each._replace(number=each.number + 1) for each in results(claimed, RowState.ACCEPTED)
        ]
        with pytest.raises(LedgerError, match="not sent"):
            session.settle_and_claim(others[90:], [])
        assert counts(campaign) == {"in_flight": 100, "pending": 150}


def test_a_run_that_was_asleep_goes_on_if_nobody_took_over(campaign: Campaign) -> None:
    """The machine slept, and meanwhile another process received reports."""
    with working(campaign) as session:
        claimed = claim_one(session)
        with campaign._ledger.database.writing() as connection:
            connection.exec_driver_sql("UPDATE smsmanager_campaign_lease SET until = 0")
        assert campaign.record(parse_webhook([delivery_report("elsewhere")])) == 0
        tend(campaign._ledger.database.path or "")
        session.settle_and_claim(results(claimed, RowState.ACCEPTED), [])
        assert counts(campaign) == {"accepted": 100, "pending": 150}


def test_whoever_comes_after_a_crash_need_not_wait(campaign: Campaign, client: SmsManager) -> None:
    crash(campaign)
    list(campaign.run(client))
    assert counts(campaign) == {"unknown": 100, "accepted": 150}


@pytest.mark.parametrize("name", ["symbolic link", "relative path", "lock of its own"])
def test_a_second_name_does_not_allow_a_second_run(
    tmp_path: Path, service: Service, client: SmsManager, name: str, monkeypatch: Any
) -> None:
    path = tmp_path / "ledger.sqlite3"
    Campaign.create(path, rows(10)).close()
    other = path
    if name == "symbolic link":
        other = tmp_path / "other.sqlite3"
        other.symlink_to(path)
    elif name == "relative path":
        monkeypatch.chdir(tmp_path)
        other = Path("./ledger.sqlite3")
    with Campaign.open(path) as one, working(one), Campaign.open(other) as two:
        if name == "lock of its own":
            # As on another mount, or after someone deleted the lock file.
            path.with_name(f"{path.name}.lock").unlink()
        with pytest.raises(CampaignLockedError):
            list(two.run(client))
        assert service.requests == []


def test_a_file_with_two_names_is_refused(tmp_path: Path, client: SmsManager) -> None:
    path = tmp_path / "ledger.sqlite3"
    Campaign.create(path, rows(10)).close()
    os.link(path, tmp_path / "other.sqlite3")
    with Campaign.open(tmp_path / "other.sqlite3") as campaign:
        assert counts(campaign) == {"pending": 10}
        with pytest.raises(LedgerError, match="second name"):
            list(campaign.run(client))
    with pytest.raises(LedgerError, match="second name"):
        Campaign.create(path, rows(10), name="another")


def test_opening_and_reading_take_no_lock_and_write_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "l"
    with Campaign.create(path, rows(250)) as campaign:
        crash(campaign)
    monkeypatch.setattr(Database, "evidence", None)
    monkeypatch.setattr(Database, "writing", None)
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    with Campaign.open(path) as campaign:
        assert counts(campaign) == {"unknown": 100, "pending": 150}
        assert len(list(campaign.rows(RowState.UNKNOWN))) == 100
        report = campaign.report()
        assert report.states[RowState.UNKNOWN] == 100
        [reason] = report.reasons
        assert (reason.state, reason.rows) == (RowState.UNKNOWN, 100)
        campaign.write_csv(tmp_path / "c.csv")
    writer.close()


def test_a_monitor_never_keeps_a_run_from_starting(tmp_path: Path) -> None:
    """It opens the ledger whenever the run uses it."""
    path = tmp_path / "l"
    Campaign.create(path, rows(300)).close()
    service = Service()

    def looked(body: Any) -> httpx.Response:
        with Campaign.open(path) as monitor:
            assert monitor.status().total == 300
        return service.accept(body)

    service.script = [looked] * 3
    with client_of(service) as client, Campaign.open(path) as monitor:
        for _ in range(3):
            with Campaign.open(path) as campaign:
                for update in campaign.run(client, concurrency=1):
                    assert monitor.status().total == update.total
    assert set(service.taken.values()) == {1}
    assert len(service.taken) == 300


def test_a_process_is_gone_only_if_that_is_certain() -> None:
    mine = this_worker("celery worker 1")
    host, process, born, *label = mine.split(" ")
    assert label == ["celery", "worker", "1"]
    assert shown(mine) == f"{host} {process} celery worker 1"
    assert not is_gone(mine)
    place = born.rpartition(".")[0]
    assert is_gone(f"{host} {process} {place}.1")
    assert is_gone(f"{host} 4194305 {place}.1 celery")
    # Another machine, container or boot, or a system that does not show this.
    assert not is_gone(f"elsewhere {process} {place}.1")
    assert not is_gone(f"{host} {process} other.4026531836.1")
    for unclear in ("", "x", f"{host} {process} -", f"{host} {process}"):
        assert not is_gone(unclear)
    assert number(1) not in mine


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Return a function that moves the ledger's clock past a moment between two looks at it."""

    def pass_at(moment: float) -> None:
        looks = itertools.count()
        clock = "smsmanager.campaigns._ledger.leases.time.time"
        monkeypatch.setattr(clock, lambda: moment + (1 if next(looks) else -1))

    return pass_at


def test_a_lease_that_expires_while_another_is_taken_keeps_it_off(
    campaign: Campaign, passing: Callable[[float], None]
) -> None:
    """It was not ended, so its holder may continue: rows would be under two leases."""
    campaign.start_workers()
    database, key = campaign._ledger.database, campaign._ledger.head.id
    with database.engine.connect() as connection, connection.begin():
        locked_campaign(connection, key)
        held = take(connection, key, 1, 100, "", None)
    with database.engine.connect() as connection:
        until = connection.exec_driver_sql("SELECT until FROM smsmanager_campaign_lease").scalar()
        connection.rollback()
        passing(float(until or 0))
        with pytest.raises(CampaignLockedError), connection.begin():
            take_alone(connection, key, None)
        with connection.begin():
            held.renew(connection)


def test_a_range_ends_before_a_lease_that_expires_meanwhile(
    campaign: Campaign, passing: Callable[[float], None]
) -> None:
    campaign.start_workers()
    ledger = campaign._ledger
    with ledger.database.engine.connect() as connection:
        with connection.begin():
            locked_campaign(connection, ledger.head.id)
            held = take(connection, ledger.head.id, 51, 60, "", None)
        until = connection.exec_driver_sql("SELECT until FROM smsmanager_campaign_lease").scalar()
        connection.rollback()
        passing(float(until or 0))
        session = SharedSession(ledger, connection, "", None, lambda: 0.0)
        session.page(0)
        assert session._lease is not None
        assert (session._lease.first, session._lease.last) == (1, 50)
        with connection.begin():
            held.renew(connection)


def test_what_came_back_is_noted_though_somebody_else_closed_its_rows_out(
    campaign: Campaign,
) -> None:
    with working(campaign) as session:
        claimed = claim_one(session)
        with campaign._ledger.database.writing() as connection:
            connection.exec_driver_sql(
                "UPDATE smsmanager_campaign_row SET state = 'unknown' WHERE row = 5"
            )
        with pytest.raises(LedgerError, match="not sent"):
            session.settle_and_claim(results(claimed, RowState.ACCEPTED), [])
        assert counts(campaign) == {"accepted": 100, "pending": 150}


def unknown_rows(campaign: Campaign) -> None:
    """Leave the first rows unknown, with workers started for the others."""
    crash(campaign)
    campaign.start_workers()
    assert counts(campaign) == {"unknown": 100, "pending": 150}


@pytest.mark.parametrize("is_killed", [False, True])
def test_workers_do_not_repeat_what_only_a_run_by_one_process_was_asked_to(
    campaign: Campaign, client: SmsManager, service: Service, *, is_killed: bool
) -> None:
    unknown_rows(campaign)
    with ExitStack() as held:
        if is_killed:
            held.enter_context(dying())
        with working(campaign) as session:
            session.begin(resend_unknown=True)
    path = campaign._ledger.database.path or ""
    tend(path)
    work(path, None, client)
    assert len(service.taken) == 150
    assert counts(campaign) == {"unknown": 100, "accepted": 150}
    assert tend(path).phase is Phase.FINISHED


def test_workers_repeat_what_they_were_started_for(
    campaign: Campaign, client: SmsManager, service: Service
) -> None:
    crash(campaign)
    campaign.start_workers(resend_unknown=True)
    assert campaign.workers() == []
    work(campaign._ledger.database.path or "", None, client)
    assert len(service.taken) == 250
    assert counts(campaign) == {"accepted": 250}


def test_whoever_fails_in_the_middle_of_a_transaction_gives_the_lease_up(
    campaign: Campaign,
) -> None:
    database, key = campaign._ledger.database, campaign._ledger.head.id

    def fail() -> None:
        with alone(database, key) as (connection, _):
            connection.begin()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    with database.reading() as connection:
        assert all_leases(connection, key) == []


def test_a_run_of_a_version_that_knows_no_leases_keeps_others_off(
    campaign: Campaign, client: SmsManager, service: Service
) -> None:
    database, key = campaign._ledger.database, campaign._ledger.head.id
    with database.engine.connect() as connection, database.evidence(connection, key) as lock:
        assert lock is not None
        assert campaign.workers() == []
        with pytest.raises(CampaignLockedError):
            list(campaign.run(client))
    assert service.requests == []
    list(campaign.run(client))


def test_a_lease_outlives_three_renewals_that_fail() -> None:
    assert leases.LEASE_S > 4 * leases.RENEW_S


def test_a_start_that_was_taken_over_starts_nothing(campaign: Campaign) -> None:
    with working(campaign) as session:
        assert session._lease is not None
        expire_leases(campaign)
        with working(campaign), pytest.raises(LeaseLostError):
            SharedPace(campaign._ledger.database, 1).start({}, session._lease)
    assert SharedPace(campaign._ledger.database, 1).control() is None


def test_workers_leave_a_run_by_one_process_alone_that_may_be_asleep(
    campaign: Campaign, client: SmsManager, service: Service
) -> None:
    campaign.start_workers()
    path = campaign._ledger.database.path or ""
    with working(campaign) as session:
        expire_leases(campaign)
        assert work(path, None, client).end is WorkEnd.LOCKED
        assert work(path, None, client).end is WorkEnd.LOCKED
        session.renew()
    assert service.requests == []
    assert work(path, None, client).recipients == 250


def test_workers_go_on_after_a_run_by_one_process_died_elsewhere(
    campaign: Campaign, client: SmsManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign.start_workers()
    path = campaign._ledger.database.path or ""
    with monkeypatch.context() as patch:
        patch.setattr(leases, "this_worker", lambda _="": "elsewhere 1 -")
        patch.setattr(leases, "give_up", lambda *_: None)
        with working(campaign) as session:
            claim_one(session)
    expire_leases(campaign)
    # It may only be asleep: its lock shows this, and the next permit finds the rows.
    assert tend(path).ended == 0
    assert work(path, None, client).end is WorkEnd.LOCKED
    assert work(path, None, client).recipients == 150
    assert counts(campaign) == {"unknown": 100, "accepted": 150}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_lease_has_the_column_that_earlier_versions_require(
    tmp_path: Path, request: pytest.FixtureRequest, kind: str
) -> None:
    """They made it without a default, and read it as JSON."""
    place = tmp_path / "l" if kind == "sqlite" else request.getfixturevalue("url")
    with Campaign.create(place, rows(10)) as campaign, working(campaign):
        column = schema.lease.c.changes
        assert not column.nullable
        assert column.server_default is None
        with campaign._ledger.database.reading() as connection:
            assert connection.execute(select(column)).scalar_one() == "{}"
