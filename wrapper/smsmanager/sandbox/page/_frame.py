"""Show what stands around every page: places, inboxes, clock."""

import itertools
from typing import Final

from smsmanager.sandbox._service import Service
from smsmanager.sandbox.engine.engine import Engine
from smsmanager.sandbox.page import _views as views
from smsmanager.sandbox.page import _words as words
from smsmanager.sandbox.page._panels import is_refused
from smsmanager.sandbox.page._query import Query, address
from smsmanager.sandbox.page._waiting import next_task, wording

THEMES: Final = ("auto", "light", "dark")
_LOOKED_AT: Final = 500


def frame(
    service: Service, query: Query, *, title: str, place: str, here: str, url: str, theme: str
) -> views.Frame:
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
    return views.Frame(
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


def clock(engine: Engine) -> views.Clock:
    """Return the clock, and what is due next."""
    shown = engine.clock.state()
    task = next_task(engine)
    return views.Clock(
        now=words.iso(shown.now.timestamp()),
        mode=shown.mode,
        speed=shown.speed,
        next_due=words.iso(task.due) if task else "",
        next_what=wording(task)[0] if task else "",
    )


def _navigation(service: Service, query: Query, place: str) -> tuple[views.Choice, ...]:
    chosen = [a for a in service.engine.accounts if query.inbox in ("", a.fingerprint)]
    refused = sum(
        1
        for request in itertools.islice(reversed(service.inbox.requests()), _LOOKED_AT)
        if is_refused(request)
    )
    counts = {
        "inbox": sum(sum(account.counts.values()) for account in chosen),
        "schedule": service.engine.waiting_count,
        "requests": refused,
    }
    return tuple(
        views.Choice(
            name.capitalize(),
            query.elsewhere("/" if name == "inbox" else f"/{name}"),
            current=name == place,
            count=counts.get(name),
            tone="bad" if name == "requests" else "neutral",
        )
        for name in ("inbox", "phones", "schedule", "requests", "control")
    )


def _inboxes(engine: Engine, query: Query) -> tuple[views.Choice, ...]:
    found = [(account.fingerprint, sum(account.counts.values())) for account in engine.accounts]
    if query.inbox and query.inbox not in dict(found):
        found.append((query.inbox, 0))
    every = views.Choice(
        "All keys", "/", current=not query.inbox, count=sum(count for _, count in found)
    )
    return (
        every,
        *(
            views.Choice(
                f"Key {name}" if name else "No key",
                address("/", inbox=name),
                current=name == query.inbox,
                count=count,
            )
            for name, count in found
        ),
    )
