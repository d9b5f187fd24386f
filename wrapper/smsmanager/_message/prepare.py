"""Friendly arguments into requests, ready for the wire; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs

from smsmanager._message.checks import Problem, message_problems, sender_problems, text_problems
from smsmanager._message.compose import compose, flow_step
from smsmanager._message.models import load_model
from smsmanager._message.requests import Content, Prepared, Route, checked_size
from smsmanager._message.times import to_utc, wire_time
from smsmanager.errors import ValidationError
from smsmanager.ids import REFERENCE_KEY, new_reference, reference_of
from smsmanager.phone import InvalidNumberError, normalise_number
from smsmanager_jsonapi.types import UNSET, Unset

if TYPE_CHECKING:
    from smsmanager._message.compose import CallbackSource
    from smsmanager_jsonapi.models import Message, Recipient, SmsGateway


@attrs.frozen
class Rules:
    """What the client's options say about preparing.

    Attributes:
        sender: Sender of messages that have none.
        default_region: See `smsmanager.phone.normalise_number`.
        validate: Whether messages are checked locally.
        auto_reference: Whether a message without a reference gets one.
        callbacks: Makes the callback of messages that have none.
    """

    sender: str | None = None
    default_region: str | None = None
    validate: bool = True
    auto_reference: bool = False
    callbacks: CallbackSource | None = attrs.field(default=None, repr=False)


def prepare_send(
    message: str | Message | None, fields: Mapping[str, Any], rules: Rules
) -> Prepared:
    """Prepare `send`: one message to any number of recipients."""
    arguments = dict(fields)
    priority = arguments.pop("priority", False)
    whole = _with_fields(message, arguments)
    prepared = Prepared(Route.PRIORITY if priority else Route.SEND)
    _take(whole, 0, prepared, rules, "")
    return prepared


def _with_fields(message: str | Message | None, arguments: dict[str, Any]) -> Message:
    if message is None or isinstance(message, str):
        if "to" not in arguments:
            raise ValidationError([("to", "is missing: name at least one recipient")])
        if message is not None:
            if arguments.get("body") is not None:
                raise ValidationError([("body", "is given twice")])
            arguments["body"] = message
        return compose(**arguments)
    given = {name: value for name, value in arguments.items() if value is not None}
    if not given or not isinstance(message, load_model("Message")):
        return message
    given.setdefault("to", message.to)
    if "reference" in given and not isinstance(message.payload, Unset):
        given.setdefault("payload", message.payload)
    composed = compose(**given)
    changes = {
        field.name: value
        for field in attrs.fields(type(composed))
        if not isinstance(value := getattr(composed, field.name), Unset)
    }
    changed: Message = attrs.evolve(message, **changes)
    return changed


def prepare_batch(messages: Iterable[Message], rules: Rules) -> Prepared:
    """Prepare `send_batch`: any number of messages, each to any number of recipients."""
    prepared = Prepared(Route.BATCH)
    problems: list[Problem] = []
    references: list[str] = []
    if not isinstance(messages, Iterable):
        raise ValidationError([("messages", "must be several messages: [message] for one")])
    for position, message in enumerate(messages):
        try:
            _take(message, position, prepared, rules, f"messages[{position}].")
        except ValidationError as error:
            problems.extend(error.problems)
            references += error.references
    if problems:
        raise _refusal(problems, references)
    if not prepared.contents:
        raise ValidationError([("messages", "is empty: there is nothing to send")])
    return prepared


def prepare_simple(
    body: Any,
    to: str | Recipient,
    *,
    rules: Rules,
    sender: str | None = None,
    gateway: SmsGateway | None = None,
    at: datetime | str | None = None,
    custom_id: str | None = None,
) -> Prepared:
    """Prepare `send_simple`: one text to one recipient, as a form."""
    prepared = Prepared(Route.SIMPLE)
    problems = list(_take_recipients([to], 0, prepared, rules, "to"))
    if not isinstance(body, str):
        problems.append(("body", "must be a text"))
    sender = sender or rules.sender
    if sender is None:
        problems.append(("sender", "is missing: this operation needs one, here or on the client"))
    if rules.validate:
        if not body:
            problems.append(("body", "is empty"))
        problems.extend(text_problems(body, "body"))
        problems.extend(sender_problems(sender, "sender"))
    if problems:
        raise ValidationError(problems)
    if custom_id is None and rules.auto_reference:
        custom_id = new_reference()
    model = load_model("SimpleMessage")(
        phone_number=prepared.numbers[0],
        message=body,
        sender=sender,
        gateway=UNSET if gateway is None else gateway,
        custom_id=UNSET if custom_id is None else custom_id,
    )
    content = model.to_dict()
    if at is not None:
        content["datetime"] = wire_time(to_utc(at))
    size = checked_size(content, "message", bounded=rules.validate)
    prepared.contents.append(Content(content, size, custom_id))
    return prepared


def _take(message: Message, position: int, prepared: Prepared, rules: Rules, prefix: str) -> None:
    """Note a message and its recipients."""
    whole = prefix.rstrip(".") or "message"
    if not isinstance(message, load_model("Message")):
        raise ValidationError([(whole, "is neither a text nor a Message")])
    problems = list(_take_recipients(message.to, position, prepared, rules, f"{prefix}to"))
    content: dict[str, Any] = {}
    reference: str | None = None
    try:
        content = _content(message, prefix, problems)
        reference = _name(content, rules)
    except ValidationError as error:
        problems.extend(error.problems)
    else:
        if rules.sender is not None:
            content.setdefault("sender", rules.sender)
        if rules.validate:
            problems.extend((prefix + field, text) for field, text in message_problems(content))
    if problems:
        raise _refusal(problems, filter(None, [_reference_given(message)]))
    size = checked_size(content, whole, bounded=rules.validate)
    prepared.contents.append(Content(content, size, reference))


def _refusal(problems: Sequence[Problem], references: Iterable[str]) -> ValidationError:
    """Return the error for messages that are refused, which names them as the caller does."""
    error = ValidationError(problems)
    error.references = tuple(dict.fromkeys(references))
    return error


def _reference_given(message: Message) -> str | None:
    payload: Any = message.payload
    return reference_of(getattr(payload, "additional_properties", payload))


def _name(content: dict[str, Any], rules: Rules) -> str | None:
    """Return the message's reference; give it one, and a callback that is bound to it, where asked to."""
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
    to: Any, position: int, prepared: Prepared, rules: Rules, field: str
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
            yield where, "is neither a text nor a Recipient"
            continue
        try:
            number = normalise_number(given, region)
        except InvalidNumberError as error:
            if rules.validate or not _has_json_form(given):
                yield where, str(error)
                continue
            number = given
        append_given(given)
        append_number(number)
        prepared.message_of.append(position)


def _has_json_form(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _content(message: Message, prefix: str, problems: list[Problem]) -> dict[str, Any]:
    """Return a message as it goes on the wire, without its recipients; None counts as unset."""
    moment: Any = message.datetime_
    flow: Any = message.flow
    if flow is None:
        flow = UNSET
    elif isinstance(flow, Sequence):
        flow = [flow_step(step, position, prefix) for position, step in enumerate(flow)]
    unset: dict[str, Any] = {
        field.name: UNSET
        for field in attrs.fields(type(message))
        if getattr(message, field.name) is None
    }
    try:
        content = attrs.evolve(
            message, **{**unset, "to": [], "flow": flow, "datetime_": UNSET}
        ).to_dict()
    except (AttributeError, TypeError, ValueError, KeyError):
        # The text of the cause could repeat a value, so it is not kept.
        text = "holds a value of the wrong type, such as a dict where a model belongs"
        raise ValidationError([(prefix.rstrip(".") or "message", text)]) from None
    window = content.get("delivery_time")
    if isinstance(window, dict):
        content["delivery_time"] = _set_fields(window)
    if flow and "flow" in content:
        content["flow"] = [
            {channel: _set_fields(fields) for channel, fields in step.items()}
            for step in content["flow"]
        ]
    if moment is not None and not isinstance(moment, Unset):
        try:
            content["datetime"] = wire_time(to_utc(moment, f"{prefix}datetime"))
        except ValidationError as error:
            problems.extend(error.problems)
    return content


def _set_fields(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
