"""django-allauth: ACCOUNT_ADAPTER = "login.allauth_adapter.PhoneAdapter"."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.models import AbstractBaseUser
from django.views.decorators.debug import sensitive_variables

from login.codes import send_code
from login.models import Phone


class PhoneAdapter(DefaultAccountAdapter):
    """Sign up and log in by phone number."""

    @sensitive_variables()
    def send_verification_code_sms(self, *, phone: str, code: str, **_: Any) -> None:
        """Send a code."""
        send_code(code, phone)

    def set_phone(self, user: AbstractBaseUser, phone: str, verified: bool) -> None:  # noqa: FBT001 - allauth's
        """Store the number of a user."""
        Phone.objects.update_or_create(user=user, defaults={"number": phone, "verified": verified})

    def get_phone(self, user: AbstractBaseUser) -> tuple[str, bool] | None:
        """Return the number of a user, and whether it is verified."""
        found = Phone.objects.filter(user=user).first()
        return None if found is None else (found.number, found.verified)

    def set_phone_verified(self, user: AbstractBaseUser, phone: str) -> None:
        """Record that the user has verified the number."""
        self.set_phone(user, phone, verified=True)

    def get_user_by_phone(self, phone: str) -> AbstractBaseUser | None:
        """Return the user who has this number."""
        found = Phone.objects.filter(number=phone).select_related("user").first()
        return None if found is None else found.user
