"""Arguments and environment into one frozen set of options."""

from __future__ import annotations

import ipaddress
import os
from typing import TYPE_CHECKING, Any

import attrs
import httpx

from smsmanager._message.prepare import Rules
from smsmanager._version import __version__
from smsmanager.errors import ConfigurationError
from smsmanager.phone import phone_metadata
from smsmanager.retry import OnRetry, RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smsmanager._message.compose import CallbackSource
    from smsmanager._plan import OnResult

BASE_URL = "https://api.smsmngr.com/v2"
"""The production service."""
DEFAULT_TIMEOUT = httpx.Timeout(30.0, connect=5.0)
"""Seconds for each phase of a request: 5 to connect, 30 to read, write or wait for a free connection."""
MAX_RESPONSE_BYTES = 1024 * 1024
"""Most bytes that are read of an answer."""
_MAX_PORT = 65535
_MAX_LABEL = 63


@attrs.frozen(repr=False)
class Settings:
    """Every option of a client.

    Attributes:
        api_key: The key; it stands in `headers` too, and in no `repr`.
        base_url: Root of the API, without a slash at the end.
        rules: How messages are prepared.
        retries: When a request is repeated.
        on_retry: Told of each repetition.
        timeouts: Seconds for each phase, as httpx hands them to its transport.
        max_response_bytes: Most bytes that are read of an answer.
        deadline_s: Most seconds of one call, over all its requests and waits.
        on_result: Told of the result of every call, however it ends.
        headers: What every request carries.
    """

    api_key: str
    base_url: str
    rules: Rules
    retries: RetryPolicy
    on_retry: OnRetry | None
    timeouts: Mapping[str, float | None]
    max_response_bytes: int
    deadline_s: float | None
    on_result: OnResult | None
    headers: Mapping[str, str]

    def __repr__(self) -> str:
        """Show what is neither secret nor personal."""
        return f"Settings(base_url={self.base_url!r}, retries={self.retries!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Refuse to be pickled: the key would be readable in the bytes."""
        msg = "a client holds the API key and connections, so it is not pickled: make one in each process"
        raise TypeError(msg)


def settings(  # noqa: PLR0913 - one argument an option
    api_key: str | None,
    base_url: str | None,
    *,
    sender: str | None,
    timeout: float | httpx.Timeout,
    retries: int | RetryPolicy,
    default_region: str | None,
    validate: bool,
    on_retry: OnRetry | None,
    max_response_bytes: int,
    deadline_s: float | None,
    on_result: OnResult | None,
    auto_reference: bool,
    callbacks: CallbackSource | None = None,
) -> Settings:
    """Check the options of a client and complete them from the environment.

    Raises:
        ConfigurationError: If there is no usable key or base URL, or an extra is missing.
    """
    key = _key(api_key if api_key is not None else os.environ.get("SMSMANAGER_API_KEY"))
    if default_region is not None:
        phone_metadata(default_region)
    return Settings(
        api_key=key,
        base_url=_base_url(
            base_url if base_url is not None else os.environ.get("SMSMANAGER_BASE_URL") or BASE_URL
        ),
        rules=Rules(
            sender=sender or os.environ.get("SMSMANAGER_SENDER") or None,
            default_region=default_region,
            validate=validate,
            auto_reference=auto_reference,
            callbacks=callbacks,
        ),
        retries=retry_policy(retries),
        on_retry=on_retry,
        timeouts=timeouts(timeout),
        max_response_bytes=checked_limit(max_response_bytes),
        deadline_s=checked_deadline(deadline_s),
        on_result=on_result,
        headers={
            "x-api-key": key,
            "accept": "application/json",
            # Compression saves nothing on answers this small, and a bounded read stays simple.
            "accept-encoding": "identity",
            "user-agent": f"smsmanager-python/{__version__}",
        },
    )


def retry_policy(retries: int | RetryPolicy) -> RetryPolicy:
    """Return a policy, from a number of repetitions as well."""
    if isinstance(retries, RetryPolicy):
        return retries
    count: Any = retries
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        msg = "retries must be a RetryPolicy or a number of repetitions, 0 or more"
        raise ConfigurationError(msg)
    return RetryPolicy(retries=count)


def checked_limit(max_response_bytes: int) -> int:
    """Return a limit that an answer can meet.

    Raises:
        ConfigurationError: If it is not a positive whole number.
    """
    limit: Any = max_response_bytes
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
        raise ConfigurationError("max_response_bytes must be a positive whole number of bytes")
    return limit


def checked_deadline(deadline_s: float | None) -> float | None:
    """Return a deadline that makes sense.

    Raises:
        ConfigurationError: If it is not a positive number.
    """
    if deadline_s is not None and not (isinstance(deadline_s, (int, float)) and deadline_s > 0):
        raise ConfigurationError("deadline_s must be a positive number of seconds, or None")
    return deadline_s


def timeouts(timeout: float | httpx.Timeout) -> dict[str, float | None]:
    """Return the seconds for each phase of a request.

    Raises:
        ConfigurationError: If a phase has no limit: a service must not wait for ever.
    """
    try:
        limits = (
            timeout if isinstance(timeout, httpx.Timeout) else httpx.Timeout(timeout)
        ).as_dict()
    except (TypeError, ValueError, IndexError, AssertionError):
        limits = {}
    if not limits or not all(_is_duration(seconds) for seconds in limits.values()):
        msg = "timeout must be a finite number of seconds for every phase"
        raise ConfigurationError(msg)
    return limits


def _is_duration(seconds: object) -> bool:
    return (
        isinstance(seconds, (int, float))
        and not isinstance(seconds, bool)
        and 0 < seconds < float("inf")
    )


def _key(value: Any) -> str:
    if value is not None and not isinstance(value, str):
        raise ConfigurationError("The API key must be a text (str)")
    key = (value or "").strip()
    if not key:
        msg = (
            "There is no API key. Pass api_key=... or set SMSMANAGER_API_KEY; the key stands in the settings "
            "of your SmsManager account."
        )
        raise ConfigurationError(msg)
    if not key.isascii() or not key.isprintable() or " " in key:
        msg = "The API key holds a space, a line break or a character that no key has: was it copied whole?"
        raise ConfigurationError(msg)
    return key


def _base_url(value: Any) -> str:
    advice = f"It should look like {BASE_URL}."
    # Read twice: what a lenient reader would take for a part of the path must not pass.
    value = str(value) if isinstance(value, httpx.URL) else value
    try:
        plain = not set(value) & set(" \t\r\n?#\\")
        url = httpx.URL(value if plain else "")
        host = url.raw_host.decode("ascii")
    except (httpx.InvalidURL, TypeError, ValueError):
        raise ConfigurationError(f"The base URL cannot be read. {advice}") from None
    if url.userinfo or not plain:
        msg = f"The base URL must hold no user, password, query, fragment or space. {advice}"
        raise ConfigurationError(msg)
    if url.scheme not in {"http", "https"} or not host:
        raise ConfigurationError(f"The base URL is not an http or https address. {advice}")
    if not _is_host(host) or not (url.port is None or 0 < url.port <= _MAX_PORT):
        raise ConfigurationError(f"The base URL names no host that can exist. {advice}")
    if url.scheme == "http" and not is_loopback(url.host):
        msg = "The base URL must use https: over http the key and the messages could be read on the way."
        raise ConfigurationError(msg)
    return str(url).rstrip("/")


def _is_host(host: str) -> bool:
    if ":" in host:
        return True
    try:
        return all(
            0 < len(label) <= _MAX_LABEL for label in host.removesuffix(".").split(".")
        ) and bool(host.encode().decode("idna"))
    except UnicodeError:
        return False


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
