"""An event of a webhook, or of the inbox, as one line."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from smsmanager.cli import output
from smsmanager.cli.terminal_text import visible
from smsmanager.webhooks import DeliveryReport, IncomingMessage, Reply, UnknownEvent

if TYPE_CHECKING:
    from datetime import datetime

    from smsmanager.webhooks import Event


def line_of(event: Event, *, as_json: bool) -> str:
    """Return an event as one line; with numbers and texts, which the user asked to see."""
    if as_json:
        return output.json_text(event.raw)
    at = None if isinstance(event, UnknownEvent) else event.at
    moment = _moment(at)
    match event:
        case DeliveryReport():
            facts = [str(event.result), event.phone_number, event.gateway, event.message_id]
            info = event.raw.get("result_info")
            facts.append(info if isinstance(info, str) else None)
        case Reply():
            facts = ["reply", event.sender, event.gateway, event.message_id, event.body]
        case IncomingMessage():
            facts = ["incoming", event.sender, event.gateway, event.body]
        case _:
            facts = ["unknown event", event.reason]
    shown = "  ".join(str(fact) for fact in (moment, *facts) if fact)
    return visible(shown.replace("\n", " "))


def _moment(at: datetime | None) -> str:
    """Return a time in this machine's zone, to the second."""
    if at is None:
        return "-"
    # The first and the last possible day may not exist in this zone: they are shown in UTC.
    with suppress(OverflowError, ValueError, OSError):
        at = at.astimezone()
    return at.replace(microsecond=0, tzinfo=None).isoformat(" ")
