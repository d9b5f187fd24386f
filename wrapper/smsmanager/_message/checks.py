"""Local checks of one message: what the service would refuse, cut or send without a word.

They read the wire form (what `to_dict` gives), so that a field added to `openapi.yaml` needs no change here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from smsmanager._message.times import window_problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_TEXT = 1000
"""Longest text, in characters; the service cuts a longer one without saying so."""
MAX_NAME = 11
"""Longest alphanumeric sender name."""
MAX_TEMPLATE_NAME = 100
MIN_TTL_MINUTES = 0.5
MAX_CALLBACK_URL = 2048
_MOST_BUTTONS = {"viber": 1, "whatsapp_text": 3}
# A step of these needs a sender of its own or the message's. An SMS falls back to the account's default.
_NEED_SENDER = frozenset(("viber", "whatsapp_text", "rcs"))
_NEED_TEXT = frozenset(("sms", "viber", "whatsapp_text", "rcs"))
_CONTENTS = ("image", "video", "document", "audio", "buttons", "url", "raw")

_BLANK = re.compile(r"[\s\x00-\x1f]")

Problem = tuple[str, str]


def message_problems(message: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield `(field, text)` for everything wrong with a message but its recipients.

    Args:
        message: The JSON object that would be sent.

    Source: SmsManager API reference, "Send a message", and the guide on message flows.
    """
    yield from text_problems(message.get("body"), "body")
    yield from sender_problems(message.get("sender"), "sender")
    if "delivery_time" in message:
        yield from window_problems(message["delivery_time"], "delivery_time")
    if "callback" in message:
        yield from _callback_problems(message["callback"])
    flow = message.get("flow")
    if flow is None:
        if not message.get("body"):
            yield "body", "is missing: a message without flow is one SMS and needs a text"
        return
    if not flow:
        yield "flow", "is empty: leave it out for one plain SMS, or name at least one step"
    for position, step in enumerate(flow):
        yield from _step_problems(step, f"flow[{position}]", message)


def text_problems(text: object, field: str) -> Iterator[Problem]:
    """Yield what is wrong with a text.

    Args:
        text: The text; None when there is none.
        field: Path of the text.
    """
    if text is not None and not isinstance(text, str):
        yield field, "must be a text"
    elif text is not None and len(text) > MAX_TEXT:
        yield (
            field,
            f"has {len(text)} characters, the limit is {MAX_TEXT} (the service would cut it)",
        )


def sender_problems(sender: object, field: str) -> Iterator[Problem]:
    """Yield what is wrong with a sender.

    Args:
        sender: A name, a virtual number, or an alias set up for the account; None when there is none.
        field: Path of the sender.
    """
    if sender is None:
        return
    if not isinstance(sender, str):
        yield field, "must be a text"
    elif not sender.strip():
        yield field, "is empty: leave it out to use the account's default"
    elif sender.startswith("+"):
        yield field, "starts with +: a virtual number is written without it"
    elif not sender.isdecimal() and len(sender) > MAX_NAME:
        yield field, f"has {len(sender)} characters, the limit of a sender name is {MAX_NAME}"


def _callback_problems(callback: object) -> Iterator[Problem]:
    url, field = callback, "callback"
    if isinstance(callback, dict):
        url, field = callback.get("url"), "callback.url"
    if not isinstance(url, str) or not _is_web_address(url):
        yield field, "is not an http or https address"
    elif len(url) > MAX_CALLBACK_URL:
        yield field, f"has {len(url)} characters, the limit is {MAX_CALLBACK_URL}"


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not _BLANK.search(url)


def _step_problems(
    step: Mapping[str, Any], field: str, message: Mapping[str, Any]
) -> Iterator[Problem]:
    if len(step) != 1:
        yield field, f"holds {len(step)} channels, a step is exactly one"
        return
    [(channel, content)] = step.items()
    field = f"{field}.{channel}"
    yield from text_problems(content.get("body"), f"{field}.body")
    yield from sender_problems(content.get("sender"), f"{field}.sender")
    if channel in _NEED_TEXT and not (content.get("body") or message.get("body")):
        yield f"{field}.body", "is missing, and the message has none to fall back to"
    if channel in _NEED_SENDER and not (content.get("sender") or message.get("sender")):
        yield f"{field}.sender", "is missing, and the message has none to fall back to"
    ttl = content.get("ttl")
    if isinstance(ttl, (int, float)) and ttl < MIN_TTL_MINUTES:
        yield f"{field}.ttl", f"is under {MIN_TTL_MINUTES} minutes"
    buttons = content.get("buttons")
    if buttons is not None and len(buttons) > _MOST_BUTTONS.get(channel, len(buttons)):
        most = _MOST_BUTTONS[channel]
        yield f"{field}.buttons", f"has {len(buttons)} buttons, the limit is {most}"
    if channel == "whatsapp_text":
        yield from _whatsapp_problems(content, field)
    name = content.get("template_name")
    if isinstance(name, str) and len(name) > MAX_TEMPLATE_NAME:
        text = f"has {len(name)} characters, the limit is {MAX_TEMPLATE_NAME}"
        yield f"{field}.template_name", text


def _whatsapp_problems(content: Mapping[str, Any], field: str) -> Iterator[Problem]:
    contents = [key for key in _CONTENTS if key in content]
    if len(contents) > 1:
        yield field, f"has more than one content ({', '.join(contents)}): a step shows one"
    if ("url" in content) != ("title" in content):
        missing = "title" if "url" in content else "url"
        yield f"{field}.{missing}", "is missing: a link button needs url and title"
