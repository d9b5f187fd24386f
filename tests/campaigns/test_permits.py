"""The resources of one permit: its connection belongs to the plan, whatever ends the call."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

from smsmanager import SmsManager
from smsmanager.campaigns import Campaign, LedgerError, RowState, work
from smsmanager.campaigns._ledger import sqlite_files
from smsmanager.campaigns._ledger.shared_pace import Control, SharedPace
from smsmanager.campaigns._ledger.shared_session import SharedSession
from smsmanager.campaigns._run.drive import _PlanThread, _Senders
from tests.campaigns.conftest import rows


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    with Campaign.create(tmp_path / "l", rows(50)) as campaign:
        campaign.start_workers()
    return tmp_path / "l"


def test_a_call_that_is_given_up_undoes_no_claim(
    ledger: Path, client: SmsManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The third Ctrl-C ends the call while its plan, in another thread, may be about to commit."""
    claiming, goes_on = threading.Event(), threading.Event()
    plans: list[threading.Thread] = []
    sent: set[str] = set()
    claim = SharedSession._claim

    def slowly(session: SharedSession, *given: Any) -> None:
        claim(session, *given)
        plans.append(threading.current_thread())
        claiming.set()
        assert goes_on.wait(60)

    def given_up(thread: _PlanThread) -> None:
        thread._is_asked = True
        thread._asked.put(item=True)
        assert claiming.wait(60)
        thread._interruptions.extend((KeyboardInterrupt(), KeyboardInterrupt()))
        thread._given_up = True
        raise KeyboardInterrupt

    def send(_: _Senders, step: Any) -> None:
        sent.update(to.phone_number for message in step.messages for to in message.to)

    monkeypatch.setattr(SharedSession, "_claim", slowly)
    monkeypatch.setattr(_PlanThread, "advance", given_up)
    monkeypatch.setattr(_Senders, "send", send)
    with pytest.raises(KeyboardInterrupt):
        work(ledger, None, client)
    goes_on.set()
    plans[0].join()
    with Campaign.open(ledger) as campaign:
        pending = {row.phone_number for row in campaign.rows(RowState.PENDING)}
    assert sent
    assert not sent & pending


def test_a_ledger_that_goes_away_before_the_work_begins_is_an_error_of_the_ledger(
    ledger: Path, client: SmsManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    control = SharedPace.control

    def gone(path: Path) -> sqlite3.Connection:
        raise sqlite3.OperationalError("unable to open database file")

    def last(pace: SharedPace) -> Control | None:
        found = control(pace)
        pace._database.engine.dispose()
        monkeypatch.setattr(sqlite_files, "_connected", gone)
        return found

    monkeypatch.setattr(SharedPace, "control", last)
    with pytest.raises(LedgerError, match="unable to open"):
        work(ledger, None, client)
