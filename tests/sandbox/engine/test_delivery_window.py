"""When a message may go out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsmanager.sandbox.engine.delivery_window import (
    DAYS,
    first_moment,
    next_in_window,
    read_moment,
)
from smsmanager.sandbox.engine.records.unix_time import LAST_MOMENT, moment

PRAGUE = {"tz": "Europe/Prague"}


def at(text: str) -> float:
    return datetime.fromisoformat(text).astimezone(UTC).timestamp()


@pytest.mark.parametrize(
    ("window", "now", "expected"),
    [
        # Inside, before and after.
        ({"start": "08:00", "end": "20:00"}, "2027-01-01T12:00Z", "2027-01-01T12:00Z"),
        ({"start": "08:00", "end": "20:00"}, "2027-01-01T07:59:59Z", "2027-01-01T08:00Z"),
        # `end` is the last minute.
        ({"start": "08:00", "end": "20:00"}, "2027-01-01T20:00:59Z", "2027-01-01T20:00:59Z"),
        ({"start": "08:00", "end": "20:00"}, "2027-01-01T20:01:00Z", "2027-01-02T08:00Z"),
        ({"days": ["monday"]}, "2027-01-01T12:00Z", "2027-01-04T00:00Z"),
        ({"days": ["friday"]}, "2027-01-01T12:00Z", "2027-01-01T12:00Z"),
        ({"days": ["friday"], "end": "11:00"}, "2027-01-01T12:00Z", "2027-01-08T00:00Z"),
        (
            {"days": ["monday"], "start": "08:00", **PRAGUE},
            "2027-01-01T12:00Z",
            "2027-01-04T07:00Z",
        ),
        # Over midnight; it belongs to the day on which it starts.
        ({"start": "22:00", "end": "06:00"}, "2027-01-01T03:00Z", "2027-01-01T03:00Z"),
        ({"start": "22:00", "end": "06:00"}, "2027-01-01T12:00Z", "2027-01-01T22:00Z"),
        (
            {"days": ["friday"], "start": "22:00", "end": "06:00"},
            "2027-01-02T03:00Z",
            "2027-01-02T03:00Z",
        ),
        (
            {"days": ["friday"], "start": "22:00", "end": "06:00"},
            "2027-01-01T03:00Z",
            "2027-01-01T22:00Z",
        ),
        # One minute long.
        ({"start": "09:00", "end": "09:00"}, "2027-01-01T12:00Z", "2027-01-02T09:00Z"),
        # On 2027-03-28 clocks in Prague go from 2:00 to 3:00: 2:30 comes an hour after 1:30.
        ({"start": "02:30", "end": "05:00", **PRAGUE}, "2027-03-28T00:00Z", "2027-03-28T01:30Z"),
        # The end is skipped, and is then where 2:30 would have been.
        ({"start": "01:00", "end": "02:30", **PRAGUE}, "2027-03-28T01:20Z", "2027-03-28T01:20Z"),
        ({"start": "02:10", "end": "02:20", **PRAGUE}, "2027-03-28T00:00Z", "2027-03-28T01:10Z"),
        # On 2027-10-31 the hour from 2:00 to 3:00 comes twice: the window has both.
        ({"start": "02:00", "end": "02:59", **PRAGUE}, "2027-10-31T00:30Z", "2027-10-31T00:30Z"),
        ({"start": "02:00", "end": "02:59", **PRAGUE}, "2027-10-31T01:30Z", "2027-10-31T01:30Z"),
        ({"start": "02:00", "end": "02:59", **PRAGUE}, "2027-10-31T02:00Z", "2027-11-01T01:00Z"),
        # The date line.
        (
            {"days": ["saturday"], "tz": "Pacific/Kiritimati"},
            "2027-01-01T11:00Z",
            "2027-01-01T11:00Z",
        ),
    ],
)
def test_the_next_moment_in_a_window(window: dict[str, Any], now: str, expected: str) -> None:
    assert moment(next_in_window(window, at(now))) == moment(at(expected))


@given(
    days=st.lists(st.sampled_from(DAYS), min_size=1, unique=True),
    start=st.times().map(lambda found: f"{found:%H:%M}"),
    end=st.times().map(lambda found: f"{found:%H:%M}"),
    tz=st.sampled_from(["UTC", "Europe/Prague", "America/St_Johns", "Australia/Lord_Howe"]),
    now=st.datetimes(datetime(2026, 1, 1), datetime(2029, 1, 1)),  # noqa: DTZ001
)
def test_the_moment_found_lies_in_the_window_and_is_never_past(
    days: list[str], start: str, end: str, tz: str, now: datetime
) -> None:
    asked = now.replace(tzinfo=UTC).timestamp()
    window = {"days": days, "start": start, "end": end, "tz": tz}
    found = next_in_window(window, asked)

    assert found >= asked
    assert found - asked <= timedelta(days=9).total_seconds()
    # A second question at that moment lets the message go.
    assert next_in_window(window, found) == found
    local = moment(found).astimezone(ZoneInfo(tz))
    yesterday = local - timedelta(days=1)
    assert {DAYS[local.weekday()], DAYS[yesterday.weekday()]} & set(days)


@pytest.mark.parametrize(
    ("message", "expected", "why"),
    [
        ({}, "2027-01-01T12:00Z", None),
        ({"datetime": "2027-01-01T11:00:00Z"}, "2027-01-01T12:00Z", None),
        # More than one minute ahead is scheduled.
        ({"datetime": "2027-01-01T12:01:00Z"}, "2027-01-01T12:00Z", None),
        ({"datetime": "2027-01-01T12:01:01Z"}, "2027-01-01T12:01:01Z", "datetime"),
        ({"delivery_time": {"start": "13:00"}}, "2027-01-01T13:00Z", "delivery_time"),
        (
            {
                "datetime": "2027-01-01T23:30:00Z",
                "delivery_time": {"start": "08:00", "end": "20:00"},
            },
            "2027-01-02T08:00Z",
            "delivery_time",
        ),
        (
            {
                "datetime": "2027-01-01T18:00:00Z",
                "delivery_time": {"start": "08:00", "end": "20:00"},
            },
            "2027-01-01T18:00Z",
            "datetime",
        ),
    ],
)
def test_what_a_message_waits_for(message: dict[str, Any], expected: str, why: str | None) -> None:
    assert first_moment(message, at("2027-01-01T12:00Z"), None) == (at(expected), why)


def test_promotional_hours_and_a_window_have_to_agree() -> None:
    message = {"delivery_time": {"start": "19:30", "end": "23:00", "tz": "Europe/Prague"}}
    now = at("2027-01-01T20:30Z")

    # It is 21:30 in Prague: inside the window, and too late for an advertisement.
    assert first_moment(message, now, None) == (now, None)
    found = first_moment(message, now, "Europe/Prague")
    assert found == (at("2027-01-02T18:30Z"), "delivery_time")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2027-01-01T12:00:00Z", "2027-01-01T12:00:00+00:00"),
        ("2027-01-01t12:00:00z", "2027-01-01T12:00:00+00:00"),
        ("2027-01-01T12:00:00+01:00", "2027-01-01T11:00:00+00:00"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59+00:00"),
        ("2027-01-01T12:00:00.123456Z", "2027-01-01T12:00:00.123456+00:00"),
    ],
)
def test_times_of_rfc_3339_are_read(text: str, expected: str) -> None:
    assert read_moment(text) == pytest.approx(at(expected))


def test_the_end_of_the_calendar_is_no_crash() -> None:
    assert read_moment("9999-12-31T23:59:59-23:59") == LAST_MOMENT
    assert next_in_window({"days": ["monday"]}, LAST_MOMENT) == LAST_MOMENT
    assert moment(LAST_MOMENT + 10**9).year == 9999
