"""Shorten the links of a text, as `params._url` asks.

Source: SmsManager guide, on link shortening. Which characters a short code has is not published.
"""

from __future__ import annotations

import re
import string
from collections import OrderedDict
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit, urlunsplit

from smsmanager.sandbox.engine.draws import Draws
from smsmanager.sandbox.engine.records.short_link import LINKS_PATH, ShortLink
from smsmanager.sandbox.engine.records.unix_time import LAST_MOMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smsmanager.sandbox.engine.records import JsonObject
    from smsmanager.sandbox.engine.records.received_message import ReceivedMessage

_DAYS_7_S = 7 * 24 * 3600
_CODE_LENGTH = 7
_CODE_LETTERS = string.ascii_letters + string.digits
_TRAILING = ".,;:!?)]}'\"»”"
_FULL = re.compile(r"https?://[^\s<>]+", re.IGNORECASE)
# Without a protocol: labels, a top-level name of letters, and perhaps a path. No e-mail address.
_ALL = re.compile(
    r"https?://[^\s<>]+|(?<![\w@.-])(?:[a-z0-9-]{1,63}\.)+[a-z]{2,24}(?![\w@-])(?:[/?#][^\s<>]*)?",
    re.IGNORECASE,
)
_SHOWS_LINKS = frozenset({"sms", "viber", "whatsapp_text", "rcs"})


class Links:
    """The short links, by their codes.

    Args:
        seed: Start of the series of codes.
        max_links: How many are kept; the oldest go first.
    """

    def __init__(self, *, seed: int | str | None, max_links: int) -> None:
        self._draws = Draws(seed)
        self._max_links = max_links
        self._by_code: OrderedDict[str, tuple[ShortLink, ReceivedMessage]] = OrderedDict()
        self.origin = "http://127.0.0.1"

    def find(self, code: str) -> tuple[ShortLink, ReceivedMessage] | None:
        """Return a link and the message it is in."""
        return self._by_code.get(code)

    def clear(self) -> None:
        """Forget all links."""
        self._by_code.clear()
        self._draws.restart()

    def add(self, message: ReceivedMessage, link: ShortLink) -> None:
        """Keep a link."""
        self._by_code[link.code] = (link, message)
        while len(self._by_code) > self._max_links:
            self._by_code.popitem(last=False)

    def shorten(self, message: ReceivedMessage, now: float) -> tuple[ShortLink, ...]:
        """Return the links of a message, shortened if it asks for that."""
        params: JsonObject | None = message.message.get("params")
        wanted: JsonObject | None = params.get("_url") if params else None
        if wanted is None:
            return ()
        made: dict[str, ShortLink] = {}
        for found in _found(message, wanted.get("type", "full")):
            if found not in made:
                made[found] = self._link(message, found, wanted, now)
        return tuple(made.values())

    def _link(
        self, message: ReceivedMessage, found: str, wanted: JsonObject, now: float
    ) -> ShortLink:
        code = "".join(self._draws.choices(_CODE_LETTERS, k=_CODE_LENGTH))
        domain = wanted.get("domain")
        shown = f"https://{domain}/{code}" if domain else f"{self.origin}{LINKS_PATH}{code}"
        expires_at = wanted.get("expires_at", wanted.get("expires"))
        link = ShortLink(
            code=code,
            original=found,
            target=_target(found, wanted, message.message_id or "", code),
            shown=shown,
            expires_at=(
                now + _DAYS_7_S
                if expires_at is None
                else float(max(0, min(expires_at, LAST_MOMENT)))
            ),
        )
        self.add(message, link)
        return link


def _found(message: ReceivedMessage, kind: str) -> Iterator[str]:
    pattern = _ALL if kind == "all" else _FULL
    for step in message.steps:
        if step.body is not None and step.channel in _SHOWS_LINKS:
            for match in pattern.finditer(step.body):
                found = match[0].rstrip(_TRAILING)
                if _leads_somewhere(found):
                    yield found


def _leads_somewhere(link: str) -> bool:
    try:
        return bool(urlsplit(_with_protocol(link)).hostname)
    except ValueError:
        return False


def _with_protocol(link: str) -> str:
    return link if "://" in link else f"http://{link}"


def _target(link: str, wanted: JsonObject, message_id: str, code: str) -> str:
    """Return where a link leads, with what `get_enhance` adds."""
    target = _with_protocol(link)
    enhance = wanted.get("get_enhance")
    if enhance not in {"id", "code"}:
        return target
    parts = urlsplit(target)
    name = wanted.get("get_name", "_")
    added = urlencode([(name, message_id if enhance == "id" else code)])
    return urlunsplit(parts._replace(query=f"{parts.query}&{added}" if parts.query else added))
