"""Creating a ledger, opening it again, the lock, and the text of its errors."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from smsmanager import SmsManager
from smsmanager.campaigns import (
    Campaign,
    CampaignExistsError,
    CampaignLockedError,
    CampaignNotFoundError,
    LedgerError,
    RefusedRow,
    Row,
    RowState,
    fingerprint_of,
    ledger_beside,
    work,
)
from smsmanager.ids import REFERENCE_KEY
from tests.campaigns.conftest import (
    Runner,
    Service,
    claim_one,
    counts,
    crash,
    number,
    rows,
    working,
)


def test_what_was_in_flight_in_a_crash_is_unknown_from_the_next_open_on(runner: Runner) -> None:
    campaign = runner.create(rows(250))
    with working(campaign) as session:
        claimed = claim_one(session)
        # A second process sees it, and does not touch it while the first one works.
        with Campaign.open(runner.path) as other:
            assert counts(other) == {"in_flight": 100, "pending": 150}
        session.close([claimed], [])
    assert counts(campaign) == {"pending": 250}
    crash(campaign)
    reopened = runner.open()
    assert counts(reopened) == {"unknown": 100, "pending": 150}
    [reason] = {row.reason for row in reopened.rows(RowState.UNKNOWN)}
    assert reason == "the process ended while it was in flight"
    runner.run(reopened)
    assert counts(reopened) == {"unknown": 100, "accepted": 150}


def test_rows_that_were_to_be_sent_again_and_were_not_stay_unknown(runner: Runner) -> None:
    campaign = runner.create(rows(300), concurrency=1, requests_per_s=1, stop_after=None)
    runner.service.script = [httpx.ReadTimeout("late")] * 3
    runner.run(campaign)
    assert counts(campaign) == {"unknown": 300}
    runner.time.on_pause = campaign.stop
    runner.run(campaign, resend_unknown=True)
    assert counts(campaign) == {"accepted": 100, "unknown": 200}
    runner.time.on_pause = lambda: None
    runner.run(campaign)
    assert counts(campaign) == {"accepted": 100, "unknown": 200}
    assert len(runner.service.requests) == 4


def test_an_id_that_not_every_database_can_keep_is_made_storable(runner: Runner) -> None:
    accepted = {"key": "0", "message_id": "m\0\ud800"}
    answer = {"request_id": "r", "accepted": [accepted], "rejected": []}
    runner.service.script = [httpx.Response(200, text=json.dumps(answer))]
    [row] = runner.sent(rows(1)).rows()
    assert (row.state, row.message_id) == (RowState.ACCEPTED, "m\ufffd?-0")


def test_a_campaign_is_run_by_one_at_a_time(runner: Runner) -> None:
    campaign = runner.create(rows(10))
    with (
        working(runner.open()),
        pytest.raises(CampaignLockedError, match="Nothing was sent"),
    ):
        runner.run(campaign)
    assert runner.service.requests == []
    runner.run(campaign)
    assert counts(campaign) == {"accepted": 10}


def test_a_ledger_that_fails_stops_sending(runner: Runner) -> None:
    campaign = runner.create(rows(1000), concurrency=1)

    def spoil(body: Any) -> httpx.Response:
        with contextlib.closing(sqlite3.connect(runner.path, timeout=30)) as connection, connection:
            connection.execute(
                "UPDATE smsmanager_campaign_row SET state = 'refused' WHERE row = 150"
            )
        return runner.service.accept(body)

    runner.service.script = [spoil]
    with pytest.raises(LedgerError, match="not sent"):
        runner.run(campaign)
    assert len(runner.service.requests) == 1
    assert set(runner.service.taken.values()) == {1}
    assert counts(runner.open()) == {"accepted": 100, "refused": 1, "pending": 899}


def test_only_its_owner_can_read_a_ledger(tmp_path: Path) -> None:
    place = ledger_beside(tmp_path / "people.csv")
    assert place == tmp_path / "people.csv.campaign.sqlite3"
    with Campaign.create(place, rows(10)) as campaign, working(campaign):
        modes = [each.stat().st_mode & 0o777 for each in tmp_path.glob("people.csv.*")]
    assert modes == [0o600] * 5


def test_a_campaign_is_not_replaced(tmp_path: Path) -> None:
    source = tmp_path / "people.csv"
    source.write_text("one")
    first = fingerprint_of(source)
    assert first == "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
    Campaign.create(tmp_path / "l", rows(3), fingerprint=first).close()
    for given, same in ((first, True), ("other", False), (None, None)):
        with pytest.raises(CampaignExistsError) as caught:
            Campaign.create(tmp_path / "l", rows(3), fingerprint=given)
        assert caught.value.same_input is same
    with Campaign.open(tmp_path / "l") as campaign:
        assert campaign.status().fingerprint == first
        assert campaign.status().total == 3


def test_a_creation_that_was_interrupted_is_repeated(tmp_path: Path) -> None:
    def broken() -> Any:
        yield from rows(4500)
        raise LookupError("the reader's own")

    with pytest.raises(LookupError):
        Campaign.create(tmp_path / "l", broken())
    with pytest.raises(
        LedgerError, match=r"^The creation .* interrupted; nothing was sent\. Create"
    ):
        Campaign.open(tmp_path / "l")
    seen: list[int] = []
    with Campaign.create(tmp_path / "l", rows(4500), on_progress=seen.append) as campaign:
        assert counts(campaign) == {"pending": 4500}
    assert seen == [2000, 4000, 4500]


def test_several_campaigns_share_a_database(tmp_path: Path) -> None:
    for name, size in (("spring", 3), ("autumn", 5)):
        Campaign.create(f"sqlite:///{tmp_path / 'l'}", rows(size), name=name).close()
    with pytest.raises(CampaignNotFoundError, match="it contains: spring, autumn"):
        Campaign.open(tmp_path / "l")
    with Campaign.open(tmp_path / "l", name="autumn") as campaign:
        assert (campaign.name, campaign.status().total) == ("autumn", 5)


def test_what_is_not_a_ledger_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CampaignNotFoundError):
        Campaign.open(tmp_path / "missing")
    assert not (tmp_path / "missing").exists()
    (tmp_path / "text").write_text("a text, and not a database at all" * 100)
    with pytest.raises(LedgerError):
        Campaign.open(tmp_path / "text")
    # Of the second one, SQLAlchemy takes a part of the password for a port.
    for url in ("nonsense://user:secret@host/db", "postgresql://user:pass@word:secret@host/db"):
        with pytest.raises(LedgerError, match="cannot be used") as caught:
            Campaign.open(url)
        assert "secret" not in str(caught.value)
    with pytest.raises(LedgerError, match="not installed: MySQLdb") as caught:
        Campaign.open("mysql://user:secret@host/db")
    assert "secret" not in str(caught.value)
    with pytest.raises(LedgerError, match="lost in a crash"):
        Campaign.create("sqlite://", [])


def test_a_ledger_of_a_newer_version_is_not_touched(tmp_path: Path) -> None:
    Campaign.create(tmp_path / "l", rows(3)).close()
    with contextlib.closing(sqlite3.connect(tmp_path / "l")) as connection, connection:
        connection.execute("UPDATE smsmanager_campaign SET version = 3")
    connection.close()
    with pytest.raises(LedgerError, match="newer version"):
        Campaign.open(tmp_path / "l")


def test_a_row_number_that_appears_twice_is_refused_without_number_or_text(tmp_path: Path) -> None:
    given: list[Row | RefusedRow] = [
        Row(1, number(1), "secret text"),
        RefusedRow(1, "body", "is empty"),
    ]
    with pytest.raises(LedgerError, match="twice") as caught:
        Campaign.create(tmp_path / "l", given)
    assert "secret" not in str(caught.value)
    assert number(1) not in str(caught.value)
    assert caught.value.__suppress_context__
    assert number(1) not in repr(given[0])
    assert "secret" not in repr(given[0])


@pytest.mark.parametrize("lowest", [0, -1])
def test_a_row_number_below_one_is_refused(tmp_path: Path, lowest: int) -> None:
    """No run would ever reach such a row; `enumerate` begins with 0."""
    below = Row(lowest, number(7), "secret text")
    for each in (below, RefusedRow(lowest, "body", "is empty")):
        with pytest.raises(LedgerError, match=r"from 1 on\. Nothing was sent") as caught:
            Campaign.create(tmp_path / "l", [each, *rows(2)])
        assert "secret" not in str(caught.value)
    for given, added in (([], 1), (rows(2), 3)):
        with Campaign.create(tmp_path / f"{added}", given) as campaign:
            # A row that is added gets the next number.
            assert campaign.add([below]) == 1
            assert [row.row for row in campaign.rows()][-1] == added


def test_of_several_creations_at_the_same_moment_one_is_made(tmp_path: Path) -> None:
    """The others get an error; none mistakes the ledger that is being written for the rest of a crash."""
    writing, others = threading.Event(), threading.Event()

    def slowly() -> Iterator[Row]:
        yield from rows(3)
        writing.set()
        assert others.wait(60)
        yield Row(4, number(4), "Hello")

    def first() -> None:
        Campaign.create(tmp_path / "l", slowly()).close()

    thread = threading.Thread(target=first)
    thread.start()
    assert writing.wait(60)
    try:
        for _ in range(2):
            with pytest.raises(CampaignLockedError):
                Campaign.create(tmp_path / "l", rows(2))
    finally:
        others.set()
        thread.join()
    with pytest.raises(CampaignExistsError):
        Campaign.create(tmp_path / "l", rows(2))
    with Campaign.open(tmp_path / "l") as campaign:
        assert counts(campaign) == {"pending": 4}


def test_no_two_messages_have_one_reference_whatever_ended_the_runs(runner: Runner) -> None:
    """A report identifies the message of its row by the reference."""
    campaign = runner.create(rows(400, lambda row: f"Hello {row}"), concurrency=1, attempts=1)
    runner.service.script = [runner.service.accept, httpx.Response(400), httpx.ReadTimeout("late")]
    runner.run(campaign, lambda update: update.requests >= 3, update_every_s=0.001)
    crash(campaign)
    for resend in (False, True):
        runner.run(runner.open(), resend_unknown=resend)
    sent = [
        message["payload"][REFERENCE_KEY]
        for request in runner.service.requests
        for message in request
    ]
    assert len(set(sent)) == len(sent) >= 400
    assert {row.reference for row in campaign.rows()} <= set(sent)


def made_by_the_version_before(folder: Path) -> Path:
    """Return a ledger that the version before made; it was killed with a request in flight."""
    path = folder / "l"
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        dump = Path(__file__).with_name("version_before.sql")
        connection.executescript(dump.read_text(encoding="utf-8"))
    return path


def test_what_the_version_before_had_in_flight_is_sent_again_if_the_caller_asks(
    tmp_path: Path, service: Service, client: SmsManager
) -> None:
    """No lease was there to end, so the run itself closes these rows before it begins."""
    path = made_by_the_version_before(tmp_path)
    with Campaign.open(path) as campaign:
        list(campaign.run(client, requests_per_s=None, resend_unknown=True))
        assert counts(campaign) == {"accepted": 60, "refused": 1}


@pytest.mark.parametrize("way", ["alone", "shared"])
def test_a_campaign_of_the_version_before_opens_and_goes_on(
    tmp_path: Path, service: Service, client: SmsManager, way: str
) -> None:
    """It was killed with a request in flight, and had no leases."""
    path = made_by_the_version_before(tmp_path)
    with Campaign.open(path) as campaign:
        before = {
            "accepted": 15,
            "unknown": 20,
            "unconfirmed": 2,
            "not_sent": 10,
            "rejected": 3,
            "pending": 10,
            "refused": 1,
        }
        assert counts(campaign) == before
        assert campaign.status().deliveries == {"delivered": 1}
        assert campaign.status().target == "this machine"
        if way == "alone":
            list(campaign.run(client, requests_per_s=None))
        else:
            campaign.start_workers(requests_per_s=None)
            work(path, None, client)
        after = {"accepted": 38, "unknown": 20, "unconfirmed": 2, "refused": 1}
        assert counts(campaign) == after
        token = campaign._ledger.head.token
    sent = [m["payload"][REFERENCE_KEY] for request in service.requests for m in request]
    assert sent == [f"{token}.{n}" for n in range(51, 74)]
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        [(version,)] = connection.execute("SELECT version FROM smsmanager_campaign")
    connection.close()
    # Earlier versions refuse what is newer than what they know: 1.
    assert version == (1 if way == "alone" else 2)
