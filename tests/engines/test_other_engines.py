"""Check that a campaign runs on the queues that the documentation only explains."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dramatiq
import pytest
from dramatiq.brokers.stub import StubBroker
from rq import Queue, SimpleWorker
from taskiq import InMemoryBroker

from smsmanager import SmsManager
from smsmanager.engines import CampaignEngine
from tests.campaigns.conftest import Service
from tests.campaigns.kills import ENVIRONMENT
from tests.redis_server import running_redis


class Campaigns(CampaignEngine):
    """An engine on a queue that a test provides."""

    queued: Callable[[str | None], Any]

    def send_permit(self, campaign: str | None, place: int) -> None:
        self.queued(campaign)


@pytest.fixture
def campaigns(ledger: Path, client: Callable[[], SmsManager]) -> Campaigns:
    return Campaigns(ledger, client=client)


def test_dramatiq(campaigns: Campaigns, service: Service) -> None:
    broker = StubBroker()
    broker.emit_after("process_boot")

    @dramatiq.actor(max_retries=0, broker=broker)
    def permit(campaign: str | None) -> None:
        campaigns.use_permit(campaign)

    campaigns.queued = permit.send
    campaigns.start("sale")
    worker = dramatiq.Worker(broker, worker_timeout=100)
    worker.start()
    broker.join(permit.queue_name, fail_fast=True)
    worker.stop()
    assert sorted(service.taken.values()) == [1] * 250


def test_taskiq(campaigns: Campaigns, service: Service) -> None:
    broker = InMemoryBroker(await_inplace=True)

    @broker.task
    def permit(campaign: str | None) -> None:
        campaigns.use_permit(campaign)

    campaigns.queued = lambda campaign: asyncio.run(permit.kiq(campaign))
    campaigns.start("sale")
    broker.executor.shutdown()
    assert sorted(service.taken.values()) == [1] * 250


KEPT: list[Campaigns] = []


def use_kept(campaign: str | None) -> None:
    """The task for RQ, which RQ finds by name."""
    KEPT[0].use_permit(campaign)


@pytest.mark.thorough
def test_rq(campaigns: Campaigns, service: Service) -> None:
    import redis

    with running_redis() as url, redis.Redis.from_url(url) as connection:
        queue = Queue(connection=connection)
        campaigns.queued = lambda campaign: queue.enqueue(use_kept, campaign)
        KEPT[:] = [campaigns]
        campaigns.start("sale")
        SimpleWorker([queue], connection=connection).work(burst=True)
    assert sorted(service.taken.values()) == [1] * 250


DJANGO = """
import sys
from django.conf import settings
settings.configure(
    INSTALLED_APPS=["django_tasks"],
    TASKS={"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}},
)
import django
django.setup()
from django_tasks import task
from smsmanager.campaigns import Campaign
from smsmanager.engines import CampaignEngine
from smsmanager.sandbox import Sandbox

class Campaigns(CampaignEngine):
    def send_permit(self, campaign, place):
        permit.enqueue(campaign)

@task()
def permit(campaign):
    campaigns.use_permit(campaign)

campaigns = Campaigns(sys.argv[1])
with Sandbox() as sandbox:
    import os
    os.environ["SMSMANAGER_BASE_URL"], os.environ["SMSMANAGER_API_KEY"] = sandbox.base_url, "key"
    campaigns.start("sale")
with Campaign.open(sys.argv[1]) as opened:
    print(opened.status().left)
"""


@pytest.mark.thorough
def test_django_tasks(ledger: Path) -> None:
    """In a separate process, because Django keeps its settings."""
    done = subprocess.run(
        [sys.executable, "-c", DJANGO, str(ledger)],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "0\n", done.stderr
