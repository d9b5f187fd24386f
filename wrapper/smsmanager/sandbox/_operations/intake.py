"""Take in messages: check them, decide their outcomes, make the records to store."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import attrs

from smsmanager.sandbox._operations.answers import Answer, Arrival, Call, send_response
from smsmanager.sandbox._operations.message_rules import (
    first_violation,
    resolve_steps,
    sender_notes,
    senders,
)
from smsmanager.sandbox._operations.request_content import RefusedError, fields_of, json_of
from smsmanager.sandbox._operations.violations import RuleSet, violation_and_notes
from smsmanager.sandbox.engine.outcome_rules import Candidate
from smsmanager.sandbox.engine.records.message_outcome import (
    Status,
    outcome_of_batch_message,
    status_of,
)
from smsmanager.sandbox.engine.records.normalisation import normalise_number
from smsmanager.sandbox.engine.records.received_message import SMS, ReceivedMessage, ReceivedStep

if TYPE_CHECKING:
    from smsmanager.sandbox._operations.contract import Contract, Operation
    from smsmanager.sandbox.engine.draws import Draws
    from smsmanager.sandbox.engine.processing import Engine
    from smsmanager.sandbox.engine.records import JsonObject

# Older names of the fields of `/simple/message`, which the service still takes.
_ALIASES = {"number": "phone_number", "body": "message", "time": "datetime"}


@attrs.frozen(eq=False)
class _Recipient:
    given: str
    number: str
    status: Status


@attrs.frozen(eq=False)
class _Understood:
    """A message as received and as the service understands it, and what was tolerated."""

    given: JsonObject
    message: JsonObject
    notes: tuple[str, ...]
    steps: tuple[ReceivedStep, ...]


class Intake:
    """What the operations do with requests whose API key was accepted.

    Args:
        contract: What the description says.
        engine: Numbers the messages, and knows the outcomes that the answer states.
        ids: Source of message ids.
        rule_set: Which violations are tolerated.
    """

    def __init__(
        self, *, contract: Contract, engine: Engine, ids: Draws, rule_set: RuleSet
    ) -> None:
        self._contract = contract
        self._engine = engine
        self._ids = ids
        self._rule_set: RuleSet = rule_set
        self._normalise = functools.partial(
            normalise_number, country_prefix=engine.inbox.country_prefix
        )

    def take_message(self, call: Call, arrival: Arrival) -> Answer:
        """Take one message; the answer is per recipient.

        Raises:
            RefusedError: If the request breaks a rule.
        """
        given = json_of(call, arrival.operation)
        notes, message = self._checked(arrival.operation, given)
        understood = self._understood(given, message, notes)
        results: list[tuple[Status, str | None]] = []
        stored: list[ReceivedMessage] = []
        for recipient in self._recipients(understood):
            message_id = self._message_id(recipient.status)
            results.append((recipient.status, message_id))
            stored.append(self._received(arrival, understood, recipient, message_id))
        return Answer(200, send_response(arrival, results), stored)

    def take_batch(self, call: Call, arrival: Arrival) -> Answer:
        """Take several messages; the answer is per message.

        Raises:
            RefusedError: If the request breaks a rule.
        """
        given = json_of(call, arrival.operation)
        notes, messages = self._checked(arrival.operation, given)
        results: list[tuple[Status, str | None]] = []
        stored: list[ReceivedMessage] = []
        batch = [
            self._understood(given[index], message, notes, f"/{index}")
            for index, message in enumerate(messages)
        ]
        for understood in batch:
            recipients = self._recipients(understood)
            status = outcome_of_batch_message(recipient.status for recipient in recipients)
            message_id = self._message_id(status)
            results.append((status, message_id))
            for position, recipient in enumerate(recipients):
                reported_id = message_id and f"{message_id}-{position}"
                whole = _Recipient(recipient.given, recipient.number, status)
                stored.append(self._received(arrival, understood, whole, reported_id))
        return Answer(200, send_response(arrival, results), stored)

    def take_simple(self, call: Call, arrival: Arrival) -> Answer:
        """Take one plain text, by form or query string.

        Raises:
            RefusedError: If the request breaks a rule.
        """
        given = fields_of(call, arrival.operation)
        fields = dict(given)
        for alias, name in _ALIASES.items():
            if alias in fields and name not in fields:
                fields[name] = fields.pop(alias)
        notes, fields = self._checked(arrival.operation, fields)
        text, sender = fields["message"], fields["sender"]
        shown = {name: fields[name] for name in ("sender", "datetime") if name in fields}
        understood = self._understood(given, {**shown, "body": text}, notes)
        route = {"gateway": fields["gateway"]} if "gateway" in fields else {}
        understood = attrs.evolve(understood, steps=(ReceivedStep(SMS, text, sender, route),))
        recipient = self._recipient(fields["phone_number"], understood)
        message_id = self._message_id(recipient.status)
        stored = self._received(arrival, understood, recipient, message_id)
        content: JsonObject = {"request_id": arrival.request_id}
        if recipient.status is Status.ACCEPTED:
            content |= {"message_id": message_id, "accepted": True}
        elif recipient.status is Status.REJECTED:
            content |= {"accepted": False}
        return Answer(200, content, (stored,))

    def _checked(self, operation: Operation, value: Any) -> tuple[tuple[str, ...], Any]:
        violation, notes, understood = violation_and_notes(
            operation.validator, value, self._rule_set
        )
        if violation is not None:
            raise RefusedError(violation)
        return notes, understood

    def _understood(
        self, given: JsonObject, message: JsonObject, notes: tuple[str, ...], path: str = ""
    ) -> _Understood:
        """Check one message beyond its schema, and resolve its steps."""
        violation = first_violation(message, self._contract)
        if violation is not None:
            raise RefusedError(path + violation)
        known = self._engine.settings.senders
        if known is not None:
            for place, sender in senders(message):
                if sender not in known:
                    raise RefusedError(f"{path}{place}: is none of the senders that were set")
        # Notes of a batch begin with the index of the message, which is not part of it.
        own = tuple(note.removeprefix(path) for note in notes if note.startswith(f"{path}/"))
        steps = resolve_steps(message, self._contract.text_channels)
        return _Understood(given, message, (*own, *sender_notes(message)), steps)

    def _recipients(self, understood: _Understood) -> list[_Recipient]:
        to: list[JsonObject] = understood.message["to"]
        return [self._recipient(recipient["phone_number"], understood) for recipient in to]

    def _recipient(self, given: str, understood: _Understood) -> _Recipient:
        number = self._normalise(given)
        # Not twice in memory, as most callers write it as the service stores it.
        number = given if given == number else number
        candidate = Candidate(number, understood.steps, understood.message)
        return _Recipient(given, number, status_of(self._engine.rules.in_the_answer(candidate)))

    def _message_id(self, status: Status) -> str | None:
        return None if status is Status.REJECTED else self._ids.uuid()

    def _received(
        self,
        arrival: Arrival,
        understood: _Understood,
        recipient: _Recipient,
        message_id: str | None,
    ) -> ReceivedMessage:
        return ReceivedMessage(
            sequence=self._engine.inbox.next_message(),
            request_id=arrival.request_id,
            message_id=message_id,
            operation=arrival.operation.operation_id,
            status=recipient.status,
            to=recipient.number,
            to_given=recipient.given,
            steps=understood.steps,
            message=understood.given,
            key_fingerprint=arrival.key_fingerprint,
            received_at=arrival.received_at,
            notes=understood.notes,
        )
