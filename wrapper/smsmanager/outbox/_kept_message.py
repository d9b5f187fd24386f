"""A message as stored and as sent, and the result that its row represents; pure."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import attrs

from smsmanager._config import BASE_URL, Settings
from smsmanager._message.prepare import prepare_send
from smsmanager._message.wire_requests import MAX_RECIPIENTS, Content, Operation, Prepared
from smsmanager.errors import ConfigurationError, NotSentError, ValidationError
from smsmanager.ids import split_message_id
from smsmanager.outbox.outbox_entry import OutboxState
from smsmanager.results import RecipientOutcome, SendResult, Status
from smsmanager_jsonapi import models

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from smsmanager_jsonapi.models import Message

# What the client adds, such as its sender, is added when the message is sent.
_ANY_SENDER = "\ue000"  # for private use, so no message contains it
_NEUTRAL = Settings(api_key="none", base_url=BASE_URL, sender=_ANY_SENDER)
_MARK = "perhaps_taken"
MARKED = f'{{"{_MARK}": true'
"""The beginning of the JSON of a sent message with the mark, for queries in SQL."""
_TARGET = "target"


@attrs.frozen
class KeptMessage:
    """A message as its row stores it.

    Attributes:
        text: The caller's fields, as JSON.
        fingerprint: Identifies what the recipients get, and the queue. It leaves out the callback, which can
            contain a token that differs each time.
        is_priority: Whether it goes through the queue for one-time codes.
    """

    text: str = attrs.field(repr=False)
    fingerprint: str
    is_priority: bool


def kept_message(
    message: str | Message | None, fields: Mapping[str, Any], region: str | None = None
) -> KeptMessage:
    """Check a message and return it as it will be stored.

    Args:
        message: The text, or a whole `Message`.
        fields: The keywords of `send`.
        region: The country of national numbers, stored with the message.

    Raises:
        ValidationError: If it is invalid, or has too many recipients for one key.
        ConfigurationError: If there is no such region, or the phone metadata is not installed.
    """
    settings = _NEUTRAL if region is None else _NEUTRAL.changed({"default_region": region})
    prepared = prepare_send(message, fields, settings)
    is_priority = prepared.route is Operation.PRIORITY
    most = 1 if is_priority else MAX_RECIPIENTS
    if len(prepared.numbers) > most:
        # A key has one outcome: its message is accepted for all recipients or for none.
        text = (
            f"has {len(prepared.numbers)} recipients, but a key can have at most {most}"
            f"{' in the priority queue' if is_priority else ''}: use a key for each, or a campaign"
        )
        raise ValidationError([("to", text)])
    content = json.loads(prepared.contents[0].json)
    if content["sender"] == _ANY_SENDER:
        del content["sender"]
    kept = {"priority": is_priority, "to": prepared.given, "content": content}
    if region is not None:
        kept["region"] = region
    _read_back(kept)
    seen = {name: value for name, value in content.items() if name != "callback"}
    told = json.dumps([is_priority, prepared.numbers, seen], sort_keys=True)
    return KeptMessage(
        json.dumps(kept, ensure_ascii=False),
        hashlib.sha256(told.encode()).hexdigest(),
        is_priority,
    )


def prepared_to_drain(settings: Settings, text: str) -> Prepared:
    """Return a stored message as it will be sent; see `prepared_by`.

    Raises:
        ValidationError: If it is invalid for this client.
        NotSentError: If it needs a sender and the client has none.
        ConfigurationError: If the client's sender is invalid, and so other messages would be refused too.
    """
    try:
        return prepared_by(settings, text)
    except ValidationError as error:
        fields = [field for field, _ in error.problems]
        if settings.sender is None and all(field.endswith(".sender") for field in fields):
            # A client with a sender can send it.
            raise NotSentError("This message needs a sender, and the client has none.") from None
        if settings.sender is None or "sender" not in fields:
            raise
        if "sender" in json.loads(text)["content"]:
            raise
    raise ConfigurationError(
        "The client's sender cannot be used for a message of the outbox. Nothing was sent, and all messages "
        "stay pending. Correct the option sender or SMSMANAGER_SENDER."
    )


def _read_back(kept: Mapping[str, Any]) -> Message:
    recipients = [{"phone_number": number} for number in kept["to"]]
    try:
        return models.Message.from_dict({**kept["content"], "to": recipients})
    except (AttributeError, TypeError, ValueError, KeyError):
        # Without the cause, whose text could repeat a value.
        text = "contains a value that the service does not list, such as an unknown gateway"
        raise ValidationError([("message", text)]) from None


def prepared_by(settings: Settings, text: str) -> Prepared:
    """Return a stored message as a client with these settings sends it.

    Raises:
        ValidationError: If it is invalid, for instance because a number cannot exist in its region.
    """
    kept = json.loads(text)
    if "region" in kept:
        settings = settings.changed({"default_region": kept["region"]})
    prepared = prepare_send(_read_back(kept), {"priority": kept["priority"]}, settings)
    if len(prepared.numbers) > 1:
        prepared.route = Operation.BATCH
    return prepared


def for_target(text: str, target: str) -> str:
    """Return a stored message as JSON that names the service to send to."""
    return json.dumps({_TARGET: target, **json.loads(text)}, ensure_ascii=False)


def target_in(text: str | None) -> str | None:
    """Return the service that a stored message is for, or that a sent one went to; None if none is named."""
    target: str | None = json.loads(text).get(_TARGET) if text else None
    return target


def named(target: str | None = None) -> tuple[str, ...]:
    """Return the two beginnings, with and without the mark, of JSON that names a service; None for any."""
    begins = f'"{_TARGET}": ' + ("" if target is None else json.dumps(target, ensure_ascii=False))
    return f"{{{begins}", f"{MARKED}, {begins}"


def marked(sent: str) -> str:
    """Return the JSON of a sent message, with the mark that it may have been accepted."""
    return json.dumps({_MARK: True, **json.loads(sent)}, ensure_ascii=False)


def is_marked(sent: str | None) -> bool:
    """Return whether an earlier request may have been accepted, which no later outcome can settle."""
    return sent is not None and sent.startswith(MARKED)


def sent_text(prepared: Prepared, target: str, *, perhaps_taken: bool) -> str:
    """Return a message that is about to be sent as JSON, marked if an earlier request may have been accepted.

    Args:
        prepared: The message.
        target: The service that it goes to.
        perhaps_taken: Whether an earlier request may have been accepted.
    """
    [content] = prepared.contents
    return json.dumps(
        {
            **({_MARK: True} if perhaps_taken else {}),
            _TARGET: target,
            "route": prepared.route.value,
            "content": content.json.decode(),
            "reference": content.reference,
            "given": prepared.given,
            "numbers": prepared.numbers,
        },
        ensure_ascii=False,
    )


def prepared_from(text: str) -> Prepared:
    """Return the message from the JSON of `sent_text`."""
    sent = json.loads(text)
    return Prepared(
        Operation(sent["route"]),
        [Content(sent["content"].encode(), sent["reference"])],
        sent["given"],
        sent["numbers"],
        [0] * len(sent["numbers"]),
    )


def joined(several: Sequence[Prepared]) -> Prepared:
    """Return one call with several messages, in one request if they fit into it."""
    if len(several) == 1:
        return several[0]
    whole = Prepared(Operation.BATCH)
    for position, one in enumerate(several):
        whole.contents += one.contents
        whole.given += one.given
        whole.numbers += one.numbers
        whole.message_of += [position] * len(one.numbers)
    return whole


def unsent(prepared: Prepared, now_s: float) -> SendResult:
    """Return the result of a call that has sent nothing yet, for `resume`."""
    return result_of(prepared, Status.NOT_SENT, None, None, (now_s, now_s))


def result_of(
    prepared: Prepared,
    status: Status,
    message_id: str | None,
    request_id: str | None,
    called: tuple[float, float],
) -> SendResult:
    """Return a result in which all recipients have one status.

    Args:
        prepared: What was sent.
        status: The outcome.
        message_id: Id of the first recipient.
        request_id: Id of the request.
        called: When the call began and ended, in Unix seconds.
    """
    rows = zip(prepared.given, prepared.numbers, prepared.message_of, strict=True)
    outcomes = (
        RecipientOutcome(
            index,
            given,
            number,
            status,
            id_of_recipient(message_id, index),
            request_id,
            message_of,
            prepared.contents[message_of].reference,
        )
        for index, (given, number, message_of) in enumerate(rows)
    )
    return SendResult(tuple(outcomes), prepared, called, frozenset())


def id_of_recipient(message_id: str | None, index: int) -> str | None:
    """Return the id of a recipient of a message, from that of its first one."""
    if message_id is None or index == 0:
        return message_id
    return f"{split_message_id(message_id)[0]}-{index}"


def id_of_first(message_id: str | None, index: int) -> str | None:
    """Return the id of the first recipient, from that of another one; None if it cannot be derived."""
    if message_id is None or index == 0:
        return message_id
    base, own = split_message_id(message_id)
    return f"{base}-0" if own == index else None


def stored_result(row: Any) -> SendResult:
    """Return the result that a row represents; its recipients are *unknown* while it is in flight."""
    state = OutboxState(row.state)
    status = {
        OutboxState.PENDING: Status.NOT_SENT,
        OutboxState.EXPIRED: Status.NOT_SENT,
        OutboxState.IN_FLIGHT: Status.UNKNOWN,
    }.get(state)
    if is_marked(row.sent) and state is OutboxState.PENDING:
        status = Status.UNKNOWN
    called = (row.claimed_s, row.claimed_s if row.settled_s is None else row.settled_s)
    return result_of(
        prepared_from(row.sent),
        Status(state.value) if status is None else status,
        row.message_id,
        row.request_id,
        called,
    )
