"""Questions, and when to repeat them; no I/O.

A plan is a generator. It yields a `Question` and receives its answer, yields a number of seconds to wait, or
yields `Found` with an item for the caller of an iterator. Errors are thrown into it. The two services differ
only in how they send and wait.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Generator, Mapping
from enum import Enum
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import attrs

from smsmanager.asking.asking_errors import private_strings, refusal_in_success, retold
from smsmanager.errors import NotSentError, SmsManagerError
from smsmanager.retry import Retry

if TYPE_CHECKING:
    from smsmanager._config import Settings

logger = logging.getLogger("smsmanager")

_UNCHANGED = "Nothing was changed; ask again."


class Effect(Enum):
    """The effect of an operation, which decides what a failure leaves open."""

    NONE = "asks"
    """It changes nothing, so it can always be repeated."""
    SAME_TWICE = "sets"
    """It changes something; repeating it leaves the same state."""
    CANCELS = "cancels"
    """It cancels; the answer to a second attempt is not documented."""

    @property
    def changes(self) -> bool:
        """Whether the operation changes anything."""
        return self is not Effect.NONE

    @property
    def can_be_repeated(self) -> bool:
        """Whether it can be repeated after an answer was lost."""
        return self is not Effect.CANCELS

    @property
    def when_lost(self) -> str:
        """What a lost answer leaves open, and what to do."""
        if self is Effect.NONE:
            return _UNCHANGED
        if self is Effect.SAME_TWICE:
            return "The change may have been made. Repeating it leaves the same state."
        return "The message may have been cancelled; ask for its status before you try again."

    @property
    def when_500(self) -> str:
        """What a 500 means, and what to do."""
        if self is Effect.NONE:
            return f"The service failed. {_UNCHANGED}"
        return (
            "Nothing was changed. The service reports refusals with a 500 too, so asking again unchanged may "
            "never help."
        )


@attrs.frozen
class Question:
    """One operation of the REST API.

    Attributes:
        operation: Folder and name of the generated module, such as `status.get_message`.
        arguments: The arguments of the module's functions.
        effect: Its effect.
        false_is_an_answer: Whether `success: false` in a 200 is an answer, not a refusal.
        url: For a download: its address, a secret, used instead of the operation.
        deadline_at: When the answer must be there, by the monotonic clock.
    """

    operation: str
    arguments: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    effect: Effect = Effect.NONE
    false_is_an_answer: bool = False
    url: str | None = attrs.field(default=None, repr=False)
    deadline_at: float = math.inf

    def request(self) -> dict[str, Any]:
        """Return the arguments of an exchange's `request`."""
        if self.url is not None:
            return {"method": "get", "url": self.url}
        module = import_module(f"smsmanager_rest.api.{self.operation}")
        built: dict[str, Any] = module._get_kwargs(**self.arguments)  # noqa: SLF001 - as the generated functions do
        return built


@attrs.frozen
class Found:
    """An item that an iterator returns to its caller."""

    item: Any = attrs.field(repr=False)


T = TypeVar("T")
Steps: TypeAlias = Generator[Question | float | Found, Any, T]


def asked(question: Question, settings: Settings) -> Steps[Any]:
    """Ask one question, and repeat it as often as the client's options say and the operation allows.

    Returns:
        The JSON object of a 200, or the bytes of a download.

    Raises:
        SmsManagerError: If there is no answer, or a refusal.
    """
    clock, deadline_at = time.monotonic, math.inf
    began = clock()
    if settings.deadline_s is not None:
        deadline_at = began + settings.deadline_s
    question = attrs.evolve(question, deadline_at=deadline_at)
    private = private_strings(question.request(), settings.api_key)
    attempt = 0
    while True:
        if clock() >= deadline_at:
            raise NotSentError("The deadline passed before this question. Nothing was asked.")
        attempt += 1
        try:
            answer = yield question
        except SmsManagerError as error:
            failure = retold(error, question, private)
        else:
            refused = isinstance(answer, dict) and answer.get("success") is False
            if refused and not question.false_is_an_answer:
                raise refusal_in_success(answer, private)
            return answer
        now = clock()
        wait_s = settings.retries.wait_after(failure, attempt, now - began)
        if wait_s is None or now + wait_s >= deadline_at:
            # Outside the handler, so that the exchange's error, worded for a send, is not shown with it.
            raise failure
        logger.info(
            "question %d failed (%s); again in %.1f s", attempt, type(failure).__name__, wait_s
        )
        _tell(settings, Retry(attempt, wait_s, failure))
        yield wait_s


def _tell(settings: Settings, retry: Retry) -> None:
    """Call the hook; its errors must not stop the question."""
    if settings.on_retry is not None:
        try:
            settings.on_retry(retry)
        except Exception as error:  # noqa: BLE001 - anything that a caller's function raises
            logger.warning("a hook raised %s; asking continues", type(error).__name__)
