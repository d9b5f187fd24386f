"""The plans that read the inbox: one day, or every new event; no I/O."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from smsmanager.asking import _read_answers as read
from smsmanager.asking._account_days import days_between
from smsmanager.asking._asking_plans import credit
from smsmanager.asking._questions import Found, Question, Steps, asked
from smsmanager.errors import SmsManagerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date, datetime

    from smsmanager._config import Settings

logger = logging.getLogger("smsmanager")


def inbox(settings: Settings, day: date) -> Steps[None]:
    """Find the events of a day."""
    answer = yield from asked(Question("inbox.list_inbox", {"date": day}), settings)
    for event in read.inbox_events(answer):
        yield Found(event)


def follow_inbox(
    settings: Settings,
    now: Callable[[], datetime],
    since: datetime | None,
    every_s: float,
    zone: str | None,
) -> Steps[None]:
    """Find new events, each once, endlessly.

    Events have no id, and two equal ones can be two messages. So equal events are counted,
    and only an increase of the count is new.
    """
    if zone is None:
        zone = (yield from credit(settings)).time_zone
    begin = since or now()
    handed: Counter[str] = Counter()
    is_first = True
    while True:
        try:
            found = yield from _listed(settings, days_between(begin, now(), zone))
        except SmsManagerError as error:
            # If the caller had to start again, they would miss what arrived meanwhile.
            if is_first or not error.safe_to_retry:
                raise
            logger.warning(
                "the inbox could not be read (%s); next attempt in %g s",
                type(error).__name__,
                every_s,
            )
            yield every_s
            continue
        new = [event for key, events in found.items() for event in events[handed[key] :]]
        handed.update({key: max(len(found[key]) - handed[key], 0) for key in found})
        for event in sorted(new, key=lambda event: (event.at is not None, event.at or begin)):
            # Only the first time: what is listed later is new, whatever the service's clock says.
            if event.at is None or event.at >= begin or not is_first:
                yield Found(event)
        is_first = False
        # Events from late yesterday may be listed late.
        begin_of_days = now() - timedelta(days=1)
        begin = max(begin, begin_of_days)
        yield every_s


def _listed(settings: Settings, days: Iterable[date]) -> Steps[dict[str, list[Any]]]:
    """Ask for the events of days; group the equal ones."""
    found: dict[str, list[Any]] = {}
    for day in days:
        answer = yield from asked(Question("inbox.list_inbox", {"date": day}), settings)
        here = Counter[str]()
        for event in read.inbox_events(answer):
            key = event.dedup_key
            here[key] += 1
            # The same event can be listed on two days, because the zone of a day is unclear.
            if here[key] > len(found.setdefault(key, [])):
                found[key].append(event)
    return found
