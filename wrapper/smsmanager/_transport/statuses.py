"""Status, headers and bytes of an answer into an exception; pure."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import httpx

from smsmanager._privacy import HIDDEN, SHORTEST_SECRET, printable, strings_in
from smsmanager.errors import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    NotSentError,
    OutcomeUnknownError,
    RateLimitError,
    ResponseParseError,
    ServiceError,
    SmsManagerError,
    UnsupportedMediaTypeError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)
_LONGEST_WAIT_S = 1e9
_ERRNO = re.compile(r"\[Errno (\d{1,5})\]", re.ASCII)
_KEY_REFUSED = "not authorized to access this resource"
# A gateway answers 408 for its own upstream as well, after the request went on; the others say that it was
# given up on the way, which is no statement about the service.
_GIVEN_UP_ON_THE_WAY = frozenset((408, 444, 460, 499))
_TAKEN = (
    "A 2xx says that the request was taken, so do not repeat it: ask the service, or wait for delivery "
    "reports. A proxy or a wrong base_url can answer so as well."
)
_OUTCOME_UNKNOWN = (
    "The request may have been taken. Do not repeat it blindly: there is no idempotency key, so it could be "
    "sent twice. Wait for delivery reports, or ask the service."
)
_NEVER_CONNECTED = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
)
_HTTP = frozenset(("aiohttp", "anyio", "h11", "h2", "httpcore", "httpx"))
_AIOHTTP_NEVER_CONNECTED = frozenset(
    (
        "ClientConnectorError",
        "ClientHttpProxyError",
        "ClientProxyConnectionError",
        "ConnectionTimeoutError",
    )
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
        return OutcomeUnknownError(f"{_answered(status)}. {_OUTCOME_UNKNOWN}", status_code=status)
    private = [*private]
    fields = _json_object(body)
    message = _text(fields.get("Message")) or _text(fields.get("message"))
    request_id = _text(fields.get("request_id"))
    kind, advice = _meaning(status, message)
    said = printable(message, private) if message else ""
    # An answer that repeats the key must not carry it into a pickle or a report.
    hide = _without(private[0] if private else "")
    reason = f': "{said}"' if said else ""
    error = kind(
        f"The service answered {status}{reason}. Nothing was sent. {advice}",
        status_code=status,
        message=message and hide(message),
        request_id=request_id and hide(request_id),
        body=hide(body.decode("latin-1")).encode("latin-1"),
        headers={name.lower(): hide(value) for name, value in headers.items()},
    )
    if isinstance(error, (RateLimitError, ServiceError)):
        error.retry_after_s = retry_after_s(
            {name.lower(): value for name, value in headers.items()}.get("retry-after"), now_s
        )
    return error


def _leaves_open(status: int) -> bool:
    """Tell whether a status leaves open if the request was taken: not the service gave it."""
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
    shown = _without(key)(body.decode("latin-1")).encode("latin-1")
    return ResponseParseError(text, status_code=status, body=shown)


def _without(key: str) -> Callable[[str], str]:
    """Return what hides the key in a text, also as it stands in JSON."""
    if len(key) < SHORTEST_SECRET:
        return str
    escaped = json.dumps(key)[1:-1]
    return lambda text: text.replace(key, HIDDEN).replace(escaped, HIDDEN)


def _answered(status: int) -> str:
    if status < 200:  # noqa: PLR2004
        return f"The server answered {status} and nothing more"
    if status < 300:  # noqa: PLR2004
        return f"The server answered {status}, which a hook of your own httpx client refused"
    if status < 400:  # noqa: PLR2004
        return (
            f"The server answered {status}, a redirect, which is never followed because the key and the "
            "message would go to another place. Check base_url"
        )
    return f"A proxy or gateway answered {status}"


def _meaning(status: int, message: str | None) -> tuple[type[ApiError], str]:
    if status in {401, 403} or (status == 400 and message and _KEY_REFUSED in message):  # noqa: PLR2004
        return AuthenticationError, "Check the API key (SMSMANAGER_API_KEY) and what it may do."
    if status == 400:  # noqa: PLR2004
        return BadRequestError, "Change the request: repeating it unchanged cannot help."
    if status == 415:  # noqa: PLR2004
        return UnsupportedMediaTypeError, "The operation takes another content type."
    if status == 429:  # noqa: PLR2004
        return (
            RateLimitError,
            "Send it again after a wait (.retry_after_s when the service said one).",
        )
    if status in {500, 503}:
        return ServiceError, "Trouble at the service: wait and send the same request again."
    return ApiError, "Check base_url and the request: this status is not one the service documents."


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def private_strings(content: Any, key: str) -> list[str]:
    """Return what an exception's text must not repeat: the key and every string of the request."""
    return [key, *strings_in(content)]


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


def error_for_transport(
    error: Exception, *, private: Iterable[str], never_left: bool = False, certain: bool = False
) -> SmsManagerError:
    """Return the exception for a request that got no answer.

    Only what is certain to have happened before the request left is `NotSentError`.

    Args:
        error: What the HTTP library raised.
        private: Strings that the exception's text must not repeat.
        never_left: Whether the kind of the error can mean that nothing of the request was written.
        certain: Whether it is certain that nothing was, whatever was raised.
    """
    what = type(error).__name__
    if certain or (never_left and _never_connected(error)):
        said = printable(str(error), private)
        reason = f"{what}: {said}" if said else what
        return NotSentError(
            f"No connection to the service could be made ({reason}). Nothing was sent; the call can be "
            "repeated. Check base_url, the network, the proxy and the certificates."
        )
    if never_left and isinstance(error, httpx.UnsupportedProtocol):
        return ConfigurationError(f"base_url cannot be used ({what}). Nothing was sent.")
    return OutcomeUnknownError(
        f"The answer was lost after the request went out ({what}). {_OUTCOME_UNKNOWN}"
    )


def as_cause(error: Exception, private: Iterable[str]) -> Exception | None:
    """Return what may stand as the cause of an exception of ours.

    An error of httpx holds the request, and its text can repeat what a peer sent. What takes its place is of
    the same kind and holds neither.

    Args:
        error: What the HTTP library, or a hook of the caller's, raised.
        private: Strings that the text must not repeat.
    """
    if not isinstance(error, httpx.RequestError):
        kind = type(error).__module__.partition(".")[0]
        return None if isinstance(error, httpx.HTTPStatusError) or kind in _HTTP else error
    said = str(error)
    if not _never_connected(error):
        numbers = [int(number) for number in _ERRNO.findall(said)[:1]]
        said = f"[Errno {numbers[0]}] {os.strerror(numbers[0])}" if numbers else ""
    try:
        return type(error)(printable(said, private))
    except Exception:  # noqa: BLE001 - a class of the caller's own transport may do anything
        return None


def answer_to_nothing() -> SmsManagerError:
    """Return the exception for a request whose answer had come before it was written."""
    return OutcomeUnknownError(
        "The server had sent an answer before this request went out, so the answer to it is not known. "
        f"{_OUTCOME_UNKNOWN}"
    )


def _never_connected(error: Exception) -> bool:
    cause = error.__cause__
    if type(cause).__module__.partition(".")[0] == "aiohttp":
        # httpx-aiohttp calls every lost connection a ConnectTimeout, also one that broke after the request
        # went out, so aiohttp's own exception decides.
        return any(base.__name__ in _AIOHTTP_NEVER_CONNECTED for base in type(cause).__mro__)
    return isinstance(error, _NEVER_CONNECTED)
