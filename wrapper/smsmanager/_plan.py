"""What is sent in which order, and what each answer means; no I/O, no clock of its own.

`plan` is a generator. It yields a `Request` to be sent and receives its answer, or yields a number of
seconds to wait. Errors are thrown into it. The two clients differ only in how they send and wait.
"""

from __future__ import annotations

import logging
import math
import sys
from collections.abc import Callable, Generator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from smsmanager._message.wire_requests import Operation, Request
from smsmanager._privacy import clear_frames
from smsmanager.errors import (
    NotSentError,
    PartialSendError,
    SmsManagerError,
    counted,
)
from smsmanager.ids import expand_message_id
from smsmanager.results import RecipientOutcome, SendResult, Status
from smsmanager.retry import OnRetry, Retry, RetryPolicy

if TYPE_CHECKING:
    from smsmanager._message.wire_requests import Prepared

logger = logging.getLogger("smsmanager")

OnResult: TypeAlias = Callable[[SendResult], object]
_MOST_KEY_DIGITS = 3
PERHAPS_TAKEN = frozenset((Status.UNKNOWN, Status.UNCONFIRMED))
"""Statuses of recipients that could get a message twice if it were sent again."""
CERTAINLY_NOT_TAKEN = frozenset((Status.NOT_SENT, Status.REJECTED))
"""Statuses of recipients that can be sent to again without sending anything twice."""


@attrs.define
class CallPolicy:
    """How often and how long one call goes on, and whom it informs.

    Attributes:
        retries: When to repeat a request.
        clock: Returns monotonic seconds.
        deadline_at: When the call must end, by that clock.
        on_retry: Called before the wait of each repetition.
        on_result: Called with the result of the call, however it ends.
    """

    retries: RetryPolicy
    clock: Callable[[], float]
    deadline_at: float = math.inf
    on_retry: OnRetry | None = None
    on_result: OnResult | None = None

    def wait_after(self, error: SmsManagerError, attempt: int, began: float) -> float | None:
        """Return the seconds to wait before the next attempt, or None when there is none."""
        now = self.clock()
        wait_s = self.retries.wait_after(error, attempt, now - began)
        return None if wait_s is None or now + wait_s >= self.deadline_at else wait_s


def plan(
    prepared: Prepared,
    policy: CallPolicy,
    earlier: SendResult | None = None,
    positions: Sequence[int] | None = None,
) -> Generator[Request | float, Any, SendResult]:
    """Send every request of a call, and repeat those that certainly were not taken.

    Args:
        prepared: The recipients and what each of them gets.
        policy: How often, how long, and whom to inform.
        earlier: What is known from an earlier call.
        positions: The recipients to send to, when not all.

    Yields:
        A request to send, answered with what the generated client parsed; or seconds to wait. An
        error that ends either must be thrown in.

    Returns:
        The result, one outcome per recipient.

    Raises:
        SmsManagerError: What stopped the call, with `result` set. A failure after other requests were
            answered is a `PartialSendError`.
    """
    outcomes = Outcomes(prepared, earlier)
    reported = False
    handled = sys.exception()
    try:
        for request in prepared.requests(positions):
            yield from _send(request, outcomes, policy, handled)
        result = outcomes.result()
        reported = True
        _call(policy.on_result, result)
    except BaseException as error:
        # An interruption while the result is counted, after the last answer, is included.
        result = outcomes.result()
        if not reported:
            clear_frames(error, handled)
            _call(policy.on_result, result)
        if not isinstance(error, SmsManagerError):
            text = f"smsmanager: of {len(result)} recipients: {counted(result.counts())}; see on_result"
            error.add_note(text)
            raise
        error.result, error.references = result, result.references
        if not outcomes.answers:
            raise
        raise PartialSendError(error, result) from error
    return result


def _send(
    request: Request, outcomes: Outcomes, policy: CallPolicy, handled: BaseException | None
) -> Generator[Request | float, Any, None]:
    began = policy.clock()
    attempt = 0
    while True:
        if policy.clock() >= policy.deadline_at:
            raise NotSentError("The deadline passed before this request. Nothing of it was sent.")
        attempt += 1
        # Noted first: whatever interrupts this call from here on, the request may have gone out.
        outcomes.in_flight(request)
        try:
            outcomes.answered(request, (yield request))
        except SmsManagerError as error:
            if not error.request_may_be_taken:
                outcomes.not_taken(request)
            wait_s = policy.wait_after(error, attempt, began)
            if wait_s is None:
                raise
            clear_frames(error, handled)
            failed, retry = type(error).__name__, Retry(attempt, wait_s, error)
        else:
            return
        logger.info("attempt %d failed (%s); next one in %.1f s", attempt, failed, wait_s)
        _call(policy.on_retry, retry)
        yield wait_s


def _call(hook: Callable[[Any], object] | None, event: object) -> None:
    """Call a hook; what it raises must not hide what became of the messages."""
    if hook is None:
        return
    try:
        hook(event)
    except Exception as error:  # noqa: BLE001 - anything that a caller's function raises
        logger.warning("a hook raised %s; sending goes on", type(error).__name__)


class Outcomes:
    """What is known of each recipient so far; initially, that nothing was sent.

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
        for position in request.positions:
            if self._before[position][0] in PERHAPS_TAKEN:
                self._prepared.sent_before.add(position)
            self._known[position] = (Status.UNKNOWN, None, None)

    def not_taken(self, request: Request) -> None:
        """Note that a request was certainly not taken: what was known before it holds."""
        for position in request.positions:
            self._known[position] = self._before[position]

    def answered(self, request: Request, answer: Any) -> None:
        """Note what an answer says. Only `accepted` makes a recipient accepted; no id is invented."""
        self.answers += 1
        request_id = _id(getattr(answer, "request_id", None))
        accepted = getattr(answer, "accepted", None)
        if request.operation is Operation.SIMPLE:
            alone = [{"key": 0, "message_id": getattr(answer, "message_id", None)}]
            taken = _by_key(alone if accepted is True else [])
            refused = _by_key(alone if accepted is False else [])
        else:
            taken, refused = _by_key(accepted), _by_key(getattr(answer, "rejected", None))
        is_batch = request.operation is Operation.BATCH
        for key, positions in enumerate(request.keyed):
            message_id = taken.get(key)
            status = Status.REJECTED if key in refused else Status.UNCONFIRMED
            if key in taken:
                status = Status.ACCEPTED
            for index, position in enumerate(positions):
                if status is Status.REJECTED and self._before[position][0] in PERHAPS_TAKEN:
                    # Its first request may have been taken, so sending to it again is not safe.
                    self._known[position] = self._before[position]
                    continue
                own = (
                    expand_message_id(message_id, index) if message_id and is_batch else message_id
                )
                self._known[position] = (status, own, request_id)

    def result(self) -> SendResult:
        """Return what is known, in the order given."""
        prepared = self._prepared
        references = [content.reference for content in prepared.contents]
        rows = zip(prepared.given, prepared.numbers, prepared.message_of, self._known, strict=True)
        outcomes = tuple(
            RecipientOutcome(index, given, number, *known, message_of, references[message_of])
            for index, (given, number, message_of, known) in enumerate(rows)
        )
        return SendResult(outcomes, prepared)


def _by_key(items: Any) -> dict[int, str | None]:
    """Return the ids in a list of the answer, by position; items without a position are left out."""
    found: dict[int, str | None] = {}
    for item in items if isinstance(items, list) else ():
        # A single malformed item makes the generated parser leave the whole list unparsed.
        read = item.get if isinstance(item, dict) else partial(getattr, item)
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
