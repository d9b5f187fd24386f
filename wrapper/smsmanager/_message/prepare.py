"""Turn convenient arguments into checked requests, ready for the wire; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs

from smsmanager._config import call_hook
from smsmanager._message.checks import Problem, message_problems
from smsmanager._message.compose import flow_steps, model_fields, set_fields
from smsmanager._message.send_times import scheduled, wire_time
from smsmanager._message.wire_requests import Content, Operation, Prepared, encoded
from smsmanager.errors import ValidationError
from smsmanager.ids import OWN_TAG, REFERENCE_KEY, new_reference, reference_of
from smsmanager.phone import InvalidNumberError, normalise_number
from smsmanager_jsonapi import models
from smsmanager_jsonapi.types import UNSET

if TYPE_CHECKING:
    from smsmanager._config import Settings
    from smsmanager._message.compose import SimpleFields
    from smsmanager_jsonapi.models import Message, Recipient


def prepare_send(
    message: str | Message | None, fields: Mapping[str, Any], rules: Settings
) -> Prepared:
    """Prepare `send`: one message to any number of recipients."""
    arguments = dict(fields)
    prepared = Prepared(Operation.PRIORITY if arguments.pop("priority", False) else Operation.SEND)
    model = type(message) if isinstance(message, models.Message) else models.Message
    _add_message(model, _described(message, arguments), 0, prepared, rules)
    return prepared


def _described(message: Any, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a text with keywords, or of a message with some fields replaced."""
    if message is None or isinstance(message, str):
        if "to" not in arguments:
            raise ValidationError([("to", "is missing: name at least one recipient")])
        if message is not None:
            if arguments.get("body") is not None:
                raise ValidationError([("body", "is given twice")])
            arguments["body"] = message
        return model_fields(arguments)
    fields, changes = _fields_of(message, "message", "a string or a Message"), set_fields(arguments)
    if "reference" in changes and "payload" in fields:
        changes.setdefault("payload", fields["payload"])
    return fields | model_fields(changes)


def _fields_of(message: Any, where: str, kind: str) -> dict[str, Any]:
    """Return the fields of a message that are set. None counts as unset."""
    if not isinstance(message, models.Message):
        raise ValidationError([(where, f"must be {kind}")])
    values = {field.name: getattr(message, field.name) for field in attrs.fields(type(message))}
    return {
        name: value for name, value in values.items() if value is not None and value is not UNSET
    }


def prepare_batch(messages: Iterable[Message], rules: Settings) -> Prepared:
    """Prepare `send_batch`: any number of messages, each to any number of recipients."""
    prepared = Prepared(Operation.BATCH)
    problems: list[Problem] = []
    references: list[str] = []
    if not isinstance(messages, Iterable):
        raise ValidationError([("messages", "must be a list: [message] for a single one")])
    for position, message in enumerate(messages):
        try:
            fields = _fields_of(message, f"messages[{position}]", "a Message")
            _add_message(type(message), fields, position, prepared, rules)
        except ValidationError as error:
            problems.extend(error.problems)
            references += error.references
    if problems:
        raise ValidationError(problems, references)
    if not prepared.contents:
        raise ValidationError([("messages", "is empty: there is nothing to send")])
    return prepared


def prepare_simple(
    body: Any, to: str | Recipient, fields: SimpleFields, rules: Settings
) -> Prepared:
    """Prepare `send_simple`: one text to one recipient, as a form."""
    prepared = Prepared(Operation.SIMPLE)
    problems = list(_add_recipients([to], 0, prepared, rules, "to"))
    sender = fields.get("sender") or rules.sender
    if sender is None:
        problems.append(("sender", "is missing: this operation needs one, here or on the client"))
    if rules.validate:
        problems.extend(message_problems({"body": body, "sender": sender}))
    elif not isinstance(body, str):
        problems.append(("body", "must be a string"))
    if problems:
        raise ValidationError(problems)
    reference, at = fields.get("custom_id"), fields.get("at")
    if reference is None and rules.auto_reference:
        reference = new_reference()
    content = {
        "phone_number": prepared.numbers[0],
        "message": body,
        "sender": sender,
        "gateway": fields.get("gateway"),
        "customID": reference,
        "datetime": None if at is None else wire_time(scheduled(at)),
    }
    content_json = encoded(set_fields(content), "message", bounded=rules.validate)
    prepared.contents.append(Content(content_json, reference))
    return prepared


def _add_message(
    model: type[Message], fields: dict[str, Any], position: int, prepared: Prepared, rules: Settings
) -> None:
    """Add a message and its recipients to the call."""
    prefix = f"messages[{position}]." if prepared.route is Operation.BATCH else ""
    to, payload = fields.get("to"), fields.get("payload")
    problems = list(_add_recipients(to, position, prepared, rules, f"{prefix}to"))
    content: dict[str, Any] = {}
    reference: str | None = None
    try:
        content = _content(model, fields, prefix, problems)
        reference = _add_reference_and_callback(content, rules)
    except ValidationError as error:
        problems.extend(error.problems)
    else:
        if rules.sender is not None:
            content.setdefault("sender", rules.sender)
        if rules.validate:
            problems += [(prefix + field, text) for field, text in message_problems(content)]
    if problems:
        given = reference_of(getattr(payload, "additional_properties", payload))
        raise ValidationError(problems, [] if given is None else [given])
    where = prefix.rstrip(".") or "message"
    prepared.contents.append(Content(encoded(content, where, bounded=rules.validate), reference))


def _add_reference_and_callback(content: dict[str, Any], rules: Settings) -> str | None:
    """Add the reference and the callback that the client's options ask for; return the reference."""
    reference = reference_of(content["payload"]) if "payload" in content else None
    if reference is None and rules.auto_reference:
        reference = new_reference()
        content["payload"] = {**content.get("payload", {}), REFERENCE_KEY: reference}
    if rules.observer is not None and (carried := call_hook(rules.observer.payload_fields)):
        content["payload"] = {**carried, **content.get("payload", {})}
    if rules.settle_by_tag:
        tag = content.get("tag") or content.get("messageTag") or "promotional"
        content["tag"] = f"{tag},{OWN_TAG}{new_reference()}"
    callback: Any = content.get("callback", rules.callbacks)
    if hasattr(callback, "callback_for"):
        moment = datetime.fromisoformat(at) if (at := content.get("datetime")) else None
        content["callback"] = callback.callback_for(reference, moment)
    return reference


def _add_recipients(
    to: Any, position: int, prepared: Prepared, rules: Settings, field: str
) -> Iterator[Problem]:
    if not isinstance(to, list):
        yield field, "must be a list of Recipient"
        return
    if not to:
        yield field, "is empty: name at least one recipient"
    for index, recipient in enumerate(to):
        is_text = isinstance(recipient, str)
        given = recipient if is_text else getattr(recipient, "phone_number", recipient)
        where = f"{field}[{index}]" if len(to) > 1 else field
        if not isinstance(given, str):
            yield where, "must be a string or a Recipient"
            continue
        try:
            number = normalise_number(given, rules.default_region)
        except InvalidNumberError as error:
            # A lone surrogate cannot be written as JSON.
            if rules.validate or given.encode(errors="replace").decode() != given:
                yield where, str(error)
                continue
            number = given
        prepared.given.append(given)
        prepared.numbers.append(number)
        prepared.message_of.append(position)


def _places_of_dicts(value: Any, path: str) -> Iterator[str]:
    """Yield the paths of JSON objects that should be models."""
    if isinstance(value, dict):
        yield path
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _places_of_dicts(item, f"{path}[{index}]")
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            yield from _places_of_dicts(getattr(value, field.name), f"{path}.{field.name}")


def _content(
    model: type[Message], fields: dict[str, Any], prefix: str, problems: list[Problem]
) -> dict[str, Any]:
    """Return a message as it is sent, without its recipients."""
    moment = fields.pop("datetime_", None)
    if "flow" in fields and isinstance(fields["flow"], Sequence):
        fields["flow"] = flow_steps(fields["flow"], prefix)
    try:
        content = model(**{**fields, "to": []}).to_dict()
    except (AttributeError, TypeError, ValueError, KeyError):
        # The cause is left out: its text could repeat a value.
        text = "holds a value of the wrong type, such as a dict in place of a model like ViberButton(...)"
        where = next(_places_of_dicts(fields.get("flow"), f"{prefix}flow"), None)
        raise ValidationError([(where or prefix.rstrip(".") or "message", text)]) from None
    content.pop("to", None)
    if isinstance(window := content.get("delivery_time"), dict):
        content["delivery_time"] = set_fields(window)
    for step in content.get("flow", ()):
        step.update({channel: set_fields(fields) for channel, fields in step.items()})
    if moment is not None:
        try:
            content["datetime"] = wire_time(moment, f"{prefix}datetime")
        except ValidationError as error:
            problems.extend(error.problems)
    return content
