"""What this shop promises, tested against its own sandbox: `python manage.py test`."""

import os
from unittest import mock

from django.core.management import call_command
from django.db import transaction
from django.test import TransactionTestCase

from shop.models import Order
from shop.notices import client, outbox, write_notice
from smsmanager.sandbox import Fault
from smsmanager.testing import SandboxServer


class NoticeTest(TransactionTestCase):
    """An order, and the notice about it."""

    @classmethod
    def setUpClass(cls) -> None:
        """Start the sandbox."""
        super().setUpClass()
        cls.server = cls.enterClassContext(SandboxServer())

    def setUp(self) -> None:
        """Place an order, with an empty inbox."""
        self.sandbox = self.server.isolated()
        self.enterContext(mock.patch.dict(os.environ, self.sandbox.environment()))
        for cached in (client, outbox):
            cached.cache_clear()
            self.addCleanup(cached.cache_clear)
            self.addCleanup(lambda cached=cached: cached().close())
        call_command("place_order", "+420777123456", "a blue kettle", stdout=mock.Mock())

    def send(self) -> str:
        """Run the command that cron runs; return the state of the notice."""
        call_command("send_notices", stdout=mock.Mock(), stderr=mock.Mock())
        notice = outbox().find(Order.objects.get().notice_key)
        assert notice is not None
        return notice.state

    def test_a_notice_is_sent_once(self) -> None:
        self.assertEqual([self.send(), self.send()], ["accepted", "accepted"])
        self.sandbox.assert_sent(containing="kettle", count=1)

    def test_an_order_that_is_rolled_back_has_no_notice(self) -> None:
        with self.assertRaises(ValueError), transaction.atomic():
            write_notice(Order.objects.create(phone_number="+420777123457", item="a red kettle"))
            raise ValueError
        self.send()
        self.sandbox.assert_not_sent(containing="red")

    def test_what_was_not_taken_waits(self) -> None:
        self.sandbox.inject(Fault("status", status_code=503, retry_after=0), times=3)
        self.assertEqual(self.send(), "pending")
        self.sandbox.assert_not_sent(containing="kettle")

    def test_the_service_is_asked_about_a_lost_answer(self) -> None:
        self.sandbox.inject(Fault("reset", when="after"))
        self.assertEqual(self.send(), "accepted")
        self.sandbox.assert_sent(containing="kettle", count=1)
