"""What django-otp and django-allauth need to know about a phone."""

from django.conf import settings
from django.db import models
from django.views.decorators.debug import sensitive_variables
from django_otp.models import CooldownMixin, SideChannelDevice, ThrottlingMixin

from login.codes import send_code


class SmsDevice(CooldownMixin, ThrottlingMixin, SideChannelDevice):
    """django-otp: a device that gets its tokens by SMS."""

    phone_number = models.CharField(max_length=20)

    @sensitive_variables()
    def generate_challenge(self) -> str:
        """Generate a token that is valid for five minutes, and send it."""
        allowed, _ = self.generate_is_allowed()
        if not allowed:
            return "The last code was sent less than a minute ago."
        self.generate_token(valid_secs=300, commit=False)
        send_code(self.token, self.phone_number)
        self.cooldown_set()  # saves the token as well
        return "sent by SMS"

    def verify_token(self, token: str) -> bool:
        """Check a token; each wrong one increases the wait before the next attempt."""
        allowed, _ = self.verify_is_allowed()
        if not allowed:
            return False
        verified: bool = super().verify_token(token)
        if verified:
            self.throttle_reset()
        else:
            self.throttle_increment()
        return verified

    def get_cooldown_duration(self) -> int:
        """Return the seconds between two tokens."""
        return 60

    def get_throttle_factor(self) -> int:
        """Return the seconds after the first wrong token."""
        return 1


class Phone(models.Model):
    """django-allauth: the number of a user."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    number = models.CharField(max_length=20, unique=True)
    verified = models.BooleanField(default=False)
