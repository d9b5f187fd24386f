"""Cancel scheduled messages, and say for each whether it was certainly cancelled."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import attrs

from smsmanager.asking._asking_plans import text_given
from smsmanager.asking._questions import Effect, Question, Steps, asked
from smsmanager.asking.asking_errors import NoAnswerError, NotOfferedError
from smsmanager.errors import (
    AuthenticationError,
    BadRequestError,
    ResponseParseError,
    ServiceError,
    SmsManagerError,
)
from smsmanager.ids import split_message_id
from smsmanager.results import Status

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from smsmanager._config import Settings
    from smsmanager.results import SendResult


class CancelOutcome(StrEnum):
    """The outcome of an attempt to cancel."""

    CANCELLED = "cancelled"
    """The service says that it cancelled the message."""
    REFUSED = "refused"
    """The service did not cancel it: it was already processed, or is unknown. No reason is given."""
    UNCLEAR = "unclear"
    """The answer was lost: ask for the state of the message."""


@attrs.frozen(kw_only=True)
class Cancellation:
    """The outcome for one message.

    Attributes:
        message_id: Its id.
        outcome: The outcome.
        index: Position of the recipient in the result, if a result was cancelled.
    """

    message_id: str
    outcome: CancelOutcome
    index: int | None = None


class CancelStoppedError(SmsManagerError):
    """An error stopped a call that cancels several messages, after some of them were tried.

    The error is its `__cause__`. Do not cancel the cancelled ones again: the service would refuse.

    Attributes:
        cancellations: The outcomes of the messages that were tried, in order; the others were not tried.
    """

    def __init__(
        self, error: SmsManagerError, cancellations: Sequence[Cancellation], of: int
    ) -> None:
        done = sum(each.outcome is CancelOutcome.CANCELLED for each in cancellations)
        was = "was" if done == 1 else "were"
        super().__init__(
            f"{len(cancellations)} of {of} messages were tried, and {done} {was} cancelled; then: {error}"
        )
        self.cancellations = tuple(cancellations)
        self.request_may_be_taken = True


def cancel(settings: Settings, scheduled: str | SendResult) -> Steps[tuple[Cancellation, ...]]:
    """Cancel one message, or every accepted recipient of a result.

    It is not documented which id cancels a message of a batch: that of a recipient, or that of the message,
    without the suffix. So if the id of a recipient is refused, the id of the message is tried once, but only
    if the whole message is to be cancelled.
    """
    if isinstance(scheduled, str):
        outcome = yield from _cancel_one(settings, text_given("scheduled", scheduled))
        return (Cancellation(message_id=scheduled, outcome=outcome),)
    ids = {o.index: o.message_id for o in scheduled if o.status is Status.ACCEPTED and o.message_id}
    found: list[Cancellation] = []
    try:
        yield from cancel_each(settings, ids, _incomplete_messages(scheduled), {}, found)
    except SmsManagerError as error:
        if not found:
            raise
        raise CancelStoppedError(error, found, len(ids)) from error
    return tuple(found)


def cancel_each(
    settings: Settings,
    ids: Mapping[int, str],
    incomplete: Collection[str],
    whole: dict[str, CancelOutcome],
    found: list[Cancellation],
) -> Steps[None]:
    """Cancel several messages.

    Args:
        settings: Where and how to ask the service.
        ids: The ids, by the index that each `Cancellation` gets.
        incomplete: Ids, without suffix, of messages of a batch that must not be cancelled as a whole.
        whole: Outcomes of messages that were cancelled as a whole, by id without suffix; more are added.
        found: Each outcome is added here, in order, so that the caller sees where an error ended the call.
    """
    for index, message_id in ids.items():
        base, suffix = split_message_id(message_id)
        if base in whole:
            outcome = whole[base]
        else:
            outcome = yield from _cancel_one(settings, message_id)
            if outcome is CancelOutcome.REFUSED and suffix == 0 and base not in incomplete:
                outcome = yield from _cancel_one(settings, base)
                if outcome is not CancelOutcome.REFUSED:
                    whole[base] = outcome
        found.append(Cancellation(message_id=message_id, outcome=outcome, index=index))


def _incomplete_messages(result: SendResult) -> set[str]:
    """Return the messages of a batch that have a recipient who was not certainly accepted."""
    unclear = any(o.status in {Status.UNKNOWN, Status.UNCONFIRMED} for o in result)
    indices: dict[str, list[int]] = {}
    for outcome in result:
        base, suffix = split_message_id(outcome.message_id or "")
        if suffix is not None:
            indices.setdefault(base, []).append(suffix)
    return {b for b, at in indices.items() if unclear or sorted(at) != list(range(len(at)))}


def _cancel_one(settings: Settings, message_id: str) -> Steps[CancelOutcome]:
    from smsmanager_rest.models import Cancellation as Body  # noqa: PLC0415 - for this operation alone

    body = Body(message_id=message_id)
    try:
        yield from asked(
            Question("messaging.cancel_message", {"body": body}, Effect.CANCELS), settings
        )
    except (NoAnswerError, ResponseParseError):
        return CancelOutcome.UNCLEAR
    except AuthenticationError:
        raise
    except (BadRequestError, NotOfferedError):
        return CancelOutcome.REFUSED
    except ServiceError as error:
        # The service answers every failure with 500; a 503 comes from a gateway in front of it.
        return CancelOutcome.REFUSED if error.status_code == 500 else CancelOutcome.UNCLEAR  # noqa: PLR2004
    except SmsManagerError as error:
        if getattr(error, "status_code", None) == 200:  # noqa: PLR2004 - success: false
            return CancelOutcome.REFUSED
        raise
    return CancelOutcome.CANCELLED
