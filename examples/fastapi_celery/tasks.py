"""Send each notice once, however often its task is delivered: `celery -A tasks worker`.

It reads SMSMANAGER_API_KEY, DATABASE_URL and CELERY_BROKER_URL, such as `redis://localhost/0`. Without the
latter two, notices are kept in a SQLite file and tasks in the folder `queue`; this is enough to try it out.
"""

import os
from functools import cache
from pathlib import Path

from celery import Celery, Task

from smsmanager import SmsManager, SmsManagerError
from smsmanager.outbox import Outbox, SendInProgressError

broker = os.environ.get("CELERY_BROKER_URL", "filesystem://")
app = Celery("shop", broker=broker)
app.conf.task_default_queue = "notices"
app.conf.broker_connection_retry_on_startup = True
# A task whose worker dies is delivered again. That does no harm here: its key was used.
app.conf.task_acks_late = True
app.conf.task_reject_on_worker_lost = True
if broker == "filesystem://":
    for name in ("messages", "control"):
        Path("queue", name).mkdir(parents=True, exist_ok=True)
    app.conf.broker_transport_options = {
        "data_folder_in": "queue/messages",
        "data_folder_out": "queue/messages",
        "control_folder": "queue/control",
    }


@cache
def outbox() -> Outbox:
    """Open the outbox, once for each process."""
    made = Outbox(os.environ.get("DATABASE_URL", "sqlite:///shop.sqlite3"))
    made.create_table()  # leave this to your migrations
    return made


@cache
def client() -> SmsManager:
    """Create one client for each process."""
    return SmsManager(auto_reference=True)


@app.task(bind=True, max_retries=10)
def notify(self: Task, order: int, text: str, to: str) -> None:
    """Inform a customer about an order, once."""
    try:
        result = outbox().send_once(client(), text, key=f"order-{order}", to=to)
        if not result.ok:
            # It was rejected, or an answer was lost. This asks the service, and sends nothing.
            outbox().settle(client())
            raise self.retry(countdown=60)
    except SendInProgressError as error:
        # Another worker is sending it, or died while sending: after its lease the key is *unknown*.
        raise self.retry(exc=error, countdown=60) from error
    except SmsManagerError as error:
        if not (error.safe_to_retry or error.request_may_be_taken):
            raise
        raise self.retry(exc=error, countdown=min(2**self.request.retries, 600)) from error
