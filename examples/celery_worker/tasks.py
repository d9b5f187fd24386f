"""Send messages from a Celery worker, and none of them twice: `celery -A tasks worker`.

It reads SMSMANAGER_API_KEY, and CELERY_BROKER_URL, such as `redis://localhost/0`. Without the latter, tasks
are files in the folder `queue`, which is enough to try it out.
"""

import os
from functools import cache
from pathlib import Path
from typing import Any

from celery import Celery, Task
from celery.utils.log import get_task_logger

from smsmanager import SendResult, SmsManager, SmsManagerError

log = get_task_logger(__name__)
broker = os.environ.get("CELERY_BROKER_URL", "filesystem://")
app = Celery("shop", broker=broker)
app.conf.task_default_queue = "shop"
app.conf.broker_connection_retry_on_startup = True
# A task is taken from the queue before it runs. If its worker dies in the middle, nobody runs it again: its
# message may be on its way. With task_acks_late it would be sent a second time.
app.conf.task_acks_late = False
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
    """Make one client for each worker process; a task takes 60 seconds at most to send."""
    return SmsManager(deadline_s=60)


@app.task(bind=True, max_retries=10)
def send_text(self: Task, text: str, to: str, reference: str) -> dict[str, Any]:
    """Send a text, and return what is known of its recipient.

    What was certainly not taken is tried again later, with the same reference. What was perhaps taken is not:
    the service is asked, and an outcome that stays unknown is returned as such.
    """
    try:
        result = client().send(text, to=to, reference=reference)
    except SmsManagerError as error:
        # The text of an error names neither the number, nor the message, nor the key.
        log.warning("%s: %s", reference, error)
        if error.safe_to_retry:
            wait_s = getattr(error, "retry_after_s", None) or 2**self.request.retries
            raise self.retry(exc=error, countdown=min(wait_s, 600)) from error
        if not error.request_may_be_taken:
            raise  # It would be refused again.
        result = settled(error)
    if result.rejected:
        # Not taken, and meant to be sent again.
        raise self.retry(countdown=min(2**self.request.retries, 600))
    log.info("%s: %s", reference, result[0].status)
    return {"status": result[0].status, "message_id": result[0].message_id}


def settled(error: SmsManagerError) -> SendResult:
    """Ask the service for up to a minute what became of a message. This sends nothing."""
    try:
        return client().settle(error, patience_s=60)
    except SmsManagerError:
        if error.result is None:
            raise
        return error.result
