"""Turn the status, headers and bytes of an answer into an exception; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime

from smsmanager import errors
from smsmanager._privacy import holds, printable
from smsmanager._transport.failures import OUTCOME_UNKNOWN

_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)
_LONGEST_WAIT_S = 1e9
_KEY_REFUSED = "not authorized to access this resource"
# A gateway also answers 408 for its own upstream, after it has passed the request on. The others mean that
# the request was abandoned on the way, which says nothing about the service.
_GIVEN_UP_ON_THE_WAY = frozenset((408, 444, 460, 499))
_KEY = "Check the API key (SMSMANAGER_API_KEY) and its permissions."
_WAIT = "The service has a problem: wait, then send the same request again."
_UNDOCUMENTED = (
    errors.ApiError,
    "Check base_url and the request: the service documents no such status.",
)
_MEANINGS: dict[int, tuple[type[errors.ApiError], str]] = {
    400: (errors.BadRequestError, "Change the request: repeating it unchanged cannot help."),
    401: (errors.AuthenticationError, _KEY),
    403: (errors.AuthenticationError, _KEY),
    415: (errors.UnsupportedMediaTypeError, "The operation requires another content type."),
    429: (
        errors.RateLimitError,
        "Send it again after a wait (.retry_after_s, if the service gave one).",
    ),
    500: (errors.ServiceError, _WAIT),
    503: (errors.ServiceError, _WAIT),
}
_ANSWERED = {
    1: "The server answered {} and nothing more",
    2: "The server answered {}, which a hook of your own httpx client refused",
    3: "The server answered {}, a redirect, which is never followed because the key and the message would go "
    "to another place. Check base_url",
}
_TAKEN = (
    "A 2xx means that the request was taken, so do not repeat it: ask the service, or wait for delivery "
    "reports. A proxy or a wrong base_url can also answer like this."
)


def error_for_status(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    private: Sequence[str],
    now_s: float,
) -> errors.SmsManagerError:
    """Return the exception for an answer that is not 2xx.

    Its text repeats nothing `private`, which begins with the key. A `Retry-After` that is a date counts from
    `now_s`, in Unix seconds.

    Source: SmsManager guide, "Error handling".
    """
    refused = 400 <= status < 500 or status in {500, 503}  # noqa: PLR2004
    if not refused or status in _GIVEN_UP_ON_THE_WAY:
        # It is not the service's own, so it leaves open whether the request was taken.
        answered = _ANSWERED.get(status // 100, "A proxy or gateway answered {}").format(status)
        return errors.OutcomeUnknownError(f"{answered}. {OUTCOME_UNKNOWN}", status_code=status)
    key = private[0] if private else ""
    message, request_id = _text(body, "Message", "message"), _text(body, "request_id")
    is_about_key = status == 400 and message and _KEY_REFUSED in message  # noqa: PLR2004
    kind, advice = _MEANINGS.get(401 if is_about_key else status, _UNDOCUMENTED)
    advice += " A hosted mock answers any wrong request like this." if is_about_key else ""
    said = printable(message, private) if message else ""
    reason = f': "{said}"' if said else ""
    # Whatever repeats the key is left out, so that no pickle and no error report holds it.
    error = kind(
        f"The service answered {status}{reason}. Nothing was sent. {advice}",
        status_code=status,
        message=None if message and holds(message, key) else message,
        request_id=None if request_id and holds(request_id, key) else request_id,
        body=without_key(body, key),
        headers={name.lower(): value for name, value in headers.items() if not holds(value, key)},
    )
    if isinstance(error, (errors.RateLimitError, errors.ServiceError)):
        error.retry_after_s = retry_after_s(error.headers.get("retry-after"), now_s)
    return error


def without_key(body: bytes, key: str) -> bytes:
    """Return the body of an answer, or nothing if it repeats the key."""
    return b"" if holds(body.decode("latin-1"), key) else body


def unreadable(status: int, body: bytes, what: str, key: str) -> errors.ResponseParseError:
    """Return the exception for a 2xx that cannot be read; `what` names the problem."""
    text = f"The service answered {status}, but the answer {what}. {_TAKEN}"
    return errors.ResponseParseError(text, status_code=status, body=without_key(body, key))


def _text(body: bytes, *names: str) -> str | None:
    """Return the first field of a JSON object that holds a text."""
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        return None
    values = [fields.get(name) for name in names] if isinstance(fields, dict) else []
    return next((value for value in values if isinstance(value, str) and value), None)


def retry_after_s(value: str | None, now_s: float) -> float | None:
    """Return the seconds that a `Retry-After` header asks for, or None if it is missing or unreadable."""
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
