"""Read the query of a page, and write the addresses of its links."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import attrs

from smsmanager.sandbox.page._forms import whole_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smsmanager.sandbox.page._tones import Tone

_MAX_SEARCH = 200


@attrs.frozen
class Choice:
    """One entry of a menu or a filter: its caption and address, how many items it has, and of what kind."""

    caption: str
    href: str
    current: bool = False
    count: int | str | None = None
    counted: str = ""
    tone: Tone = "neutral"


@attrs.frozen(kw_only=True)
class Query:
    """What a list shows.

    Attributes:
        inbox: Fingerprint of the API key; empty for all.
        q: What is searched for.
        state: Only messages in this state.
        channel: Only messages with this channel.
        tag: Only messages with this tag.
        before: Only entries before this number; 0 for the newest.
    """

    inbox: str = ""
    q: str = attrs.field(default="", repr=False)
    state: str = ""
    channel: str = ""
    tag: str = ""
    before: int = 0

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Query:
        """Return the query of an address; texts are cut to a maximum length, a wrong number is ignored."""
        texts = {
            name: given.get(name, "").strip()[:_MAX_SEARCH]
            for name in ("inbox", "q", "state", "channel", "tag")
        }
        return cls(**texts, before=whole_number(given.get("before", "")))

    @property
    def key(self) -> str | None:
        """Fingerprint of the API key; `None` for all."""
        return self.inbox or None

    @property
    def filters(self) -> bool:
        """Whether only some messages of the inbox are shown."""
        return bool(self.q or self.state or self.channel or self.tag)

    def href(self, path: str = "/", **changes: str | int) -> str:
        """Return the address of a list: this one with changes, starting at its newest entry."""
        return address(path, **{**attrs.asdict(self), "before": 0, **changes})

    def elsewhere(self, path: str, **fields: str | int) -> str:
        """Return the address of another page about the same inbox."""
        return address(path, inbox=self.inbox, **fields)


def address(path: str, **fields: str | int) -> str:
    """Return a path with the fields that are not empty as its query."""
    query = urlencode([(name, value) for name, value in fields.items() if value])
    return f"{path}?{query}" if query else path
