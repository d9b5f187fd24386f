"""django-two-factor-auth: TWO_FACTOR_SMS_GATEWAY = "login.two_factor_gateway.SmsManagerGateway"."""

from django.views.decorators.debug import sensitive_variables
from two_factor.plugins.phonenumber.models import PhoneDevice

from login.codes import send_code


class SmsManagerGateway:
    """Sends the tokens of django-two-factor-auth; calls are not offered."""

    @sensitive_variables()
    def send_sms(self, device: PhoneDevice, token: str) -> None:
        """Send a token to the number of a device."""
        send_code(token, device.number.as_e164)
