"""What both clients share: options, copies, and what must not be printed or pickled."""

from __future__ import annotations

import math
import sys
import time
from typing import TYPE_CHECKING, Any, Generic, NoReturn, Self, TypedDict, TypeVar, Unpack

import attrs

from smsmanager._config import Settings, checked_deadline, checked_limit, retry_policy, timeouts
from smsmanager._message.prepare import prepare_send
from smsmanager._plan import Conduct, OnResult
from smsmanager._privacy import without_frames
from smsmanager._transport.connections import Connections, Http
from smsmanager.errors import ConfigurationError, SmsManagerError
from smsmanager.phone import phone_metadata
from smsmanager.results import SendResult, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping

    import httpx

    from smsmanager._message.compose import CallbackSource
    from smsmanager._message.requests import Prepared
    from smsmanager.retry import OnRetry, RetryPolicy

T = TypeVar("T")


class Options(TypedDict, total=False):
    """What `with_options` can change."""

    sender: str | None
    timeout: float | httpx.Timeout
    retries: int | RetryPolicy
    default_region: str | None
    validate: bool
    on_retry: OnRetry | None
    on_result: OnResult | None
    max_response_bytes: int
    deadline_s: float | None
    auto_reference: bool
    callbacks: CallbackSource | None


class ClientBase(Generic[Http]):
    """Options and connections of a client."""

    def __init__(self, options: Settings, connections: Connections[Http], *, owned: bool) -> None:
        self._settings = options
        self._connections: Connections[Http] = connections
        self._owned = owned

    @property
    def _http(self) -> Http:
        return self._connections.http()

    @property
    def base_url(self) -> str:
        """Root of the API."""
        return self._settings.base_url

    def with_options(self, **changes: Unpack[Options]) -> Self:
        """Return a light copy with other options; it shares the connections and never closes them.

        Args:
            **changes: Any of `Options`, as the client takes them.

        Raises:
            ConfigurationError: If a value is not usable, or an extra is missing.
        """
        if unknown := changes.keys() - Options.__annotations__.keys():
            msg = f"with_options() cannot change {', '.join(sorted(unknown))}"
            raise TypeError(msg)
        settings: dict[str, Any] = dict(changes)
        names = ("sender", "default_region", "validate", "auto_reference", "callbacks")
        rules = {name: settings.pop(name) for name in names if name in settings}
        if rules.get("default_region") is not None:
            phone_metadata(rules["default_region"])
        if "retries" in settings:
            settings["retries"] = retry_policy(settings["retries"])
        if "timeout" in settings:
            settings["timeouts"] = timeouts(settings.pop("timeout"))
        if "max_response_bytes" in settings:
            checked_limit(settings["max_response_bytes"])
        if "deadline_s" in settings:
            checked_deadline(settings["deadline_s"])
        new_rules = attrs.evolve(self._settings.rules, **rules)
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin.__dict__["_settings"] = attrs.evolve(self._settings, rules=new_rules, **settings)
        twin.__dict__["_owned"] = False
        return twin

    def _prepare(self, message: Any, fields: Mapping[str, Any]) -> Prepared | BaseException:
        """Return what is to be sent, or the error, which names the message by its reference."""
        prepared = quietly(prepare_send, message, fields, self._settings.rules)
        return named(prepared, fields.get("reference"))

    def _conduct(self, deadline_s: float | None) -> Conduct:
        options = self._settings
        limit = options.deadline_s if deadline_s is None else checked_deadline(deadline_s)
        return Conduct(
            options.retries,
            time.monotonic,
            math.inf if limit is None else time.monotonic() + limit,
            options.on_retry,
            options.on_result,
        )

    def __repr__(self) -> str:
        """Show the base URL, never the key."""
        # A traceback can show a client whose options were refused, and which has none.
        options = self.__dict__.get("_settings")
        shown = "" if options is None else f"base_url={options.base_url!r}"
        return f"{type(self).__name__}({shown})"

    def __getstate__(self) -> NoReturn:
        """Refuse to be pickled: the key would be readable in the bytes."""
        msg = "a client holds the API key and connections, so it is not pickled: make one in each process"
        raise TypeError(msg)


def quietly(work: Callable[..., T], *arguments: Any) -> T | BaseException:
    """Return what `work` returns or raises, without the frames it passed.

    The caller forgets its own arguments before it raises, so that no frame of a traceback holds them.
    """
    handled = sys.exception()
    try:
        return work(*arguments)
    except BaseException as error:  # noqa: BLE001 - it is raised again
        return without_frames(error, handled)


def named(prepared: T, reference: object) -> T:
    """Return what preparing ended with; an error knows the reference, which no message carries yet."""
    if isinstance(prepared, SmsManagerError) and isinstance(reference, str):
        prepared.references = (reference,)
    return prepared


def unfinished(
    failed: SmsManagerError | SendResult, statuses: Container[Status]
) -> tuple[SendResult, Prepared, list[int]]:
    """Return what to go on with after a call that did not reach every recipient.

    Args:
        failed: The result of the call, or the error that carries it.
        statuses: Which recipients to send to.

    Returns:
        The result, what each recipient was to get, and the positions of those to send to.

    Raises:
        ConfigurationError: If the result no longer knows what was to be sent.
    """
    result = failed.result if isinstance(failed, SmsManagerError) else failed
    prepared = None if result is None else result.prepared
    if result is None or prepared is None:
        raise ConfigurationError(
            "There is nothing to go on with: the error came before there were recipients, or the result was "
            "read from JSON, which keeps no messages. Nothing was sent."
        )
    return result, prepared, [o.index for o in result if o.status in statuses]


def unsent(*, resend_unknown: bool) -> frozenset[Status]:
    """Return the statuses of recipients that `resume` sends to."""
    certain = frozenset((Status.NOT_SENT, Status.REJECTED))
    return certain | {Status.UNKNOWN, Status.UNCONFIRMED} if resend_unknown else certain


def an_own_client(http_client: object, kind: type[object]) -> None:
    """Refuse what is not an httpx client of the kind that is needed.

    Raises:
        ConfigurationError: If it is not.
    """
    if not isinstance(http_client, kind):
        raise ConfigurationError(f"http_client must be an httpx.{kind.__name__}")


def no_options_beside_http_client(**options: object) -> None:
    """Refuse options that an own httpx client would ignore.

    Raises:
        ConfigurationError: If one is set.
    """
    ignored = [name for name, value in options.items() if value is not None and value is not True]
    if ignored:
        msg = f"{', '.join(ignored)} cannot be used with http_client: set it on the httpx client itself"
        raise ConfigurationError(msg)


class WrongRaw:
    """Stands where the generated client would make an httpx client of its own, without key or bounds."""

    def __init__(self, right: str) -> None:
        self._right = right

    def request(self, **_: object) -> NoReturn:
        """Refuse.

        Raises:
            ConfigurationError: Always.
        """
        msg = f"Nothing was sent: this .raw belongs to the other client, use that of {self._right}."
        raise ConfigurationError(msg)


def wrong_raw(right: str) -> WrongRaw:
    """Return what refuses calls of the other kind."""
    return WrongRaw(right)
