"""The order of requests and the meaning of each answer; no I/O. The caller passes the monotonic clock.

`plan` is a generator. It yields a `Request` to be sent and receives its answer, or yields a number of
seconds to wait. Errors are thrown into it. The two clients differ only in how they send and wait.
"""

from __future__ import annotations

import logging
import math
import sys
import time
from collections.abc import Awaitable, Callable, Generator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from smsmanager._config import call_hook
from smsmanager._message.wire_requests import Operation, Request
from smsmanager._privacy import clear_frames
from smsmanager.errors import NotSentError, PartialSendError, SmsManagerError, counted
from smsmanager.ids import expand_message_id
from smsmanager.results import RecipientOutcome, SendResult, Status
from smsmanager.retry import Retry

if TYPE_CHECKING:
    from smsmanager._config import Settings
    from smsmanager._message.wire_requests import Prepared

logger = logging.getLogger("smsmanager")
Steps: TypeAlias = "Generator[Request | float, Any, SendResult]"
call_logger = logging.getLogger("smsmanager.calls")

PERHAPS_TAKEN = frozenset((Status.UNKNOWN, Status.UNCONFIRMED))
"""Statuses of recipients that could get a message twice if it were sent again."""
CERTAINLY_NOT_TAKEN = frozenset((Status.NOT_SENT, Status.REJECTED))
"""Statuses of recipients that can be sent to again without sending anything twice."""


def plan(
    prepared: Prepared,
    settings: Settings,
    clock: Callable[[], float],
    deadline_at: float = math.inf,
    earlier: SendResult | None = None,
    positions: Sequence[int] | None = None,
) -> Steps:
    """Send every request of a call, and repeat those that certainly were not taken.

    The call ends by `deadline_at`, in seconds of the monotonic `clock`. It can continue from an `earlier`
    result, with only the recipients at `positions`.

    Yields:
        A request to send, answered with the JSON object of its answer; or seconds to wait. An
        error that ends either must be thrown into the plan.

    Raises:
        SmsManagerError: The error that stopped the call, with `result` set. A failure after other requests
            were answered is a `PartialSendError`.
    """
    if earlier is not None and positions is not None and not positions:
        return earlier
    outcomes = Outcomes(prepared, earlier)
    reported = False
    handled = sys.exception()
    try:
        for request in prepared.requests(positions):
            yield from _send(request, outcomes, settings, clock, deadline_at, handled)
        result = outcomes.result()
        reported = True
        _report(result, settings)
    except BaseException as error:
        # This also covers an interruption after the last answer, while the result is counted.
        result = outcomes.result()
        if not reported:
            clear_frames(error, handled)
            _report(result, settings)
        if not isinstance(error, SmsManagerError):
            error.add_note(f"smsmanager: recipients: {counted(result.counts())}; see on_result")
            raise
        error.result, error.references = result, result.references
        if not outcomes.answers:
            raise
        raise PartialSendError(error, result) from error
    return result


def _send(
    request: Request,
    outcomes: Outcomes,
    settings: Settings,
    clock: Callable[[], float],
    deadline_at: float,
    handled: BaseException | None,
) -> Generator[Request | float, Any, None]:
    began = clock()
    attempt = 0
    while True:
        if clock() >= deadline_at:
            raise NotSentError("The deadline passed before this request. No part of it was sent.")
        attempt += 1
        # Recorded first: if anything interrupts the call from here on, the request may have gone out.
        outcomes.in_flight(request)
        try:
            outcomes.answered(request, (yield request))
        except SmsManagerError as error:
            if not error.request_may_be_taken:
                outcomes.not_taken(request)
            now = clock()
            wait_s = settings.retries.wait_after(error, attempt, now - began)
            if wait_s is None or now + wait_s >= deadline_at:
                raise
            clear_frames(error, handled)
            failed, retry = type(error).__name__, Retry(attempt, wait_s, error)
        else:
            return
        logger.info("attempt %d failed (%s); next one in %.1f s", attempt, failed, wait_s)
        call_hook(settings.on_retry, retry)
        yield wait_s


def follow(
    steps: Generator[Any, Any, Any], act: Callable[[Any], Any], until: tuple[type, ...] = ()
) -> Any:
    """Carry out each step of a plan, and throw the error of a step into it.

    Returns the first step of a class in `until`, or the `StopIteration` that ends the plan, with its result.
    """
    last = (StopIteration, *until)
    step = _next(steps.send, None)
    while not isinstance(step, last):
        try:
            answer = act(step)
        except BaseException as error:  # noqa: BLE001 - the plan raises it again
            step = _next(steps.throw, error)
        else:
            step = _next(steps.send, answer)
    return step


async def follow_async(
    steps: Generator[Any, Any, Any],
    act: Callable[[Any], Awaitable[Any]],
    until: tuple[type, ...] = (),
) -> Any:
    """Carry out each step of a plan asynchronously; see `follow`."""
    last = (StopIteration, *until)
    step = _next(steps.send, None)
    while not isinstance(step, last):
        try:
            answer = await act(step)
        except BaseException as error:  # noqa: BLE001 - the plan raises it again
            step = _next(steps.throw, error)
        else:
            step = _next(steps.send, answer)
    return step


def _next(advance: Callable[[Any], Any], value: object) -> Any:
    try:
        return advance(value)
    except StopIteration as end:
        # With its traceback, it would form a reference cycle with the frame that receives it.
        return end.with_traceback(None)


def _report(result: SendResult, settings: Settings) -> None:
    if call_logger.isEnabledFor(logging.INFO):
        counts = result.counts()
        call_logger.info("a call ended: %s", counted(counts), extra={"recipients": counts})
    for hook in (getattr(settings.observer, "ended", None), settings.on_result):
        if hook is not None:
            call_hook(hook, result)


class Outcomes:
    """What is known about each recipient so far, and the number of `answers`.

    It starts from an earlier result, or from *not sent* for every recipient.
    """

    def __init__(self, prepared: Prepared, earlier: SendResult | None = None) -> None:
        self.answers = 0
        self._prepared = prepared
        self._known: list[tuple[Status, str | None, str | None]]
        self._known = [(Status.NOT_SENT, None, None)] * len(prepared.numbers)
        self._called: tuple[float, float] | None = (time.time(), 0)
        self._again: set[int] = set()
        if earlier is not None:
            self._known = [(o.status, o.message_id, o.request_id) for o in earlier]
            self._called, self._again = earlier.called, {*(earlier.sent_again or ())}
        self._before = self._known.copy()

    def in_flight(self, request: Request) -> None:
        """Record that a request may have been taken."""
        for position in request.positions:
            if self._before[position][0] in PERHAPS_TAKEN:
                self._again.add(position)
            self._known[position] = (Status.UNKNOWN, None, None)

    def not_taken(self, request: Request) -> None:
        """Record that a request was certainly not taken: the earlier outcomes remain valid."""
        for position in request.positions:
            self._known[position] = self._before[position]

    def answered(self, request: Request, answer: dict[str, Any]) -> None:
        """Record an answer. Only `accepted` makes a recipient accepted; no id is invented."""
        self.answers += 1
        request_id, accepted = _id(answer.get("request_id")), answer.get("accepted")
        if request.operation is Operation.SIMPLE:
            alone = [{"key": "0", "message_id": answer.get("message_id")}]
            taken = _by_key(alone if accepted is True else [])
            refused = _by_key(alone if accepted is False else [])
        else:
            taken, refused = _by_key(accepted), _by_key(answer.get("rejected"))
        is_batch = request.operation is Operation.BATCH
        for place, positions in enumerate(request.keyed):
            key = str(place)
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
        rows = zip(prepared.given, prepared.numbers, self._known, prepared.message_of, strict=True)
        outcomes = [
            RecipientOutcome(index, given, number, *known, at, prepared.contents[at].reference)
            for index, (given, number, known, at) in enumerate(rows)
        ]
        called = self._called and (self._called[0], time.time())
        return SendResult(tuple(outcomes), prepared, called, frozenset(self._again))


def _by_key(items: Any) -> dict[str, str | None]:
    """Return the ids in one list of the answer, keyed by the position that each item names."""
    found: dict[str, str | None] = {}
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict):
            # The API reference gives the position as a string, a guide as a number.
            found.setdefault(str(item.get("key")), _id(item.get("message_id")))
    return found


def _id(value: Any) -> str | None:
    if isinstance(value, str):
        return value or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None
