"""The same ledger in PostgreSQL: sending, the lock, a crash, reports."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import text

from smsmanager import SmsManager
from smsmanager.campaigns import (
    Campaign,
    CampaignExistsError,
    CampaignLockedError,
    CampaignNotFoundError,
    CampaignOptions,
    LedgerError,
    Phase,
    RowState,
    tend,
    work,
)
from smsmanager.campaigns._ledger.delivery_recorder import Recorder
from smsmanager.campaigns._ledger.leases import LeaseLostError
from smsmanager.campaigns._ledger.lookups import LOOKUPS
from smsmanager.campaigns._ledger.shared_pace import next_pending
from smsmanager.campaigns._ledger.shared_session import SharedSession
from smsmanager.ids import REFERENCE_KEY
from smsmanager.webhooks import parse_webhook
from tests.campaigns.conftest import (
    Service,
    claim_one,
    counts,
    crash,
    delivery_report,
    results,
    rows,
    working,
)


def test_a_campaign_in_postgresql(
    url: str, tmp_path: Path, client: SmsManager, service: Service
) -> None:
    with pytest.raises(CampaignNotFoundError):
        Campaign.open(url)
    options = CampaignOptions(concurrency=1)
    texts = {0: "Hello\0", 1: "ž", 2: "Hello"}
    given = rows(2500, lambda row: texts[row % 3])
    with Campaign.create(url, given, options, name="one") as campaign:
        Campaign.create(url, rows(3), name="two").close()
        with pytest.raises(CampaignExistsError):
            Campaign.create(url, rows(3), name="two")

        # Every possible state of a row.
        service.script = [
            lambda body: service.answer(body, range(8), [8]),
            httpx.ReadTimeout("late"),
            httpx.Response(400),
        ]
        list(campaign.run(client))
        assert counts(campaign) == {
            "accepted": 2280,
            "rejected": 10,
            "unconfirmed": 10,
            "unknown": 100,
            "not_sent": 100,
        }
        list(campaign.run(client))
        assert counts(campaign) == {"accepted": 2390, "unconfirmed": 10, "unknown": 100}
        with pytest.raises(CampaignNotFoundError, match="it contains: one, two"):
            Campaign.open(url)

        # A report settles one of the unknown rows, in the same way for every order.
        lost = next(campaign.rows(RowState.UNKNOWN))
        own = {"to": {"phone_number": lost.phone_number}}
        payload = {REFERENCE_KEY: lost.reference}
        events = [
            delivery_report(
                "late-0", result, payload=payload, **own, sms={"price_czk": 1.5, "count": 2}
            )
            for result in ("delivered", "sent", "delivered", "sending")
        ]
        assert campaign.record(parse_webhook(events)) == 4
        assert counts(campaign)["unknown"] == 99
        list(campaign.run(client, resend_unknown=True))
        assert counts(campaign) == {"accepted": 2500}
        assert set(service.taken.values()) == {1}
        assert lost.phone_number not in service.taken

        named = next(campaign.rows()).message_id or ""
        failed = delivery_report(named, "failed", result_info="[131026]", timestamp=1893492000.6)
        assert campaign.record(parse_webhook([failed])) == 1
        found = campaign.report()
        assert found.results == {"delivered": 1, "failed": 1}
        assert (str(found.price_czk), found.billed_parts) == ("1.5", 2)
        assert sum(each.delivered for each in found.intervals) == 1
        assert sum(each.failed for each in found.intervals) == 1
        assert [(each.code, each.country) for each in found.failures] == [(131026, "CZ +420")]
        assert found.parts == {1: 2500}
        json.dumps(found.as_json())
        found.write_html(tmp_path / "r.html")
        assert campaign.write_csv(tmp_path / "r.csv") == 2500


def end_sessions(campaign: Campaign) -> None:
    """End the server's other sessions, as a failover does."""
    others = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )
    with campaign._ledger.database.writing() as another:
        another.execute(text(others))


def test_a_crash_and_the_lock_in_postgresql(url: str, client: SmsManager, service: Service) -> None:
    with Campaign.create(url, rows(250)) as campaign, Campaign.open(url) as other:
        with working(campaign) as session:
            claimed = claim_one(session)
            with session._connection.begin():
                durable = session._connection.execute(text("SHOW synchronous_commit")).scalar()
            assert durable == "on"
            assert counts(other) == {"in_flight": 100, "pending": 150}
            with pytest.raises(CampaignLockedError):
                next(iter(other.run(client)))
            session.close([claimed], [])
        crash(campaign)
        assert counts(other) == {"unknown": 100, "pending": 150}
    assert service.requests == []


def test_a_session_that_was_lost_writes_nothing_any_more(
    url: str, client: SmsManager, service: Service
) -> None:
    """The server ends the session, a standby takes over, and SQLAlchemy silently reconnects."""
    with (
        Campaign.create(url, rows(250)) as campaign,
        Campaign.open(url) as standby,
        working(campaign) as first,
    ):
        claimed = claim_one(first)
        following = first.page(100).batches
        end_sessions(standby)

        def meanwhile(body: Any) -> httpx.Response:
            # Its rows are in flight when the lost one continues.
            before = counts(standby)
            with pytest.raises(LedgerError):
                first.settle_and_claim([], following)
            with pytest.raises(LeaseLostError):
                first.settle_and_claim([], following)
            first.close([claimed, *following], [])
            with pytest.raises(LeaseLostError):
                first.finish()
            assert counts(standby) == before == {"unknown": 100, "in_flight": 100, "pending": 50}
            return service.accept(body)

        service.script = [meanwhile]
        list(standby.run(client, concurrency=1))
        assert counts(standby) == {"unknown": 100, "accepted": 150}
    assert set(service.taken.values()) == {1}


def test_a_lost_session_that_nobody_replaced_goes_on(url: str, service: Service) -> None:
    with Campaign.create(url, rows(250)) as campaign, Campaign.open(url) as other:
        with working(campaign) as session:
            claimed = claim_one(session)
            end_sessions(other)
            with pytest.raises(LedgerError):
                session.renew()
            session.close([], results(claimed, RowState.ACCEPTED))
        assert counts(other) == {"accepted": 100, "pending": 150}
        assert other.workers() == []


def test_a_session_of_a_dead_host_is_noticed_within_a_minute(url: str) -> None:
    """A Unix socket has no such settings; it only must not refuse them."""
    with Campaign.create(url, rows(1)) as campaign, campaign._ledger.database.reading() as one:
        info = one.connection.dbapi_connection.info  # type: ignore[union-attr]
        asked = info.get_parameters()
        assert (asked["keepalives_idle"], asked["keepalives_count"]) == ("20", "3")
    with Campaign.open(f"{url}&keepalives_idle=7") as campaign:
        with campaign._ledger.database.reading() as one:
            asked = one.connection.dbapi_connection.info.get_parameters()  # type: ignore[union-attr]
        assert asked["keepalives_idle"] == "7"


def waits_for_a_lock(campaign: Campaign, thread: threading.Thread) -> bool:
    """Return whether a session waits for another one; False as soon as the thread has ended."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    while thread.is_alive():
        with campaign._ledger.database.reading() as connection:
            if connection.execute(waiting).scalar():
                return True
    return False


@pytest.mark.parametrize("moment", ["_by_reference", "_store"])
@pytest.mark.parametrize("answer", [RowState.ACCEPTED, RowState.UNKNOWN])
def test_a_report_that_comes_while_its_row_settles_counts(
    url: str, moment: str, answer: RowState, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        Campaign.create(url, rows(5)) as campaign,
        Campaign.open(url) as receiver,
        working(campaign) as session,
    ):
        claimed = claim_one(session)
        row = next(receiver.rows())
        settling = threading.Thread(
            target=session.settle_and_claim, args=(results(claimed, answer), [])
        )
        original = getattr(Recorder, moment)

        def meanwhile(recorder: Recorder, *given: Any) -> Any:
            before = moment == "_by_reference"
            done = None if before else original(recorder, *given)
            settling.start()
            waits_for_a_lock(receiver, settling)
            return original(recorder, *given) if before else done

        monkeypatch.setattr(Recorder, moment, meanwhile)
        own = {
            "to": {"phone_number": row.phone_number},
            "payload": {REFERENCE_KEY: row.reference},
        }
        report = delivery_report("late-1", "delivered", **own)
        assert receiver.record(parse_webhook([report])) == 1
        settling.join()
        found = next(receiver.rows())
        assert found.delivery is not None
        assert (found.state, found.message_id) == (RowState.ACCEPTED, "late-1")


@pytest.mark.parametrize("by_default", ["read committed", "repeatable read"])
def test_reports_of_the_same_messages_are_recorded_by_two_processes_at_once(
    url: str, by_default: str, client: SmsManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session that waited for a lock must see the previous holder's writes, whatever the default is."""
    setting = f"-cdefault_transaction_isolation={by_default}".replace(" ", "\\ ")
    url = f"{url}&options={quote(setting)}"
    with (
        Campaign.create(url, rows(20)) as campaign,
        Campaign.open(url) as one,
        Campaign.open(url) as other,
    ):
        list(campaign.run(client))
        names = [row.message_id or "" for row in campaign.rows()]
        # Both have recorded before: the indexes are there.
        for receiver in (one, other):
            receiver.record(parse_webhook([delivery_report("another", "sent")]))
        recorded: list[int] = []

        def record(receiver: Campaign, result: str, given: list[str]) -> None:
            reports = [delivery_report(name, result) for name in given]
            recorded.append(receiver.record(parse_webhook(reports)))

        second = threading.Thread(target=record, args=(other, "delivered", names[::-1]))
        original = Recorder._kept

        def meanwhile(recorder: Recorder, *given: Any) -> Any:
            kept = original(recorder, *given)
            if recorder is one._recorder:
                second.start()
                waits_for_a_lock(campaign, second)
            return kept

        monkeypatch.setattr(Recorder, "_kept", meanwhile)
        record(one, "sent", names)
        second.join()
        assert recorded == [20, 20]
        assert campaign.report().results == {"delivered": 20}


def test_the_indexes_of_reports_are_built_when_the_first_one_comes(
    url: str, client: SmsManager
) -> None:
    listed = text("SELECT indexname FROM pg_indexes WHERE indexname = ANY(:names)")
    with Campaign.create(url, rows(20)) as campaign:
        list(campaign.run(client))

        def built() -> int:
            with campaign._ledger.database.reading() as connection:
                return len(connection.execute(listed, {"names": list(LOOKUPS)}).all())

        assert built() == 0
        name = next(campaign.rows()).message_id or ""
        with campaign._ledger.database.writing() as connection:
            # The state after an interrupted attempt.
            connection.execute(
                text(
                    "CREATE INDEX smsmanager_campaign_row_message ON smsmanager_campaign_row (row)"
                )
            )
            connection.execute(
                text(
                    "UPDATE pg_index SET indisvalid = false "
                    "WHERE indexrelid = 'smsmanager_campaign_row_message'::regclass"
                )
            )
        assert campaign.record(parse_webhook([delivery_report(name)])) == 1
        assert built() == len(LOOKUPS)
        with campaign._ledger.database.reading() as connection:
            valid = text("SELECT bool_and(indisvalid) FROM pg_index")
            assert connection.execute(valid).scalar()


def test_rows_that_are_given_back_while_another_range_is_taken(
    url: str, client: SmsManager, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both move the cursor: moving it from an outdated position would skip rows forever."""
    with Campaign.create(url, rows(3000)) as campaign:
        campaign.start_workers()
        ledger = campaign._ledger
        connect = ledger.database.engine.connect
        with connect() as one, connect() as other:
            first = SharedSession(ledger, one, "", None, lambda: 0.0)
            second = SharedSession(ledger, other, "", None, lambda: 0.0)
            assert first.page(0).last
            gives_back = threading.Thread(target=first.leave)

            def late(*given: Any) -> list[int]:
                gives_back.start()
                # It has to wait for the transaction that it would disturb.
                gives_back.join(1.0)
                return next_pending(*given)

            monkeypatch.setattr(f"{SharedSession.__module__}.next_pending", late)
            assert second.page(0).last
            gives_back.join()
            monkeypatch.undo()
            second.leave()
        assert tend(url).left == 3000
        while tend(url).phase is Phase.SENDING:
            work(url, None, client)
        assert counts(campaign) == {"accepted": 3000}
    assert set(service.taken.values()) == {1}
