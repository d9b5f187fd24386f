"""A Celery app whose tasks are acknowledged late and send once by key, to be killed."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from celery import Celery

from smsmanager import SmsManager
from smsmanager.outbox import Outbox, SendInProgressError

LEASE_S = 20.0
app = Celery("tests", broker=os.environ["TESTS_BROKER"])
app.conf.broker_connection_retry_on_startup = True
app.conf.worker_prefetch_multiplier = 1
# The task of a killed worker is delivered again after this many seconds.
app.conf.broker_transport_options = {"visibility_timeout": 5}


@cache
def surroundings(process: int) -> tuple[Outbox, SmsManager]:
    """Return the outbox and client of a process, created once in each."""
    return Outbox(os.environ["TESTS_LEDGER"], lease_s=LEASE_S), SmsManager()


@app.task(  # type: ignore[untyped-decorator]
    bind=True,
    name="notify",
    acks_late=True,
    reject_on_worker_lost=True,
    ignore_result=True,
    max_retries=None,
)
def notify(task: Any, order: int, number: str) -> None:
    """Send one message, however often this is called."""
    outbox, client = surroundings(os.getpid())
    try:
        outbox.send_once(client, f"Hello {order}", key=f"order-{order}", to=number)
    except SendInProgressError as error:
        raise task.retry(countdown=2, exc=error) from None
