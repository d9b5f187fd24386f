"""A rehearsal before the real run, night after night: neither harms the other, no new row is forgotten."""

from __future__ import annotations

import contextlib
import json
import re
import shlex
import sqlite3
from pathlib import Path

import pytest

from smsmanager.campaigns import Campaign, CampaignOptions
from smsmanager.sandbox import Fault, MagicNumber, Sandbox
from tests.cli.conftest import KEY, Finished, Shell

TEXT = "Hello {name}."
NIGHTS = [
    "Telefon;name\n420777123456;Jana\n420605123457;Eva\n",
    "Telefon;name\n420777123456;Jana\n420605123457;Eva\n420777123460;Ema\n",
    "Telefon;name\n420777123461;Ota\n420777123456;Jana\n420777123460;Ema\n",
]
LOOPBACK = re.compile(r" --base-url http://127\.0\.0\.1:\d+/v2")


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    path = tmp_path / "my people.csv"
    path.write_text(NIGHTS[0])
    return path


@pytest.fixture
def real(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A sandbox in the role of the real service: it has the production address and is not local."""
    from smsmanager._config import BASE_URL
    from smsmanager.cli.commands.campaign_command import sending

    class Redirected(sending.SmsManager):  # type: ignore[name-defined,misc]
        def __init__(self, key: str, *, base_url: str) -> None:
            if base_url != BASE_URL:
                super().__init__(key, base_url=base_url)
                return
            super().__init__(key, base_url=sandbox.base_url)

        @property
        def base_url(self) -> str:
            return BASE_URL if super().base_url == sandbox.base_url else super().base_url

    monkeypatch.setattr(sending, "SmsManager", Redirected)
    monkeypatch.setenv("SMSMANAGER_API_KEY", KEY)
    monkeypatch.delenv("SMSMANAGER_BASE_URL", raising=False)
    return sandbox


def hints(done: Finished) -> list[list[str]]:
    """Return the commands that a command suggests as next steps."""
    said = re.findall(r"smsmanager (campaign (?:resume|status|report) .*)", done.out + done.err)
    return [shlex.split(words) for words in said]


def numbers(real: Sandbox) -> list[str]:
    return sorted(message.to or "" for message in real.messages)


def test_a_rehearsal_and_then_the_real_run(shell: Shell, real: Sandbox, campaign: Path) -> None:
    rehearsed = shell("campaign", "run", campaign, "--text", TEXT, "--base-url", "sandbox")
    assert rehearsed.code == 0
    assert real.messages == ()
    for words in hints(rehearsed):
        assert words[-2:] == ["--base-url", "sandbox"]
        assert shell(*words).code == 0
    done = shell("campaign", "run", campaign, "--text", TEXT, "--yes")
    assert done.code == 0
    assert numbers(real) == ["420605123457", "420777123456"]
    for words in hints(done):
        assert "--base-url" not in words
        assert shell(*words).code == 0
    status = shell("campaign", "status", campaign, "--json").document["campaign"]
    assert status["target"].startswith("https://")
    rehearsal = shell("campaign", "status", campaign, "--base-url", "sandbox", "--json").document
    assert rehearsal["campaign"]["target"] == "this machine"
    reports = {path.name for path in campaign.parent.glob("*.report.csv")}
    assert reports == {"my people.csv.report.csv", "my people.csv.rehearsal.report.csv"}


def test_a_rehearsal_is_not_resumed_for_real_nor_the_other_way_round(
    shell: Shell, real: Sandbox, campaign: Path
) -> None:
    shell("campaign", "run", campaign, "--text", TEXT, "--base-url", "sandbox")
    done = shell("campaign", "resume", campaign, "--yes")
    assert done.code == 3
    assert "There is a rehearsal" in done.err
    assert "--base-url sandbox" in done.err
    rehearsal = campaign.with_name("my people.csv.rehearsal.sqlite3")
    commands: tuple[list[str | Path], ...] = (
        ["resume", rehearsal],
        ["resume", "--ledger", rehearsal],
    )
    for command in commands:
        done = shell("campaign", *command, "--yes")
        assert done.code == 3
        assert "is for this machine" in done.err
        assert "Nothing was sent" in done.err
    shell("campaign", "run", campaign, "--text", TEXT, "--yes")
    ledger = campaign.with_name("my people.csv.campaign.sqlite3")
    done = shell("campaign", "resume", ledger, "--base-url", "sandbox")
    assert done.code == 3
    assert "https://" in done.err
    assert len(real.messages) == 2


def test_every_address_of_this_machine_is_one_rehearsal(
    shell: Shell, service: Sandbox, campaign: Path
) -> None:
    assert shell("campaign", "run", campaign, "--text", TEXT).code == 0
    done = shell("campaign", "resume", campaign, "--base-url", "sandbox")
    assert done.code == 0
    with pytest.raises(sqlite3.OperationalError):
        sqlite3.connect(f"file:{campaign}.campaign.sqlite3?mode=ro", uri=True)


def test_a_file_that_has_grown_is_noticed_and_its_new_rows_are_added(
    shell: Shell, real: Sandbox, campaign: Path
) -> None:
    run = ("campaign", "run", campaign, "--text", TEXT, "--yes")
    shell(*run)
    campaign.write_text(NIGHTS[1])
    done = shell(*run)
    assert done.code == 3
    assert "my people.csv has changed since" in done.err
    assert "--add" in done.err
    assert "--new" in done.err
    resumed = shell("campaign", "resume", campaign, "--yes")
    assert resumed.code == 1
    assert "has changed since the campaign was created" in resumed.err
    assert "has changed since" in shell("campaign", "status", campaign).err
    assert len(real.messages) == 2
    done = shell(*run, "--add")
    assert done.code == 0
    assert "1  to send" in done.out
    assert numbers(real) == ["420605123457", "420777123456", "420777123460"]
    assert shell("campaign", "status", campaign).err == ""
    done = shell(*run, "--add")
    assert (done.code, done.err.splitlines()[-1]) == (
        3,
        "Nothing was sent: no new row can be sent.",
    )
    assert shell("campaign", "resume", campaign, "--yes").code == 0


def test_another_campaign_of_the_same_file_is_named_after_the_day(
    shell: Shell, real: Sandbox, campaign: Path
) -> None:
    run = ("campaign", "run", campaign, "--text", TEXT, "--yes")
    shell(*run)
    for night in NIGHTS[1:]:
        campaign.write_text(night)
        done = shell(*run, "--new")
        assert done.code == 0
        for words in hints(done):
            assert words[2] == "--ledger"
            assert shell(*words).code == 0
    assert len(real.messages) == 2 + 3 + 3
    ledgers = sorted(path.name for path in campaign.parent.glob("*.campaign.sqlite3"))
    assert len(ledgers) == 3
    assert re.fullmatch(r"my people\.csv\.\d{4}-\d\d-\d\d-2\.campaign\.sqlite3", ledgers[0])


def test_rows_are_not_added_to_a_campaign_with_another_sender(
    shell: Shell, real: Sandbox, campaign: Path
) -> None:
    run = ("campaign", "run", campaign, "--text", TEXT, "--yes")
    shell(*run)
    campaign.write_text(NIGHTS[1])
    done = shell(*run, "--add", "--sender", "Shop")
    assert done.code == 3
    assert "another --sender" in done.err
    assert len(real.messages) == 2


def test_rows_that_got_nothing_are_asked_about_when_rows_are_added(
    shell: Shell, real: Sandbox, campaign: Path
) -> None:
    real.inject(Fault("status", status_code=400))
    run = ("campaign", "run", campaign, "--text", TEXT)
    assert shell(*run, "--yes", "--stop-after", "1").code == 5
    campaign.write_text(NIGHTS[1])
    assert "1 recipient, about 1 part, and 2 rows that got nothing" in shell(*run, "--add").err
    assert shell(*run, "--yes", "--add").code == 0
    assert len(real.messages) == 3


@pytest.fixture
def earlier(campaign: Path) -> Path:
    """A ledger from an earlier version: it does not say where it sends."""
    ledger = campaign.with_name("my people.csv.campaign.sqlite3")
    from smsmanager.campaigns import Row

    given = [Row(2, "420777123456", "Hello Jana."), Row(3, "420605123457", "Hello Eva.")]
    with Campaign.create(ledger, given, CampaignOptions()):
        pass
    with contextlib.closing(sqlite3.connect(ledger)) as database, database:
        [[stored]] = database.execute("SELECT options FROM smsmanager_campaign")
        options = json.loads(stored)
        del options["target"]
        database.execute("UPDATE smsmanager_campaign SET options = ?", (json.dumps(options),))
    return ledger


def test_a_ledger_of_the_version_before_is_read_and_resumed(
    shell: Shell, real: Sandbox, campaign: Path, earlier: Path
) -> None:
    assert shell("campaign", "status", campaign).code == 5
    done = shell("campaign", "resume", earlier, "--base-url", "sandbox")
    assert done.code == 3
    assert "created by an earlier version" in done.err
    assert shell("campaign", "resume", campaign, "--yes").code == 0
    assert len(real.messages) == 2
    assert shell("campaign", "resume", earlier, "--base-url", "sandbox").code == 3


def test_what_an_earlier_version_sent_perhaps_in_a_rehearsal_is_said_before_the_question(
    shell: Shell, real: Sandbox, campaign: Path, earlier: Path
) -> None:
    with contextlib.closing(sqlite3.connect(earlier)) as database, database:
        database.execute("UPDATE smsmanager_campaign_row SET state = 'accepted' WHERE row = 2")
    done = shell("campaign", "resume", campaign)
    assert done.code == 3
    assert "An earlier version handled 1 row, perhaps in a rehearsal" in done.err


def test_a_rehearsal_brings_its_delivery_reports(
    shell: Shell, campaign: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smsmanager.cli.target._running_sandbox", lambda: None)
    monkeypatch.delenv("SMSMANAGER_BASE_URL", raising=False)
    undelivered = MagicNumber.UNDELIVERED
    campaign.write_text(f"{NIGHTS[0]}{undelivered};Ida\n")
    done = shell(
        *("campaign", "run", campaign, "--text", TEXT, "--base-url", "sandbox"),
        *("--at", "2030-01-07T08:00+01:00"),
    )
    assert done.code == 0
    reported = done.out.partition("Delivery reports")[2]
    assert re.findall(r"^(\w+) +(\d)", reported, re.MULTILINE) == [
        ("delivered", "2"),
        ("undelivered", "1"),
    ]
    report = shell("campaign", "report", campaign, "--base-url", "sandbox", "--json").document
    assert report["report"]["delivered"] == 2


def test_in_a_database_a_further_campaign_needs_a_name_of_its_own(
    shell: Shell, real: Sandbox, campaign: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Reports of a ledger that is not a file are written where the command runs.
    monkeypatch.chdir(campaign.parent)
    url = f"sqlite:///{campaign.with_name('all.sqlite3')}"
    run = ("campaign", "run", campaign, "--text", TEXT, "--yes", "--ledger", url)
    assert shell(*run, "--name", "monday").code == 0
    done = shell(*run, "--new")
    assert done.code == 2
    assert "--name" in done.err
    done = shell(*run, "--new", "--name", "tuesday")
    assert done.code == 0
    for words in hints(done):
        assert words[-2:] == ["--name", "tuesday"]
        assert shell(*words).code == 0
    assert len(real.messages) == 4
