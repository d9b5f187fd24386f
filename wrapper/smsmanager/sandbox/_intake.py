"""Take what the operations bring: check it, decide the outcomes, make the messages to store."""

import functools
from collections.abc import Callable
from typing import Any, Final

import attrs

from smsmanager.sandbox._answers import Answer, Arrival, Call, send_response
from smsmanager.sandbox._contract import Contract, Operation
from smsmanager.sandbox._ids import IdSource
from smsmanager.sandbox._inbox import Inbox
from smsmanager.sandbox._numbers import normalise_number
from smsmanager.sandbox._outcomes import Status, outcome_of_batch_message, status_of
from smsmanager.sandbox._reading import RefusedError, media_type, read_fields, read_json
from smsmanager.sandbox._received import SMS, JsonObject, ReceivedMessage, ReceivedStep
from smsmanager.sandbox._rules import first_violation, sender_notes, senders
from smsmanager.sandbox._ruleset import RuleSet, violation_and_notes
from smsmanager.sandbox._steps import resolve_steps
from smsmanager.sandbox.engine.rules import Candidate, Rules

# Older names of the fields of `/simple/message`, which the service still takes.
_ALIASES: Final = {"number": "phone_number", "body": "message", "time": "datetime"}


@attrs.frozen(eq=False)
class _Recipient:
    given: str
    number: str
    status: Status


@attrs.frozen(eq=False)
class _Understood:
    """Hold a message as received, as the service understands it, and what was let pass."""

    given: JsonObject
    message: JsonObject
    notes: tuple[str, ...]
    steps: tuple[ReceivedStep, ...]


class Intake:
    """Take requests whose key is accepted.

    Args:
        contract: What the description says.
        inbox: Where the messages are numbered.
        ids: Source of message ids.
        rules: Outcomes; those that the answer tells are asked for here.
        rule_set: What is let pass.
        known_senders: Returns the senders of the account; `None` for any.
        country_prefix: Country calling code of the account.
    """

    def __init__(
        self,
        *,
        contract: Contract,
        inbox: Inbox,
        ids: IdSource,
        rules: Rules,
        rule_set: RuleSet,
        known_senders: Callable[[], frozenset[str] | None],
        country_prefix: str,
    ) -> None:
        """Keep the parts."""
        self._contract = contract
        self._inbox = inbox
        self._ids = ids
        self._rules = rules
        self._rule_set: RuleSet = rule_set
        self._known_senders = known_senders
        self._normalise = functools.partial(normalise_number, country_prefix=country_prefix)

    def take_message(self, call: Call, arrival: Arrival) -> Answer:
        """Take one message; the answer is per recipient.

        Raises:
            RefusedError: if the request breaks a rule.
        """
        given = _read_json(call, arrival.operation)
        notes, message = self._checked(arrival.operation, given)
        understood = self._understood(given, message, notes)
        accepted: list[JsonObject] = []
        rejected: list[JsonObject] = []
        stored: list[ReceivedMessage] = []
        for index, recipient in enumerate(self._recipients(understood)):
            message_id = self._message_id(recipient.status)
            if recipient.status is Status.ACCEPTED:
                accepted.append({"key": str(index), "message_id": message_id})
            elif recipient.status is Status.REJECTED:
                rejected.append({"key": str(index)})
            stored.append(self._received(arrival, understood, recipient, message_id))
        return Answer(200, send_response(arrival, accepted, rejected), stored)

    def take_batch(self, call: Call, arrival: Arrival) -> Answer:
        """Take several messages; the answer is per message.

        Raises:
            RefusedError: if the request breaks a rule.
        """
        given = _read_json(call, arrival.operation)
        notes, messages = self._checked(arrival.operation, given)
        accepted: list[JsonObject] = []
        rejected: list[JsonObject] = []
        stored: list[ReceivedMessage] = []
        batch = [
            self._understood(given[index], message, notes, f"/{index}")
            for index, message in enumerate(messages)
        ]
        for index, understood in enumerate(batch):
            recipients = self._recipients(understood)
            status = outcome_of_batch_message(recipient.status for recipient in recipients)
            message_id = self._message_id(status)
            if status is Status.ACCEPTED:
                accepted.append({"key": str(index), "message_id": message_id})
            elif status is Status.REJECTED:
                rejected.append({"key": str(index)})
            for position, recipient in enumerate(recipients):
                reported_id = message_id and f"{message_id}-{position}"
                whole = _Recipient(recipient.given, recipient.number, status)
                stored.append(self._received(arrival, understood, whole, reported_id))
        return Answer(200, send_response(arrival, accepted, rejected), stored)

    def take_simple(self, call: Call, arrival: Arrival) -> Answer:
        """Take one plain text, by form or query string.

        Raises:
            RefusedError: if the request breaks a rule.
        """
        given = _read_fields(call, arrival.operation)
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
        violation, notes, understood = violation_and_notes(operation, value, self._rule_set)
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
        known = self._known_senders()
        if known is not None:
            for place, sender in senders(message):
                if sender not in known:
                    msg = f"{path}{place}: is none of the senders that were set"
                    raise RefusedError(msg)
        # Notes of a batch begin with the index of the message, which is no part of it.
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
        return _Recipient(given, number, status_of(self._rules.in_the_answer(candidate)))

    def _message_id(self, status: Status) -> str | None:
        return None if status is Status.REJECTED else self._ids.draw()

    def _received(
        self,
        arrival: Arrival,
        understood: _Understood,
        recipient: _Recipient,
        message_id: str | None,
    ) -> ReceivedMessage:
        return ReceivedMessage(
            sequence=self._inbox.next_message(),
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


def _read_json(call: Call, operation: Operation) -> Any:
    content = _body(call, operation)
    if media_type(call.content_type) != operation.takes:
        msg = f"/: the content type is not {operation.takes}"
        raise RefusedError(msg)
    return read_json(content)


def _read_fields(call: Call, operation: Operation) -> JsonObject:
    if operation.takes is None:
        fields = read_fields(call.query, operation.field_types)
        return {name: value for name, value in fields.items() if name != operation.key_name}
    content = _body(call, operation)
    if media_type(call.content_type) != operation.takes:
        msg = f"/: the content type is not {operation.takes}"
        raise RefusedError(msg, status_code=415)
    return read_fields(content, operation.field_types)


def _body(call: Call, operation: Operation) -> bytes:
    if call.body is None:
        msg = f"/: the body has more than {operation.max_bytes} bytes"
        raise RefusedError(msg)
    return call.body
