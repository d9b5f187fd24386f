"""Say in one line each what the sandbox is asked and what becomes of messages."""

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from smsmanager.sandbox._received import ReceivedMessage, ReceivedRequest

if TYPE_CHECKING:
    from smsmanager.sandbox._view import InboxView

_PATIENCE_S: Final = 0.5
_PAUSE_S: Final = 0.05


def lines(inbox: "InboxView", ended: threading.Event, *, verbose: bool) -> Iterator[str]:
    """Yield a line for each request, from now on until it has ended.

    Args:
        inbox: What is told of.
        ended: Set when no more requests come.
        verbose: Whether numbers and texts appear: they are personal.
    """
    feed = inbox.feed
    seen = feed.latest
    last = inbox.requests[-1].sequence if inbox.requests else 0
    is_last_look = False
    while not is_last_look:
        # Before it is read, so that nothing is missed that comes in between.
        is_last_look = ended.is_set()
        if not is_last_look and feed.wait(seen, _PATIENCE_S) == seen:
            continue
        # Under load, many lines at once.
        ended.wait(_PAUSE_S)
        seen = feed.latest
        for request in inbox.requests:
            if request.sequence <= last:
                continue
            last = request.sequence
            yield _request_line(request)
            if verbose and request.recipients:
                found = inbox.messages
                yield from (_message_line(m) for m in found if m.request_id == request.request_id)


def _request_line(request: ReceivedRequest) -> str:
    time = request.received_at.astimezone().strftime("%H:%M:%S")
    status = "no answer" if request.status_code is None else str(request.status_code)
    operation = request.operation or "no operation"
    line = f"{time} {request.method} {operation} {status}"
    if request.recipients:
        line += f", {request.recipients} message{'s' if request.recipients > 1 else ''}"
    return line if request.reason is None else f"{line}: {request.reason}"


def _message_line(message: ReceivedMessage) -> str:
    text = (message.body or "").replace("\n", " ").replace("\r", " ")
    printable = "".join(letter if letter.isprintable() else "?" for letter in text)
    number = message.to or "a number without digits"
    return f"         {' > '.join(message.channels)} to {number}: {printable}"
