"""Take what the operations bring: check it, decide the outcomes, make the messages to store."""

import functools
from collections.abc import Sequence
from typing import Any, Final

import attrs

from smsmanager.sandbox._answers import Answer, Arrival, Call, send_response
from smsmanager.sandbox._contract import Contract, Operation
from smsmanager.sandbox._ids import IdSource
from smsmanager.sandbox._inbox import Inbox
from smsmanager.sandbox._numbers import normalise_number
from smsmanager.sandbox._outcomes import OutcomeRule, Status, outcome, outcome_of_batch_message
from smsmanager.sandbox._reading import RefusedError, media_type, read_fields, read_json
from smsmanager.sandbox._received import SMS, JsonObject, ReceivedMessage, ReceivedStep
from smsmanager.sandbox._rules import first_violation
from smsmanager.sandbox._steps import resolve_steps

# Older names of the fields of `/simple/message`, which the service still takes.
_ALIASES: Final = {"number": "phone_number", "body": "message", "time": "datetime"}


@attrs.frozen(eq=False)
class _Recipient:
    given: str
    number: str
    status: Status


class Intake:
    """Take requests whose key is accepted.

    Args:
        contract: What the description says.
        inbox: Where the messages are numbered.
        ids: Source of message ids.
        rules: Outcome of a recipient; the first rule that matches decides.
        country_prefix: Country calling code of the account.
    """

    def __init__(
        self,
        *,
        contract: Contract,
        inbox: Inbox,
        ids: IdSource,
        rules: Sequence[OutcomeRule],
        country_prefix: str,
    ) -> None:
        """Keep the parts."""
        self._contract = contract
        self._inbox = inbox
        self._ids = ids
        self._rules = rules
        self._normalise = functools.partial(normalise_number, country_prefix=country_prefix)

    def take_message(self, call: Call, arrival: Arrival) -> Answer:
        """Take one message; the answer is per recipient.

        Raises:
            RefusedError: if the request breaks a rule.
        """
        message: JsonObject = _read_valid_json(call, arrival.operation)
        self._check(message)
        steps = resolve_steps(message, self._contract.text_channels)
        accepted: list[JsonObject] = []
        rejected: list[JsonObject] = []
        stored: list[ReceivedMessage] = []
        for index, recipient in enumerate(self._recipients(message)):
            message_id = self._message_id(recipient.status)
            if recipient.status is Status.ACCEPTED:
                accepted.append({"key": str(index), "message_id": message_id})
            elif recipient.status is Status.REJECTED:
                rejected.append({"key": str(index)})
            stored.append(self._received(arrival, message, steps, recipient, message_id))
        return Answer(200, send_response(arrival, accepted, rejected), stored)

    def take_batch(self, call: Call, arrival: Arrival) -> Answer:
        """Take several messages; the answer is per message.

        Raises:
            RefusedError: if the request breaks a rule.
        """
        messages: list[JsonObject] = _read_valid_json(call, arrival.operation)
        for index, message in enumerate(messages):
            self._check(message, f"/{index}")
        accepted: list[JsonObject] = []
        rejected: list[JsonObject] = []
        stored: list[ReceivedMessage] = []
        for index, message in enumerate(messages):
            recipients = self._recipients(message)
            status = outcome_of_batch_message(recipient.status for recipient in recipients)
            message_id = self._message_id(status)
            if status is Status.ACCEPTED:
                accepted.append({"key": str(index), "message_id": message_id})
            elif status is Status.REJECTED:
                rejected.append({"key": str(index)})
            steps = resolve_steps(message, self._contract.text_channels)
            for position, recipient in enumerate(recipients):
                reported_id = message_id and f"{message_id}-{position}"
                whole = _Recipient(recipient.given, recipient.number, status)
                stored.append(self._received(arrival, message, steps, whole, reported_id))
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
        _check_schema(arrival.operation, fields)
        recipient = self._recipient(fields["phone_number"])
        message_id = self._message_id(recipient.status)
        step = ReceivedStep(SMS, fields["message"], fields.get("sender"), {})
        stored = self._received(arrival, given, (step,), recipient, message_id)
        content: JsonObject = {"request_id": arrival.request_id}
        if recipient.status is Status.ACCEPTED:
            content |= {"message_id": message_id, "accepted": True}
        elif recipient.status is Status.REJECTED:
            content |= {"accepted": False}
        return Answer(200, content, (stored,))

    def _check(self, message: JsonObject, path: str = "") -> None:
        violation = first_violation(message, self._contract)
        if violation is not None:
            raise RefusedError(path + violation)

    def _recipients(self, message: JsonObject) -> list[_Recipient]:
        return [self._recipient(recipient["phone_number"]) for recipient in message["to"]]

    def _recipient(self, given: str) -> _Recipient:
        number = self._normalise(given)
        return _Recipient(given, number, outcome(number, self._rules))

    def _message_id(self, status: Status) -> str | None:
        return None if status is Status.REJECTED else self._ids.draw()

    def _received(
        self,
        arrival: Arrival,
        message: JsonObject,
        steps: tuple[ReceivedStep, ...],
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
            steps=steps,
            message=message,
            key_fingerprint=arrival.key_fingerprint,
            received_at=arrival.received_at,
        )


def _read_valid_json(call: Call, operation: Operation) -> Any:
    content = _body(call, operation)
    if media_type(call.content_type) != operation.takes:
        msg = f"/: the content type is not {operation.takes}"
        raise RefusedError(msg)
    value = read_json(content)
    _check_schema(operation, value)
    return value


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


def _check_schema(operation: Operation, value: object) -> None:
    violation = operation.violation(value)
    if violation is not None:
        raise RefusedError(violation)
