"""The same ledger in PostgreSQL: sending, the lock, a crash, reports."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

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
    RowState,
)
from smsmanager.ids import REFERENCE_KEY
from smsmanager.webhooks import parse_webhook
from tests.campaigns.conftest import (
    Service,
    claim_one,
    counts,
    crash,
    delivery_report,
    rows,
    working,
)
from tests.postgres import running_cluster


@pytest.fixture
def url() -> Iterator[str]:
    with running_cluster() as cluster, cluster.database() as url:
        yield url


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

        # Everything that can become of a row.
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

        # A report settles one of the unknown rows, in every order the same way.
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
