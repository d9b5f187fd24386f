"""What a failure of the transport means: was the request sent?"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

import httpx

from smsmanager._privacy import printable
from smsmanager.errors import ConfigurationError, NotSentError, OutcomeUnknownError

if TYPE_CHECKING:
    from smsmanager.errors import SmsManagerError

OUTCOME_UNKNOWN = (
    "The request may have been taken. Do not repeat it blindly: there is no idempotency key, so it could be "
    "sent twice. Wait for delivery reports, or ask the service."
)
_ERRNO = re.compile(r"\[Errno (\d{1,5})\]", re.ASCII)
_BEFORE_A_CONNECTION = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
_PLAIN_TRANSPORTS = (httpx.HTTPTransport, httpx.AsyncHTTPTransport, httpx.MockTransport)
_HTTP_LIBRARIES = frozenset(("aiohttp", "anyio", "h11", "h2", "httpcore", "httpx"))


def may_be_taken(
    error: Exception,
    left: bool | None,  # noqa: FBT001 - see `Attempt`
    transport: object,
    *,
    own: bool,
    repeats: bool = False,
) -> bool:
    """Return whether a request that failed over a transport may have been taken.

    A transport of this library knows what it wrote. With httpx's own, only an error raised before a
    connection is made means that nothing was sent, unless the caller's client `repeats` requests by itself.
    The error is `own` if it belongs to this request, not to another that a caller-supplied hook made.
    """
    kind = type(transport)
    is_ours = kind.__module__ == "smsmanager.transport"
    if is_ours and left is not None:
        return left
    plain = is_ours or (kind in _PLAIN_TRANSPORTS and not repeats)
    return not (plain and own and isinstance(error, _BEFORE_A_CONNECTION))


def error_for_transport(
    error: Exception, *, private: Iterable[str], taken: bool
) -> SmsManagerError:
    """Return the exception for a request that got no answer; its text repeats nothing `private`."""
    what = type(error).__name__
    if taken:
        return OutcomeUnknownError(
            f"The answer was lost after the request went out ({what}). {OUTCOME_UNKNOWN}"
        )
    if isinstance(error, httpx.UnsupportedProtocol):
        return ConfigurationError(f"base_url cannot be used ({what}). Nothing was sent.")
    if isinstance(error, httpx.PoolTimeout) and not str(error):
        return NotSentError(
            "All connections are in use, and none became free in time (PoolTimeout). Nothing was sent; the "
            "call can be repeated. Send less at once, or allow more time."
        )
    said = printable(str(error), private)
    reason = f"{what}: {said}" if said else what
    return NotSentError(
        f"No connection to the service could be made ({reason}). Nothing was sent; the call can be repeated. "
        "Check base_url, the network, the proxy and the certificates."
    )


def as_cause(error: Exception, private: Iterable[str], *, taken: bool) -> Exception | None:
    """Return an error that may be the cause of an exception of this library.

    An httpx error holds the request, and its text can repeat what a peer sent. A copy of the same class
    holds neither, but shows where the error was raised.
    """
    if not isinstance(error, httpx.RequestError):
        library = type(error).__module__.partition(".")[0]
        hidden = isinstance(error, httpx.HTTPStatusError) or library in _HTTP_LIBRARIES
        return None if hidden else error
    said = str(error)
    if taken or not isinstance(error, _BEFORE_A_CONNECTION):
        number = _ERRNO.search(said)
        said = f"{number[0]} {os.strerror(int(number[1]))}" if number else ""
    try:
        return type(error)(printable(said, private)).with_traceback(error.__traceback__)
    except Exception:  # noqa: BLE001 - a caller-supplied transport may raise any class
        return None
