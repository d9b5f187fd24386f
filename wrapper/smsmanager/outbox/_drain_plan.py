"""The order of the steps of an outbox; no I/O, and the clock is passed in.

Each plan is a generator that yields a `Work` for the database, an `Ask` for the client, or seconds to wait.
Errors are thrown into it. A claim is committed before its request leaves, and its outcome is recorded under
the fence of the claim, so a process can die, or lose its database, at any step.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import attrs

from smsmanager.asking.service_target import target_of
from smsmanager.errors import (
    ApiError,
    AuthenticationError,
    NotSentError,
    PartialSendError,
    SmsManagerError,
)
from smsmanager.ids import new_reference
from smsmanager.outbox._kept_message import joined, stored_result, unsent
from smsmanager.outbox._outbox_steps import Ask, Clocks, Plan, Work
from smsmanager.outbox._outbox_store import MOST_KEYS, Claimed, Note, OutboxStore
from smsmanager.outbox.outbox_entry import NOT_TAKEN, Drained, OutboxState
from smsmanager.outbox.outbox_errors import (
    EXPIRED,
    MessageExpiredError,
    OutboxError,
    OutboxTargetError,
    SendInProgressError,
)
from smsmanager.results import SendResult, Status
from smsmanager.webhooks.tracker._delivery_state import storable

if TYPE_CHECKING:
    from smsmanager._config import Settings
    from smsmanager.outbox._adding import NewRow
    from smsmanager.results import RecipientOutcome

logger = logging.getLogger("smsmanager")

_ATTEMPTS = 5
_ABOUT_THE_MESSAGE = frozenset((400, 413, 415, 422))
_SHORTEST_WAIT_S, _LONGEST_WAIT_S = 2.0, 300.0
_LOOK_EVERY_S = 0.25
_TRIES_TO_NOTE = 2
"""The database session can be lost while a request is in flight."""


class Sending:
    """The plans that send.

    Args:
        store: The table.
        settings: The settings of the client.
        clocks: The clocks.
        call_s: Maximum seconds from a claim to the end of its call; shorter than the lease.
    """

    def __init__(
        self, store: OutboxStore, settings: Settings, clocks: Clocks, call_s: float
    ) -> None:
        self._store, self._settings, self._clocks = store, settings, clocks
        self._call_s = min(call_s, settings.deadline_s or call_s)

    def once(self, make_row: Callable[[], NewRow], wait_s: float) -> Plan[SendResult]:
        """Send the message of one key now, unless it was sent, or may have been; see `Outbox.send_once`."""
        row, waited_s = make_row(), 0.0
        while True:
            began, fence = self._clocks.monotonic(), new_reference()
            take = partial(self._store.take, self._settings, row, self._clocks.now(), fence)
            claimed, found = yield from self._claim(take, fence)
            if claimed is not None:
                return (yield from self._send_claimed(claimed, began, row["expires_s"]))
            if found.state == OutboxState.EXPIRED.value:
                raise MessageExpiredError(EXPIRED)
            if found.state != OutboxState.IN_FLIGHT.value:
                return stored_result(found)
            if waited_s >= wait_s:
                raise SendInProgressError(
                    "Another process is sending this message, or died while sending it. Nothing was sent by "
                    "this call. Call again for the outcome, which is settled at the latest when the lease "
                    "ends, or pass wait_s."
                )
            pause_s = min(_LOOK_EVERY_S, wait_s - waited_s)
            yield pause_s
            waited_s += pause_s

    def _send_claimed(
        self, claimed: Claimed, began: float, expires_s: float | None
    ) -> Plan[SendResult]:
        # The time limit of this call is for its request only; later requests have that of the key.
        ends_s = [each for each in (claimed.expires_s, expires_s) if each is not None]
        now_or_never = attrs.evolve(claimed, expires_s=min(ends_s, default=None))
        result, error = yield from self._call([now_or_never], began)
        [note] = self._notes([claimed], result, error)
        if not claimed.is_drained and note.state is OutboxState.PENDING:
            # No drain may send it: the next call with this key does.
            was_rejected = result is not None and bool(result.rejected)
            state = OutboxState.REJECTED if was_rejected else OutboxState.NOT_SENT
            note = attrs.evolve(note, state=state, due_s=None, reason=_reason(error))
        try:
            yield from self._record([note])
        except OutboxError as failure:
            logger.warning(
                "the outcome of a message could not be recorded (%s): its key becomes unknown",
                type(failure).__name__,
            )
        if error is not None:
            raise error
        return cast("SendResult", result)

    def drain(self, most: int | None, *, takes_over: bool) -> Plan[Drained]:
        """Send the messages that are due, most urgent first; see `Outbox.drain`."""
        only_for = None if takes_over else target_of(self._settings.base_url)
        counts: Counter[OutboxState] = Counter()
        counts.update((yield Work(partial(self._store.tend, self._clocks.now()))))
        failure: SmsManagerError | None = None
        left = most
        while failure is None and (left is None or left > 0):
            began, fence = self._clocks.monotonic(), new_reference()
            limit = MOST_KEYS if left is None else left
            now_s = self._clocks.now()
            claim = partial(self._store.claim_next, self._settings, now_s, fence, limit, only_for)
            try:
                claimed, others = yield from self._claim(claim, fence)
            except OutboxTargetError as error:
                failure = error
                break
            if not claimed and not others.total():
                break
            counts.update(others)
            if left is not None:
                left -= len(claimed) + others.total()
            if claimed:
                failure = yield from self._send(claimed, began, counts)
        return Drained({state: count for state, count in counts.items() if count}, failure)

    def _claim(self, claim: Callable[[], Any], fence: str) -> Plan[Any]:
        """Claim keys. If this fails or is interrupted, release them, because it may have succeeded."""
        try:
            return (yield Work(claim))
        except GeneratorExit:
            raise
        except BaseException as error:
            try:
                yield Work(partial(self._store.release, fence))
            except OutboxError:
                logger.warning("claimed messages could not be released: their keys become unknown")
            raise error from None

    def _send(
        self, claimed: Sequence[Claimed], began: float, counts: Counter[OutboxState]
    ) -> Plan[SmsManagerError | None]:
        """Send claimed keys in one request; if the service refuses it, send each of them alone."""
        todo: list[Sequence[Claimed]] = [claimed]
        try:
            return (yield from self._send_parts(todo, began, counts))
        except GeneratorExit:
            raise
        except BaseException:
            # These were never sent.
            with suppress(OutboxError):
                yield from self._record(_put_back(todo))
            raise

    def _send_parts(
        self, todo: list[Sequence[Claimed]], began: float, counts: Counter[OutboxState]
    ) -> Plan[SmsManagerError | None]:
        while todo:
            part = todo.pop(0)
            result, error = yield from self._call(part, began)
            notes = self._notes(part, result, error)
            is_over = error is not None and not _is_refusal(error)
            if is_over:
                notes += _put_back(todo)
                todo.clear()
            elif error is not None and len(part) > 1:
                # It is not known which message was refused, and none of these was accepted.
                refused = [note for note in notes if note.reason is not None]
                todo += [[note.claimed] for note in refused]
                notes = [note for note in notes if note not in refused]
            yield from self._record(notes)
            counts.update(note.state for note in notes)
            if error is not None and is_over:
                if _is_raised(error):
                    raise error
                return error
        return None

    def _call(
        self, part: Sequence[Claimed], began: float
    ) -> Plan[tuple[SendResult | None, SmsManagerError | None]]:
        """Send claimed keys; return the result and the error."""
        now_s = self._clocks.now()
        left_s = self._call_s - (self._clocks.monotonic() - began)
        earlier = unsent(joined([each.prepared for each in part]), now_s)
        expiring = [each.expires_s for each in part if each.expires_s is not None]
        if left_s <= 0 or any(expires_s <= now_s for expires_s in expiring):
            text = (
                "The time limit of this message passed before its request left. Nothing was sent."
            )
            return earlier, NotSentError(text, earlier)

        def send(client: Any) -> Any:
            # Repeated by the outbox, which checks the time limit, not by the client.
            quick = client.with_options(retries=0) if expiring else client
            return quick.resume(earlier, deadline_s=left_s)

        try:
            return (yield Ask(send)), None
        except SmsManagerError as error:
            return error.result, error
        except GeneratorExit:
            raise
        except BaseException:
            # Ctrl-C or a cancelled task: nothing will read the answer.
            yield from self._record([Note(each, OutboxState.UNKNOWN) for each in part])
            raise

    def _notes(
        self,
        part: Sequence[Claimed],
        result: SendResult | None,
        error: SmsManagerError | None,
    ) -> list[Note]:
        notes = []
        at = 0
        for claimed in part:
            outcome = None if result is None else result[at]
            at += len(claimed.prepared.numbers)
            notes.append(self._note(claimed, outcome, error))
        return notes

    def _note(
        self, claimed: Claimed, outcome: RecipientOutcome | None, error: SmsManagerError | None
    ) -> Note:
        note = self._note_of_this_request(claimed, outcome, error)
        if claimed.perhaps_taken and note.state in (*NOT_TAKEN, OutboxState.EXPIRED):
            # That this request was not accepted says nothing about the previous one.
            return attrs.evolve(note, state=OutboxState.UNKNOWN)
        return note

    def _note_of_this_request(
        self, claimed: Claimed, outcome: RecipientOutcome | None, error: SmsManagerError | None
    ) -> Note:
        status = Status.NOT_SENT if outcome is None else outcome.status
        now_s = self._clocks.now()
        if status is Status.NOT_SENT and _is_refusal(error):
            return Note(claimed, OutboxState.NOT_SENT, reason=_reason(error))
        is_over = claimed.expires_s is not None and claimed.expires_s <= now_s
        is_a_try = status is not Status.NOT_SENT
        if is_a_try and (status is not Status.REJECTED or claimed.tries >= _ATTEMPTS or is_over):
            message_id, request_id = _ids(outcome)
            state = OutboxState(status.value)
            return Note(claimed, state, message_id=message_id, request_id=request_id)
        if is_over:
            return Note(claimed, OutboxState.EXPIRED, is_a_try)
        asked_s = getattr(_cause(error), "retry_after_s", None) or 0.0
        due_s = now_s + max(asked_s, _wait_s(claimed.waited_s))
        return Note(claimed, OutboxState.PENDING, is_a_try, due_s=due_s)

    def _record(self, notes: Sequence[Note]) -> Plan[None]:
        """Record notes; try again if the database fails, which the fences make safe."""
        for attempt in range(1, _TRIES_TO_NOTE + 1):
            try:
                yield Work(partial(self._store.note, notes, self._clocks.now()))
            except OutboxError:
                if attempt == _TRIES_TO_NOTE:
                    raise
            else:
                return


def _wait_s(before_s: float) -> float:
    """Return the seconds until the next try: twice as long as before, within limits."""
    # A message that was settled long ago and is sent again did not wait for all that time.
    before_s = before_s if before_s < 2 * _LONGEST_WAIT_S else 0.0
    return min(max(_SHORTEST_WAIT_S, 2 * before_s), _LONGEST_WAIT_S)


def _ids(outcome: RecipientOutcome | None) -> tuple[str | None, str | None]:
    if outcome is None:
        return None, None
    one, other = outcome.message_id, outcome.request_id
    return one and storable(one), other and storable(other)


def _put_back(parts: Sequence[Sequence[Claimed]]) -> list[Note]:
    return [Note(each, OutboxState.PENDING, is_a_try=False) for part in parts for each in part]


def _cause(error: SmsManagerError | None) -> SmsManagerError | None:
    return error.error if isinstance(error, PartialSendError) else error


def _is_refusal(error: SmsManagerError | None) -> bool:
    """Return whether the service refused a request because of its contents.

    Any other error, such as a 404, may come from a wrong URL or a proxy, and would affect every message.
    """
    cause = _cause(error)
    return (
        isinstance(cause, ApiError)
        and cause.status_code in _ABOUT_THE_MESSAGE
        and not isinstance(cause, AuthenticationError)
    )


def _is_raised(error: SmsManagerError) -> bool:
    """Return whether a drain raises this error: the client cannot send, or is not allowed to."""
    is_answer = isinstance(_cause(error), ApiError)
    is_account = isinstance(_cause(error), AuthenticationError)
    return is_account or not (is_answer or error.safe_to_retry or error.request_may_be_taken)


def _reason(error: SmsManagerError | None) -> str | None:
    cause = _cause(error)
    if cause is None:
        return None
    status = getattr(cause, "status_code", None)
    return type(cause).__name__ + ("" if status is None else f" {status}")
