"""Which report belongs to which recipient of a send; pure."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import attrs

from smsmanager.ids import split_message_id
from smsmanager.results import Status
from smsmanager.webhooks.tracker._delivery_state import join, names_of, storable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from smsmanager.results import RecipientOutcome
    from smsmanager.webhooks._events import DeliveryResult
    from smsmanager.webhooks.tracker._delivery_state import DeliveryState

# Digits of a number without country code.
_NATIONAL = range(7, 11)
_OPEN = frozenset((Status.UNKNOWN, Status.UNCONFIRMED))


@attrs.frozen
class RecipientStatus:
    """What became of one recipient of a send.

    Attributes:
        outcome: The outcome of the call itself.
        state: The state from reports since; None while there is none.
    """

    outcome: RecipientOutcome
    state: DeliveryState | None = None

    @property
    def result(self) -> DeliveryResult | str | None:
        """The reported result; None while there is none."""
        return None if self.state is None else self.state.result

    @property
    def message_id(self) -> str | None:
        """The id, also if only a report has it."""
        if self.outcome.message_id is None and self.state is not None:
            return self.state.message_id
        return self.outcome.message_id

    @property
    def was_taken(self) -> bool | None:
        """Whether the service took the message; None while that is unknown.

        A report settles an outcome that the call left unknown or unconfirmed.
        """
        if self.state is not None or self.outcome.status is Status.ACCEPTED:
            return True
        return None if self.outcome.status in _OPEN else False


def ids_of(message_id: str) -> tuple[str, ...]:
    """Return the forms in which one recipient's id can be reported; see `smsmanager.same_message`."""
    base, index = split_message_id(message_id)
    if index is None:
        return message_id, f"{message_id}-0"
    return (message_id, base) if index == 0 else (message_id,)


def match(
    outcomes: Sequence[RecipientOutcome], states: Iterable[DeliveryState]
) -> tuple[RecipientStatus, ...]:
    """Return the status of each recipient, in order.

    They are found by message id first, with and without `-0`. Recipients whose outcome is unknown or
    unconfirmed have no id: they are found by number and reference, or else by number and request id.

    Args:
        outcomes: Recipients of one send.
        states: States of messages that could be theirs.
    """
    by_id = {state.message_id: state for state in states}
    own_ids = {o.message_id for o in outcomes if o.message_id is not None}
    found: dict[int, DeliveryState] = {}
    for position, outcome in enumerate(outcomes):
        for message_id in _forms(outcome.message_id, own_ids):
            state = by_id.pop(message_id, None)
            if state is not None:
                before = found.get(position)
                found[position] = state if before is None else join(before, state)
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
    states: Iterable[DeliveryState],
    found: dict[int, DeliveryState],
) -> None:
    """Find the states of recipients that have no message id."""
    by_name: defaultdict[tuple[str, str], defaultdict[str, list[DeliveryState]]]
    by_name = defaultdict(lambda: defaultdict(list))
    for state in sorted(states, key=_natural, reverse=True):
        if state.phone_number is not None:
            for name in names_of(state.reference, state.request_id):
                by_name[name][_digits(state.phone_number)].append(state)
    used: set[str] = set()
    for position, outcome in enumerate(outcomes):
        if outcome.status not in _OPEN or outcome.message_id is not None:
            continue
        reference = None if outcome.reference is None else storable(outcome.reference)
        for name in names_of(reference, outcome.request_id):
            settling = _next(by_name.get(name, {}), _digits(outcome.phone_number), used)
            if settling is not None:
                used.add(settling.message_id)
                found[position] = settling
                break


def _next(
    by_number: Mapping[str, list[DeliveryState]], number: str, used: set[str]
) -> DeliveryState | None:
    """Return the first state of a number that is not used yet."""
    numbers = [number]
    if len(number) in _NATIONAL and number not in by_number:
        # A number sent without a country code gets that of the account.
        numbers = [reported for reported in by_number if reported.endswith(number)]
    for reported in numbers:
        waiting = by_number.get(reported, [])
        while waiting:
            state = waiting.pop()
            if state.message_id not in used:
                return state
    return None


def _natural(state: DeliveryState) -> tuple[str, int]:
    base, index = split_message_id(state.message_id)
    return base, -1 if index is None else index


def _digits(number: str) -> str:
    return "".join(filter(str.isdigit, number)).lstrip("0")
