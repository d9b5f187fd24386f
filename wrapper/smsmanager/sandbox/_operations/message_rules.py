"""Check what the service asks of a message beyond the JSON schema, and resolve its steps.

Each rule yields one line per violation: a JSON pointer and what is wrong, without personal data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import TypeAlias

from smsmanager.sandbox._operations.contract import Contract
from smsmanager.sandbox.engine.delivery_window import read_moment, zone
from smsmanager.sandbox.engine.records import JsonObject
from smsmanager.sandbox.engine.records.received_message import SMS, ReceivedStep

Rule: TypeAlias = Callable[[JsonObject, Contract], Iterator[str]]

# One for all messages without a flow; nobody changes what was received.
_NO_FIELDS: JsonObject = {}
_NAME = re.compile(r"[A-Za-z0-9 ._&-]{1,11}")
_NUMBER = re.compile(r"[0-9]{3,18}")

# What can accompany the text of a `whatsapp_text`; `url` with `title` is one content.
_WHATSAPP_CONTENTS = ("image", "video", "document", "audio", "buttons", "url", "raw")


def first_violation(message: JsonObject, contract: Contract) -> str | None:
    """Return why the service would refuse a message that follows the schema, or `None`."""
    return next(violations(message, contract), None)


def violations(message: JsonObject, contract: Contract) -> Iterator[str]:
    """Yield why the service would refuse a message that follows the schema."""
    return (line for rule in _RULES for line in rule(message, contract))


def _has_text(message: JsonObject, contract: Contract) -> Iterator[str]:
    """Yield what is left without a text: the message without flow, or a step that shows one.

    Source: SmsManager guide, on the flow of a message.
    """
    if "body" in message:
        return
    if not message.get("flow"):
        yield "/body: is missing, and there is no flow"
    for index, channel, step in flow_items(message):
        if channel in contract.text_channels and "body" not in step:
            yield f"/flow/{index}/{channel}/body: is missing, and so is /body"


def _one_whatsapp_content(message: JsonObject, _contract: Contract) -> Iterator[str]:
    """Yield WhatsApp texts with more than one content, or with half a link button.

    Source: SmsManager guide, on WhatsApp texts.
    """
    for index, channel, step in flow_items(message):
        if channel != "whatsapp_text":
            continue
        path = f"/flow/{index}/{channel}"
        contents = [name for name in _WHATSAPP_CONTENTS if name in step]
        if len(contents) > 1:
            yield f"{path}: has {' and '.join(contents)}, where one content is allowed"
        if ("url" in step) != ("title" in step):
            yield f"{path}: url and title only go together"


def _times_exist(message: JsonObject, _contract: Contract) -> Iterator[str]:
    """Yield a time that no calendar has, and a time zone that is none.

    Source: SmsManager API reference, fields `datetime` and `delivery_time`.
    """
    window: JsonObject = message.get("delivery_time", _NO_FIELDS)
    if "tz" in window and zone(window["tz"]) is None:
        yield "/delivery_time/tz: is not an IANA time zone, such as Europe/Prague"
    for name in ("datetime", "time"):
        if name in message and not _is_moment(message[name]):
            yield f"/{name}: is not a time of the calendar"


def _is_moment(text: str) -> bool:
    try:
        read_moment(text)
    except ValueError:
        return False
    return True


def sender_notes(message: JsonObject) -> Iterator[str]:
    """Yield the senders that look like neither a name nor a number: right only as an alias.

    Source: SmsManager API reference, field `sender`.
    """
    steps = list(flow_items(message)) or [(0, SMS, _NO_FIELDS)]
    of_sms = {"/sender" for _, channel, step in steps if channel == SMS and "sender" not in step}
    of_sms |= {f"/flow/{index}/{SMS}/sender" for index, _, _ in steps}
    for path, sender in senders(message):
        # The agent of an RCS step and the name of a Viber step can be longer.
        if path in of_sms and not (_NAME.fullmatch(sender) or _NUMBER.fullmatch(sender)):
            yield f"{path}: neither a name of at most 11 characters nor a number; right as an alias only"


def senders(message: JsonObject) -> Iterator[tuple[str, str]]:
    """Yield JSON pointer and value of each sender of a message."""
    if "sender" in message:
        yield "/sender", message["sender"]
    for index, channel, step in flow_items(message):
        if "sender" in step:
            yield f"/flow/{index}/{channel}/sender", step["sender"]


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


_RULES: tuple[Rule, ...] = (_has_text, _one_whatsapp_content, _times_exist)
