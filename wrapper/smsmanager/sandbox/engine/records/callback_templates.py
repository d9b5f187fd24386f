"""Render the templates of a callback: `item` is one event, `body` the whole body.

Source: SmsManager's definition of its connectors, which has both as an object or an array. How a template
names a value is not published. Our reading: `{{message_id}}` is that field of the event,
`{{to.phone_number}}` a field inside one, and `{{items}}`, only in `body`, the rendered events.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from smsmanager.sandbox.engine.records import JsonObject

MAX_CHARACTERS = 1_000_000
"""Maximum size of the values in one webhook; further values are left out."""

_PLACE = re.compile(r"\{\{\s*([\w-]{1,100}(?:\.[\w-]{1,100}){0,20})\s*\}\}", re.ASCII)


def rendered(
    item: Any, body: Any, events: Sequence[JsonObject], escape: Callable[[str], str]
) -> Any:
    """Return the content of a webhook.

    Args:
        item: Template of one event; `None` for the event as it is.
        body: Template of the whole body; `None` for the list of the items.
        events: The events.
        escape: Escapes a value inside a body that is a string.

    Returns:
        A JSON value; a string if `body` is one.
    """
    values = _Values()
    items = [event if item is None else values.put(item, event, str) for event in events]
    if body is None:
        return items
    known = {**events[0], "items": items} if events else {"items": items}
    return values.put(body, known, escape if isinstance(body, str) else str)


class _Values:
    """Fills templates until there are too many values: a caller can name one a thousand times."""

    def __init__(self) -> None:
        self._left = MAX_CHARACTERS

    def put(self, template: Any, known: Mapping[str, Any], escape: Callable[[str], str]) -> Any:
        """Return a template filled with its values."""
        if isinstance(template, dict):
            return {name: self.put(part, known, escape) for name, part in template.items()}
        if isinstance(template, list):
            return [self.put(part, known, escape) for part in template]
        if not isinstance(template, str):
            return template
        alone = _PLACE.fullmatch(template.strip())
        if alone is not None and escape is str:
            # The value itself, so that a number stays a number.
            value = _found(known, alone[1])
            return value if self._takes(json.dumps(value)) else None
        return _PLACE.sub(lambda place: self._text(_found(known, place[1]), escape), template)

    def _text(self, value: Any, escape: Callable[[str], str]) -> str:
        if isinstance(value, str):
            text = escape(value)
        else:
            text = "" if value is None else json.dumps(value, ensure_ascii=False)
        return text if self._takes(text) else ""

    def _takes(self, text: str) -> bool:
        self._left -= len(text)
        return self._left >= 0


def _found(known: Mapping[str, Any], path: str) -> Any:
    value: Any = known
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value
