"""What this shop promises, against a sandbox of its own: `python manage.py test`."""

import json
import os
from unittest import mock
from urllib.parse import urlsplit

from django.core.management import call_command
from django.test import TestCase

from shop.models import Notice
from shop.notices import client, reported, signer
from smsmanager import SmsManager
from smsmanager.sandbox import Fault
from smsmanager.testing import SandboxServer


class NoticeTest(TestCase):
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
        client.cache_clear()
        self.addCleanup(client.cache_clear)
        self.addCleanup(lambda: client().close())
        call_command("place_order", "+420777123456", "a blue kettle")

    def send(self) -> Notice:
        """Run what cron runs."""
        call_command("send_notices")
        return Notice.objects.get()

    def test_what_was_not_taken_is_sent_by_a_later_run(self) -> None:
        self.sandbox.inject(Fault("status", status_code=503, retry_after=0), times=3)
        self.assertEqual(self.send().state, "waiting")
        self.assertEqual(self.send().state, "accepted")
        self.assertEqual(self.send().state, "accepted")
        self.sandbox.assert_sent(containing="kettle", count=1)

    def test_the_service_is_asked_about_a_lost_answer(self) -> None:
        self.sandbox.inject(Fault("reset", when="after"))
        self.assertEqual(self.send().state, "accepted")
        self.sandbox.assert_sent(containing="kettle", count=1)

    def test_what_was_interrupted_is_not_sent_again(self) -> None:
        with (
            mock.patch.object(SmsManager, "send", side_effect=KeyboardInterrupt),
            self.assertRaises(KeyboardInterrupt),
        ):
            self.send()
        self.assertEqual(self.send().state, "claimed")
        self.sandbox.assert_not_sent(containing="kettle")

    def test_a_report_tells_of_a_notice_whose_process_died(self) -> None:
        Notice.objects.update(state=Notice.State.CLAIMED)
        notice = Notice.objects.get()
        report = {
            "type": "outgoing",
            "message_id": "1b7c",
            "result": "delivered",
            "gateway": "viber",
            "to": {"phone_number": "420777123456"},
            "payload": {"smsmanager_reference": str(notice.reference)},
        }
        url = urlsplit(signer().callback_for(str(notice.reference)))
        path = f"{url.path}?{url.query}"
        self.client.post(path, json.dumps([report]), content_type="application/json")
        self.assertEqual(reported(notice).result, "delivered")
