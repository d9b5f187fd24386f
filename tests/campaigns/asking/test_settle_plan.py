"""Settling: rows whose answer was lost become accepted with their own id, and no other."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from smsmanager.campaigns import (
    Campaign,
    CampaignLockedError,
    CampaignTargetError,
    Row,
    RowState,
    Settlement,
)
from smsmanager.campaigns._ledger.asked_rows import Carried
from smsmanager.errors import SmsManagerError
from smsmanager.webhooks import parse_webhook
from tests.campaigns.asking.conftest import Asker, ListingService
from tests.campaigns.conftest import client_of, counts, delivery_report, number, rows, working


def true_ids(service: ListingService) -> dict[str, list[str]]:
    """Return the ids under which each number was taken."""
    return {n: [one.message_id for one in taken] for n, taken in service.listing.taken.items()}


def test_a_lost_answer_is_found(asker: Asker, service: ListingService) -> None:
    service.script = [service.take_and_lose]
    # One at a time: trio starts tasks in any order.
    campaign = asker.sent(rows(150), concurrency=1)
    assert counts(campaign) == {"unknown": 100, "accepted": 50}
    posts = len(service.requests)
    settlement = asker.settle(campaign)
    assert len(service.requests) == posts
    # One for the time zone, and for each row one for its number and one for the details of its message.
    assert settlement == Settlement(settled=100, questions=201)
    assert (settlement.still_open, asker.waits) == (0, [])
    ids = true_ids(service)
    assert all([row.message_id] == ids[row.phone_number or ""] for row in campaign.rows())
    [row] = campaign.rows(after=149)
    assert row.evidence is None
    row = next(campaign.rows())
    assert (row.state, row.reason) == (RowState.ACCEPTED, None)
    assert row.evidence == {
        "asked_at": "2030-01-07T12:00:00+00:00",
        "finding": "settled",
        "candidates": [row.message_id],
        "state": "delivered",
        "status_code": "200",
        "delivery_code": "201",
    }
    # A later webhook finds it.
    assert row.message_id is not None
    report = delivery_report(row.message_id, to={"phone_number": row.phone_number})
    assert campaign.record(parse_webhook([report])) == 1
    assert campaign.status().deliveries == {"delivered": 1}


def test_what_was_never_taken_stays_unknown_with_its_evidence(
    asker: Asker, service: ListingService
) -> None:
    service.script = [httpx.ReadTimeout("late")]
    campaign = asker.sent(rows(3))
    settlement = asker.settle(campaign, patience_s=5)
    assert (settlement.settled, settlement.findings) == (0, {"not_found": 3})
    assert asker.waits == [2, 3]
    assert campaign.status().findings == {"not_found": 3}
    evidence = {row.row: row.evidence for row in campaign.rows(RowState.UNKNOWN)}
    at = "2030-01-07T12:00:05+00:00"
    assert evidence[3] == {"asked_at": at, "finding": "not_found", "candidates": []}
    # Once it is sent again, its history differs.
    asker.run(campaign, resend_unknown=True)
    assert counts(campaign) == {"accepted": 3}
    assert [row.evidence for row in campaign.rows()] == [None] * 3
    assert campaign.status().findings == {}


def test_findings_are_counted_for_each_campaign_of_a_database(
    asker: Asker, service: ListingService
) -> None:
    campaign = asker.sent(rows(2))
    with Campaign.create(asker.path, rows(3), name="other") as other:
        service.script = [httpx.ReadTimeout("late")]
        asker.run(other)
        asker.settle(other, patience_s=0)
        assert other.status().findings == {"not_found": 3}
        assert campaign.status().findings == {}


def test_asking_is_repeated_until_a_message_is_listed(
    asker: Asker, service: ListingService
) -> None:
    service.script = [service.take_and_lose]
    service.listing.visible_after = timedelta(seconds=5)
    campaign = asker.sent(rows(2))
    assert asker.settle(campaign, patience_s=0).findings == {"not_found": 2}
    assert asker.settle(campaign).settled == 2
    assert asker.waits == [2, 4]


def test_an_answer_that_does_not_mention_a_row_tells_the_id_of_its_request(
    asker: Asker, service: ListingService
) -> None:
    service.script = [service.forget_to_mention]
    campaign = asker.sent([Row(1, number(1), "a"), Row(2, number(2), "b")])
    assert counts(campaign) == {"accepted": 1, "unconfirmed": 1}
    # Another one with the same text at the same time, but of another request.
    service.listing.take("somebody's", [{"to": [{"phone_number": number(2)}], "body": "b"}])
    assert asker.settle(campaign).settled == 1
    assert [row.message_id for row in campaign.rows()] == ["r1.0-0", "r1.1-0"]


def test_a_message_that_can_be_of_two_rows_is_of_neither(
    asker: Asker, service: ListingService
) -> None:
    service.script = [service.take_and_lose, httpx.ReadTimeout("late")]
    same = [Row(n, number(1 if n in {1, 150} else n), "Hello") for n in range(1, 151)]
    campaign = asker.sent(same, concurrency=1)
    settlement = asker.settle(campaign, patience_s=0)
    # The siblings of the first row identify its request, but not whether the other one was taken too.
    assert settlement.settled in {99, 100}
    ids = true_ids(service)
    for row in campaign.rows(RowState.ACCEPTED):
        assert [row.message_id] == ids[row.phone_number or ""]
    assert next(campaign.rows(after=149)).state is RowState.UNKNOWN


def test_a_row_that_is_asked_about_later_claims_its_message_as_well(
    asker: Asker, service: ListingService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smsmanager.campaigns._ledger.asked_rows.ROWS_AT_ONCE", 1)
    monkeypatch.setattr("smsmanager.campaigns._ledger.session.CHUNK", 1)
    service.script = [httpx.ReadTimeout("late"), service.take_and_lose]
    campaign = asker.sent([Row(n, number(1), "Hello") for n in (1, 2)], concurrency=1)
    assert counts(campaign) == {"unknown": 2}
    assert asker.settle(campaign, patience_s=0).findings == {"several": 2}


def test_a_known_id_is_given_to_no_other_row(asker: Asker, service: ListingService) -> None:
    service.script = [service.accept, httpx.ReadTimeout("late")]
    same = [Row(n, number(1 if n in {1, 150} else n), "Hello") for n in range(1, 151)]
    campaign = asker.sent(same, concurrency=1)
    assert counts(campaign) == {"accepted": 100, "unknown": 50}
    assert asker.settle(campaign, patience_s=0).findings == {"not_found": 50}


def test_the_first_send_of_a_row_that_was_sent_again_is_not_taken_for_another_one(
    asker: Asker, service: ListingService
) -> None:
    one = [Row(1, number(1), "Hello")]
    service.script = [service.take_and_lose]
    campaign = asker.sent(one)
    asker.run(campaign, resend_unknown=True)
    assert counts(campaign) == {"accepted": 1}
    # The id of the first one is unknown. A new row has the same number and text, and never arrives.
    campaign.add([*one, Row(2, number(2), "Hello")])
    with contextlib.closing(sqlite3.connect(asker.path)) as connection, connection:
        connection.execute(
            "UPDATE smsmanager_campaign_row SET phone_number = ? WHERE row = 2", (number(1),)
        )
    service.script = [httpx.ReadTimeout("late")]
    asker.run(campaign)
    assert counts(campaign) == {"accepted": 1, "unknown": 1}
    assert asker.settle(campaign, patience_s=0).findings == {"several": 1}


def test_both_sends_of_a_row_are_looked_for(asker: Asker, service: ListingService) -> None:
    service.script = [service.take_and_lose]
    campaign = asker.sent(rows(2))
    asker.time.seconds += 86_400
    service.script = [httpx.ReadTimeout("late")]
    asker.run(campaign, resend_unknown=True)
    assert asker.settle(campaign, patience_s=0).settled == 2
    service.script = [service.take_and_lose, service.take_and_lose]
    other = Asker(asker.kind, service, asker.path.parent)
    other.path = asker.path.with_name("other.sqlite3")
    twice = other.sent([Row(1, number(9), "Hello")])
    other.run(twice, resend_unknown=True)
    # Both were taken, so there is no single id.
    assert other.settle(twice, patience_s=0).findings == {"several": 1}
    other.close()


@pytest.mark.parametrize("lacking", [(), ("request", "earlier", "asked", "lease", "pace")])
def test_campaigns_in_other_ledgers_are_distinguished(
    asker: Asker, service: ListingService, lacking: tuple[str, ...]
) -> None:
    """The other ledger may be that of an earlier version, with fewer tables."""
    other = Asker(asker.kind, service, asker.path.parent)
    other.path = asker.path.with_name("other.sqlite3")
    other.sent(rows(2))
    with contextlib.closing(sqlite3.connect(other.path)) as connection, connection:
        for name in lacking:
            connection.execute(f"DROP TABLE smsmanager_campaign_{name}")
    service.script = [httpx.ReadTimeout("late")]
    campaign = asker.sent(rows(2))
    found = asker.settle(campaign, patience_s=0, other_ledgers=[other.path]).findings
    assert found == {"not_found": 2}
    other.close()


def test_a_ledger_of_an_earlier_version_is_settled_if_it_is_said_when_it_sent(
    asker: Asker, service: ListingService
) -> None:
    service.script = [service.take_and_lose]
    campaign = asker.sent(rows(2))
    begin = asker.time.now()
    with contextlib.closing(sqlite3.connect(asker.path)) as connection, connection:
        for name in ("request", "earlier", "asked"):
            connection.execute(f"DROP TABLE smsmanager_campaign_{name}")
    assert [row.evidence for row in campaign.rows()] == [None] * 2
    assert campaign.status().findings == {}
    settlement = asker.settle(campaign)
    assert (settlement.settled, settlement.findings) == (0, {"undated": 2})
    assert asker.waits == []
    assert asker.settle(campaign, called_between=(begin, begin)).settled == 2


def test_an_earlier_version_can_go_on_with_a_ledger(asker: Asker, service: ListingService) -> None:
    campaign = asker.sent(rows(2))
    with campaign._ledger.database.reading() as connection:
        [[version]] = connection.exec_driver_sql("SELECT version FROM smsmanager_campaign")
    assert version == 1


def test_one_is_settled_by_one_process_at_a_time(asker: Asker, service: ListingService) -> None:
    service.script = [service.take_and_lose]
    campaign = asker.sent(rows(2))
    with working(campaign), pytest.raises(CampaignLockedError):
        asker.settle(campaign)
    assert asker.settle(campaign).settled == 2


def test_another_service_is_not_asked(asker: Asker, service: ListingService) -> None:
    service.script = [service.take_and_lose]
    campaign = asker.sent(rows(2))
    campaign._ledger.head.options["target"] = "https://example.com/v2"
    with pytest.raises(CampaignTargetError, match="Nothing was asked"):
        asker.settle(campaign)
    assert service.listing.questions == []


def test_what_was_found_before_a_failure_is_kept(
    asker: Asker, service: ListingService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smsmanager.campaigns._ledger.asked_rows.ROWS_AT_ONCE", 40)
    service.script = [service.take_and_lose]
    campaign = asker.sent(rows(100))
    asked = service.listing.asked
    seen: list[Settlement] = []

    def fail_late(path: str, query: Any) -> dict[str, Any]:
        if len(service.listing.questions) == 100:
            raise httpx.ReadTimeout("late")
        return asked(path, query)

    service.listing.asked = fail_late  # type: ignore[method-assign]
    with pytest.raises(SmsManagerError):
        asker.settle(campaign, on_progress=seen.append)
    assert [each.settled for each in seen] == [40]
    assert counts(campaign) == {"accepted": 40, "unknown": 60}
    service.listing.asked = asked  # type: ignore[method-assign]
    assert asker.settle(campaign).settled == 60


def test_a_report_that_comes_meanwhile_wins(asker: Asker, service: ListingService) -> None:
    service.script = [service.take_and_lose]
    campaign = asker.sent([Row(1, number(1), "Hello", reference="order-1")])
    asked = service.listing.asked
    report = delivery_report("its-id", payload={"smsmanager_reference": "order-1"})

    def record_first(path: str, query: Any) -> dict[str, Any]:
        with Campaign.open(asker.path) as other:
            other.record(parse_webhook([report]))
        return asked(path, query)

    service.listing.asked = record_first  # type: ignore[method-assign]
    assert asker.settle(campaign).settled == 0
    [row] = campaign.rows()
    assert (row.state, row.message_id) == (RowState.ACCEPTED, "its-id")


def test_the_state_of_silent_accepted_rows(asker: Asker, service: ListingService) -> None:
    campaign = asker.sent(rows(3))
    own = next(campaign.rows()).message_id
    assert own is not None
    campaign.record(parse_webhook([delivery_report(own)]))
    settlement = asker.settle(campaign, states=True)
    assert (settlement.states, settlement.questions) == (2, 2)
    found = [row.evidence and row.evidence.get("state") for row in campaign.rows()]
    assert found == [None, "delivered", "delivered"]


def test_no_number_and_no_text_is_in_an_error(asker: Asker, service: ListingService) -> None:
    service.script = [service.take_and_lose]
    campaign = asker.sent([Row(1, number(1), "A private text")])
    service.listing.asked = lambda *_: (_ for _ in ()).throw(httpx.ReadTimeout("late"))  # type: ignore[method-assign]
    with pytest.raises(SmsManagerError) as caught:
        asker.settle(campaign)
    trace = caught.value.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if "/wrapper/smsmanager/" in name:
            assert "A private text" not in repr(trace.tb_frame.f_locals), name
            assert number(1) not in repr(trace.tb_frame.f_locals), name
        trace = trace.tb_next


def test_a_row_to_ask_about_shows_no_number_and_no_text() -> None:
    row = Carried(1, 2, number(1), {"body": "A private text"}, (), is_dated=False)
    assert repr(row) == "Carried(campaign=1, row=2, sendings=(), is_dated=False)"


def test_a_missing_ledger_of_another_campaign_is_reported(tmp_path: Path) -> None:
    with (
        Campaign.create(tmp_path / "l", rows(1)) as campaign,
        client_of(ListingService()) as client,
        pytest.raises(SmsManagerError, match="no ledger"),
    ):
        campaign.settle(client, other_ledgers=[tmp_path / "none"])


@pytest.mark.parametrize("how", ["states", "cancel", "patience"])
def test_long_questions_keep_the_lease(
    asker: Asker, service: ListingService, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Each question takes half a minute, and a lease lasts a minute and a half."""
    at = None if how != "cancel" else "2030-01-08T08:00:00+00:00"
    service.script = [httpx.ReadTimeout("late")] if how == "patience" else []
    campaign = asker.sent([Row(n, number(n), f"Text {n}") for n in range(1, 7)], at=at)
    clock = "smsmanager.campaigns._ledger.leases.time.time"
    monkeypatch.setattr(clock, lambda: 1e6 + asker.time.seconds)
    workers: list[int] = []
    original = ListingService.__call__

    def slow(service: ListingService, request: httpx.Request) -> httpx.Response:
        asker.time.seconds += 30
        workers.append(len(campaign.workers()))
        return original(service, request)

    monkeypatch.setattr(ListingService, "__call__", slow)
    if how == "cancel":
        assert asker.cancel(campaign).refused == 6
    elif how == "states":
        assert asker.settle(campaign, states=True).states == 6
    else:
        assert asker.settle(campaign, patience_s=100).findings == {"not_found": 6}
        assert asker.waits == [2, 4, 8, 16, 20, 12, 20, 18]
    assert set(workers) == {1}
