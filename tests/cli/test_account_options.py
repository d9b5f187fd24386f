"""Prices, credit and lists of the account, for `preview` and `campaign run`."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from smsmanager import SmsManager
from smsmanager.sandbox import RestSettings, Sandbox, Settings
from tests.cli.conftest import KEY, Shell

TEXT = "Hello {Name}, {Due}."


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A sandbox whose account is prepaid."""
    monkeypatch.setenv("SMSMANAGER_API_KEY", KEY)
    settings = Settings(credit=Decimal("1.50"), rest=RestSettings(list_layout="columns"))
    with Sandbox(settings=settings, seed=1) as sandbox:
        monkeypatch.setenv("SMSMANAGER_BASE_URL", sandbox.base_url)
        yield sandbox


def test_a_preview_by_the_prices_of_the_account(
    shell: Shell, account: Sandbox, people: Path
) -> None:
    done = shell("preview", people, "--text", TEXT, "--account-prices")
    assert "2.10 CZK, by the prices of your account: an estimate." in done.out
    assert "Credit: 1.50 CZK, 0.60 CZK too little." in done.out
    assert done.code == 1
    account.configure(credit=100)
    done = shell("preview", people, "--text", TEXT, "--account-prices", "--json")
    assert done.document["cost"] == {"CZK": "2.10"}
    assert done.document["cost_is_estimate"] is True
    assert done.document["credit_check"] == {
        "cost": "2.10",
        "credit": "100",
        "missing": "0",
        "currency": "CZK",
    }
    assert account.messages == ()


def test_too_little_credit_is_refused_unless_overridden(
    shell: Shell, account: Sandbox, people: Path
) -> None:
    run = ("campaign", "run", people, "--text", TEXT, "--account-prices")
    done = shell(*run)
    assert done.code == 3
    said = done.err.replace("\n", " ")
    assert "0.60 CZK is missing. Nothing was sent." in said
    assert "--despite-credit" in said
    assert account.messages == ()
    assert shell("campaign", "status", people).code == 3
    done = shell(*run, "--despite-credit")
    assert len(account.messages) == 2


def test_numbers_in_the_lists_of_the_account_are_refused(
    shell: Shell, account: Sandbox, people: Path, tmp_path: Path
) -> None:
    with SmsManager(KEY, base_url=account.base_url) as client:
        client.service.optouts.add("420777123456")
        client.service.blacklist.add("420605123457")
    refused = tmp_path / "refused.csv"
    lists = ("--account-opt-outs", "--account-blacklist", "--refused", refused)
    done = shell("preview", people, "--text", TEXT, *lists, "--json")
    reasons = done.document["refused"]["by_reason"]
    assert (reasons["opted_out"], reasons["blacklisted"]) == (2, 1)
    written = refused.read_text("utf-8-sig")
    assert "is in the opt-out list" in written
    assert "is on the blacklist of the account" in written
    done = shell("campaign", "run", people, "--text", TEXT, *lists)
    assert done.code == 3
    assert account.messages == ()


def test_a_list_of_the_account_and_one_of_a_file(
    shell: Shell, account: Sandbox, people: Path, tmp_path: Path
) -> None:
    with SmsManager(KEY, base_url=account.base_url) as client:
        client.service.optouts.add("420777123456")
    stop = tmp_path / "stop.txt"
    stop.write_text("+420 605 123 457\n")
    both = ("--account-opt-outs", "--opt-out", stop)
    done = shell("preview", people, "--text", TEXT, *both, "--json")
    assert done.document["refused"]["by_reason"]["opted_out"] == 3


def test_a_list_that_cannot_be_understood_stops_everything(
    shell: Shell, account: Sandbox, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SmsManager(KEY, base_url=account.base_url) as client:
        client.service.optouts.add("420777123456")
    monkeypatch.setattr("smsmanager.asking.number_lists._is_number", lambda _cell: False)
    done = shell("campaign", "run", people, "--text", TEXT, "--account-opt-outs")
    assert done.code == 3
    assert account.messages == ()


def test_two_price_tables(shell: Shell, account: Sandbox, people: Path) -> None:
    both = ("--account-prices", "--prices", people)
    assert shell("preview", people, "--text", TEXT, *both).code == 2


def test_an_account_without_end_of_credit_is_not_compared(
    shell: Shell, service: Sandbox, people: Path
) -> None:
    done = shell("preview", people, "--text", TEXT, "--account-prices", "--json")
    assert done.document["credit_check"] is None
    done = shell("campaign", "run", people, "--text", TEXT, "--account-prices")
    assert len(service.messages) == 2
