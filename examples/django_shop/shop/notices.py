"""Send the notices that wait: by Viber, and by SMS to those whom Viber does not reach."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import F

from shop.models import Notice
from smsmanager import (
    AuthenticationError,
    ConfigurationError,
    RecipientOutcome,
    SendResult,
    Sms,
    SmsManager,
    SmsManagerError,
    Status,
    Viber,
    normalise_number,
)
from smsmanager.webhooks import CallbackSigner, DeliveryTracker

if TYPE_CHECKING:
    from smsmanager.webhooks.tracker import RecipientStatus

ATTEMPTS = 10
State = Notice.State


@cache
def signer() -> CallbackSigner:
    """Make a callback URL for each message; the receiver checks them."""
    return CallbackSigner(settings.SMS_CALLBACK_URL, settings.SMS_CALLBACK_SECRET)


@cache
def tracker() -> DeliveryTracker:
    """Keep what became of each message, for all processes."""
    url = settings.SMS_TRACKER_URL
    return DeliveryTracker.open(url) if url else DeliveryTracker()


@cache
def client() -> SmsManager:
    """Make one client for the whole life of the process; it serves any number of threads."""
    return SmsManager(sender=settings.SMS_SENDER, callbacks=signer(), deadline_s=60)


def send_waiting_notices() -> list[Notice]:
    """Send what waits, and return it. Any number of processes may do so at once."""
    tried = []
    waiting = Notice.objects.filter(state=State.WAITING, attempts__lt=ATTEMPTS)
    for notice in waiting.select_related("order"):
        # Only one process changes the row, and what was claimed is never sent again, not even after a crash.
        claim = Notice.objects.filter(pk=notice.pk, state=State.WAITING)
        if claim.update(state=State.CLAIMED, attempts=F("attempts") + 1):
            send(notice)
            tried.append(notice)
    return tried


def send(notice: Notice) -> None:
    """Send one claimed notice, and note what is known of it.

    Raises:
        AuthenticationError, ConfigurationError: If nothing can be sent at all; the notice waits again.
    """
    # What ends this in the middle, such as Ctrl-C, leaves it claimed.
    notice.state, notice.problem = State.CLAIMED, ""
    try:
        result = client().send(
            notice.text,
            to=notice.order.phone_number,
            # If Viber has not delivered it within ten minutes, the SMS goes out.
            flow=[Viber(ttl=10, ttl_condition="delivered"), Sms()],
            tag="transactional",
            reference=str(notice.reference),
        )
        notice.state = state_after(result[0].status)
    except (AuthenticationError, ConfigurationError):
        notice.state = State.WAITING
        raise
    except SmsManagerError as error:
        notice.problem = str(error)  # names neither the number, nor the text, nor the key
        if error.request_may_be_taken:
            notice.state = state_after(ask(error))
        else:
            notice.state = State.WAITING if error.safe_to_retry else State.REFUSED
    finally:
        notice.save(update_fields=["state", "problem"])


def ask(error: SmsManagerError) -> Status:
    """Ask the service what became of a notice whose answer was lost. This sends nothing."""
    try:
        return client().settle(error, patience_s=30)[0].status
    except SmsManagerError:
        return Status.UNKNOWN


def state_after(status: Status) -> State:
    """Return the state of a notice: only what was certainly not taken waits to be sent again."""
    if status is Status.ACCEPTED:
        return State.ACCEPTED
    return State.WAITING if status in {Status.REJECTED, Status.NOT_SENT} else State.UNKNOWN


def reported(notice: Notice) -> RecipientStatus:
    """Return what was reported of a notice, also if its answer was lost or its process died.

    The report is found by reference and number, whatever is known of the call.
    """
    number = notice.order.phone_number
    sent = RecipientOutcome(
        0, number, normalise_number(number), Status.UNKNOWN, reference=str(notice.reference)
    )
    [status] = tracker().status(SendResult((sent,)))
    return status
