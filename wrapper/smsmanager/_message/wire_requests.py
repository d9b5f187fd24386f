"""Requests ready for the wire: their shape, their size, and as few of them as possible; pure."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from functools import cache
from importlib import import_module
from itertools import chain, groupby
from json.encoder import encode_basestring
from operator import attrgetter
from typing import Any, TypeVar

import attrs

from smsmanager.errors import ValidationError

MAX_RECIPIENTS = 10  # of one message
MAX_MESSAGES = 10  # of one request
# The service asks for "under 128 KB"; this is the smaller of the two readings.
MAX_REQUEST_BYTES = 128_000
LONGEST_RECIPIENT = len('{"phone_number":"123456789012345"},')
Value = TypeVar("Value")
# json.dumps would create an encoder for every call.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


class Operation(Enum):
    """An operation of the service. A `SEND` call that needs more than one message is sent as a `BATCH`."""

    SEND = "send"
    PRIORITY = "priority"
    BATCH = "batch"
    SIMPLE = "simple"

    # The hash of `Enum` is slow.
    __hash__ = object.__hash__

    @cache
    def module(self) -> Any:
        """Return the generated module of the operation."""
        return import_module(f"smsmanager_jsonapi.api.{_MODULES[self]}")


_MODULES = {
    Operation.SEND: "messages.send_message",
    Operation.PRIORITY: "messages.send_priority_message",
    Operation.BATCH: "messages.send_messages",
    Operation.SIMPLE: "simple.send_simple_message",
}


@attrs.define
class WireMessage:
    """One message of a request as JSON, and the positions of its recipients in the call.

    The generated functions call its `to_dict`.
    """

    json: bytes = attrs.field(repr=False)
    positions: Sequence[int]

    def to_dict(self) -> WireMessage:
        """Return the message itself: an exchange sends its bytes."""
        return self


_POSITIONS: Callable[[WireMessage], Sequence[int]] = attrgetter("positions")


@attrs.define
class Request:
    """One HTTP request: an operation, and one message, or up to ten for a batch."""

    operation: Operation
    messages: list[WireMessage]

    @property
    def positions(self) -> list[int]:
        """Positions of its recipients in the call."""
        return [*chain.from_iterable(map(_POSITIONS, self.messages))]

    @property
    def keyed(self) -> Iterable[Sequence[int]]:
        """The positions that each `key` of the answer refers to: in a batch, those of one message."""
        if self.operation is Operation.BATCH:
            return map(_POSITIONS, self.messages)
        return zip(self.messages[0].positions)

    @property
    def arguments(self) -> dict[str, Any]:
        """Method, path, headers and body, as the generated module describes them.

        The answer is read from its JSON: the generated classes would take a tenth of the time of a send.
        """
        body = self.messages if self.operation is Operation.BATCH else self.messages[0]
        return self.operation.module()._get_kwargs(body=body)  # type: ignore[no-any-return] # noqa: SLF001


@attrs.frozen
class Content:
    """One message of the call as JSON, without its recipients, and its reference."""

    json: bytes = attrs.field(repr=False)
    reference: str | None = None

    def __getstate__(self) -> tuple[bytes, str | None]:
        return self.json, self.reference

    def __setstate__(self, state: Any) -> None:
        """Restore from `pickle`, even from before 0.1.0, when the fields were stored as a dict."""
        if isinstance(state, dict):
            fields = {name: value for name, value in state["fields"].items() if name != "to"}
            state = encode(fields), state["reference"]
        for name, value in zip(("json", "reference"), state, strict=True):
            object.__setattr__(self, name, value)

    def to(self, numbers: Sequence[str]) -> bytes:
        """Return the JSON object of the message for these recipients."""
        recipients = ",".join([f'{{"phone_number":{encode_basestring(n)}}}' for n in numbers])
        separator = b"" if self.json == b"{}" else b","
        return b'{"to":[%b]%b%b' % (recipients.encode(), separator, self.json[1:])


@attrs.define(slots=True)
class Prepared:
    """A whole call: every recipient in the order given, and what each of them gets.

    It survives `pickle`, so that what was not sent can be sent later or elsewhere.
    """

    route: Operation
    contents: list[Content] = attrs.field(factory=list, repr=False)
    # For each recipient: the number as the caller wrote it and as it is sent; the position of its message.
    given: list[str] = attrs.field(factory=list, repr=False)
    numbers: list[str] = attrs.field(factory=list, repr=False)
    message_of: list[int] = attrs.field(factory=list, repr=False)

    def requests(self, positions: Sequence[int] | None = None) -> list[Request]:
        """Return the requests that carry every recipient, or those at `positions`, in order."""
        if positions is None:
            positions = range(len(self.numbers))
        if self.route is Operation.SIMPLE:
            messages = [WireMessage(self.contents[0].json, positions)]
        else:
            messages = self._messages(positions)
        if self.route is Operation.BATCH or (self.route is Operation.SEND and len(messages) > 1):
            batches = in_requests(messages, lambda message: len(message.json))
            return [Request(Operation.BATCH, batch) for batch in batches]
        return [Request(self.route, [message]) for message in messages]

    def _messages(self, positions: Sequence[int]) -> list[WireMessage]:
        """Return messages of at most ten recipients each."""
        several, messages = len(self.contents) > 1, []
        groups = groupby(positions, self.message_of.__getitem__) if several else ((0, positions),)
        for message_of, group in groups:
            content, own = self.contents[message_of], list(group)
            for start in range(0, len(own), MAX_RECIPIENTS):
                part = own[start : start + MAX_RECIPIENTS]
                messages.append(WireMessage(content.to([self.numbers[at] for at in part]), part))
        return messages


def in_requests(messages: Iterable[Value], size_of: Callable[[Value], int]) -> list[list[Value]]:
    """Return messages by request: as few batches as the limits allow, in order."""
    batches: list[list[Value]] = []
    left = 0
    for message in messages:
        size = size_of(message)
        if size > left or len(batches[-1]) == MAX_MESSAGES:
            batches.append([])
            left = MAX_REQUEST_BYTES - len("[]")
        batches[-1].append(message)
        left -= size + len(",")
    return batches


def encode(value: Any) -> bytes:
    """Return the bytes of a JSON body; a `WireMessage` already has its own."""
    if isinstance(value, WireMessage):
        return value.json
    if isinstance(value, list) and value and isinstance(value[0], WireMessage):
        return b"[%b]" % b",".join(message.json for message in value)
    return _ENCODER.encode(value).encode()


def encoded(content: Mapping[str, Any], field: str, *, bounded: bool) -> bytes:
    """Return the JSON of a message without its recipients; refuse what has none, or is too large."""
    try:
        content_json = _ENCODER.encode(content).encode()
    except (TypeError, ValueError, RecursionError):
        text = "holds a value that JSON cannot represent (a date, a set, NaN, a lone surrogate)"
        raise ValidationError([(field, text)]) from None
    size = len(content_json)
    if bounded and size + MAX_RECIPIENTS * LONGEST_RECIPIENT > MAX_REQUEST_BYTES:
        text = f"takes {size} bytes, a request has at most {MAX_REQUEST_BYTES} (128 KB)"
        raise ValidationError([(field, text)])
    return content_json


# Results that earlier versions pickled use these names.
Route = Operation
sys.modules["smsmanager._requests"] = sys.modules[__name__]
