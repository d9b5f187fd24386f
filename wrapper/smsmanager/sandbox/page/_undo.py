"""Offer to undo the last removal."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from smsmanager.sandbox.engine.feed import Feed

_OFFERED_S = 120.0


@attrs.frozen
class Offer:
    """Something that can be undone.

    Attributes:
        number: Identifies it among earlier offers.
        text: What was done.
        restore: Undoes it.
        until: When the offer ends, by the clock of `Undo`.
    """

    number: int
    text: str = attrs.field(repr=False)
    restore: Callable[[], object] = attrs.field(repr=False)
    until: float


@attrs.define(eq=False)
class Undo:
    """The newest thing that can be undone; what was removed before it stays removed.

    An offer ends after two minutes, or when an inbox is cleared: nothing returns to a cleared inbox.

    Attributes:
        feed: Shows when an inbox was cleared.
        clock: Returns real seconds.
    """

    feed: Feed
    clock: Callable[[], float] = time.monotonic
    _offer: Offer | None = attrs.field(default=None, init=False)
    _known: int = attrs.field(default=0, init=False)
    _numbers: Iterator[int] = attrs.field(factory=lambda: itertools.count(1), init=False)

    def offer(self, text: str, restore: Callable[[], object]) -> None:
        """Offer to undo what was just done."""
        until = self.clock() + _OFFERED_S
        self._offer = Offer(next(self._numbers), text, restore, until)
        self._known = self.feed.latest

    @property
    def offered(self) -> Offer | None:
        """What can be undone; `None` if nothing can."""
        if self._offer is None:
            return None
        changes, _ = self.feed.since(self._known)
        self._known = changes[-1].sequence if changes else self._known
        is_cleared = any(change.kind == "cleared" for change in changes)
        if is_cleared or self.clock() > self._offer.until:
            self._offer = None
        return self._offer

    def take(self, number: int) -> Offer | None:
        """Return an offer and end it; `None` if it has already ended."""
        found = self.offered
        if found is None or found.number != number:
            return None
        self._offer = None
        return found
