"""Send a one-time code; the three packages generate and check it."""

import logging
from functools import cache

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from smsmanager import SmsManager, SmsManagerError

log = logging.getLogger(__name__)


@cache
def client() -> SmsManager:
    """Create one client for the whole life of the process; it serves any number of threads."""
    return SmsManager(sender=settings.SMS_SENDER, deadline_s=10)


@sensitive_variables()
def send_code(code: str, phone_number: str) -> None:
    """Send a code through the priority queue; a user is waiting, so this takes at most ten seconds.

    A code that may have been taken counts as sent: it works if it arrives, and the user can request another.

    Raises:
        SmsManagerError: If the code was certainly not sent.
    """
    try:
        result = client().send_priority(f"Your code is {code}.", to=phone_number)
    except SmsManagerError as error:
        if not error.request_may_be_taken:
            raise
        log.warning("A code may not arrive: %s", error)  # names neither the number nor the code
    else:
        if result.rejected:
            result.raise_if_incomplete()
