"""When requests may leave, and the options for this."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, reset_tzpath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsmanager import ConfigurationError, ValidationError
from smsmanager.campaigns import CampaignOptions
from smsmanager.campaigns._run.pace import Pace, Rate, SendWindow

DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
days = st.lists(st.sampled_from(DAYS), min_size=1, unique=True)
clock = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
seconds = st.floats(0, 366 * 86_400)
moments = seconds.map(lambda after: datetime(2027, 1, 1, tzinfo=UTC) + timedelta(seconds=after))
zones = st.sampled_from(
    ("UTC", "Europe/Prague", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe")
)
windows = st.fixed_dictionaries(
    {},
    optional={
        "days": days,
        "start": clock,
        "end": clock,
        "tz": zones,
    },
).filter(bool)


# Within two days of each change of the clocks, by an hour or half an hour, in 2027.
changes = st.sampled_from(
    (
        *("2027-03-28T01:00Z", "2027-10-31T01:00Z", "2027-03-14T07:00Z"),
        *("2027-11-07T06:00Z", "2027-04-03T15:00Z", "2027-10-02T15:30Z"),
    )
).map(datetime.fromisoformat)
near_changes = st.tuples(changes, st.integers(-2880, 2880)).map(
    lambda drawn: drawn[0] + timedelta(minutes=drawn[1])
)
small_hours = st.builds("{:02}:{:02}".format, st.integers(0, 4), st.sampled_from((0, 15, 30, 45)))


def is_open(window: dict[str, Any], at: datetime) -> bool:
    """Return the time of a wall clock."""
    wall = at.astimezone(ZoneInfo(window.get("tz", "UTC")))
    start, end = window.get("start", "00:00"), window.get("end", "00:00")
    listed, shown = window.get("days", DAYS), f"{wall:%H:%M}"
    today, before = DAYS[wall.weekday()], DAYS[wall.weekday() - 1]
    if start < end:
        return today in listed and start <= shown < end
    return (today in listed and shown >= start) or (before in listed and shown < end)


@settings(max_examples=200, deadline=None)
@given(
    windows | st.fixed_dictionaries({"start": small_hours, "end": small_hours, "tz": zones}),
    moments | near_changes,
)
def test_a_window_opens_when_the_clock_on_the_wall_says_so(
    window: dict[str, Any], now: datetime
) -> None:
    opens = SendWindow(window).opens_at(now)
    assert now <= opens <= now + timedelta(days=9)
    assert is_open(window, opens)
    if opens > now:
        # Not a minute later than necessary, checked for two days.
        first = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
        minutes = [first + timedelta(minutes=n) for n in range(2880)]
        closed = [at for at in minutes if at < opens]
        assert not any(is_open(window, at) for at in (now, *closed))


@pytest.mark.parametrize(
    ("window", "now", "opens"),
    [
        # 02:00 to 03:00 is skipped in Prague on 28 March 2027, and occurs twice on 31 October.
        ("02:00-02:45", "2027-03-27T23:00Z", "2027-03-29T00:00Z"),
        ("02:30-04:00", "2027-03-27T23:00Z", "2027-03-28T01:00Z"),
        ("02:00-02:45", "2027-10-31T00:30Z", "2027-10-31T00:30Z"),
        ("02:00-02:45", "2027-10-31T00:50Z", "2027-10-31T01:00Z"),
        ("02:00-02:45", "2027-10-31T01:30Z", "2027-10-31T01:30Z"),
        ("01:30-02:15", "2027-10-31T00:20Z", "2027-10-31T01:00Z"),
    ],
)
def test_a_window_in_an_hour_that_is_skipped_or_repeated(window: str, now: str, opens: str) -> None:
    start, _, end = window.partition("-")
    asked = SendWindow({"start": start, "end": end, "tz": "Europe/Prague"})
    assert asked.opens_at(datetime.fromisoformat(now)) == datetime.fromisoformat(opens)


def test_a_weekly_window_in_a_skipped_hour_waits_another_week() -> None:
    window = SendWindow(
        {"days": ["sunday"], "start": "02:00", "end": "02:45", "tz": "Europe/Prague"}
    )
    assert window.opens_at(datetime(2027, 3, 22, tzinfo=UTC)) == datetime(
        2027, 4, 4, 0, 0, tzinfo=UTC
    )


def test_a_system_without_time_zone_data(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "tzdata"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tzdata", None)
    ZoneInfo.clear_cache()
    reset_tzpath(to=())
    try:
        with pytest.raises(ConfigurationError, match="tzdata"):
            CampaignOptions(window={"start": "08:00", "tz": "Europe/Prague"})
        assert SendWindow({"start": "00:00", "tz": "UTC"})
    finally:
        reset_tzpath()


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2027-01-04T06:59:00Z", "2027-01-04T07:00:00Z"),
        ("2027-01-04T07:00:00Z", "2027-01-04T07:00:00Z"),
        ("2027-01-04T18:59:59Z", "2027-01-04T18:59:59Z"),
        ("2027-01-04T19:00:00Z", "2027-01-05T07:00:00Z"),
        ("2027-01-08T19:00:00Z", "2027-01-11T07:00:00Z"),
        # Summer time begins on 28 March 2027.
        ("2027-03-26T20:00:00Z", "2027-03-29T06:00:00Z"),
    ],
)
def test_working_days_in_prague(now: str, opens: str) -> None:
    hours = {"start": "08:00", "end": "20:00", "tz": "Europe/Prague"}
    window = SendWindow({"days": DAYS[:5], **hours})
    assert window.opens_at(datetime.fromisoformat(now)) == datetime.fromisoformat(opens)


def test_a_night_reaches_into_the_next_day() -> None:
    window = SendWindow({"days": ["friday"], "start": "22:00", "end": "04:00"})
    saturday = datetime(2027, 1, 9, 3, 59, tzinfo=UTC)
    assert window.opens_at(saturday) == saturday
    assert window.opens_at(saturday + timedelta(minutes=1)) == datetime(
        2027, 1, 15, 22, 0, tzinfo=UTC
    )


@given(st.floats(0.1, 1000), st.lists(st.floats(0, 1), max_size=50))
def test_no_second_has_more_requests_than_allowed(rate: float, thinking: list[float]) -> None:
    pace = Pace(rate)
    now, went = 0.0, []
    for pause in thinking:
        now += pause
        now += pace.wait_s(now)
        assert pace.wait_s(now) <= 1e-6
        pace.took(now)
        went.append(now)
    for earlier, later in pairwise(went):
        assert later - earlier >= 1 / rate - 1e-6


def test_the_rate_looks_back_half_a_minute() -> None:
    rate = Rate()
    assert rate.seen(0, 0) is None
    assert rate.seen(10, 1000) == 100
    for second in range(11, 99):
        rate.seen(second, 1000 + 5 * (second - 10))
    assert rate.seen(99, 1000 + 5 * 89) == pytest.approx(5)


@pytest.mark.parametrize(
    "options",
    [
        {"concurrency": 0},
        {"concurrency": 1.5},
        {"requests_per_s": 0},
        {"requests_per_s": float("inf")},
        {"attempts": 0},
        {"stop_after": 0},
        {"update_every_s": 0},
    ],
)
def test_an_option_that_cannot_work_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(options))):
        CampaignOptions(**options)


@pytest.mark.parametrize(
    "window", [{}, {"days": []}, {"start": "8:00"}, {"tz": "Nowhere"}, {"from": "08:00"}]
)
def test_a_window_that_says_nothing_is_refused(window: Any) -> None:
    with pytest.raises(ValidationError, match="window"):
        CampaignOptions(window=window)
