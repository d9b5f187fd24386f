"""Check the tasks of a Procrastinate app: names, arguments, schedule, and the effect of a permit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from procrastinate import App
from procrastinate.testing import InMemoryConnector

from smsmanager import SmsManager
from smsmanager.campaigns import Campaign, RowState
from smsmanager.engines.procrastinate import ProcrastinateCampaigns
from tests.campaigns.conftest import Service


@pytest.fixture
def connector() -> InMemoryConnector:
    return InMemoryConnector()


@pytest.fixture
def app(connector: InMemoryConnector) -> App:
    return App(connector=connector)


def run(app: App) -> None:
    """Let a worker run the queued tasks."""

    async def until_idle() -> None:
        async with app.open_async():
            await app.run_worker_async(
                wait=False, install_signal_handlers=False, listen_notify=False
            )

    anyio.run(until_idle)


def test_tasks_send_a_campaign(
    app: App, ledger: Path, service: Service, client: Callable[[], SmsManager]
) -> None:
    campaigns = ProcrastinateCampaigns(app, ledger, client=client)
    with app.open():
        campaigns.start("sale")
    run(app)
    assert sorted(service.taken.values()) == [1] * 250
    with Campaign.open(ledger) as opened:
        assert opened.status().counts[RowState.ACCEPTED] == 250


def test_permits_that_wait_do_not_pile_up(
    app: App,
    connector: InMemoryConnector,
    ledger: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    campaigns = ProcrastinateCampaigns(app, ledger, queue="texts")
    monkeypatch.setattr(campaigns, "_missing", lambda _: (None, 2))
    with app.open():
        for _ in range(3):
            campaigns.tend("sale")
        campaigns.tend("another")
    jobs = [*connector.jobs.values()]
    assert [job["args"] for job in jobs] == [{"campaign": "sale"}] * 2 + [
        {"campaign": "another"}
    ] * 2
    assert {job["task_name"] for job in jobs} == {"smsmanager.campaigns.permit"}
    assert {job["queue_name"] for job in jobs} == {"texts"}


def test_the_periodic_task_replaces_permits(
    app: App,
    connector: InMemoryConnector,
    ledger: Path,
    service: Service,
    client: Callable[[], SmsManager],
) -> None:
    ProcrastinateCampaigns(app, ledger, client=client, tend_every_s=5)
    with Campaign.open(ledger) as opened:
        opened.start_workers()
    [(key, periodic)] = app.periodic_registry.periodic_tasks.items()
    assert key == ("smsmanager.campaigns.tend", "smsmanager.campaigns.tend")
    assert periodic.cron == "* * * * * */5"
    with app.open():
        app.tasks["smsmanager.campaigns.tend"].defer(timestamp=1)
    run(app)
    assert sum(service.taken.values()) == 250


@pytest.mark.parametrize(("again_in_s", "queued"), [(2.5, 1), (None, 0)])
def test_a_permit_is_followed_by_another(
    app: App,
    connector: InMemoryConnector,
    monkeypatch: pytest.MonkeyPatch,
    again_in_s: float | None,
    queued: int,
) -> None:
    campaigns = ProcrastinateCampaigns(app, "ledger")
    used: list[Any] = []

    def work(*given: Any) -> float | None:
        used.append(given)
        return again_in_s

    monkeypatch.setattr(campaigns, "use_permit", work)
    with app.open():
        app.tasks["smsmanager.campaigns.permit"].defer(campaign="sale")
    run(app)
    assert used == [("sale",)]
    todo = [job for job in connector.jobs.values() if job["status"] == "todo"]
    assert [job["args"] for job in todo] == [{"campaign": "sale"}] * queued
    assert all(job["scheduled_at"] is not None for job in todo)
