"""The options of a client: declared, checked and completed from the environment in one place."""

from __future__ import annotations

import ipaddress
import logging
import math
import os
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypedDict

import attrs
import httpx

from smsmanager._privacy import PrivateHeaders
from smsmanager.errors import ConfigurationError
from smsmanager.phone import phone_metadata
from smsmanager.retry import OnRetry, RetryPolicy

if TYPE_CHECKING:
    from smsmanager._message.compose import CallbackSource
    from smsmanager.results import Observer, OnResult

__version__ = "0.1.0"
BASE_URL = "https://api.smsmngr.com/v2"
"""The production service."""
NOT_PICKLED = (
    "a client holds the API key and connections, so it cannot be pickled: create one per process"
)
MAX_PORT = 65535


class ClientOptions(TypedDict, total=False):
    """The options that a client takes and `with_options` changes.

    Attributes:
        sender: Sender of messages that have none; from `SMSMANAGER_SENDER` when not given.
        timeout: Seconds for each phase of a request, or an `httpx.Timeout`; finite. Default: 5 to connect,
            30 to read, write or wait for a free connection.
        retries: How often a request that certainly was not taken is repeated, or a whole `RetryPolicy`. A
            request whose outcome is unknown is never repeated. Default: 2.
        default_region: Two letters such as `"CZ"`: the country of numbers without `+` or `00` (needs
            `smsmanager[phone]`). Default: the service takes the account's country.
        validate: Whether messages are checked before anything is sent. Default: True.
        on_retry: Called with a `Retry` before each repetition.
        on_result: Called with the `SendResult` of every call, even one that ends with an error, a cancelled
            task or Ctrl-C.
        observer: An object that watches every call, such as a `smsmanager.otel.Telemetry`.
        max_response_bytes: Maximum size of an answer in bytes. Default: 1 MiB.
        deadline_s: Time limit for one call in seconds, including its requests and waits. Default: no limit.
        auto_reference: Whether a message without a reference gets one. Default: False.
        callbacks: Makes the callback URL for messages that have none; for example a
            `smsmanager.webhooks.CallbackSigner`. The URL is bound to the message's reference, if it has one.
        settle_by_tag: Whether each message also gets a unique tag, for `settle`. Default: False.
        rest_base_url: Root URL of the REST API; from `SMSMANAGER_REST_BASE_URL` when not given. Default: the
            one of production, or of the sandbox in use; none for any other `base_url`.
    """

    sender: str | None
    timeout: float | httpx.Timeout
    retries: int | RetryPolicy
    default_region: str | None
    validate: bool
    on_retry: OnRetry | None
    on_result: OnResult | None
    observer: Observer | None
    max_response_bytes: int
    deadline_s: float | None
    auto_reference: bool
    callbacks: CallbackSource | None
    settle_by_tag: bool
    rest_base_url: str | None


def call_hook(hook: Callable[..., Any] | None, *arguments: object) -> Any:
    """Call a hook and return its result; an error in it must not affect the messages."""
    try:
        return None if hook is None else hook(*arguments)
    except Exception as error:  # noqa: BLE001 - anything that a caller's function raises
        name = type(error).__name__
        logging.getLogger("smsmanager").warning("a hook raised %s; sending continues", name)


def retry_policy(retries: int | RetryPolicy) -> RetryPolicy:
    """Return a retry policy; a number of repetitions becomes one."""
    if isinstance(retries, RetryPolicy):
        return retries
    if not _is_whole(retries, 0):
        text = "retries must be a RetryPolicy or a number of repetitions, 0 or more"
        raise ConfigurationError(text)
    return RetryPolicy(retries=retries)


def _limit(max_response_bytes: int) -> int:
    if not _is_whole(max_response_bytes, 1):
        raise ConfigurationError("max_response_bytes must be a positive whole number of bytes")
    return max_response_bytes


def _is_whole(number: object, least: int) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and number >= least


def checked_deadline(deadline_s: float | None) -> float | None:
    """Return a deadline, or raise `ConfigurationError` if it is not a positive number."""
    if deadline_s is not None and not (isinstance(deadline_s, (int, float)) and deadline_s > 0):
        raise ConfigurationError("deadline_s must be a positive number of seconds, or None")
    return deadline_s


def _timeouts(timeout: float | httpx.Timeout) -> httpx.Timeout:
    try:
        limits = timeout if isinstance(timeout, httpx.Timeout) else httpx.Timeout(timeout)
        seconds: Any = limits.as_dict().values()
        # A service must not wait forever.
        if all(0 < phase < math.inf for phase in seconds) and not isinstance(timeout, bool):
            return limits
    except (TypeError, ValueError, IndexError, AssertionError):
        pass
    raise ConfigurationError("timeout must be a finite number of seconds for every phase")


def _key(value: Any) -> str:
    if value is not None and not isinstance(value, str):
        raise ConfigurationError("The API key must be a string")
    key = (value or "").strip()
    if not key:
        msg = (
            "There is no API key. Nothing was sent. Pass api_key=... or set SMSMANAGER_API_KEY; the key is "
            "in the settings of your SmsManager account."
        )
        raise ConfigurationError(msg)
    name = _unquoted(value, "SMSMANAGER_API_KEY", "The API key")
    if not key.isascii() or not key.isprintable() or " " in key:
        msg = f"{name} contains a space, a line break or a character that no key has: was it copied in full?"
        raise ConfigurationError(msg)
    return key


def _unquoted(value: Any, variable: str, otherwise: str) -> str:
    """Return the name of a value in errors: its variable, if set there; refuse one in quotation marks."""
    name = variable if value and value == os.environ.get(variable) else otherwise
    text = value.strip() if isinstance(value, str) else ""
    if text[:1] in {"'", '"'} and text.endswith(text[0]):
        msg = f"{name} is in quotation marks, which some readers of .env files keep: write it without them"
        raise ConfigurationError(f"{msg}. Nothing was sent.")
    return name


def _base_url(value: Any) -> str:
    advice = f"It should look like {BASE_URL}."
    value = str(value) if isinstance(value, httpx.URL) else value
    name = _unquoted(value, "SMSMANAGER_BASE_URL", "The base URL")
    try:
        # Refused before parsing: a lenient parser would read these characters as part of the path.
        plain = not set(value) & set(" \t\r\n?#\\")
        url = httpx.URL(value if plain else "")
        host = url.raw_host.decode("ascii")
    except (httpx.InvalidURL, TypeError, ValueError):
        raise ConfigurationError(f"{name} cannot be read. {advice}") from None
    if url.userinfo or not plain:
        msg = f"{name} must contain no user, password, query, fragment or space. {advice}"
        raise ConfigurationError(msg)
    if url.scheme not in {"http", "https"} or not host:
        raise ConfigurationError(f"{name} is not an http or https address. {advice}")
    if not (url.port is None or 0 < url.port <= MAX_PORT):
        raise ConfigurationError(f"{name} does not name a valid host. {advice}")
    if url.scheme == "http" and not is_loopback(url.host):
        msg = f"{name} must use https: over http, others could read the key and the messages in transit."
        raise ConfigurationError(msg)
    return str(url).rstrip("/")


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


@attrs.frozen(repr=False, kw_only=True, slots=False)
class Settings:
    """The checked settings of a client; see `ClientOptions`. `base_url` has no trailing slash."""

    api_key: str = attrs.field(converter=_key)
    base_url: str = attrs.field(converter=_base_url)
    sender: str | None = attrs.field(
        default=None,
        validator=lambda _self, _field, name: _unquoted(name, "SMSMANAGER_SENDER", "sender"),
    )
    timeout: httpx.Timeout = attrs.field(
        default=httpx.Timeout(30.0, connect=5.0), converter=_timeouts
    )
    retries: RetryPolicy = attrs.field(default=RetryPolicy(), converter=retry_policy)
    default_region: str | None = attrs.field(
        default=None,
        validator=attrs.validators.optional(lambda _self, _field, region: phone_metadata(region)),
    )
    validate: bool = True
    on_retry: OnRetry | None = None
    on_result: OnResult | None = None
    observer: Observer | None = None
    max_response_bytes: int = attrs.field(default=1024 * 1024, converter=_limit)
    deadline_s: float | None = attrs.field(default=None, converter=checked_deadline)
    auto_reference: bool = False
    callbacks: CallbackSource | None = None
    settle_by_tag: bool = False
    rest_base_url: str | None = attrs.field(
        default=None, converter=attrs.converters.optional(_base_url)
    )

    @cached_property
    def json_headers(self) -> httpx.Headers:
        """Headers of every JSON request, including the key."""
        return PrivateHeaders(
            {
                "host": httpx.URL(self.base_url).netloc.decode("ascii"),
                "x-api-key": self.api_key,
                # Compression saves nothing on answers this small, and limiting the read stays simple.
                "accept-encoding": "identity",
                "user-agent": f"smsmanager-python/{__version__}",
                "content-type": "application/json",
            }
        )

    @classmethod
    def complete(
        cls, api_key: str | None, base_url: str | None, options: Mapping[str, Any]
    ) -> Self:
        """Check the options of a client and complete them from the environment."""
        refuse_unknown(options, "the client has no option")
        if api_key is None:
            api_key = os.environ.get("SMSMANAGER_API_KEY")
        if base_url is None:
            base_url = os.environ.get("SMSMANAGER_BASE_URL") or BASE_URL
        sender = options.get("sender") or os.environ.get("SMSMANAGER_SENDER") or None
        return cls(**{**options, "api_key": api_key, "base_url": base_url, "sender": sender})

    def changed(self, changes: Mapping[str, Any]) -> Self:
        """Return the same settings with other options."""
        refuse_unknown(changes, "with_options() cannot change")
        return attrs.evolve(self, **changes)

    def __repr__(self) -> str:
        """Show only what is neither secret nor personal."""
        return f"Settings(base_url={self.base_url!r}, retries={self.retries!r})"

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled: the key would be readable in the bytes."""
        raise TypeError(NOT_PICKLED)


def refuse_unknown(options: Mapping[str, Any], what: str) -> None:
    """Raise `TypeError` if one of the options does not exist."""
    if unknown := options.keys() - ClientOptions.__annotations__.keys():
        raise TypeError(f"{what} {', '.join(sorted(unknown))}")
