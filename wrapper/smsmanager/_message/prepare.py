"""Friendly arguments into checked requests, ready for the wire; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs

from smsmanager._message.checks import Problem, message_problems, sender_problems, text_problems
from smsmanager._message.compose import flow_step, model_fields
from smsmanager._message.models import load_model
from smsmanager._message.requests import Content, Prepared, Operation, encoded
from smsmanager._message.send_times import to_utc, wire_time
from smsmanager.errors import ValidationError
from smsmanager.ids import REFERENCE_KEY, new_reference, reference_of
from smsmanager.phone import InvalidNumberError, normalise_number
from smsmanager_jsonapi.types import UNSET, Unset

if TYPE_CHECKING:
    from smsmanager._config import Settings
    from smsmanager._message.compose import SimpleFields
    from smsmanager_jsonapi.models import Message, Recipient


def prepare_send(
    message: str | Message | None, fields: Mapping[str, Any], rules: Settings
) -> Prepared:
    """Prepare `send`: one message to any number of recipients."""
    arguments = dict(fields)
    priority = arguments.pop("priority", False)
    prepared = Prepared(Operation.PRIORITY if priority else Operation.SEND)
    _take(_whole(message, arguments), 0, prepared, rules, "")
    return prepared


def _whole(message: Any, arguments: dict[str, Any]) -> Any:
    """Return the message that is described by a text, or by a message whose fields are replaced."""
    model = load_model("Message")
    if message is None or isinstance(message, str):
        if "to" not in arguments:
            raise ValidationError([("to", "is missing: name at least one recipient")])
        if message is not None:
            if arguments.get("body") is not None:
                raise ValidationError([("body", "is given twice")])
            arguments["body"] = message
        return model(**model_fields(arguments))
    changes = {name: value for name, value in arguments.items() if value is not None}
    if not changes or not isinstance(message, model):
        return message
    if "reference" in changes and not isinstance(message.payload, Unset):
        changes.setdefault("payload", message.payload)
    return attrs.evolve(message, **model_fields(changes))


def prepare_batch(messages: Iterable[Message], rules: Settings) -> Prepared:
    """Prepare `send_batch`: any number of messages, each to any number of recipients."""
    prepared = Prepared(Operation.BATCH)
    problems: list[Problem] = []
    references: list[str] = []
    if not isinstance(messages, Iterable):
        raise ValidationError([("messages", "must be a list: [message] for a single one")])
    for position, message in enumerate(messages):
        try:
            _take(message, position, prepared, rules, f"messages[{position}].")
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
    problems = list(_take_recipients([to], 0, prepared, rules, "to"))
    if not isinstance(body, str):
        problems.append(("body", "must be a text"))
    sender = fields.get("sender") or rules.sender
    if sender is None:
        problems.append(("sender", "is missing: this operation needs one, here or on the client"))
    if rules.validate:
        if not body:
            problems.append(("body", "is empty"))
        problems.extend(text_problems(body, "body"))
        problems.extend(sender_problems(sender, "sender"))
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
        "datetime": None if at is None else wire_time(to_utc(at)),
    }
    content = _set_fields(content)
    content_json = encoded(content, "message", bounded=rules.validate)
    prepared.contents.append(Content(content_json, reference))
    return prepared


def _take(
    message: Message, position: int, prepared: Prepared, rules: Settings, prefix: str
) -> None:
    """Add a message and its recipients to the call."""
    whole = prefix.rstrip(".") or "message"
    if not isinstance(message, load_model("Message")):
        raise ValidationError([(whole, "must be a text or a Message")])
    problems = list(_take_recipients(message.to, position, prepared, rules, f"{prefix}to"))
    content: dict[str, Any] = {}
    reference: str | None = None
    try:
        content = _content(message, prefix, problems)
        reference = _add_reference_and_callback(content, rules)
    except ValidationError as error:
        problems.extend(error.problems)
    else:
        if rules.sender is not None:
            content.setdefault("sender", rules.sender)
        if rules.validate:
            problems.extend((prefix + field, text) for field, text in message_problems(content))
    if problems:
        raise ValidationError(problems, _references_given(message))
    content_json = encoded(content, whole, bounded=rules.validate)
    prepared.contents.append(Content(content_json, reference))


def _references_given(message: Message) -> list[str]:
    payload: Any = message.payload
    reference = reference_of(getattr(payload, "additional_properties", payload))
    return [] if reference is None else [reference]


def _add_reference_and_callback(content: dict[str, Any], rules: Settings) -> str | None:
    """Add the reference and the callback that the client's options ask for; return the reference."""
    reference = reference_of(content.get("payload"))
    if reference is None and rules.auto_reference:
        reference = new_reference()
        content["payload"] = {**content.get("payload", {}), REFERENCE_KEY: reference}
    callback: Any = content.get("callback", rules.callbacks)
    if hasattr(callback, "callback_for"):
        at = content.get("datetime")
        moment = None if at is None else datetime.fromisoformat(at)
        content["callback"] = callback.callback_for(reference, moment)
    return reference


def _take_recipients(
    to: Any, position: int, prepared: Prepared, rules: Settings, field: str
) -> Iterator[Problem]:
    if not isinstance(to, list):
        yield field, "must be a list of Recipient"
        return
    if not to:
        yield field, "is empty: name at least one recipient"
    append_given, append_number = prepared.given.append, prepared.numbers.append
    region, many = rules.default_region, len(to) > 1
    for index, recipient in enumerate(to):
        given = (
            recipient if isinstance(recipient, str) else getattr(recipient, "phone_number", None)
        )
        where = f"{field}[{index}]" if many else field
        if not isinstance(given, str):
            yield where, "must be a text or a Recipient"
            continue
        try:
            number = normalise_number(given, region)
        except InvalidNumberError as error:
            # Half a surrogate pair has no JSON form.
            if rules.validate or given.encode(errors="replace").decode() != given:
                yield where, str(error)
                continue
            number = given
        append_given(given)
        append_number(number)
        prepared.message_of.append(position)


def _content(message: Message, prefix: str, problems: list[Problem]) -> dict[str, Any]:
    """Return a message as it is sent, without its recipients; None counts as unset."""
    changes: dict[str, Any] = {
        field.name: UNSET
        for field in attrs.fields(type(message))
        if getattr(message, field.name) is None
    }
    changes |= {"to": [], "datetime_": UNSET}
    if isinstance(message.flow, Sequence):
        changes["flow"] = [flow_step(step, i, prefix) for i, step in enumerate(message.flow)]
    try:
        content = attrs.evolve(message, **changes).to_dict()
    except (AttributeError, TypeError, ValueError, KeyError):
        # Without the cause, whose text could repeat a value.
        text = "holds a value of the wrong type, such as a dict in place of a model"
        raise ValidationError([(prefix.rstrip(".") or "message", text)]) from None
    window = content.get("delivery_time")
    if isinstance(window, dict):
        content["delivery_time"] = _set_fields(window)
    if "flow" in content:
        content["flow"] = [
            {channel: _set_fields(fields) for channel, fields in step.items()}
            for step in content["flow"]
        ]
    moment: Any = message.datetime_
    if moment is not None and not isinstance(moment, Unset):
        try:
            content["datetime"] = wire_time(to_utc(moment, f"{prefix}datetime"))
        except ValidationError as error:
            problems.extend(error.problems)
    return content


def _set_fields(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
