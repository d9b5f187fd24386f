"""State what a message has to be like, and find what differs. No I/O."""

from collections.abc import Iterator
from typing import TypedDict, Unpack

import attrs

from smsmanager.sandbox._numbers import normalise_number
from smsmanager.sandbox._received import ReceivedMessage, normalise_tags


class Criteria(TypedDict, total=False):
    """What messages are searched by; what is left out, or `None`, does not matter.

    Attributes:
        to: Number, in any form that the service understands.
        containing: Part of the text of any step; upper and lower case are alike.
        body: The whole text of any step.
        tag: Tag, or several joined by commas, of which all have to be there. A message without a tag has
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


@attrs.frozen
class Wanted:
    """Hold what a message has to be like; see `Criteria` for each.

    Attributes:
        to: Number, normalised.
        containing: Part of a text.
        body: A whole text.
        tag: Tags, joined by commas.
        channel: A channel.
        sender: A sender.
        state: A state.
    """

    to: str | None = attrs.field(default=None, repr=False)
    containing: str | None = attrs.field(default=None, repr=False)
    body: str | None = attrs.field(default=None, repr=False)
    tag: str | None = None
    channel: str | None = None
    sender: str | None = attrs.field(default=None, repr=False)
    state: str | None = None

    def matches(self, message: ReceivedMessage) -> bool:
        """Tell whether a message is like this."""
        return next(self._differences(message), None) is None

    def misses(self, message: ReceivedMessage) -> tuple[str, ...]:
        """Return what is different about a message, in words; nothing if it matches."""
        return tuple(self._differences(message))

    def _differences(self, message: ReceivedMessage) -> Iterator[str]:
        # One after the other, because a search through many messages stops at the first.
        if self.to is not None and message.to != self.to:
            yield f"to is {message.to}"
        if self.state is not None and message.state != self.state:
            yield f"state is {message.state}"
        if self.tag is not None:
            asked = set(normalise_tags(self.tag))
            if not (asked and asked.issubset(message.tags)):
                yield f"tags are {', '.join(message.tags)}"
        if self.channel is not None and self.channel not in message.channels:
            yield f"channels are {', '.join(message.channels)}"
        if self.containing is not None:
            piece = self.containing.casefold()
            if not any(piece in text.casefold() for text in _texts(message)):
                yield f"no text contains {self.containing!r}"
        if self.body is not None and self.body not in _texts(message):
            yield "no text is the same as body"
        senders = {step.sender for step in message.steps} if self.sender is not None else set()
        if self.sender is not None and self.sender not in senders:
            names = sorted(sender or "that of the account" for sender in senders)
            yield f"sender is {', '.join(names)}"

    def __str__(self) -> str:
        """Return the conditions as they would be written in a call."""
        given = {f.name: getattr(self, f.name) for f in attrs.fields(type(self))}
        return ", ".join(f"{name}={value!r}" for name, value in given.items() if value is not None)


def wanted(prefix: str, **criteria: Unpack[Criteria]) -> Wanted:
    """Return what is searched by, with the number as the service normalises it.

    Args:
        prefix: Country calling code of the account.
        **criteria: See `Criteria`.
    """
    given = Wanted(**criteria)
    if given.to is None:
        return given
    return attrs.evolve(given, to=normalise_number(given.to, prefix))


def _texts(message: ReceivedMessage) -> list[str]:
    """Return the texts of all steps, as they were sent and as they are shown with short links."""
    return [text for text in (*message.texts, *(s.body for s in message.steps)) if text]
