"""Define a shortened link, and show a text with short links."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from smsmanager.sandbox.engine.records.unix_time import iso, moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smsmanager.sandbox.engine.records import JsonObject

LINKS_PATH = "/l/"
"""Where the sandbox opens short links."""


@attrs.define(eq=False)
class ShortLink:
    """One shortened link of one recipient.

    Attributes:
        code: The part after the domain.
        original: The link as it was in the text.
        target: Where it leads.
        shown: What the text shows instead of it.
        expires_at: Unix seconds.
        clicks: How often it was opened here.
    """

    code: str
    original: str = attrs.field(repr=False)
    target: str = attrs.field(repr=False)
    shown: str = attrs.field(repr=False)
    expires_at: float
    clicks: int = 0

    @property
    def path(self) -> str:
        """Path that opens it in the sandbox."""
        return LINKS_PATH + self.code

    def as_json(self) -> JsonObject:
        """Return the link as the JSON API shows it."""
        return {
            "code": self.code,
            "path": self.path,
            "original": self.original,
            "target": self.target,
            "shown": self.shown,
            "expires_at": iso(moment(self.expires_at)),
            "clicks": self.clicks,
        }


def with_short_links(text: str | None, links: Sequence[ShortLink]) -> str | None:
    """Return a text as the recipient sees it."""
    if text is None or not links:
        return text
    shown = {link.original: link.shown for link in links}
    # In one pass, the longest first: a link may be the beginning of another.
    pattern = "|".join(re.escape(found) for found in sorted(shown, key=len, reverse=True))
    return re.sub(pattern, lambda match: shown[match[0]], text)
