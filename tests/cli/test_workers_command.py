"""`smsmanager campaign workers`: which worker has which rows, and pausing or stopping all of them."""

from __future__ import annotations

from pathlib import Path

from smsmanager.campaigns import Campaign, Phase, Row, tend
from tests.campaigns.conftest import working
from tests.cli.conftest import Shell


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
