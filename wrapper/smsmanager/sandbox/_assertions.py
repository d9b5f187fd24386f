"""Explain why an assertion about messages failed: the expectation, and the closest matches. No I/O.

The explanations show numbers and texts: they are for tests against the sandbox, whose messages
are made up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from smsmanager.sandbox._words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smsmanager.sandbox.engine.records.received_message import ReceivedMessage
    from smsmanager.sandbox.engine.records.received_request import ReceivedRequest
    from smsmanager.sandbox.engine.search import Search

_SHOWN = 3
_TEXT = 80
_REFUSED = 400


def explain_missing(
    search: Search,
    matching: int,
    expected: int | None,
    messages: Sequence[ReceivedMessage],
    requests: Sequence[ReceivedRequest],
    elsewhere: int,
) -> str:
    """Explain why the assertion that something was sent failed.

    Args:
        search: The expectation.
        matching: How many messages match.
        expected: How many had to match, `None` for at least one.
        messages: The messages of the inbox.
        requests: The requests of the inbox, refused ones too.
        elsewhere: How many messages came with other API keys.
    """
    asked = str(search) or "anything"
    number = "at least one message" if expected is None else counted(expected, "message")
    lines = [f"Expected {number} with {asked}; {matching or 'none'} of {len(messages)} match."]
    near = sorted(
        ((len(missed), message) for message in messages if (missed := search.misses(message))),
        key=lambda pair: (pair[0], -pair[1].sequence),
    )
    if near and not matching:
        lines.append("Nearest:")
        lines += [f"  {_shown(m)}: {'; '.join(search.misses(m))}" for _, m in near[:_SHOWN]]
    refused = [
        r
        for r in requests
        if r.status_code is not None and r.status_code >= _REFUSED and r.reason is not None
    ]
    if refused:
        lines.append(f"{counted(len(refused), 'request')} refused, the last ones:")
        lines += [f"  {r.method} {r.path}: {r.status_code}, {r.reason}" for r in refused[-_SHOWN:]]
    if elsewhere:
        lines.append(f"{counted(elsewhere, 'message')} came with another API key.")
    return "\n".join(lines)


def explain_surplus(search: Search, matching: Sequence[ReceivedMessage]) -> str:
    """Explain why the assertion that nothing of the kind was sent failed.

    Args:
        search: The expectation.
        matching: The messages that match nevertheless.
    """
    asked = str(search)
    what = f"no message with {asked}" if asked else "no message"
    lines = [f"Expected {what}, but {counted(len(matching), 'message')} came:"]
    return "\n".join([*lines, *(f"  {_shown(message)}" for message in matching[-_SHOWN:])])


def _shown(message: ReceivedMessage) -> str:
    text = message.body or ""
    short = text if len(text) <= _TEXT else f"{text[: _TEXT - 1]}…"
    return f"to {message.to} by {' > '.join(message.channels)} {short!r}"
