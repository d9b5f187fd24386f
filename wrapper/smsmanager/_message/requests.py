"""Requests ready for the wire: their shape, their size, and as few of them as possible; pure."""

from __future__ import annotations

import json
from enum import Enum
from functools import cache
from importlib import import_module
from itertools import groupby
from typing import TYPE_CHECKING, Any

import attrs

from smsmanager.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import ModuleType

MAX_RECIPIENTS = 10
"""Most recipients of one message."""
MAX_MESSAGES = 10
"""Most messages of one request."""
MAX_REQUEST_BYTES = 128_000
"""Largest request. The service asks for "under 128 KB"; this is the smaller of the two readings."""
# As they stand in a list, with the comma behind them.
_RECIPIENT_FRAME = len('{"phone_number":""},')
_LONGEST_RECIPIENT = _RECIPIENT_FRAME + 15
# json.dumps would make one for every call.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


class Route(Enum):
    """Which operations a call takes; `SEND` chooses by the number of recipients."""

    SEND = "send"
    PRIORITY = "priority"
    BATCH = "batch"
    SIMPLE = "simple"


class Operation(Enum):
    """An operation of the generated client: the folder and the name of its module."""

    MESSAGE = "messages.send_message"
    PRIORITY = "messages.send_priority_message"
    BATCH = "messages.send_messages"
    SIMPLE = "simple.send_simple_message"


@cache
def operation_module(operation: Operation) -> ModuleType:
    """Return the generated module, loaded when it is first used."""
    return import_module(f"smsmanager_jsonapi.api.{operation.value}")


@attrs.define(slots=True)
class WireMessage:
    """One message of a request, as it goes on the wire; the generated functions call its `to_dict`.

    Attributes:
        content: The JSON object.
        positions: Where its recipients stand over the whole call.
        size: Bytes it takes in a request.
    """

    content: dict[str, Any] = attrs.field(repr=False)
    positions: Sequence[int]
    size: int

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object."""
        return self.content


@attrs.define(slots=True)
class Request:
    """One HTTP request: an operation of the generated client and the messages it carries.

    Attributes:
        operation: Which one.
        messages: One message; for a batch up to ten.
    """

    operation: Operation
    messages: list[WireMessage]

    @property
    def body(self) -> Any:
        """What the generated function takes as `body`."""
        return self.messages if self.operation is Operation.BATCH else self.messages[0]


@attrs.frozen
class Content:
    """One message of the caller's without its recipients.

    Attributes:
        fields: The JSON object.
        size: Its bytes.
        reference: The caller's own id of it.
    """

    fields: dict[str, Any] = attrs.field(repr=False)
    size: int
    reference: str | None = None


@attrs.define(slots=True)
class Prepared:
    """A whole call: every recipient in the order given, and what each of them gets.

    It survives `pickle`, so that what was not sent can be sent later or elsewhere.

    Attributes:
        route: Which operations it takes.
        contents: The caller's messages, in order.
        given: Numbers as the caller wrote them.
        numbers: The same in canonical form.
        message_of: For each recipient the position of its message in `contents`.
    """

    route: Route
    contents: list[Content] = attrs.field(factory=list, repr=False)
    given: list[str] = attrs.field(factory=list, repr=False)
    numbers: list[str] = attrs.field(factory=list, repr=False)
    message_of: list[int] = attrs.field(factory=list, repr=False)

    def requests(self, positions: Sequence[int] | None = None) -> list[Request]:
        """Return the requests that carry every recipient, or those at `positions`, in order."""
        if positions is None:
            positions = range(len(self.numbers))
        messages = list(self._messages(positions))
        if self.route is Route.SIMPLE:
            return [Request(Operation.SIMPLE, messages)]
        if self.route is Route.PRIORITY:
            return [Request(Operation.PRIORITY, [message]) for message in messages]
        if self.route is Route.SEND and len(messages) == 1:
            return [Request(Operation.MESSAGE, messages)]
        return list(_pack(messages))

    def _messages(self, positions: Sequence[int]) -> Iterator[WireMessage]:
        """Yield messages of at most ten recipients each."""
        for message_of, group in groupby(positions, self.message_of.__getitem__):
            content = self.contents[message_of]
            if self.route is Route.SIMPLE:
                yield WireMessage(content.fields, list(group), content.size)
                continue
            own = list(group)
            for start in range(0, len(own), MAX_RECIPIENTS):
                part = own[start : start + MAX_RECIPIENTS]
                numbers = [self.numbers[position] for position in part]
                to = [{"phone_number": number} for number in numbers]
                size = (
                    content.size + sum(map(_bytes_of, numbers)) + len(part) * _RECIPIENT_FRAME - 1
                )
                yield WireMessage({**content.fields, "to": to}, part, size)


def _bytes_of(number: str) -> int:
    # Unchecked numbers may need escapes; the most that one character can take is six bytes.
    return len(number) if number.isdigit() and number.isascii() else 6 * len(number)


def encode(value: Any) -> bytes:
    """Return the bytes of a JSON body.

    Raises:
        TypeError: If a value has no JSON form.
        ValueError: If a number is not finite or a text holds half a surrogate pair.
    """
    return _ENCODER.encode(value).encode()


def checked_size(content: Mapping[str, Any], field: str, *, bounded: bool) -> int:
    """Return the bytes of a message without its recipients.

    Args:
        content: The JSON object.
        field: Path of the message.
        bounded: Whether one that takes more than a request may is refused.

    Raises:
        ValidationError: If it has no JSON form or is too large.
    """
    try:
        size = len(encode(content))
    except (TypeError, ValueError, RecursionError):
        text = "holds a value that has no JSON form (a date, a set, NaN, half a surrogate pair)"
        raise ValidationError([(field, text)]) from None
    if bounded and size + MAX_RECIPIENTS * _LONGEST_RECIPIENT > MAX_REQUEST_BYTES:
        text = f"takes {size} bytes, a request has at most {MAX_REQUEST_BYTES} (128 KB)"
        raise ValidationError([(field, text)])
    return size


def _pack(messages: list[WireMessage]) -> Iterator[Request]:
    """Yield as few batch requests as the limits allow, in order."""
    batch: list[WireMessage] = []
    size = len("[]")
    for message in messages:
        if batch and (len(batch) == MAX_MESSAGES or size + message.size > MAX_REQUEST_BYTES):
            yield Request(Operation.BATCH, batch)
            batch, size = [], len("[]")
        batch.append(message)
        size += message.size + len(",")
    yield Request(Operation.BATCH, batch)
