"""Show what surrounds every page: places, inboxes, clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from smsmanager.sandbox import _words as words
from smsmanager.sandbox.page._query import Choice, Query, address
from smsmanager.sandbox.page._requests_page import is_refused
from smsmanager.sandbox.page._schedule_page import next_task, wording

if TYPE_CHECKING:
    from smsmanager.sandbox._operations.service import Service
    from smsmanager.sandbox.engine.processing import Engine

THEMES = ("auto", "light", "dark")
_LOOKED_AT = 500


@attrs.frozen
class Clock:
    """The sandbox's time.

    Attributes:
        now: ISO 8601.
        mode: `"real"`, `"accelerated"` or `"manual"`.
        speed: Seconds in a real second; 0 for a manual clock.
        next_due: When the next thing happens; empty if nothing waits.
        next_what: What it is.
    """

    now: str
    mode: str
    speed: float
    next_due: str = ""
    next_what: str = ""


@attrs.frozen(kw_only=True)
class Frame:
    """What surrounds every page.

    Attributes:
        title: Title of the page.
        place: Which entry of the navigation is current.
        here: Path and query of the page, to come back to after a form.
        navigation: The pages.
        inboxes: The inboxes to choose from.
        inbox: Query parameter that keeps the chosen inbox, `""` or `"?inbox=..."`.
        clock: The sandbox's time.
        base_url: What programs use as `SMSMANAGER_BASE_URL`.
        theme: `"light"`, `"dark"`, or `"auto"` for that of the system.
        version: State of the sandbox that is shown; the page asks for changes after it.
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


def frame(
    service: Service, query: Query, *, title: str, place: str, here: str, url: str, theme: str
) -> Frame:
    """Return the frame of a page.

    Args:
        service: What is shown.
        query: Which inbox is chosen.
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
        navigation=_navigation(service, query, place),
        inboxes=_inboxes(engine, query),
        inbox=address("", inbox=query.inbox),
        clock=clock(engine),
        base_url=url,
        theme=theme if theme in THEMES else THEMES[0],
        # Read before anything else of the page: what changes meanwhile is shown again.
        version=engine.feed.latest,
    )


def clock(engine: Engine) -> Clock:
    """Return the clock, and what is due next."""
    shown = engine.clock.state()
    task = next_task(engine)
    return Clock(
        now=words.iso(shown.now.timestamp()),
        mode=shown.mode,
        speed=shown.speed,
        next_due=words.iso(task.due) if task else "",
        next_what=wording(task)[0] if task else "",
    )


def _navigation(service: Service, query: Query, place: str) -> tuple[Choice, ...]:
    chosen = service.engine.accounts.chosen(query.key)
    refused = sum(map(is_refused, service.inbox.newest_requests(_LOOKED_AT)))
    counts = {
        "inbox": sum(sum(account.counts.values()) for account in chosen),
        "schedule": service.engine.waiting_count,
        "requests": refused,
    }
    return tuple(
        Choice(
            name.capitalize(),
            query.elsewhere("/" if name == "inbox" else f"/{name}"),
            current=name == place,
            count=counts.get(name),
            tone="bad" if name == "requests" else "neutral",
        )
        for name in ("inbox", "phones", "schedule", "requests", "control")
    )


def _inboxes(engine: Engine, query: Query) -> tuple[Choice, ...]:
    found = [(account.fingerprint, sum(account.counts.values())) for account in engine.accounts]
    if query.inbox and query.inbox not in dict(found):
        found.append((query.inbox, 0))
    every = Choice("All keys", "/", current=not query.inbox, count=sum(count for _, count in found))
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
