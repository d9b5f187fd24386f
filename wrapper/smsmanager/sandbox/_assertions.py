"""Say whether a message like this was sent, and if not, which came near. No I/O.

The explanations show numbers and texts: they are for whoever tests a program against the sandbox, whose
messages are made up.
"""

from collections.abc import Sequence
from typing import Final

import attrs

from smsmanager.sandbox._numbers import normalise_number
from smsmanager.sandbox._received import ReceivedMessage, ReceivedRequest, normalise_tags

_SHOWN: Final = 3
_TEXT: Final = 80
_REFUSED: Final = 400


@attrs.frozen
class Wanted:
    """State what a message has to be like; what is `None` does not matter.

    Attributes:
        to: Number, normalised.
        containing: Part of the text of any step; upper and lower case are alike.
        body: The whole text of any step.
        tag: Tag, or several joined by commas, of which all have to be there.
        channel: One of the channels that are tried.
        sender: Sender of any step.
        state: How far the message has come, such as `"delivered"`.
    """

    to: str | None = attrs.field(default=None, repr=False)
    containing: str | None = attrs.field(default=None, repr=False)
    body: str | None = attrs.field(default=None, repr=False)
    tag: str | None = None
    channel: str | None = None
    sender: str | None = attrs.field(default=None, repr=False)
    state: str | None = None

    def count(self) -> int:
        """Return how many conditions there are."""
        return sum(value is not None for value in attrs.astuple(self))

    def misses(self, message: ReceivedMessage) -> tuple[str, ...]:
        """Return what is different about a message, in words; nothing if it matches."""
        texts = [text for text in (*message.texts, *(s.body for s in message.steps)) if text]
        senders = {step.sender for step in message.steps}
        found: list[str] = []
        if self.to is not None and message.to != self.to:
            found.append(f"to is {message.to}")
        piece = (self.containing or "").casefold()
        if self.containing is not None and not any(piece in text.casefold() for text in texts):
            found.append(f"no text contains {self.containing!r}")
        if self.body is not None and self.body not in texts:
            found.append("no text is the same as body")
        if self.tag is not None:
            wanted = set(normalise_tags(self.tag))
            if not (wanted and wanted.issubset(message.tags)):
                found.append(f"tags are {', '.join(message.tags)}")
        if self.channel is not None and self.channel not in message.channels:
            found.append(f"channels are {', '.join(message.channels)}")
        if self.sender is not None and self.sender not in senders:
            names = sorted(sender or "that of the account" for sender in senders)
            found.append(f"sender is {', '.join(names)}")
        if self.state is not None and message.state != self.state:
            found.append(f"state is {message.state}")
        return tuple(found)

    def __str__(self) -> str:
        """Return the conditions as they would be written in a call."""
        given = {f.name: getattr(self, f.name) for f in attrs.fields(type(self))}
        return ", ".join(f"{name}={value!r}" for name, value in given.items() if value is not None)


def wanted(prefix: str, to: str | None, **conditions: str | None) -> Wanted:
    """Return conditions, with the number as the service normalises it.

    Args:
        prefix: Country calling code of the account.
        to: Number in any form that the service understands.
        **conditions: The other attributes of `Wanted`.
    """
    return Wanted(to=None if to is None else normalise_number(to, prefix), **conditions)


def explain_missing(
    conditions: Wanted,
    matching: int,
    expected: int | None,
    messages: Sequence[ReceivedMessage],
    requests: Sequence[ReceivedRequest],
    elsewhere: int,
) -> str:
    """Return why an assertion failed that something was sent.

    Args:
        conditions: What was asked for.
        matching: How many messages match.
        expected: How many had to, `None` for at least one.
        messages: What the inbox holds.
        requests: The requests of the inbox, refused ones too.
        elsewhere: How many messages came with other API keys.
    """
    asked = str(conditions) or "anything"
    number = "at least one message" if expected is None else _counted(expected, "message")
    lines = [f"Expected {number} with {asked}; {matching or 'none'} of {len(messages)} match."]
    near = sorted(
        ((len(missed), message) for message in messages if (missed := conditions.misses(message))),
        key=lambda pair: (pair[0], -pair[1].sequence),
    )
    if near and not matching:
        lines.append("Nearest:")
        lines += [f"  {_shown(m)}: {'; '.join(conditions.misses(m))}" for _, m in near[:_SHOWN]]
    refused = [
        r
        for r in requests
        if r.status_code is not None and r.status_code >= _REFUSED and r.reason is not None
    ]
    if refused:
        lines.append(f"{_counted(len(refused), 'request')} refused, the last ones:")
        lines += [f"  {r.method} {r.path}: {r.status_code}, {r.reason}" for r in refused[-_SHOWN:]]
    if elsewhere:
        lines.append(f"{_counted(elsewhere, 'message')} came with another API key.")
    return "\n".join(lines)


def explain_surplus(conditions: Wanted, matching: Sequence[ReceivedMessage]) -> str:
    """Return why an assertion failed that nothing of the kind was sent.

    Args:
        conditions: What was asked for.
        matching: The messages that match all the same.
    """
    asked = str(conditions)
    what = f"no message with {asked}" if asked else "no message"
    lines = [f"Expected {what}, but {_counted(len(matching), 'message')} came:"]
    return "\n".join([*lines, *(f"  {_shown(message)}" for message in matching[-_SHOWN:])])


def _shown(message: ReceivedMessage) -> str:
    text = message.body or ""
    short = text if len(text) <= _TEXT else f"{text[: _TEXT - 1]}…"
    return f"to {message.to} by {' > '.join(message.channels)} {short!r}"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
