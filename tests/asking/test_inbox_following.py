"""Following the inbox: each event once, although events have no id and days have no zone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from smsmanager import AuthenticationError, NotSentError
from smsmanager.asking._account_days import days_between
from smsmanager.asking._inbox_plans import follow_inbox
from smsmanager.asking._questions import Found, Question
from tests.asking.conftest import Asking, Service

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def event(body: str, at: datetime | None = NOON, **more: Any) -> dict[str, Any]:
    received = None if at is None else at.isoformat()
    return {"ts_received": received, "body": body, "from": "420601000001", "gateway": "sms", **more}


class Follower:
    """A plan that follows an inbox filled by a test."""

    def __init__(self, make: Callable[..., Asking], **options: Any) -> None:
        self.now = NOON
        self.inbox: dict[str, list[dict[str, Any]]] = {}
        self.days: list[str] = []
        settings = make().client.service._settings
        given = {"since": None, "every_s": 30, "zone": "UTC", **options}
        self.steps = follow_inbox(settings, lambda: self.now, *given.values())

    def poll(self) -> list[str]:
        """Return the texts of the events until the next wait."""
        self.days = []
        found: list[str] = []
        step: Any = next(self.steps)
        while not isinstance(step, float | int):
            if isinstance(step, Found):
                found.append(step.item.body)
                step = next(self.steps)
            else:
                assert isinstance(step, Question)
                day = str(step.request()["params"]["date"])
                self.days.append(day)
                step = self.steps.send({"inbox": self.inbox.get(day, [])})
        self.now += timedelta(seconds=step)
        return found


def test_each_event_comes_once(make: Callable[..., Asking]) -> None:
    follower = Follower(make)
    follower.inbox["2026-11-02"] = [event("a"), event("b")]
    assert follower.poll() == ["a", "b"]
    assert follower.poll() == []
    follower.inbox["2026-11-02"].append(event("c"))
    assert follower.poll() == ["c"]


def test_equal_events_are_distinguished_by_their_count(make: Callable[..., Asking]) -> None:
    follower = Follower(make)
    follower.inbox["2026-11-02"] = [event("YES")]
    assert follower.poll() == ["YES"]
    follower.inbox["2026-11-02"] = [event("YES"), event("YES")]
    assert follower.poll() == ["YES"]
    assert follower.poll() == []


def test_event_that_is_missing_once_does_not_come_again(make: Callable[..., Asking]) -> None:
    follower = Follower(make)
    follower.inbox["2026-11-02"] = [event("a")]
    assert follower.poll() == ["a"]
    follower.inbox["2026-11-02"] = []
    assert follower.poll() == []
    follower.inbox["2026-11-02"] = [event("a")]
    assert follower.poll() == []


def test_event_that_is_listed_on_two_days_comes_once(make: Callable[..., Asking]) -> None:
    follower = Follower(make, since=NOON - timedelta(days=1))
    follower.inbox = {"2026-11-01": [event("a")], "2026-11-02": [event("a")]}
    assert follower.poll() == ["a"]


def test_earlier_events_are_left_out(make: Callable[..., Asking]) -> None:
    follower = Follower(make)
    follower.inbox["2026-11-02"] = [event("old", NOON - timedelta(seconds=1)), event("new")]
    assert follower.poll() == ["new"]


def test_event_without_a_time_is_not_lost(make: Callable[..., Asking]) -> None:
    follower = Follower(make)
    follower.inbox["2026-11-02"] = [event("when?", None)]
    assert follower.poll() == ["when?"]


def test_clock_that_is_ahead_of_the_service_loses_nothing(make: Callable[..., Asking]) -> None:
    follower = Follower(make)
    assert follower.poll() == []
    # It arrived after the first question, but the service's clock is two minutes slow.
    follower.inbox["2026-11-02"] = [event("new", NOON - timedelta(minutes=2))]
    assert follower.poll() == ["new"]
    assert follower.poll() == []


def test_trouble_does_not_end_it(ask: Asking, service: Service) -> None:
    """Starting again would miss what arrived meanwhile."""
    trouble = [httpx.Response(500, json={}), httpx.ReadTimeout("late"), httpx.ConnectError("no")]
    service.answers["GET /inbox"] = [{"inbox": []}, *trouble, {"inbox": [event("a", None)]}]
    found = ask.items("follow_inbox", most=1, zone="UTC", every_s=12)
    assert ([e.body for e in found], ask.waits) == (["a"], [12, 12, 12, 12])


def test_trouble_at_the_beginning_and_a_refusal_end_it(ask: Asking, service: Service) -> None:
    service.answers["GET /inbox"] = httpx.ConnectError("no")
    with pytest.raises(NotSentError):
        ask.items("follow_inbox", zone="UTC")
    service.answers["GET /inbox"] = [{"inbox": []}, httpx.Response(403, json={})]
    with pytest.raises(AuthenticationError):
        ask.items("follow_inbox", zone="UTC")


def test_events_come_in_the_order_of_their_times(make: Callable[..., Asking]) -> None:
    follower = Follower(make)
    later = NOON + timedelta(seconds=5)
    follower.inbox["2026-11-02"] = [event("b", later), event("a")]
    assert follower.poll() == ["a", "b"]


def test_days_of_both_zones_are_asked_over_midnight(make: Callable[..., Asking]) -> None:
    follower = Follower(make, zone="Asia/Tokyo")
    follower.now = datetime(2026, 11, 2, 14, 59, tzinfo=UTC)
    follower.poll()
    assert follower.days == ["2026-11-02"]
    follower.now = datetime(2026, 11, 2, 15, 1, tzinfo=UTC)
    follower.poll()
    assert follower.days == ["2026-11-02", "2026-11-03"]
    follower.now = datetime(2026, 11, 4, 1, tzinfo=UTC)
    follower.poll()
    assert follower.days == ["2026-11-02", "2026-11-03", "2026-11-04"]
    follower.now += timedelta(days=1)
    follower.poll()
    assert "2026-11-02" not in follower.days


def test_zone_of_the_account_is_asked_for(ask: Asking, service: Service) -> None:
    service.answers["GET /credit"] = {"credit": {"tz": "Europe/Prague"}}
    service.answers["GET /inbox"] = {"inbox": [event("a", None)]}
    assert [e.body for e in ask.items("follow_inbox", most=1)] == ["a"]


def test_follower_waits_between_two_questions(ask: Asking, service: Service) -> None:
    service.answers["GET /inbox"] = [{"inbox": []}, {"inbox": [event("a", None)]}]
    found = ask.items("follow_inbox", most=1, zone="UTC", every_s=12)
    assert ([e.body for e in found], ask.waits) == (["a"], [12])


@pytest.mark.parametrize("zone", [None, "", "Nowhere/Atall", "../etc"])
def test_days_without_a_usable_zone_are_those_of_all_zones(zone: str | None) -> None:
    assert days_between(NOON, NOON, zone) == [date(2026, 11, 2), date(2026, 11, 3)]
    early = datetime(2026, 11, 2, 5, tzinfo=UTC)
    assert days_between(early, early, zone) == [date(2026, 11, 1), date(2026, 11, 2)]


def test_days_of_a_long_span() -> None:
    end = NOON + timedelta(days=3)
    assert len(days_between(NOON, end, "UTC")) == 4
    prague = datetime(2026, 11, 2, 23, 30, tzinfo=ZoneInfo("Europe/Prague"))
    assert days_between(prague, prague, "Europe/Prague") == [date(2026, 11, 2)]
