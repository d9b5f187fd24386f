"""Local checks of one message: find what the service would refuse, or would cut or send without a warning.

They read the JSON that would be sent, so a field that is added to `openapi.yaml` needs no change here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from smsmanager._message.send_times import window_problems

MAX_TEXT = 1000  # The service cuts a longer text without a warning.
MAX_NAME = 11  # of an alphanumeric sender of an SMS; an RCS agent or a Viber name can be longer
MAX_TEMPLATE = 100
MIN_TTL_MINUTES, MAX_TTL_MINUTES = 0.5, 43_200
MAX_CALLBACK_URL = 2048
MAX_DEPTH = 32  # of a payload: what `smsmanager.webhooks` reads
_MOST_BUTTONS = {"viber": 1, "whatsapp_text": 3}
# A step of these channels needs a sender, its own or the message's. An SMS can use the account's default.
_NEED_SENDER = frozenset(("viber", "whatsapp_text", "rcs"))
_NEED_TEXT = frozenset(("sms", "viber", "whatsapp_text", "rcs"))
_CONTENTS = ("image", "video", "document", "audio", "buttons", "url", "raw")

_BLANK = re.compile(r"[\s\x00-\x1f]")
_WITH_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\x00-\x1f]+", re.ASCII)

Problem = tuple[str, str]
Fields = Mapping[str, Any]


def message_problems(message: Fields) -> Iterator[Problem]:
    """Yield `(field, text)` for every problem of a message, except those of its recipients.

    Source: SmsManager API reference, "Send a message", and the guide on message flows.
    """
    yield from text_problems(message.get("body"), "body")
    flow = message.get("flow")
    if "sender" in message:
        of_sms = not flow or any("sms" in step and not step["sms"].get("sender") for step in flow)
        yield from sender_problems(message["sender"], "sender", of_sms=of_sms)
    if "delivery_time" in message:
        yield from window_problems(message["delivery_time"], "delivery_time")
    if "callback" in message:
        yield from _callback_problems(message["callback"])
    if "payload" in message and is_deeper(message["payload"], MAX_DEPTH):
        text = f"is nested more than {MAX_DEPTH} levels deep, so its delivery reports could not be read"
        yield "payload", text
    if flow is None:
        if not message.get("body"):
            text = "is missing or is empty: a message without flow is an SMS and needs a text"
            yield "body", text
        return
    if not flow:
        yield "flow", "is empty: leave it out for a plain SMS, or name at least one step"
    for position, step in enumerate(flow):
        yield from _step_problems(step, f"flow[{position}]", message)


def text_problems(text: object, field: str, most: int = MAX_TEXT) -> Iterator[Problem]:
    """Yield the problem of a text of limited length; None is unset."""
    if text is not None and not isinstance(text, str):
        yield field, "must be a string"
    elif text is not None and len(text) > most:
        yield field, f"has {len(text)} characters, the limit is {most}"


def sender_problems(sender: object, field: str, *, of_sms: bool = True) -> Iterator[Problem]:
    """Yield the problem of a sender: a name, a virtual number or an alias; None is unset."""
    if not isinstance(sender, str):
        yield from text_problems(sender, field)
    elif not sender.strip():
        yield field, "is empty: leave it out to use the account's default"
    elif sender.startswith("+"):
        yield field, "starts with +: write a virtual number without it"
    elif of_sms and not sender.isdecimal() and len(sender) > MAX_NAME:
        yield field, f"has {len(sender)} characters, the limit of an SMS is {MAX_NAME}"


def is_deeper(value: object, most: int) -> bool:
    """Return whether objects and lists are nested more than this many levels deep."""
    if not isinstance(value, (dict, list, tuple)):
        return False
    items = value.values() if isinstance(value, dict) else value
    return not most or any(is_deeper(item, most - 1) for item in items)


def _callback_problems(callback: object) -> Iterator[Problem]:
    url, field = callback, "callback"
    if isinstance(callback, dict):
        url, field = callback.get("url"), "callback.url"
    parts = None
    if isinstance(url, str) and not _BLANK.search(url):
        with suppress(ValueError):
            parts = urlsplit(url)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        yield field, "must be an http or https URL"
    else:
        yield from text_problems(url, field, MAX_CALLBACK_URL)


def _step_problems(step: Fields, field: str, message: Fields) -> Iterator[Problem]:
    if len(step) != 1:
        yield field, f"has {len(step)} channels: a step has exactly one"
        return
    [(channel, content)] = step.items()
    field = f"{field}.{channel}"
    yield from text_problems(content.get("body"), f"{field}.body")
    yield from sender_problems(content.get("sender"), f"{field}.sender", of_sms=channel == "sms")
    for name, needed in (("body", _NEED_TEXT), ("sender", _NEED_SENDER)):
        if channel in needed and not (content.get(name) or message.get(name)):
            yield f"{field}.{name}", "is missing, and the message has none to fall back to"
    ttl = content.get("ttl")
    if isinstance(ttl, (int, float)) and not MIN_TTL_MINUTES <= ttl <= MAX_TTL_MINUTES:
        text = f"must be at least {MIN_TTL_MINUTES} minutes and at most {MAX_TTL_MINUTES} minutes"
        yield f"{field}.ttl", text
    buttons, most = content.get("buttons"), _MOST_BUTTONS.get(channel)
    if buttons is not None and most is not None and len(buttons) > most:
        yield f"{field}.buttons", f"has {len(buttons)} buttons, the limit is {most}"
    for position, button in enumerate(buttons if channel == "viber" and buttons else ()):
        url = button.get("url")
        if isinstance(url, str) and not _WITH_SCHEME.fullmatch(url):
            yield f"{field}.buttons[{position}].url", "must be a URL such as https://example.com"
    yield from text_problems(content.get("template_name"), f"{field}.template_name", MAX_TEMPLATE)
    if channel == "whatsapp_text":
        yield from _whatsapp_problems(content, field)


def _whatsapp_problems(content: Fields, field: str) -> Iterator[Problem]:
    contents = [key for key in _CONTENTS if key in content]
    if len(contents) > 1:
        yield field, f"has more than one content ({', '.join(contents)}): a step shows only one"
    if ("url" in content) != ("title" in content):
        missing = "title" if "url" in content else "url"
        yield f"{field}.{missing}", "is missing: a link button needs url and title"
