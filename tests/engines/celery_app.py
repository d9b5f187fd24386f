"""A Celery app whose workers send campaigns, to be killed: `celery -A tests.engines.celery_app worker -B`."""

from __future__ import annotations

import os

from celery import Celery

from smsmanager.engines.celery import CeleryCampaigns

app = Celery("tests", broker=os.environ["TESTS_BROKER"])
app.conf.broker_connection_retry_on_startup = True
app.conf.worker_prefetch_multiplier = 1

campaigns = CeleryCampaigns(
    app,
    os.environ["TESTS_LEDGER"],
    moment_s=float(os.environ.get("TESTS_MOMENT_S", "2")),
    most_workers=int(os.environ.get("TESTS_WORKERS", "4")),
    tend_every_s=1,
)


def start() -> None:
    """Start the campaign, as an application does."""
    campaigns.start()
