"""What both clients share: options, copies, preparing, and what must not be printed or pickled."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar, Unpack

from smsmanager._config import ClientOptions, Settings, checked_deadline
from smsmanager._plan import CERTAINLY_NOT_TAKEN, PERHAPS_TAKEN, CallPolicy, plan
from smsmanager._privacy import hides_locals
from smsmanager.errors import SmsManagerError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from smsmanager._message.requests import Prepared, Request
    from smsmanager._transport.connections import Connections
    from smsmanager.results import SendResult, Status

Exchange = TypeVar("Exchange")


class ClientBase:
    """Options and connections of a client.

    Args:
        settings: The options, checked.
        connections: What to send with.
    """

    def __init__(self, settings: Settings, connections: Connections) -> None:
        self._settings = settings
        self._connections = connections
        self._is_copy = False

    @property
    def base_url(self) -> str:
        """Root of the API."""
        return self._settings.base_url

    @hides_locals
    def with_options(self, **changes: Unpack[ClientOptions]) -> Self:
        """Return a light copy with other options; it shares the connections and never closes them.

        Args:
            **changes: Any of `ClientOptions`.

        Raises:
            ConfigurationError: If a value cannot be used, or an extra is missing.
        """
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin._settings = self._settings.changed(changes)
        twin._is_copy = True
        return twin

    def _prepared(
        self, reference: object, prepare: Callable[..., Prepared], *arguments: Any
    ) -> Prepared:
        """Return what is to be sent. An error names the message by the reference that it would have had."""
        try:
            return prepare(*arguments, self._settings)
        except SmsManagerError as error:
            if isinstance(reference, str) and reference:
                error.references = (reference,)
            raise

    def _begin(
        self,
        exchange: Callable[[Connections, Settings, float], Exchange],
        prepared: Prepared,
        deadline_s: float | None,
        earlier: SendResult | None = None,
        positions: Sequence[int] | None = None,
    ) -> tuple[Generator[Request | float, Any, SendResult], Exchange]:
        """Return the plan of a call and what carries its requests."""
        settings = self._settings
        limit_s = settings.deadline_s if deadline_s is None else checked_deadline(deadline_s)
        deadline_at = math.inf if limit_s is None else time.monotonic() + limit_s
        policy = CallPolicy(
            settings.retries, time.monotonic, deadline_at, settings.on_retry, settings.on_result
        )
        steps = plan(prepared, policy, earlier, positions)
        return steps, exchange(self._connections, settings, deadline_at)

    def __repr__(self) -> str:
        """Show the base URL, never the key."""
        # A traceback can show a client whose options were refused, and which has none.
        settings = self.__dict__.get("_settings")
        shown = "" if settings is None else f"base_url={settings.base_url!r}"
        return f"{type(self).__name__}({shown})"

    def __getstate__(self) -> NoReturn:
        """Refuse to be pickled: the key would be readable in the bytes."""
        text = "a client holds the API key and connections, so it is not pickled: make one in each process"
        raise TypeError(text)


def to_resume(*, resend_unknown: bool) -> frozenset[Status]:
    """Return the statuses of recipients that `resume` sends to."""
    return CERTAINLY_NOT_TAKEN | PERHAPS_TAKEN if resend_unknown else CERTAINLY_NOT_TAKEN
