"""What each HTTP status means: an answer's status, headers and bytes into an exception; pure."""

from __future__ import annotations

import json
import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from smsmanager._privacy import holds, printable
from smsmanager._transport.failures import OUTCOME_UNKNOWN
from smsmanager.errors import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    OutcomeUnknownError,
    RateLimitError,
    ResponseParseError,
    ServiceError,
    SmsManagerError,
    UnsupportedMediaTypeError,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)
_LONGEST_WAIT_S = 1e9
_KEY_REFUSED = "not authorized to access this resource"
# A gateway also answers 408 for its own upstream, after it passed the request on. The others say that the
# request was given up on the way, which says nothing about the service.
_GIVEN_UP_ON_THE_WAY = frozenset((408, 444, 460, 499))
_KEY = "Check the API key (SMSMANAGER_API_KEY) and what it may do."
_WAIT = "Trouble at the service: wait and send the same request again."
_MEANINGS: dict[int, tuple[type[ApiError], str]] = {
    400: (BadRequestError, "Change the request: repeating it unchanged cannot help."),
    401: (AuthenticationError, _KEY),
    403: (AuthenticationError, _KEY),
    415: (UnsupportedMediaTypeError, "The operation takes another content type."),
    429: (
        RateLimitError,
        "Send it again after a wait (.retry_after_s when the service said one).",
    ),
    500: (ServiceError, _WAIT),
    503: (ServiceError, _WAIT),
}
_TAKEN = (
    "A 2xx says that the request was taken, so do not repeat it: ask the service, or wait for delivery "
    "reports. A proxy or a wrong base_url can also answer like this."
)


def error_for_status(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    private: Iterable[str],
    now_s: float,
) -> SmsManagerError:
    """Return the exception for an answer that is not 2xx.

    Args:
        status: The HTTP status, standard or not.
        headers: Its headers.
        body: What was read of its body.
        private: Strings that the exception's text must not repeat; the first is the key.
        now_s: Unix seconds, for a `Retry-After` that is a date.

    Source: SmsManager guide, "Error handling".
    """
    if _leaves_open(status):
        return OutcomeUnknownError(f"{_answered(status)}. {OUTCOME_UNKNOWN}", status_code=status)
    private = [*private]
    key = private[0] if private else ""
    fields = _json_object(body)
    message = _text(fields.get("Message")) or _text(fields.get("message"))
    request_id = _text(fields.get("request_id"))
    kind, advice = _meaning(status, message)
    said = printable(message, private) if message else ""
    reason = f': "{said}"' if said else ""
    # What repeats the key is left out, so that no pickle and no report holds it.
    error = kind(
        f"The service answered {status}{reason}. Nothing was sent. {advice}",
        status_code=status,
        message=None if message and holds(message, key) else message,
        request_id=None if request_id and holds(request_id, key) else request_id,
        body=without_key(body, key),
        headers={name.lower(): value for name, value in headers.items() if not holds(value, key)},
    )
    if isinstance(error, (RateLimitError, ServiceError)):
        error.retry_after_s = retry_after_s(error.headers.get("retry-after"), now_s)
    return error


def without_key(body: bytes, key: str) -> bytes:
    """Return the body of an answer, or nothing if it repeats the key."""
    return b"" if holds(body.decode("latin-1"), key) else body


def _leaves_open(status: int) -> bool:
    """Return whether a status leaves it open if the request was taken: it is not the service's own."""
    refused = 400 <= status < 500 or status in {500, 503}  # noqa: PLR2004
    return not refused or status in _GIVEN_UP_ON_THE_WAY


def unreadable(status: int, body: bytes, what: str, key: str) -> ResponseParseError:
    """Return the exception for a 2xx that says nothing.

    Args:
        status: The HTTP status.
        body: What was read of its body.
        what: What is wrong with the answer, as the end of a sentence.
        key: The key, which the exception must not carry.
    """
    text = f"The service answered {status}, but the answer {what}. {_TAKEN}"
    return ResponseParseError(text, status_code=status, body=without_key(body, key))


def _answered(status: int) -> str:
    kind = {
        1: " and nothing more",
        2: ", which a hook of your own httpx client refused",
        3: ", a redirect, which is never followed because the key and the message would go to another place. "
        "Check base_url",
    }
    said = kind.get(status // 100)
    return (
        f"The server answered {status}{said}" if said else f"A proxy or gateway answered {status}"
    )


def _meaning(status: int, message: str | None) -> tuple[type[ApiError], str]:
    if status == 400 and message and _KEY_REFUSED in message:  # noqa: PLR2004
        return AuthenticationError, f"{_KEY} A hosted mock answers any wrong request like this."
    unknown = (ApiError, "Check base_url and the request: the service documents no such status.")
    return _MEANINGS.get(status, unknown)


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def retry_after_s(value: str | None, now_s: float) -> float | None:
    """Return the seconds that a `Retry-After` header asks for, or None when there is no readable one.

    Args:
        value: Seconds, or an HTTP date.
        now_s: Unix seconds.
    """
    if value is None:
        return None
    value = value.strip()
    if _SECONDS.fullmatch(value):
        return min(float(value), _LONGEST_WAIT_S)
    try:
        moment = parsedate_to_datetime(value)
        if moment.tzinfo is None:
            # The older forms of an HTTP date name no zone and mean GMT.
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, moment.timestamp() - now_s)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
