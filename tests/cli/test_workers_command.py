"""Workers of a campaign: starting them, working as one, who works on what, and telling all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from smsmanager import SmsManager
from smsmanager.campaigns import Campaign, Phase, Row, tend
from smsmanager.engines import CampaignEngine
from smsmanager.sandbox import Sandbox
from tests.campaigns.conftest import working
from tests.cli.conftest import KEY, Shell


def test_who_works_on_which_rows(shell: Shell, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.sqlite3"
    given = [Row(n, f"42077712{n:04}", "Hello") for n in range(1, 11)]
    with Campaign.create(ledger, given) as campaign:
        assert "No worker has rows of this campaign." in shell("campaign", "workers", ledger).out
        with working(campaign):
            shown = shell("campaign", "workers", ledger)
            assert shown.code == 0
            assert " all " in shown.out
            [listed] = shell("campaign", "workers", ledger, "--json").document["workers"]
            assert (listed["first"], listed["last"]) == (None, None)
            assert listed["worker"] in shown.out


def test_all_workers_are_told(shell: Shell, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.sqlite3"
    with Campaign.create(ledger, [Row(1, "420777123456", "Hello")]) as campaign:
        done = shell("campaign", "workers", ledger, "--tell", "pause")
        assert "There is nothing to pause." in done.out
        campaign.start_workers()
        for word, phase in (("pause", Phase.PAUSED), ("resume", Phase.SENDING)):
            told = shell("campaign", "workers", ledger, "--tell", word, "--json").document
            assert told["changed"] is True
            assert tend(ledger).phase is phase
        done = shell("campaign", "workers", ledger, "--tell", "stop")
        assert "The workers stop" in done.out
        assert tend(ledger).phase is Phase.STOPPED


def test_a_campaign_is_started_for_workers_and_sent_by_one(
    shell: Shell, people: Path, service: Sandbox
) -> None:
    """The process that starts it sends nothing; the workers keep to the options of the start."""
    text = ("--text", "Hello {name}.", "--base-url", service.base_url)
    started = shell("campaign", "run", people, *text, "--rate", "50", "--workers")
    assert started.code == 0
    assert not service.messages
    address = f"{people} --base-url {service.base_url}"
    assert f"smsmanager campaign work {address}" in started.out
    assert f"smsmanager campaign workers {address} --tell pause" in started.out
    worked = shell("campaign", "work", people, *text[2:], "--json")
    document = worked.document
    assert (worked.code, document["exit_code"]) == (1, 1)  # a row of the file is refused
    assert document["campaign"]["counts"]["accepted"] == len(service.messages) > 0
    assert document["campaign"]["counts"]["pending"] == 0
    assert shell("campaign", "work", people, *text[2:]).code == 1
    assert document["campaign"]["counts"]["accepted"] == len(service.messages)


class Engine(CampaignEngine):
    """Remembers the permits that it hands out."""

    def send_permit(self, campaign: str | None, place: int) -> None:
        permits.append(campaign)


permits: list[str | None] = []


def test_an_engine_finds_what_the_command_line_started(
    shell: Shell, people: Path, service: Sandbox, tmp_path: Path
) -> None:
    ledger = tmp_path / "ledger.sqlite3"
    place = ("--ledger", ledger, "--name", "spring", "--base-url", service.base_url)
    shell("campaign", "run", people, *place, "--text", "Hello", "--workers")
    engine = Engine(ledger, client=lambda: SmsManager(KEY, base_url=service.base_url))
    permits.clear()
    engine.tend_all()
    assert permits == ["spring"]
    engine.use_permit("spring")
    assert service.messages
    assert tend(ledger, "spring").phase is Phase.FINISHED


def test_a_campaign_is_resumed_by_workers(shell: Shell, tmp_path: Path, service: Sandbox) -> None:
    ledger = tmp_path / "ledger.sqlite3"
    place = (ledger, "--base-url", service.base_url)
    given = [Row(n, f"42077712{n:04}", "Hello") for n in range(1, 11)]
    Campaign.create(ledger, given, base_url=service.base_url).close()
    refused = shell("campaign", "work", *place)
    assert refused.code == 3
    assert "was not started for workers" in refused.err
    assert f"smsmanager campaign resume {ledger} --base-url" in refused.err
    started = shell("campaign", "resume", *place, "--workers", "--json").document
    assert (started["campaign"]["phase"], started["exit_code"]) == ("sending", 0)
    assert started["campaign"]["counts"]["pending"] == 10
    assert not service.messages
    assert shell("campaign", "work", *place).code == 0
    assert len(service.messages) == 10


def test_a_worker_for_another_service_is_refused(
    shell: Shell, people: Path, service: Sandbox, tmp_path: Path
) -> None:
    ledger = tmp_path / "ledger.sqlite3"
    with Campaign.create(
        ledger, [Row(1, "420777123456", "Hi")], base_url="https://a.example/v2"
    ) as c:
        c.start_workers()
    done = shell("campaign", "work", ledger, "--base-url", service.base_url)
    assert done.code == 3
    assert "is for https://a.example/v2" in done.err
    assert not service.messages


def test_ctrl_c_ends_a_worker_and_gives_its_rows_back(
    shell: Shell, people: Path, service: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = ("--base-url", service.base_url)
    shell("campaign", "run", people, *place, "--text", "Hello", "--workers")

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("smsmanager.campaigns.work", interrupted)
    assert shell("campaign", "work", people, *place).code == 130
    monkeypatch.undo()
    monkeypatch.setenv("SMSMANAGER_API_KEY", KEY)
    assert shell("campaign", "work", people, *place).code == 1
    assert service.messages
