"""Count the billed SMS parts of a call, as far as they follow from the message."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from smsmanager.parts import message_parts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smsmanager._message.wire_requests import Content, Prepared


def billed_parts(prepared: Prepared, positions: Iterable[int]) -> Counter[str]:
    """Return the parts by encoding for the recipients at some positions.

    A message with a flow counts only if its first step is an SMS: whether later steps run is not known.
    """
    recipients = Counter(prepared.message_of[position] for position in positions)
    parts: Counter[str] = Counter()
    for message_of, count in recipients.items():
        for encoding, each in _parts(prepared.contents[message_of]).items():
            parts[encoding] += each * count
    return parts


def _parts(content: Content) -> dict[str, int]:
    message: dict[str, Any] = json.loads(content.json)
    # The form of `send_simple` uses other names.
    step, text = {}, message.get("body", message.get("message"))
    if flow := message.get("flow"):
        step = flow[0].get("sms")
        if step is None:
            return {}
        text = step.get("body", text)
    if not isinstance(text, str):
        return {}
    counted = message_parts(text, step.get("type", "utf"))
    return {counted.encoding.value: counted.parts}
