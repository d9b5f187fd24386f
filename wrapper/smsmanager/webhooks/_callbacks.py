"""Capability URLs: callback URLs with a token, each valid for one message and for a number of days.

The token is one query parameter, `token=<day>.<reference>.<mac>`: the last day on which it is valid, in days
since 1970-01-01 UTC, the reference in base64url, and an HMAC-SHA256 over both. Anyone who has the URL can
report on this one message until then, and on no other.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import parse_qsl, unquote, urlsplit, urlunsplit

import attrs

from smsmanager._config import is_loopback
from smsmanager.errors import ConfigurationError, ValidationError
from smsmanager.webhooks._basic_auth import credentials, is_authorized
from smsmanager.webhooks._signatures import Secrets, secret_bytes
from smsmanager.webhooks._webhook_errors import CallbackRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

TOKEN_PARAMETER = "token"  # noqa: S105 - the name of the parameter
"""The query parameter with the token."""
EXPIRES_DAYS = 30
"""Default number of days that a URL is valid; the service repeats a webhook only for minutes."""
SHORTEST_SECRET = 16
"""Minimum bytes of a callback secret."""
LONGEST_URL = 2048
"""Maximum characters of a callback URL (from the service's connector definition)."""
# With GET, the query also contains an event.
_MOST_PARAMETERS = 1_000
_DAY_S = 86_400
_MOST_DAYS = 3_650
_PURPOSE = b"smsmanager callback 1\n"


@attrs.frozen(repr=False)
class Capability:
    """The permission that a valid token gives.

    Attributes:
        reference: Reference of the one message to report on; None for any message.
        expires_at: When it expires, in Unix seconds.
    """

    reference: str | None
    expires_at: int

    def __repr__(self) -> str:
        """Show neither field: a reference may be personal."""
        return "Capability()"


def _mac(secret: bytes, day: str, named: str) -> str:
    """Return the MAC over the other parts of a token as written, so that only one spelling is valid."""
    made = hmac.new(secret, _PURPOSE + f"{day}.{named}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


class CallbackSigner:
    """Makes callback URLs and checks their tokens.

    Pass it as `callbacks=signer` to a client, so that every message gets its own URL, and to a
    `WebhookReceiver`, so that it refuses requests without a valid token.

    Args:
        base: URL of the receiver: https, or http on this machine only. With a user and a password
            (`https://user:password@host/sms`), the service sends them as Basic authentication, and a receiver
            refuses requests without them.
        secret: A secret that you choose, at least 16 bytes. Of several, the first one signs and all are
            accepted, so that a new one can replace an old one.
        expires_days: Days that a URL is valid, from its creation or, for a scheduled message, from its due
            time.
        clock: Returns Unix seconds.

    Raises:
        ConfigurationError: If the base, the secret or the days are invalid.

    Source of the Basic authentication: SmsManager guide, "Webhooks".
    """

    def __init__(
        self,
        base: str,
        secret: Secrets,
        *,
        expires_days: int = EXPIRES_DAYS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._base, self._credentials = _checked_base(base)
        self._secrets = secret_bytes(secret, SHORTEST_SECRET)
        self._days = _checked_days(expires_days)
        self._clock = clock

    def __repr__(self) -> str:
        """Show neither secret nor URL."""
        return f"CallbackSigner(expires_days={self._days})"

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled: the bytes would contain the secret."""
        msg = "a CallbackSigner contains a secret and cannot be pickled: create one in each process"
        raise TypeError(msg)

    def callback_for(self, reference: str | None = None, at: datetime | None = None) -> str:
        """Return a URL for one message.

        Args:
            reference: The caller's id for the message; the token then allows only reports with this id.
                None allows reports on any message.
            at: When the message is due, as an aware datetime; the days count from then.

        Raises:
            ValidationError: If the reference is empty, or the URL would be longer than the service accepts.
        """
        if reference == "":
            # An empty string must not count as None: the token would be valid for every message.
            raise ValidationError([("reference", "must not be empty")])
        start_s = self._clock() if at is None else max(self._clock(), at.timestamp())
        day = str(int(start_s // _DAY_S) + self._days)
        try:
            named = base64.urlsafe_b64encode((reference or "").encode()).rstrip(b"=").decode()
        except UnicodeEncodeError:
            raise ValidationError([("reference", "has a lone surrogate")]) from None
        token = f"{day}.{named}.{_mac(self._secrets[0], day, named)}"
        separator = "&" if urlsplit(self._base).query else "?"
        url = f"{self._base}{separator}{TOKEN_PARAMETER}={token}"
        if len(url) > LONGEST_URL:
            text = f"makes the callback URL longer than {LONGEST_URL} characters, which the service refuses"
            raise ValidationError([("reference", text)])
        return url

    def is_authorized(self, authorization: str | None) -> bool:
        """Return whether a request has the user and password of the base; True if the base has none.

        Args:
            authorization: The value of the `Authorization` header; None if there is none.
        """
        return not self._credentials or is_authorized(authorization, self._credentials)

    def event_fields(self, query: str | bytes) -> str:
        """Return a query string without the token and the fields of the base: the event of a GET request."""
        text = query.decode("utf-8", "replace") if isinstance(query, bytes) else query
        own = urlsplit(self._base).query.split("&")
        return "&".join(
            field
            for field in text.split("&")
            if field.partition("=")[0] != TOKEN_PARAMETER and field not in own
        )

    def verify(self, query: str | bytes) -> Capability:
        """Check the token of a request, in constant time; `is_authorized` checks user and password.

        Args:
            query: The query string, or the whole URL.

        Returns:
            The permission that the token gives.

        Raises:
            CallbackRefusedError: If there is no token, or it is malformed, forged or expired.
        """
        day, named, given = _token_of(query)
        matches = [
            hmac.compare_digest(_mac(secret, day, named).encode(), given.encode())
            for secret in self._secrets
        ]
        if not any(matches):
            raise CallbackRefusedError("forged")
        expires_at = (int(day) + 1) * _DAY_S
        if self._clock() >= expires_at:
            raise CallbackRefusedError("expired")
        padded = named + "=" * (-len(named) % 4)
        return Capability(base64.urlsafe_b64decode(padded).decode() or None, expires_at)


def callback_url(
    base: str,
    secret: Secrets,
    *,
    reference: str | None = None,
    expires: int = EXPIRES_DAYS,
) -> str:
    """Return one callback URL with a token; for many, use `CallbackSigner`.

    Args:
        base: URL of the receiver: https, or http on this machine only.
        secret: A secret that you choose, at least 16 bytes.
        reference: The caller's id for the message, the same as `reference=` of `send`.
        expires: Days that the URL is valid.

    Raises:
        ConfigurationError: If the base, the secret or the days are invalid.
        ValidationError: If the URL would be longer than the service accepts.
    """
    return CallbackSigner(base, secret, expires_days=expires).callback_for(reference)


def verify_callback(query: str | bytes, secret: Secrets) -> Capability:
    """Check the token of a callback URL; see `CallbackSigner.verify`."""
    return CallbackSigner("https://receiver.invalid", secret).verify(query)


def _token_of(query: str | bytes) -> tuple[str, str, str]:
    text = query.decode("latin-1") if isinstance(query, bytes) else query
    if "?" in text:
        text = text.partition("?")[2]
    try:
        found = [
            value
            for name, value in parse_qsl(
                text, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS
            )
            if name == TOKEN_PARAMETER
        ]
    except ValueError:
        raise CallbackRefusedError("malformed") from None
    if not found:
        raise CallbackRefusedError("missing")
    parts = found[0].split(".")
    if len(found) > 1 or len(parts) != 3 or not found[0].isascii():  # noqa: PLR2004 - day, reference, MAC
        raise CallbackRefusedError("malformed")
    day, named, given = parts
    if not (day.isdigit() and len(day) <= 6):  # noqa: PLR2004 - the year 4707
        raise CallbackRefusedError("malformed")
    return day, named, given


def _checked_base(base: str) -> tuple[str, tuple[bytes, ...]]:
    """Return the base, and the Basic authentication that a request needs."""
    try:
        parts = urlsplit(base)
        host, _ = parts.hostname, parts.port
    except (ValueError, AttributeError):
        raise ConfigurationError("The base of callbacks is not a URL.") from None
    if parts.scheme not in {"http", "https"} or not host or parts.fragment:
        raise ConfigurationError(
            "The base of callbacks must be an http or https URL without a fragment."
        )
    # `urlsplit` drops line breaks and keeps spaces.
    if not base.isprintable() or " " in base or "\\" in base:
        raise ConfigurationError(
            "The base of callbacks has a space or another character that must be percent-encoded."
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise ConfigurationError(
            "The base of callbacks must use https: over http, others could read the token and the reports."
        )
    if any(name == TOKEN_PARAMETER for name, _ in parse_qsl(parts.query, keep_blank_values=True)):
        raise ConfigurationError(
            f"The base of callbacks already has a query parameter {TOKEN_PARAMETER}."
        )
    if parts.username is None:
        return urlunsplit(parts), ()
    if ":" in (user := unquote(parts.username)):
        raise ConfigurationError("The user in the base of callbacks has a colon.")
    return urlunsplit(parts), credentials(f"{user}:{unquote(parts.password or '')}")


def _checked_days(days: int) -> int:
    if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= _MOST_DAYS:
        raise ConfigurationError(
            f"Callbacks expire after a whole number of days, 1 to {_MOST_DAYS}."
        )
    return days
