"""`campaign settle`, `campaign cancel`, and `campaign resume`, which asks first."""

from __future__ import annotations

import csv
import functools
import io
import json
from pathlib import Path

import httpx
import pytest

from smsmanager import SmsManager
from smsmanager.campaigns import Campaign, ledger_beside
from tests.campaigns.asking.conftest import ListingService
from tests.campaigns.conftest import BASE_URL
from tests.cli.conftest import KEY, Shell

TEXT = "Hello {Name}, {Due}."


@pytest.fixture
def listing(monkeypatch: pytest.MonkeyPatch) -> ListingService:
    """A service in memory that can be asked, in place of the one that the environment names."""
    service = ListingService()
    monkeypatch.setenv("SMSMANAGER_API_KEY", KEY)
    monkeypatch.setenv("SMSMANAGER_BASE_URL", BASE_URL)
    made = functools.partial(SmsManager, transport=httpx.MockTransport(service))
    monkeypatch.setattr("smsmanager.SmsManager", made)
    for module in ("sending", "open_rows"):
        name = f"smsmanager.cli.commands.campaign_command.{module}.SmsManager"
        monkeypatch.setattr(name, made)
    return service


def run(shell: Shell, people: Path, *options: str) -> None:
    shell("campaign", "run", people, "--text", TEXT, "--region", "CZ", *options)


def test_a_lost_answer_is_settled(shell: Shell, listing: ListingService, people: Path) -> None:
    listing.script = [listing.take_and_lose]
    run(shell, people)
    done = shell("campaign", "status", people)
    assert done.code == 4
    assert f"smsmanager campaign settle {people}" in done.out
    assert "--resend-unknown" not in done.out
    posts = len(listing.requests)
    done = shell("campaign", "settle", people)
    assert "2 rows settled, 0 rows still unknown" in done.out
    assert done.code == 1
    assert len(listing.requests) == posts
    listed = shell("campaign", "status", people, "--list", "accepted")
    rows = list(csv.DictReader(io.StringIO(listed.out)))
    assert [row["message_id"] for row in rows] == ["r1.0-0", "r1.1-0"]
    assert {row["finding"] for row in rows} == {"settled"}


def test_what_stays_unknown_is_listed_with_its_evidence(
    shell: Shell, listing: ListingService, people: Path
) -> None:
    listing.script = [httpx.ReadTimeout("late")]
    run(shell, people)
    done = shell("campaign", "settle", people, "--patience", "0")
    assert done.code == 4
    assert "2 rows not_found: the service lists no matching message" in done.out
    assert "--resend-unknown" in done.out
    document = shell("campaign", "settle", people, "--patience", "0", "--json").document
    settlement = document["settlement"]
    assert (settlement["settled"], settlement["findings"]) == (0, {"not_found": 2})
    assert [(row["row"], row["finding"]) for row in document["rows"]] == [
        (2, "not_found"),
        (4, "not_found"),
    ]
    assert all(row["asked_at"] for row in document["rows"])
    assert document["campaign"]["findings"] == {"not_found": 2}
    listed = shell("campaign", "status", people, "--list", "unknown", "--json")
    assert json.loads(listed.lines[0])["finding"] == "not_found"


def test_resume_asks_before_it_sends_again(
    shell: Shell, listing: ListingService, people: Path
) -> None:
    listing.script = [listing.take_and_lose]
    run(shell, people)
    done = shell("campaign", "resume", people, "--resend-unknown", "--patience", "0")
    assert "2 rows settled" in done.err
    assert done.code == 1
    assert len(listing.requests) == 1
    assert set(listing.taken.values()) == {1}


def test_resume_goes_on_where_nobody_can_be_asked(
    shell: Shell, listing: ListingService, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing.script = [httpx.ReadTimeout("late")]
    run(shell, people)

    def fail(*_: object) -> None:
        raise httpx.ReadTimeout("late")

    monkeypatch.setattr(listing.listing, "asked", fail)
    done = shell("campaign", "resume", people)
    assert "could not be asked about 2 unknown rows" in done.err
    assert "--resend-unknown" in done.out
    assert shell("campaign", "settle", people).code == 3
    done = shell("campaign", "resume", people, "--resend-unknown", "--no-ask")
    assert "could not be asked" not in done.err
    assert done.code == 1
    assert len(listing.requests) == 2


def test_times_that_make_no_sense(shell: Shell, people: Path) -> None:
    for times in (("yesterday", "today"), ("2026-11-02T08:00", "2026-11-02T09:00")):
        assert shell("campaign", "settle", people, "--between", *times).code == 2


def test_scheduled_messages_are_cancelled(
    shell: Shell, listing: ListingService, people: Path
) -> None:
    run(shell, people, "--at", "2030-01-07T08:00+01:00")
    listing.cancelling["r1.0-0"] = httpx.Response(200, json={"success": True})
    done = shell("campaign", "cancel", people)
    assert "1 row cancelled, 1 could not be, 0 unclear" in done.out
    assert done.code == 1
    with Campaign.open(ledger_beside(people, rehearsal=True)) as campaign:
        states = [row.cancellation for row in campaign.rows() if row.message_id]
    assert states == ["cancelled", "refused"]
    listing.cancelling["r1.1-0"] = httpx.Response(200, json={"success": True})
    done = shell("campaign", "cancel", people, "--json")
    assert done.document == {
        "cancellation": {"cancelled": 1, "refused": 0, "unclear": 0},
        "exit_code": 0,
    }
