"""Cancel scheduled messages, and check messages without sending them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from smsmanager.sandbox._operations.answers import Answer
from smsmanager.sandbox._operations.message_rules import violations as beyond_the_schema
from smsmanager.sandbox._operations.request_content import RefusedError
from smsmanager.sandbox._operations.violations import violations
from smsmanager.sandbox.engine.records.normalisation import normalise_number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smsmanager.sandbox._operations.asked.rest_operations import Question
    from smsmanager.sandbox.engine.records import JsonObject
    from smsmanager.sandbox.engine.records.received_message import ReceivedMessage

_BATCH = "sendMessages"
_DIGITS = range(8, 16)
_WRONG_FORMAT = "302"
_MESSAGE = ("POST", "/message")
_OF_A_RECIPIENT = re.compile(r"to\[(\d+)\]")


def cancel(question: Question) -> Answer:
    """Cancel a scheduled message, or the recipients of a message of a batch."""
    engine = question.engine
    cancelled = [
        engine.flow.cancel(message, question.now)
        for message in _scheduled(question, question.given.get("message_id", ""))
    ]
    if any(cancelled):
        return Answer(200, {"success": True, "message": "Schedule cancelled"})
    text, kind = "Failed to cancel schedule", question.settings.not_cancelled
    if kind == "error":
        return Answer(500, {"message": text}, reason="nothing that can be cancelled has this id")
    return Answer(200, {"success": kind == "done", "message": text if kind == "failure" else "OK"})


def _scheduled(question: Question, message_id: str) -> Iterator[ReceivedMessage]:
    """Yield what an id stands for, of what the account may cancel."""
    settings = question.settings
    for message in question.engine.inbox.find(message_id):
        is_own = message.key_fingerprint == question.account.fingerprint
        of_the_recipient = message.message_id == message_id
        form = "recipient" if of_the_recipient else "message"
        takes_form = message.operation != _BATCH or settings.cancel_id in {"both", form}
        is_scheduled = settings.cancel_windows or message.journey.why == "datetime"
        if is_own and takes_form and is_scheduled:
            yield message


def validate(question: Question) -> Answer:
    """Check one message, recipient by recipient, or an array of messages, one by one."""
    if not question.settings.offers_validation:
        raise RefusedError("Not Found", 404)
    given = question.given
    errors: list[JsonObject] = []
    items: list[JsonObject] = []
    if isinstance(given, list):
        items = [{"key": str(at)} for at in range(len(given))]
        for at, message in enumerate(given):
            errors.extend({**error, "key": str(at)} for error in _errors(question, message))
        wrong = {error["key"] for error in errors}
    else:
        errors = [*_errors(question, given)]
        items = [*_recipients(given)]
        # What is wrong with the message itself is wrong for all its recipients.
        of_all = any(not _OF_A_RECIPIENT.match(error["field"]) for error in errors)
        wrong = {item["key"] for item in items if of_all} | {error["key"] for error in errors}
    found = {
        "accepted": [item for item in items if item["key"] not in wrong],
        "rejected": [item for item in items if item["key"] in wrong],
        "errors": errors,
    }
    return Answer(200, {"success": not errors, "validate": found})


def _recipients(message: JsonObject) -> Iterator[JsonObject]:
    to = message.get("to")
    for at, recipient in enumerate(to if isinstance(to, list) else ()):
        number = recipient.get("phone_number") if isinstance(recipient, dict) else None
        yield {"key": str(at), **({"phone_number": number} if isinstance(number, str) else {})}


def _errors(question: Question, message: JsonObject) -> Iterator[JsonObject]:
    """Yield what is wrong with a message: first what its schema says, else what is beyond it."""
    contract = question.sending
    found = [*violations(contract.operations[_MESSAGE].validator, message)]
    for line in found or beyond_the_schema(message, contract):
        pointer, _, text = line.partition(": ")
        field = _field(pointer)
        recipient = _OF_A_RECIPIENT.match(field)
        yield {"key": recipient[1] if recipient else "0", "field": field, "message": text}
    if found:
        return
    for at, recipient in enumerate(message["to"]):
        number = normalise_number(recipient["phone_number"], question.engine.inbox.country_prefix)
        if len(number) not in _DIGITS:
            yield {
                "key": str(at),
                "field": f"to[{at}].phone_number",
                "message": "Invalid phone number",
                "code": _WRONG_FORMAT,
            }


def _field(pointer: str) -> str:
    """Return a JSON pointer as a path, such as `flow[0].sms.gateway`."""
    return re.sub(r"/(\d+)(?=/|$)", r"[\1]", pointer).replace("/", ".").lstrip(".")
