"""What is sent in which order, and what each answer means; no I/O, no clock of its own.

`plan` is a generator: it yields a `Request` to be sent and is sent its answer or its error, and it yields a
number of seconds to be waited. The two clients differ only in who does the sending and the waiting.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Generator, Sequence
from functools import partial as bound
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from smsmanager._message.requests import Operation, Request
from smsmanager.errors import NotSentError, PartialSendError, SmsManagerError
from smsmanager.ids import expand_message_id
from smsmanager.results import RecipientOutcome, SendResult, Status
from smsmanager.retry import OnRetry, Retry, RetryPolicy

if TYPE_CHECKING:
    from smsmanager._message.requests import Prepared

logger = logging.getLogger("smsmanager")

OnResult: TypeAlias = Callable[[SendResult], object]
_MOST_KEY_DIGITS = 3
_PERHAPS_TAKEN = frozenset((Status.UNKNOWN, Status.UNCONFIRMED))


@attrs.frozen
class Conduct:
    """How a call is conducted.

    Attributes:
        policy: When to repeat a request.
        clock: Returns seconds that only grow.
        deadline_at: When the call has to end, by that clock.
        on_retry: Told of each repetition before its wait.
        on_result: Told at the end of every call, however it ends.
    """

    policy: RetryPolicy
    clock: Callable[[], float]
    deadline_at: float = math.inf
    on_retry: OnRetry | None = None
    on_result: OnResult | None = None

    def wait_after(self, error: SmsManagerError, attempt: int, began: float) -> float | None:
        """Return the seconds to wait before the next attempt, or None when there is none."""
        now = self.clock()
        wait_s = self.policy.wait_after(error, attempt, now - began)
        return None if wait_s is None or now + wait_s >= self.deadline_at else wait_s


def plan(
    prepared: Prepared,
    conduct: Conduct,
    earlier: SendResult | None = None,
    positions: Sequence[int] | None = None,
) -> Generator[Request | float, Any, SendResult]:
    """Send every request of a call, and repeat those that certainly were not taken.

    Args:
        prepared: The recipients and what each of them gets.
        conduct: How often, how long, and who is told.
        earlier: What is known from an earlier call.
        positions: The recipients to send to, when not all.

    Yields:
        A request to be sent, answered with what the generated client parsed or with the `SmsManagerError`;
        or seconds to wait. Whatever else ends a request is to be thrown in.

    Returns:
        The result, one outcome a recipient.

    Raises:
        SmsManagerError: What stopped the call, with `result` set. A failure after other requests were
            answered is a `PartialSendError`.
    """
    outcomes = Outcomes(prepared, earlier)
    told = False
    try:
        for request in prepared.requests(positions):
            yield from _send(request, outcomes, conduct)
        result = outcomes.result()
        told = True
        _tell(conduct.on_result, result)
    except BaseException as error:
        # Also what interrupts the counting behind the last answer.
        result = outcomes.result()
        if not told:
            _tell(conduct.on_result, result)
        if isinstance(error, SmsManagerError):
            final = _with_result(error, result, partial=outcomes.answers > 0)
            raise final from final.__cause__
        error.add_note(f"smsmanager: of {len(result)} recipients: {counted(result)}; see on_result")
        raise
    return result


def _send(
    request: Request, outcomes: Outcomes, conduct: Conduct
) -> Generator[Request | float, Any, None]:
    began = conduct.clock()
    attempt = 0
    while True:
        if conduct.clock() >= conduct.deadline_at:
            raise NotSentError("The deadline passed before this request. Nothing of it was sent.")
        attempt += 1
        # Noted first: whatever interrupts this call from here on, the request may have gone out.
        outcomes.in_flight(request)
        answer = yield request
        if not isinstance(answer, SmsManagerError):
            outcomes.answered(request, answer)
            return
        if not answer.request_may_be_taken:
            outcomes.not_taken(request)
        wait_s = conduct.wait_after(answer, attempt, began)
        if wait_s is None:
            raise answer
        failed = type(answer).__name__
        logger.info("attempt %d failed (%s); next one in %.1f s", attempt, failed, wait_s)
        _tell(conduct.on_retry, Retry(attempt, wait_s, answer))
        yield wait_s


def _tell(hook: Callable[[Any], object] | None, event: object) -> None:
    """Call a hook; what it raises must not hide what became of the messages."""
    if hook is None:
        return
    try:
        hook(event)
    except Exception as error:  # noqa: BLE001 - anything that a caller's function raises
        logger.warning("a hook raised %s; sending goes on", type(error).__name__)


def counted(result: SendResult) -> str:
    """Return how many recipients have each status, in words."""
    return ", ".join(f"{count} {status}" for status, count in result.counts().items())


def _with_result(error: SmsManagerError, result: SendResult, *, partial: bool) -> SmsManagerError:
    error.result = result
    error.references = result.references
    if not partial:
        return error
    whole = PartialSendError(error, result)
    whole.__cause__ = error
    return whole


class Outcomes:
    """What is known of each recipient so far; at first that nothing was sent.

    Attributes:
        answers: How many requests were answered.
    """

    def __init__(self, prepared: Prepared, earlier: SendResult | None = None) -> None:
        self.answers = 0
        self._prepared = prepared
        self._known: list[tuple[Status, str | None, str | None]]
        if earlier is None:
            self._known = [(Status.NOT_SENT, None, None)] * len(prepared.numbers)
        else:
            self._known = [(o.status, o.message_id, o.request_id) for o in earlier]
        self._before = self._known.copy()

    def in_flight(self, request: Request) -> None:
        """Note that a request may have been taken."""
        for message in request.messages:
            for position in message.positions:
                self._known[position] = (Status.UNKNOWN, None, None)

    def not_taken(self, request: Request) -> None:
        """Note that a request was certainly not taken: what was known before it holds."""
        for message in request.messages:
            for position in message.positions:
                self._known[position] = self._before[position]

    def _note(
        self, position: int, status: Status, message_id: str | None, request_id: str | None
    ) -> None:
        # A recipient whose first request may have been taken is not free to be sent to again because a
        # second one was rejected.
        if status is Status.REJECTED and self._before[position][0] in _PERHAPS_TAKEN:
            self._known[position] = self._before[position]
        else:
            self._known[position] = (status, message_id, request_id)

    def answered(self, request: Request, answer: Any) -> None:
        """Note what an answer says: decided by `accepted` alone, and nothing is ever invented."""
        self.answers += 1
        request_id = _id(getattr(answer, "request_id", None))
        accepted = getattr(answer, "accepted", None)
        if request.operation is Operation.SIMPLE:
            if accepted is True:
                message_id = _id(getattr(answer, "message_id", None))
                self._note(0, Status.ACCEPTED, message_id, request_id)
            else:
                status = Status.REJECTED if accepted is False else Status.UNCONFIRMED
                self._note(0, status, None, request_id)
            return
        taken = _by_key(accepted)
        refused = _by_key(getattr(answer, "rejected", None))
        if request.operation is not Operation.BATCH:
            for key, position in enumerate(request.messages[0].positions):
                status = _status(key, taken, refused)
                self._note(position, status, taken.get(key), request_id)
            return
        for key, message in enumerate(request.messages):
            status, message_id = _status(key, taken, refused), taken.get(key)
            for index, position in enumerate(message.positions):
                own = None if message_id is None else expand_message_id(message_id, index)
                self._note(position, status, own, request_id)

    def result(self) -> SendResult:
        """Return what is known, in the order given."""
        prepared = self._prepared
        references = [content.reference for content in prepared.contents]
        rows = zip(prepared.given, prepared.numbers, prepared.message_of, self._known, strict=True)
        return SendResult(
            tuple(
                RecipientOutcome(
                    index,
                    given,
                    number,
                    status,
                    message_id,
                    request_id,
                    message_of,
                    references[message_of],
                )
                for index, (
                    given,
                    number,
                    message_of,
                    (status, message_id, request_id),
                ) in enumerate(rows)
            ),
            prepared,
        )


def _status(key: int, taken: dict[int, str | None], refused: dict[int, str | None]) -> Status:
    if key in taken:
        return Status.ACCEPTED
    return Status.REJECTED if key in refused else Status.UNCONFIRMED


def _by_key(items: Any) -> dict[int, str | None]:
    """Return the ids of a list of the answer by position; what names no position is left out."""
    found: dict[int, str | None] = {}
    for item in items if isinstance(items, list) else ():
        # One odd element makes the generated parser leave the whole list as it came.
        read = item.get if isinstance(item, dict) else bound(getattr, item)
        key = _key(read("key", None))
        if key is not None:
            found.setdefault(key, _id(read("message_id", None)))
    return found


def _key(value: Any) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value) if len(value) <= _MOST_KEY_DIGITS else None
    return None


def _id(value: Any) -> str | None:
    if isinstance(value, str):
        return value or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None
