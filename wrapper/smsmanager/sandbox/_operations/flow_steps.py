"""Walk through the channels of a message and resolve what a step takes from its message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smsmanager.sandbox.engine.records.received_step import SMS, ReceivedStep

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from smsmanager.sandbox.engine.records import JsonObject

# One for all messages without a flow; nobody changes what was received.
_NO_FIELDS: JsonObject = {}


def flow_items(message: JsonObject) -> Iterator[tuple[int, str, JsonObject]]:
    """Yield index, channel and fields of each step that is written in `flow`."""
    for index, item in enumerate(message.get("flow", ())):
        for channel, fields in item.items():
            yield index, channel, fields


def resolve_steps(
    message: JsonObject,
    text_channels: Collection[str],
) -> tuple[ReceivedStep, ...]:
    """Return the channels of a message; without `flow` that is one SMS.

    Args:
        message: A message that follows the schema.
        text_channels: Steps that show a text; the others never take that of the message.

    Source: SmsManager guide, on the flow of a message.
    """
    body = message.get("body")
    sender = message.get("sender")
    steps = tuple(
        ReceivedStep(
            channel=channel,
            body=fields.get("body", body if channel in text_channels else None),
            sender=fields.get("sender", sender),
            fields=fields,
        )
        for _, channel, fields in flow_items(message)
    )
    return steps or (ReceivedStep(channel=SMS, body=body, sender=sender, fields=_NO_FIELDS),)
