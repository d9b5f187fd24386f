"""Search messages by criteria, and describe how a message that does not match differs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias, TypedDict

from smsmanager.sandbox.engine.records.normalisation import (
    given_tags,
    normalise_number,
    normalise_tags,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from smsmanager.sandbox.engine.records.received_message import ReceivedMessage


Condition: TypeAlias = "Callable[[ReceivedMessage], bool]"


class Criteria(TypedDict, total=False):
    """The criteria of a search; one that is left out, or `None`, matches everything.

    Attributes:
        to: Number, in any form that the service understands.
        containing: Part of the text of any step, in any case.
        body: The whole text of any step.
        tag: Tag, or several joined by commas, all of which the message must have. A message without a tag
            has the service's default, `"promotional"`.
        channel: One of the channels that are tried, such as `"viber"`.
        sender: Sender of any step.
        state: How far the message has come, such as `"delivered"`.
    """

    to: str | None
    containing: str | None
    body: str | None
    tag: str | None
    channel: str | None
    sender: str | None
    state: str | None


_OF_IDS = re.compile("[a-z0-9-]+")
_OF_TAGS = re.compile("[a-z0-9.,_-]+")

CRITERIA = tuple(Criteria.__annotations__)
"""The names of the criteria."""


class Search:
    """A search for messages that meet all criteria.

    Args:
        country_prefix: Country calling code of the account, to normalise the number.
        criteria: What to search by.
        anywhere: What a person types to find a message: part of its number, text, ids or tags.

    Raises:
        TypeError: If there is no such criterion.
    """

    def __init__(self, country_prefix: str, criteria: Criteria, anywhere: str = "") -> None:
        unknown = criteria.keys() - {*CRITERIA}
        if unknown:
            raise TypeError(f"Messages cannot be searched by {', '.join(sorted(unknown))}.")
        given = {name: str(value) for name, value in criteria.items() if value is not None}
        if "to" in given:
            given["to"] = normalise_number(given["to"], country_prefix)
        self._given = given
        self._conditions = [(name, _HOLDS[name](value)) for name, value in given.items()]
        holds = [condition for _, condition in self._conditions]
        if anywhere:
            holds.append(_anywhere(anywhere))
        # If nothing is found, all of 100,000 messages were compared, mostly by one criterion.
        self._holds: Condition = holds[0] if len(holds) == 1 else _all(holds)

    def matches(self, message: ReceivedMessage) -> bool:
        """Return whether a message meets all criteria."""
        return self._holds(message)

    def misses(self, message: ReceivedMessage) -> tuple[str, ...]:
        """Return what is different about a message, in words; empty if it meets all criteria."""
        return tuple(
            _difference(name, self._given[name], message)
            for name, holds in self._conditions
            if not holds(message)
        )

    def __str__(self) -> str:
        """Return the criteria as written in a call."""
        return ", ".join(f"{n}={self._given[n]!r}" for n in CRITERIA if n in self._given)


# Loops instead of `any` and `all`, which take twice as long.


def _all(conditions: Sequence[Condition]) -> Condition:
    def hold(message: ReceivedMessage) -> bool:
        for holds in conditions:  # noqa: SIM110 - see above
            if not holds(message):
                return False
        return True

    return hold


def _tag(value: str) -> Condition:
    wanted = frozenset(normalise_tags(value))
    return _of_tags(lambda tags: bool(wanted) and wanted.issubset(tags))


def _of_tags(holds: Callable[[tuple[str, ...]], bool]) -> Condition:
    """Return a condition on the tags, evaluated once for all messages with the same tags."""
    known: dict[str, bool] = {}

    def decide(message: ReceivedMessage) -> bool:
        given = given_tags(message.message)
        found = known.get(given)
        if found is None:
            found = known[given] = holds(message.tags)
        return found

    return decide


def _containing(value: str) -> Condition:
    piece = value.casefold()

    def holds(message: ReceivedMessage) -> bool:
        for step in message.steps:
            if step.body is not None and piece in step.body.casefold():
                return True
        return bool(message.journey.links) and any(piece in t.casefold() for t in _texts(message))

    return holds


def _anywhere(value: str) -> Condition:
    piece, digits = value.casefold(), _digits(value)
    # Ids and tags use few different characters, and most texts use others.
    in_ids, in_tags = bool(_OF_IDS.fullmatch(piece)), bool(_OF_TAGS.fullmatch(piece))
    holds_tags = _of_tags(lambda tags: piece in ",".join(tags))

    def holds(message: ReceivedMessage) -> bool:
        if digits and digits in message.to:
            return True
        for step in message.steps:
            if step.body is not None and piece in step.body.casefold():
                return True
        if in_ids and (piece in message.request_id or piece in (message.message_id or "")):
            return True
        return in_tags and holds_tags(message)

    return holds


def _body(value: str) -> Condition:
    def holds(message: ReceivedMessage) -> bool:
        for step in message.steps:
            if step.body == value:
                return True
        return bool(message.journey.links) and value in message.texts

    return holds


def _channel(value: str) -> Condition:
    def holds(message: ReceivedMessage) -> bool:
        for step in message.steps:  # noqa: SIM110 - see above
            if step.channel == value:
                return True
        return False

    return holds


def _sender(value: str) -> Condition:
    return lambda message: any(step.sender == value for step in message.steps)


_HOLDS: Mapping[str, Callable[[str], Condition]] = {
    "to": lambda value: lambda message: message.to == value,
    "containing": _containing,
    "body": _body,
    "tag": _tag,
    "channel": _channel,
    "sender": _sender,
    "state": lambda value: lambda message: message.journey.state == value,
}


def _difference(name: str, value: str, message: ReceivedMessage) -> str:
    if name == "containing":
        return f"no text contains {value!r}"
    if name == "body":
        return "no text is the same as body"
    if name == "tag":
        return f"tags are {', '.join(message.tags)}"
    if name == "channel":
        return f"channels are {', '.join(message.channels)}"
    if name == "sender":
        senders = {step.sender or "that of the account" for step in message.steps}
        return f"sender is {', '.join(sorted(senders))}"
    return f"{name} is {getattr(message, name)}"


def _texts(message: ReceivedMessage) -> list[str]:
    """Return the texts of all steps, as they were sent and as they are shown with short links."""
    return [text for text in (*message.texts, *(s.body for s in message.steps)) if text]


def _digits(text: str) -> str:
    """Return the digits of what may be part of a phone number, or else an empty string."""
    digits = "".join(filter(str.isdecimal, text)).lstrip("0")
    return digits if all(char.isdecimal() or char in "+ -()/." for char in text) else ""
