"""Cancelling the scheduled rows of a campaign: cancelled, refused or unclear."""

from __future__ import annotations

import httpx
import pytest

from smsmanager.campaigns import CampaignCancellation, Row
from smsmanager.errors import AuthenticationError
from smsmanager.webhooks import parse_webhook
from tests.campaigns.asking.conftest import Asker, ListingService
from tests.campaigns.conftest import delivery_report, number, rows

DONE = httpx.Response(200, json={"success": True, "message": "Schedule cancelled"})
AT = "2030-01-08T08:00:00+00:00"


def cancellations(asker: Asker) -> list[str | None]:
    return [row.cancellation for row in asker.open().rows()]


def test_each_row_has_its_outcome(asker: Asker, service: ListingService) -> None:
    campaign = asker.sent([Row(n, number(n), f"Text {n}") for n in range(1, 4)], at=AT)
    service.cancelling = {"r1.0-0": DONE, "r1.1-0": httpx.ReadTimeout("late")}
    found = asker.cancel(campaign)
    assert found == CampaignCancellation(cancelled=1, refused=1, unclear=1)
    assert cancellations(asker) == ["cancelled", "unclear", "refused"]
    # The lost attempt may have cancelled it, so a refusal proves nothing.
    del service.cancelling["r1.1-0"]
    service.changes.clear()
    assert asker.cancel(campaign) == CampaignCancellation(refused=1, unclear=1)
    assert cancellations(asker) == ["cancelled", "unclear", "refused"]
    assert {"message_id": "r1.0-0"} not in service.changes


def test_a_message_is_cancelled_as_a_whole_where_the_service_takes_only_that(
    asker: Asker, service: ListingService
) -> None:
    campaign = asker.sent(rows(12), at=AT)
    service.cancelling = {"r1.0": DONE, "r1.1": DONE}
    assert asker.cancel(campaign) == CampaignCancellation(cancelled=12)
    tried = [change["message_id"] for change in service.changes]
    assert tried == ["r1.0-0", "r1.0", "r1.1-0", "r1.1"]


def test_what_was_reported_or_never_sent_is_left_alone(
    asker: Asker, service: ListingService
) -> None:
    service.script = [httpx.ReadTimeout("late"), service.accept]
    campaign = asker.sent(rows(101), at=AT, concurrency=1)
    assert campaign.record(parse_webhook([delivery_report("r2.0-0")])) == 1
    assert asker.cancel(campaign) == CampaignCancellation()
    assert service.changes == []


def test_what_was_found_before_is_kept(asker: Asker, service: ListingService) -> None:
    service.script = [service.accept, service.take_and_lose]
    campaign = asker.sent(rows(101), at=AT, concurrency=1)
    assert asker.settle(campaign).settled == 1
    assert asker.cancel(campaign) == CampaignCancellation(refused=101)
    *others, row = campaign.rows()
    assert [each.evidence for each in others] == [None] * 100
    assert row.evidence is not None
    assert (row.evidence.get("finding"), row.cancellation) == ("settled", "refused")


def test_a_refused_key_ends_it(asker: Asker, service: ListingService) -> None:
    campaign = asker.sent(rows(1), at=AT)
    service.cancelling = {"r1.0-0": httpx.Response(401, json={"message": "Unauthorized"})}
    with pytest.raises(AuthenticationError):
        asker.cancel(campaign)
    assert cancellations(asker) == [None]


def test_failure_in_the_middle_keeps_what_was_cancelled(
    asker: Asker, service: ListingService
) -> None:
    campaign = asker.sent([Row(n, number(n), f"Text {n}") for n in range(1, 4)], at=AT)
    refused_key = httpx.Response(401, json={"message": "Unauthorized"})
    service.cancelling = {"r1.0-0": DONE, "r1.1-0": refused_key}
    with pytest.raises(AuthenticationError):
        asker.cancel(campaign)
    assert cancellations(asker) == ["cancelled", None, None]


def test_a_row_that_was_being_cancelled_in_a_crash_is_unclear(
    asker: Asker, service: ListingService
) -> None:
    """The service has cancelled it, and refuses to do so again."""
    campaign = asker.sent([Row(1, number(1), "Text")], at=AT)

    class Crash(BaseException):
        pass

    service.cancelling = {"r1.0-0": Crash()}
    with pytest.raises(Crash):
        asker.cancel(campaign)
    service.cancelling.clear()
    assert asker.cancel(asker.open()) == CampaignCancellation(unclear=1)
    assert cancellations(asker) == ["unclear"]
