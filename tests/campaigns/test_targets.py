"""The service of a campaign: a rehearsal and the real run never mix."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsmanager import SmsManager
from smsmanager.asking.service_target import THIS_MACHINE, target_of
from smsmanager.campaigns import Campaign, CampaignTargetError, work
from tests.campaigns.conftest import BASE_URL, Runner, Service, client_of, counts, rows

REAL = "https://sms.example/v2"


def real_client(service: Service) -> SmsManager:
    return SmsManager("key", base_url=REAL, transport=httpx.MockTransport(service))


def test_the_first_run_decides_and_another_service_is_refused(
    runner: Runner, service: Service
) -> None:
    campaign = runner.create(rows(300), requests_per_s=1, concurrency=1)
    assert campaign.status().target is None
    runner.run(campaign, lambda update: update.requests == 1)
    assert campaign.status().target == THIS_MACHINE
    before = counts(campaign)
    with pytest.raises(CampaignTargetError, match="Nothing was sent"):
        runner.run(campaign, options={"base_url": REAL})
    assert counts(campaign) == before
    # Even after it was opened again, by another process or the next day.
    with pytest.raises(CampaignTargetError, match=f"for {THIS_MACHINE}, .* {REAL}"):
        runner.run(runner.open(), options={"base_url": REAL})
    assert runner.run(runner.open())[-1].left == 0


def alone(campaign: Campaign, client: SmsManager, _: Path) -> None:
    list(campaign.run(client))


def as_a_worker(campaign: Campaign, client: SmsManager, ledger: Path) -> None:
    campaign.start_workers()
    work(ledger, None, client)


@pytest.mark.parametrize("run", [alone, as_a_worker])
def test_a_campaign_that_names_its_service_is_refused_elsewhere_from_the_first_run(
    tmp_path: Path, service: Service, run: Callable[[Campaign, SmsManager, Path], None]
) -> None:
    ledger = tmp_path / "l"
    with (
        Campaign.create(ledger, rows(3), base_url=REAL) as campaign,
        client_of(service) as sandbox,
        real_client(service) as client,
    ):
        assert campaign.status().target == REAL
        with pytest.raises(CampaignTargetError):
            run(campaign, sandbox, ledger)
        assert not service.requests
        assert counts(campaign) == {"pending": 3}
        run(campaign, client, ledger)
        assert counts(campaign) == {"accepted": 3}


def test_a_ledger_of_a_version_that_did_not_record_it_is_still_resumed(
    tmp_path: Path, service: Service
) -> None:
    with (
        Campaign.create(tmp_path / "l", rows(3)) as campaign,
        campaign._ledger.database.writing() as connection,
    ):
        [[stored]] = connection.exec_driver_sql("SELECT options FROM smsmanager_campaign")
        options = json.loads(stored)
        del options["target"]
        as_before = (json.dumps(options),)
        connection.exec_driver_sql("UPDATE smsmanager_campaign SET options = ?", as_before)
    with Campaign.open(tmp_path / "l") as campaign, real_client(service) as client:
        assert campaign.status().target is None
        list(campaign.run(client))
        assert campaign.status().target == REAL
        assert counts(campaign) == {"accepted": 3}


@given(st.sampled_from(("127.0.0.1", "localhost", "[::1]", "127.8.9.1")), st.integers(1, 65535))
def test_every_port_of_this_machine_is_one_target(host: str, port: int) -> None:
    assert target_of(f"http://{host}:{port}/v2") == target_of(BASE_URL) == THIS_MACHINE
    assert target_of(f"{REAL}/") == REAL
