"""Each package with its own pages, against the sandbox: `python manage.py test`."""

import os
from unittest import mock

from django.contrib.auth.models import User
from django.test import TestCase
from django.urls import reverse
from two_factor.plugins.phonenumber.models import PhoneDevice

from login.codes import client
from login.models import Phone, SmsDevice
from smsmanager import NotSentError, SmsManagerError
from smsmanager.sandbox import Fault
from smsmanager.testing import SandboxServer

NUMBER = "+420777123456"


class CodeTest(TestCase):
    """Gives each test its own sandbox, and a client that sends there."""

    @classmethod
    def setUpClass(cls) -> None:
        """Start the sandbox."""
        super().setUpClass()
        cls.server = cls.enterClassContext(SandboxServer())

    def setUp(self) -> None:
        """Begin with an empty inbox."""
        self.sandbox = self.server.isolated()
        self.enterContext(mock.patch.dict(os.environ, self.sandbox.environment()))
        client.cache_clear()
        self.addCleanup(client.cache_clear)
        self.addCleanup(lambda: client().close())

    def code(self) -> str:
        """Return the code in the newest message."""
        code = self.sandbox.assert_sent(to=NUMBER).code
        assert code is not None
        return code


class TwoFactorTest(CodeTest):
    """django-two-factor-auth."""

    def setUp(self) -> None:
        """Create a user with a phone."""
        super().setUp()
        self.user = User.objects.create_user("jana", password="correct horse")
        PhoneDevice.objects.create(user=self.user, name="default", number=NUMBER, method="sms")

    def log_in(self) -> None:
        """Enter name and password."""
        self.client.post(
            reverse("two_factor:login"),
            {
                "auth-username": "jana",
                "auth-password": "correct horse",
                "login_view-current_step": "auth",
            },
        )

    def test_a_login_takes_the_code_that_was_sent(self) -> None:
        self.log_in()
        self.assertNotIn("_auth_user_id", self.client.session)
        self.client.post(
            reverse("two_factor:login"),
            {"token-otp_token": self.code(), "login_view-current_step": "token"},
        )
        self.assertIn("_auth_user_id", self.client.session)

    def test_a_lost_answer_is_no_error_and_sends_no_second_code(self) -> None:
        self.sandbox.inject(Fault("reset", when="after"))
        with self.assertLogs("login.codes", "WARNING"):
            self.log_in()
        self.sandbox.assert_sent(to=NUMBER, count=1)
        self.client.post(
            reverse("two_factor:login"),
            {"token-otp_token": self.code(), "login_view-current_step": "token"},
        )
        self.assertIn("_auth_user_id", self.client.session)


class OtpTest(CodeTest):
    """django-otp."""

    def setUp(self) -> None:
        """Create a device."""
        super().setUp()
        user = User.objects.create_user("jana")
        self.device = SmsDevice.objects.create(user=user, name="phone", phone_number=NUMBER)

    def test_a_code_is_good_for_one_login(self) -> None:
        self.assertEqual(self.device.generate_challenge(), "sent by SMS")
        self.assertTrue(self.device.verify_token(self.code()))
        self.assertFalse(self.device.verify_token(self.code()))

    def test_a_second_code_has_to_wait(self) -> None:
        self.device.generate_challenge()
        self.device.generate_challenge()
        self.sandbox.assert_sent(to=NUMBER, count=1)

    def test_a_code_that_was_not_sent_is_an_error_and_leaves_no_cooldown(self) -> None:
        with mock.patch("login.codes.client") as refused:
            refused().send_priority.side_effect = NotSentError("no connection")
            with self.assertRaises(SmsManagerError):
                self.device.generate_challenge()
        self.device.refresh_from_db()
        self.assertIsNone(self.device.token)
        self.assertEqual(self.device.generate_challenge(), "sent by SMS")


class AllauthTest(CodeTest):
    """django-allauth."""

    def test_signing_up_proves_the_number(self) -> None:
        self.client.post(
            reverse("account_signup"), {"phone": NUMBER, "password1": "correct horse 17"}
        )
        self.assertFalse(Phone.objects.get().verified)
        self.client.post(reverse("account_verify_phone"), {"code": self.code()})
        self.assertTrue(Phone.objects.get().verified)
        self.assertIn("_auth_user_id", self.client.session)
