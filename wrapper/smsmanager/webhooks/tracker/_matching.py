"""Match reports with the recipients of a send; pure."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import attrs

from smsmanager.ids import split_message_id
from smsmanager.results import Status
from smsmanager.webhooks.tracker._delivery_state import (
    is_of,
    kept_reference,
    outcome_of,
    storable,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from smsmanager.results import RecipientOutcome
    from smsmanager.webhooks._events import DeliveryResult, UnlistedName
    from smsmanager.webhooks.tracker._delivery_state import DeliveryState, StepState

if TYPE_CHECKING:
    Name = tuple[str, str]
    _Message = tuple[tuple[str, str | None], DeliveryState]

# Possible lengths of a number without country code.
_NATIONAL = range(7, 11)
_OPEN = frozenset((Status.UNKNOWN, Status.UNCONFIRMED))


@attrs.frozen
class RecipientStatus:
    """The status of one recipient of a send.

    Attributes:
        outcome: The outcome of the call.
        state: The state from reports; None before the first.
    """

    outcome: RecipientOutcome
    state: DeliveryState | None = None

    @property
    def result(self) -> DeliveryResult | UnlistedName | None:
        """The reported result; None before the first report."""
        return None if self.state is None else self.state.result

    @property
    def message_id(self) -> str | None:
        """The id, even if only a report has it."""
        if self.outcome.message_id is None and self.state is not None:
            return self.state.message_id
        return self.outcome.message_id

    @property
    def was_taken(self) -> bool | None:
        """Whether the service accepted the message; None while this is unknown.

        A report settles an outcome that the call left unknown or unconfirmed.
        """
        if self.state is not None or self.outcome.status is Status.ACCEPTED:
            return True
        return None if self.outcome.status in _OPEN else False


def ids_of(message_id: str) -> tuple[str, ...]:
    """Return the forms in which the id of a recipient can be reported; see `smsmanager.same_message`."""
    base, index = split_message_id(message_id)
    if index is None:
        return message_id, f"{message_id}-0"
    return (message_id, base) if index == 0 else (message_id,)


def match(
    outcomes: Sequence[RecipientOutcome], steps: Iterable[StepState]
) -> tuple[RecipientStatus, ...]:
    """Return the status of each recipient, in order.

    They are found by message id, first as it is, then with or without `-0`. Recipients whose outcome is
    unknown or unconfirmed have no id: they are found by number and reference, or else by number and request
    id. A report under another reference never matches.

    Args:
        outcomes: Recipients of one send.
        steps: States of steps that may belong to them.
    """
    by_id: defaultdict[str, list[StepState]] = defaultdict(list)
    for step in steps:
        by_id[step.message_id].append(step)
    own_ids = {o.message_id for o in outcomes if o.message_id is not None}
    own: defaultdict[int, list[StepState]] = defaultdict(list)
    for is_exact in (True, False):
        for position, outcome in enumerate(outcomes):
            for message_id in _forms(outcome.message_id, own_ids):
                if is_exact == (message_id == outcome.message_id) and message_id in by_id:
                    left = by_id.pop(message_id)
                    own[position] += [step for step in left if is_of(step, outcome.reference)]
                    by_id[message_id] = [s for s in left if not is_of(s, outcome.reference)]
    found = {position: outcome_of(several) for position, several in own.items()}
    _match_open(outcomes, by_id.values(), found)
    return tuple(
        RecipientStatus(outcome, found.get(position)) for position, outcome in enumerate(outcomes)
    )


def _forms(message_id: str | None, own_ids: set[str]) -> tuple[str, ...]:
    if message_id is None:
        return ()
    base, _ = split_message_id(message_id)
    # Without a suffix, the id of a message with several recipients names none of them.
    return (message_id,) if f"{base}-1" in own_ids else ids_of(message_id)


def _match_open(
    outcomes: Sequence[RecipientOutcome],
    steps: Iterable[Iterable[StepState]],
    found: dict[int, DeliveryState | None],
) -> None:
    """Find the states of recipients without a message id."""
    messages: defaultdict[tuple[str, str | None], list[StepState]] = defaultdict(list)
    for step in (step for several in steps for step in several):
        messages[step.message_id, step.reference].append(step)
    by_name: defaultdict[Name, defaultdict[str, list[_Message]]]
    by_name = defaultdict(lambda: defaultdict(list))
    for key in sorted(messages, key=_natural, reverse=True):
        state = outcome_of(messages[key])
        if state is not None and state.phone_number is not None:
            is_earlier = any(step.is_earlier for step in messages[key])
            for name in _names(state, is_earlier=is_earlier):
                by_name[name][_digits(state.phone_number)].append((key, state))
    used: set[tuple[str, str | None]] = set()
    for position, outcome in enumerate(outcomes):
        if outcome.status not in _OPEN or outcome.message_id is not None:
            continue
        for name in _names_of_recipient(outcome):
            settling = _next(by_name.get(name, {}), _digits(outcome.phone_number), used)
            if settling is not None:
                key, found[position] = settling
                used.add(key)
                break


def _names(state: DeliveryState, *, is_earlier: bool) -> Iterable[Name]:
    """Yield the names by which a message without a known id can be found."""
    if state.reference is not None:
        yield "reference", state.reference
        if is_earlier:
            yield "earlier", state.reference
    elif state.request_id is not None:
        # A state with a reference is found only by it: the request id is the reporter's choice.
        yield "request_id", state.request_id


def _names_of_recipient(outcome: RecipientOutcome) -> Iterable[Name]:
    if outcome.reference:
        yield "reference", kept_reference(outcome.reference)
        yield "earlier", storable(outcome.reference)
    if outcome.request_id:
        yield "request_id", outcome.request_id


def _next(
    by_number: Mapping[str, list[_Message]], number: str, used: set[tuple[str, str | None]]
) -> _Message | None:
    """Return the first unused message to a number."""
    numbers = [number]
    if len(number) in _NATIONAL and number not in by_number:
        # The service adds the account's country code to a number without one.
        numbers = [reported for reported in by_number if reported.endswith(number)]
    for reported in numbers:
        waiting = by_number.get(reported, [])
        while waiting:
            message = waiting.pop()
            if message[0] not in used:
                return message
    return None


def _natural(key: tuple[str, str | None]) -> tuple[str, int, str]:
    base, index = split_message_id(key[0])
    return base, -1 if index is None else index, key[1] or ""


def _digits(number: str) -> str:
    return "".join(filter(str.isdigit, number)).lstrip("0")
