"""`manage.py send_notices`: run it every minute, on as many machines as you like."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from shop.notices import client, outbox
from smsmanager import SmsManagerError


class Command(BaseCommand):
    """Send the waiting notices, and ask about those whose answer was lost."""

    def handle(self, **_: Any) -> None:
        """Send them, and print how many reached each state."""
        try:
            drained = outbox().drain(client())
            found = outbox().settle(client())  # sends nothing
        except SmsManagerError as error:
            raise CommandError(str(error)) from error
        counts = [f"{count} {state}" for state, count in drained.counts.items()]
        self.stdout.write(", ".join(counts) or "nothing to send")
        if found:
            self.stdout.write(f"{found} of a lost answer were found at the service")
        if drained.failure:
            self.stderr.write(str(drained.failure))
