"""`manage.py send_notices`: run it every minute, from as many machines as you like."""

from typing import Any

from django.core.management.base import BaseCommand

from shop.notices import send_waiting_notices


class Command(BaseCommand):
    """Send the notices that wait."""

    def handle(self, **_: Any) -> None:
        """Send them, and say what became of each."""
        for notice in send_waiting_notices():
            self.stdout.write(f"order {notice.order_id}: {notice.state} {notice.problem}".rstrip())
