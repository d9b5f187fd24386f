"""Show what surrounds the content of every page: navigation, inboxes, clock."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import attrs

from smsmanager.sandbox import _words as words
from smsmanager.sandbox.page._query import Choice, Query, address
from smsmanager.sandbox.page._requests_page import is_refused
from smsmanager.sandbox.page._schedule_page import next_task, wording

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smsmanager.sandbox._operations.service import Service
    from smsmanager.sandbox.engine.processing import Engine
    from smsmanager.sandbox.page._tones import Tone
    from smsmanager.sandbox.page._undo import Offer
    from smsmanager.sandbox.page._unread import Unread

THEMES = ("auto", "light", "dark")
_LOOKED_AT = 500
_MOST_COUNTED = 99
_MEANINGS: Mapping[str, str] = {
    "real": "The clock runs as fast as yours.",
    "accelerated": "The clock runs {:g} times as fast as yours.",
    "manual": "The clock stands still until you or a program moves it.",
}
_MOST_INBOXES = 100
_COUNT_TONES: Mapping[str, Tone] = {"inbox": "moving", "requests": "bad"}


@attrs.frozen
class Clock:
    """The sandbox's time.

    Attributes:
        now: ISO 8601.
        mode: `"real"`, `"accelerated"` or `"manual"`.
        speed: Seconds in a real second; 0 for a manual clock.
        meaning: How it runs, in one sentence.
        next_due: When the next event happens; empty if nothing waits.
        next_what: What it is.
    """

    now: str
    mode: str
    speed: float
    meaning: str
    next_due: str = ""
    next_what: str = ""


@attrs.frozen(kw_only=True)
class Frame:
    """What surrounds the content of every page.

    Attributes:
        title: Title of the page.
        place: Which entry of the navigation is current.
        here: Path and query of the page, to return to after a form.
        navigation: The pages.
        inboxes: The inboxes to choose from.
        inbox: Query parameter that keeps the chosen inbox, `""` or `"?inbox=..."`.
        clock: The sandbox's time.
        base_url: What programs use as `SMSMANAGER_BASE_URL`.
        theme: `"light"`, `"dark"`, or `"auto"` for the system's theme.
        version: Number of the change that the page shows; it asks for later ones.
        undo: What can be undone; `None` if nothing can.
    """

    title: str
    place: str
    here: str
    navigation: tuple[Choice, ...]
    inboxes: tuple[Choice, ...]
    inbox: str
    clock: Clock
    base_url: str
    theme: str
    version: int
    undo: Offer | None


def frame(  # noqa: PLR0913 - what surrounds a page has many sources
    service: Service,
    query: Query,
    unread: Unread,
    undo: Offer | None,
    *,
    title: str,
    place: str,
    here: str,
    url: str,
    theme: str,
) -> Frame:
    """Return the frame of a page.

    Args:
        service: What is shown.
        query: Which inbox is chosen.
        unread: Which messages were not opened yet.
        undo: What can be undone; `None` if nothing can.
        title: Title of the page.
        place: Entry of the navigation.
        here: Path and query of the page.
        url: URL of the service, for programs.
        theme: One of `THEMES`.
    """
    engine = service.engine
    return Frame(
        title=title,
        place=place,
        here=here,
        navigation=_navigation(service, query, unread, place),
        inboxes=_inboxes(engine, query),
        inbox=address("", inbox=query.inbox),
        clock=clock(engine),
        base_url=url,
        theme=theme if theme in THEMES else THEMES[0],
        # Read before the rest of the page, so that later changes are shown again.
        version=engine.feed.latest,
        undo=undo,
    )


def clock(engine: Engine) -> Clock:
    """Return the clock, and what is due next."""
    shown = engine.clock.state()
    task = next_task(engine)
    return Clock(
        now=words.iso(shown.now.timestamp()),
        mode=shown.mode,
        speed=shown.speed,
        meaning=_MEANINGS[shown.mode].format(shown.speed),
        next_due=words.iso(task.due) if task else "",
        next_what=wording(task)[0] if task else "",
    )


def _navigation(service: Service, query: Query, unread: Unread, place: str) -> tuple[Choice, ...]:
    newest = itertools.islice(service.engine.inbox.newest(key=query.key), _MOST_COUNTED + 1)
    new = sum(message.sequence in unread for message in newest)
    refused = sum(map(is_refused, service.inbox.newest_requests(_LOOKED_AT)))
    counts = {
        "inbox": (new if new <= _MOST_COUNTED else f"{_MOST_COUNTED}+", "unread"),
        "schedule": (service.engine.waiting_count, "upcoming"),
        "requests": (refused, "refused"),
    }
    return tuple(
        Choice(
            name.capitalize(),
            query.elsewhere("/" if name == "inbox" else f"/{name}"),
            current=name == place,
            count=counts.get(name, (None, ""))[0],
            counted=counts.get(name, (None, ""))[1],
            tone=_COUNT_TONES.get(name, "neutral"),
        )
        for name in ("inbox", "phones", "schedule", "requests", "control")
    )


def _inboxes(engine: Engine, query: Query) -> tuple[Choice, ...]:
    newest = list(engine.accounts)[-_MOST_INBOXES:]
    found = [(account.fingerprint, sum(account.counts.values())) for account in newest]
    if query.inbox and query.inbox not in dict(found):
        found.append((query.inbox, 0))
    total, _ = engine.inbox.count()
    every = Choice("All keys", "/", current=not query.inbox, count=total)
    return (
        every,
        *(
            Choice(
                f"Key {name}" if name else "No key",
                address("/", inbox=name),
                current=name == query.inbox,
                count=count,
            )
            for name, count in found
        ),
    )
