"""Read the query of a page, and write the addresses of its links."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

import attrs

_MAX_SEARCH: Final = 200
_MAX_DIGITS: Final = 18


@attrs.frozen(kw_only=True)
class Query:
    """Hold what a list shows.

    Attributes:
        inbox: Fingerprint of the API key; empty for all.
        q: What is searched for.
        state: Only messages in this state.
        channel: Only messages with this channel.
        tag: Only messages with this tag.
        before: Only what came before this number; 0 for the newest.
    """

    inbox: str = ""
    q: str = attrs.field(default="", repr=False)
    state: str = ""
    channel: str = ""
    tag: str = ""
    before: int = 0

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "Query":
        """Return the query of an address; what is too long or no number is left out."""
        texts = {
            name: given.get(name, "").strip()[:_MAX_SEARCH]
            for name in ("inbox", "q", "state", "channel", "tag")
        }
        before = given.get("before", "")
        is_number = before.isascii() and before.isdecimal() and len(before) <= _MAX_DIGITS
        return cls(**texts, before=int(before) if is_number else 0)

    @property
    def filters(self) -> bool:
        """Whether not all messages of the inbox are shown."""
        return bool(self.q or self.state or self.channel or self.tag)

    def href(self, path: str = "/", **changes: str | int) -> str:
        """Return the address of a list: this one with changes, and from its newest entry on."""
        return address(path, **{**attrs.asdict(self), "before": 0, **changes})

    def elsewhere(self, path: str, **fields: str | int) -> str:
        """Return the address of another page about the same inbox."""
        return address(path, inbox=self.inbox, **fields)


def address(path: str, **fields: str | int) -> str:
    """Return a path with the fields that are not empty."""
    query = urlencode([(name, value) for name, value in fields.items() if value])
    return f"{path}?{query}" if query else path
