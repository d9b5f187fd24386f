"""Remember which messages were opened, until the sandbox stops."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST = 10_000


@attrs.define(eq=False)
class Unread:
    """The messages that were not opened yet, identified by their `sequence`.

    Attributes:
        read_up_to: Everything up to this number counts as opened.
        opened: Later messages that were opened, at most 10,000: then everything in the older half counts.
    """

    read_up_to: int = 0
    opened: set[int] = attrs.field(factory=set, repr=False)

    def __contains__(self, sequence: int) -> bool:
        """Return whether a message was not opened yet."""
        return sequence > self.read_up_to and sequence not in self.opened

    def open(self, sequences: Iterable[int]) -> None:
        """Count messages as opened."""
        self.opened.update(number for number in sequences if number > self.read_up_to)
        if len(self.opened) > _MOST:
            self.open_all(sorted(self.opened)[_MOST // 2])

    def open_all(self, up_to: int) -> None:
        """Count everything up to a number as opened."""
        self.read_up_to = max(self.read_up_to, up_to)
        self.opened = {number for number in self.opened if number > self.read_up_to}
