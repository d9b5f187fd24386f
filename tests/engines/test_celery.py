"""Check the tasks of a Celery app: names, arguments, schedule, and the effect of a permit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from celery import Celery

from smsmanager import SmsManager
from smsmanager.campaigns import Campaign, RowState
from smsmanager.engines.celery import CeleryCampaigns
from tests.campaigns.conftest import Service

URL = "postgresql://user:secret@127.0.0.1/name"


@pytest.fixture
def app() -> Celery:
    made = Celery("tests", broker="memory://", set_as_current=False)
    made.conf.task_always_eager = True
    return made


def test_tasks_send_a_campaign(
    app: Celery, ledger: Path, service: Service, client: Callable[[], SmsManager]
) -> None:
    campaigns = CeleryCampaigns(app, ledger, client=client)
    campaigns.start("sale")
    assert sorted(service.taken.values()) == [1] * 250
    with Campaign.open(ledger) as opened:
        assert opened.status().counts[RowState.ACCEPTED] == 250


def test_a_permit_that_beat_s_task_replaces(
    app: Celery, ledger: Path, service: Service, client: Callable[[], SmsManager]
) -> None:
    CeleryCampaigns(app, ledger, client=client)
    with Campaign.open(ledger) as opened:
        opened.start_workers()
    app.tasks["smsmanager.campaigns.tend"].delay()
    assert sum(service.taken.values()) == 250


def test_what_a_task_carries(app: Celery, monkeypatch: pytest.MonkeyPatch) -> None:
    campaigns = CeleryCampaigns(app, URL, queue="texts", tend_every_s=5)
    sent: list[Any] = []
    monkeypatch.setattr(campaigns, "_missing", lambda _: (None, 2))
    permits = app.tasks["smsmanager.campaigns.permit"]
    monkeypatch.setattr(
        type(permits), "apply_async", lambda _, given, **named: sent.append((given, named))
    )
    campaigns.tend("sale")
    assert sent == [(("sale",), {"countdown": 0.0, "expires": 5.0, "queue": "texts"})] * 2
    sent.clear()
    monkeypatch.setattr(campaigns, "use_permit", lambda _: 2.5)
    permits.run("sale")
    monkeypatch.setattr(campaigns, "use_permit", lambda _: None)
    permits.run("sale")
    assert sent == [(("sale",), {"countdown": 2.5, "expires": 7.5, "queue": "texts"})]
    assert not permits.acks_late
    assert permits.ignore_result


def test_beat_tends(app: Celery) -> None:
    CeleryCampaigns(app, URL, queue="texts", tend_every_s=5)
    app.finalize()
    entry = app.conf.beat_schedule["smsmanager.campaigns.tend"]
    assert entry["task"] == "smsmanager.campaigns.tend"
    assert entry["schedule"] == 5
    assert entry["options"] == {"expires": 5, "queue": "texts"}
    assert not entry["args"]
    assert "secret" not in repr(app.conf.beat_schedule)


def test_another_app_does_not_get_the_tasks(app: Celery) -> None:
    CeleryCampaigns(app, URL)
    app.finalize()
    another = Celery("another", broker="memory://", set_as_current=False)
    another.finalize()
    assert not [name for name in another.tasks if name.startswith("smsmanager.")]
