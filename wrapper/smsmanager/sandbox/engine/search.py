"""Search messages by criteria, and say how one that does not match differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, TypedDict

from smsmanager.sandbox.engine.records.normalisation import (
    given_tags,
    normalise_number,
    normalise_tags,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from smsmanager.sandbox.engine.records.received_message import ReceivedMessage


Condition: TypeAlias = "Callable[[ReceivedMessage], bool]"


class Criteria(TypedDict, total=False):
    """The criteria of a search; one that is left out, or `None`, matches everything.

    Attributes:
        to: Number, in any form that the service understands.
        containing: Part of the text of any step; upper and lower case are alike.
        body: The whole text of any step.
        tag: Tag, or several joined by commas, all of which must be there. A message without a tag has
            the service's default, `"promotional"`.
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


CRITERIA = tuple(Criteria.__annotations__)
"""The names of the criteria."""


class Search:
    """A search for messages that meet all criteria.

    Args:
        country_prefix: Country calling code of the account, to normalise the number.
        criteria: What is searched by.
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
        self._piece = anywhere.casefold()
        self._digits = _digits(anywhere)

    def matches(self, message: ReceivedMessage) -> bool:
        """Return whether a message meets all criteria."""
        # A loop, as all of 100,000 messages are looked at when nothing is found.
        for _, holds in self._conditions:
            if not holds(message):
                return False
        return not self._piece or _holds_anywhere(message, self._piece, self._digits)

    def misses(self, message: ReceivedMessage) -> tuple[str, ...]:
        """Return what is different about a message, in words; nothing if it meets all criteria."""
        return tuple(
            _difference(name, self._given[name], message)
            for name, holds in self._conditions
            if not holds(message)
        )

    def __str__(self) -> str:
        """Return the criteria as they would be written in a call."""
        return ", ".join(f"{n}={self._given[n]!r}" for n in CRITERIA if n in self._given)


def _tag(value: str) -> Condition:
    wanted = frozenset(normalise_tags(value))
    return lambda message: bool(wanted) and wanted.issubset(message.tags)


def _containing(value: str) -> Condition:
    piece = value.casefold()
    return lambda message: any(piece in text.casefold() for text in _texts(message))


_HOLDS: Mapping[str, Callable[[str], Condition]] = {
    "to": lambda value: lambda message: message.to == value,
    "containing": _containing,
    "body": lambda value: lambda message: value in _texts(message),
    "tag": _tag,
    "channel": lambda value: lambda message: value in message.channels,
    "sender": lambda value: lambda message: value in [step.sender for step in message.steps],
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


def _holds_anywhere(message: ReceivedMessage, piece: str, digits: str) -> bool:
    if digits and digits in message.to:
        return True
    for step in message.steps:
        if step.body is not None and piece in step.body.casefold():
            return True
    if piece in message.request_id or (message.message_id and piece in message.message_id):
        return True
    # What was given is cheaper to look at than what is made of it; characters can be left out there.
    return piece[:1] in given_tags(message.message).lower() and piece in ",".join(message.tags)


def _digits(text: str) -> str:
    """Return the digits of what may be a part of a phone number, else nothing."""
    digits = "".join(filter(str.isdecimal, text)).lstrip("0")
    return digits if all(char.isdecimal() or char in "+ -()/." for char in text) else ""
