"""When requests may go out, and the options that say so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

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
windows = st.fixed_dictionaries(
    {},
    optional={
        "days": days,
        "start": clock,
        "end": clock,
        "tz": st.sampled_from(("UTC", "Europe/Prague", "America/New_York", "Asia/Kathmandu")),
    },
).filter(bool)


@settings(max_examples=300)
@given(windows, moments)
def test_a_window_opens_within_it_and_never_in_the_past(
    window: dict[str, Any], now: datetime
) -> None:
    asked = SendWindow(window)
    opens = asked.opens_at(now)
    assert now <= opens <= now + timedelta(days=8)
    assert asked.opens_at(opens) == opens
    local = opens.astimezone(ZoneInfo(window.get("tz", "UTC")))
    start, end = window.get("start", "00:00"), window.get("end", "00:00")
    shown = f"{local:%H:%M}"
    if start < end:
        # In the hour that is skipped in spring, times move on by it.
        assert start <= shown < end or local.utcoffset() != (local - timedelta(hours=3)).utcoffset()
        if "days" in window:
            assert f"{local:%A}".lower() in window["days"]


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
def test_a_window_that_says_nothing_is_refused(window: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="window"):
        CampaignOptions(window=window)
