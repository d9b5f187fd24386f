"""Send each notice once, however often its task is delivered: `celery -A tasks worker --beat`.

It reads SMSMANAGER_API_KEY, DATABASE_URL and CELERY_BROKER_URL, such as `redis://localhost/0`. Without the
latter two, notices are kept in a SQLite file and tasks in the folder `queue`; this is enough to try it out.
"""

import os
from functools import cache
from pathlib import Path

from celery import Celery, Task

from smsmanager import IncompleteSendError, SmsManager, SmsManagerError
from smsmanager.outbox import Outbox, SendInProgressError

broker = os.environ.get("CELERY_BROKER_URL", "filesystem://")
app = Celery("shop", broker=broker)
app.conf.task_default_queue = "notices"
app.conf.broker_connection_retry_on_startup = True
# A task whose worker dies is delivered again. That does no harm here: its key was used.
app.conf.task_acks_late = True
app.conf.task_reject_on_worker_lost = True
# The timer. With several workers, run it once for all of them: `celery -A tasks beat`.
app.conf.beat_schedule = {"settle": {"task": "tasks.settle", "schedule": 60.0}}
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
        outbox().send_once(client(), text, key=f"order-{order}", to=to).raise_if_incomplete()
    except SendInProgressError as error:
        # Another worker is sending it, or died while sending: after its lease the key is *unknown*.
        raise self.retry(exc=error, countdown=60) from error
    except IncompleteSendError as error:
        if error.result.rejected:
            raise self.retry(exc=error, countdown=60) from error
        # Otherwise it is unknown or unconfirmed, and the timer asks for its outcome.
    except SmsManagerError as error:
        if error.request_may_be_taken:
            return  # The answer was lost. The timer asks.
        if not error.safe_to_retry:
            raise
        raise self.retry(exc=error, countdown=min(2**self.request.retries, 600)) from error


@app.task
def settle() -> int:
    """Ask the service for the outcome of notices whose answer was lost; return how many it found.

    This sends nothing. `drain` is here for what a worker had in hand when it died, and no task came back
    for: when its lease has ended, it makes the key *unknown*.
    """
    outbox().drain(client())
    return outbox().settle(client())
