"""Basic authentication: the user and the password of a callback URL, as the service sends them.

Source: SmsManager guide, "Webhooks".
"""

from __future__ import annotations

import base64
import binascii
import hmac

from smsmanager.errors import ConfigurationError
from smsmanager.webhooks._signatures import Secrets, secret_bytes

AUTHORIZATION_HEADER = "Authorization"
"""The header with user and password."""
CHALLENGE = {"www-authenticate": 'Basic realm="webhooks", charset="UTF-8"'}
"""Headers of the answer to a request without valid credentials."""


def credentials(given: Secrets) -> tuple[bytes, ...]:
    """Return users and passwords as bytes.

    Args:
        given: One `"user:password"` or several, any of which is accepted.

    Raises:
        ConfigurationError: If there is none, or one lacks its user or password; the message shows neither.
    """
    found = secret_bytes(given)
    for one in found:
        user, _, password = one.partition(b":")
        if not user.strip() or not password.strip():
            raise ConfigurationError(
                'Basic authentication needs a user and a password, as "user:password".'
            )
    return found


def is_authorized(authorization: str | None, accepted: tuple[bytes, ...]) -> bool:
    """Return whether a request has one of these users and passwords, in constant time.

    Args:
        authorization: The value of the header; None if there is none.
        accepted: From `credentials`.
    """
    scheme, _, encoded = (authorization or "").strip().partition(" ")
    try:
        given = base64.b64decode(encoded.strip().encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return False
    # Compare all, so that the time does not reveal which one matched.
    matches = [hmac.compare_digest(one, given) for one in accepted]
    return scheme.lower() == "basic" and any(matches)
