"""`X-Request-Signature`: HMAC-SHA256 over the raw body, for keys that have a callback secret.

The service's documentation does not mention signatures. It signs webhooks only for an API key with a default
callback secret. Without one, protect the URL itself; see `CallbackSigner`.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from typing import TypeAlias

from smsmanager.errors import ConfigurationError

_ADVICE = 'python -c "import secrets; print(secrets.token_urlsafe(32))" makes one.'
SIGNATURE_HEADER = "X-Request-Signature"
"""The header with the signature."""

Secrets: TypeAlias = str | bytes | Iterable[str | bytes]
"""One secret, or several while one replaces another."""


def sign(body: bytes, secret: str | bytes) -> str:
    """Return the signature of a body: lower-case hex of its HMAC-SHA256.

    Args:
        body: The raw bytes, as sent over the wire.
        secret: The secret; a string is encoded as UTF-8.
    """
    key = secret.encode() if isinstance(secret, str) else secret
    return hmac.new(key, body, hashlib.sha256).hexdigest()


def verify_signature(body: bytes, signature: str | None, secrets: Secrets) -> bool:
    """Return whether one of the secrets signed a body, in constant time.

    Args:
        body: The raw bytes as received. JSON that is decoded and encoded again has different bytes.
        signature: The value of the header; None if there is none.
        secrets: One secret or several; any of them may have signed.

    Raises:
        ConfigurationError: If there is no secret, or one is empty, blank or neither a string nor bytes.
    """
    keys = secret_bytes(secrets)
    given = (signature or "").strip().encode("utf-8", "surrogatepass")
    # Compare all, so that the time does not reveal which secret signed.
    matches = [hmac.compare_digest(sign(body, key).encode(), given) for key in keys]
    return any(matches)


def secret_bytes(secrets: Secrets, shortest: int = 1) -> tuple[bytes, ...]:
    """Return secrets as bytes.

    Args:
        secrets: One or several, each a string or bytes.
        shortest: Minimum bytes of a secret.

    Raises:
        ConfigurationError: If there is none, or one is too short, blank or of another type; the message shows
            no secret.
    """
    if isinstance(secrets, (str, bytes)):
        several: Iterable[object] = (secrets,)
    elif isinstance(secrets, (bytearray, memoryview)) or not isinstance(secrets, Iterable):
        # Their items are whole numbers, and `bytes(65)` would be a key of 65 zeros.
        raise ConfigurationError(f"A secret must be a str or bytes, not {type(secrets).__name__}.")
    else:
        several = secrets
    found = tuple(_secret(one) for one in several)
    if not found or any(len(one) < shortest for one in found):
        raise ConfigurationError(
            f"A secret is missing or has fewer than {shortest} bytes. {_ADVICE}"
        )
    return found


def _secret(one: object) -> bytes:
    if not isinstance(one, (str, bytes)):
        raise ConfigurationError(f"A secret must be a str or bytes, not {type(one).__name__}.")
    try:
        secret = one.encode() if isinstance(one, str) else one
        blank = secret and not secret.decode("utf-8", "replace").replace("\0", " ").strip()
    except UnicodeEncodeError:
        raise ConfigurationError(f"A secret has a lone surrogate. {_ADVICE}") from None
    if blank:
        raise ConfigurationError(f"A secret consists of white space. {_ADVICE}")
    return secret
