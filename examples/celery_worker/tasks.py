"""Send messages from a Celery worker, each exactly once: `celery -A tasks worker`.

It reads SMSMANAGER_API_KEY; CELERY_BROKER_URL, such as `redis://localhost/0`; and OUTBOX_URL, such as
`postgresql+psycopg://localhost/shop`. Without these two, tasks are files in the folder `queue`, and the
outbox is a file too; this is enough to try it out.
"""

import os
from functools import cache
from pathlib import Path
from typing import Any

from celery import Celery, Task
from celery.utils.log import get_task_logger

from smsmanager import IncompleteSendError, SmsManager, SmsManagerError
from smsmanager.outbox import Outbox

log = get_task_logger(__name__)
broker = os.environ.get("CELERY_BROKER_URL", "filesystem://")
app = Celery("shop", broker=broker)
app.conf.task_default_queue = "shop"
app.conf.broker_connection_retry_on_startup = True
# A task whose worker dies in the middle is delivered again. That does no harm: the outbox knows its key.
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
def client() -> SmsManager:
    """Create one client for each worker process."""
    return SmsManager()


@cache
def outbox() -> Outbox:
    """Open the outbox; in a project with migrations, these create its table."""
    opened = Outbox(os.environ.get("OUTBOX_URL", "sqlite:///outbox.db"))
    opened.create_table()
    return opened


@app.task(bind=True, max_retries=10)
def send_text(self: Task, text: str, to: str, key: str) -> dict[str, Any]:
    """Send the text of a key once, however often this task runs; return the outcome.

    The first run sends. A later run sends again only what was certainly not taken; otherwise it
    returns what is known. So the task can be retried, whatever happened.
    """
    wait_s = min(2**self.request.retries, 600)
    try:
        result = outbox().send_once(client(), text, key=key, to=to)
        if not result.ok:
            # It was rejected, or the answer to an earlier run was lost. This asks, and sends nothing.
            outbox().settle(client())
            # With an `exc`, or Celery writes the task's arguments into the log when it gives up.
            raise self.retry(exc=IncompleteSendError(result), countdown=wait_s)
    except SmsManagerError as error:
        # The text of an error contains neither the number, nor the message, nor the API key.
        log.warning("%s: %s", key, error)
        if not (error.safe_to_retry or error.request_may_be_taken):
            raise  # It would be refused again.
        raise self.retry(exc=error, countdown=wait_s) from error
    log.info("%s: %s", key, result[0].status)
    return {"status": result[0].status, "message_id": result[0].message_id}
