"""Check times and delivery windows."""

from __future__ import annotations

import sys
import traceback
import zoneinfo
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsmanager import ValidationError, compose
from smsmanager._message.send_times import to_utc, window_problems, wire_time

PRAGUE = ZoneInfo("Europe/Prague")
# A Monday, at 7:00 in London and 8:00 in Prague.
MOMENT = datetime(2027, 1, 4, 7, tzinfo=UTC)
EVERY_DAY = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


@pytest.mark.parametrize(
    "at",
    [
        MOMENT,
        datetime(2027, 1, 4, 8, tzinfo=PRAGUE),
        datetime(2027, 1, 4, 8, tzinfo=timezone(timedelta(hours=1))),
        "2027-01-04T07:00:00Z",
        "2027-01-04T08:00:00+01:00",
        "2027-01-04 08:00+01:00",
        "20270104T070000Z",
        "2027-W01-1T07:00Z",
    ],
    ids=str,
)
def test_times_come_out_in_utc(at: datetime | str) -> None:
    moment = to_utc(at)
    assert moment == MOMENT
    assert moment.tzinfo is UTC
    assert wire_time(moment) == "2027-01-04T07:00:00Z"


class Nowhere(tzinfo):
    """A zone without an offset."""

    def __repr__(self) -> str:
        return "Nowhere()"

    def utcoffset(self, _: datetime | None) -> None:
        return None

    dst = utcoffset

    def tzname(self, _: datetime | None) -> None:
        return None


class NotATime(datetime):
    """How a data frame library represents a missing time."""

    def utcoffset(self) -> timedelta:
        raise ValueError("not supported")


NAIVE, NONE_READ = "has no time zone", "is not a time"
REFUSED: dict[str, list[Any]] = {
    NAIVE: [
        datetime(2027, 1, 4, 8),  # noqa: DTZ001 - naive on purpose
        datetime(2027, 1, 4, tzinfo=Nowhere()),
        *("2027-01-04T08:00:00", "2027-01-04"),
    ],
    NONE_READ: [
        *("", "tomorrow", "2027-13-01T00:00Z", "2027-02-30T08:00Z", "2027-01-04T25:00Z"),
        *("2027-01-04 08:00 +2400", "2027-01-04 08:00 Europe/Prague", "1798963200"),
        *("9" * 400, "\x00"),
        # Names of zones, missing parts, and the order of day and month are ambiguous.
        *(f"2027-01-04 08:00 {zone}" for zone in ("CET", "CST", "GMT", "GMT+1", "UTC -5")),
        *("08:00 UTC", "4 January 2027 08:00 +01:00", "4.1.2027 08:00 +01:00", "01/04/2027 8:00Z"),
        NotATime(2027, 1, 4, tzinfo=UTC),
    ],
    "must be an aware datetime or a string": [
        *(None, 1798963200, 1.5, date(2027, 1, 4), b"2027", [5]),
    ],
    "outside the years 1 to 9999": [
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1))),
        datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-1))),
        "0001-01-01T00:00:00+01:00",
    ],
}


@pytest.mark.parametrize(
    ("at", "reason"), [(at, reason) for reason, times in REFUSED.items() for at in times], ids=ascii
)
def test_what_is_no_one_moment_is_refused(
    monkeypatch: pytest.MonkeyPatch, at: Any, reason: str
) -> None:
    # A local zone does not make a time aware.
    monkeypatch.setenv("TZ", "Europe/Prague")
    with pytest.raises(ValidationError, match=f"at: .*{reason}") as caught:
        to_utc(at)
    assert "ParserError" not in "".join(traceback.format_exception(caught.value))
    if reason in {NAIVE, NONE_READ}:
        assert "ZoneInfo('Europe/Prague')" in str(caught.value)
        assert "+01:00" in str(caught.value)


def test_the_error_names_the_field() -> None:
    with pytest.raises(ValidationError) as caught:
        to_utc("never", "messages[2].datetime")
    assert caught.value.field == "messages[2].datetime"


def test_a_time_that_has_passed_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    past, future = "2020-01-01T00:00Z", datetime.now(UTC) + timedelta(hours=1)
    message = compose("Hi", to="420777123456", at=past)
    assert message.datetime_ == datetime(2020, 1, 1, tzinfo=UTC)
    assert "has passed" in caplog.text
    caplog.clear()
    compose("Hi", to="420777123456", at=future)
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (MOMENT, "2027-01-04T07:00:00Z"),
        (MOMENT.replace(microsecond=1), "2027-01-04T07:00:00.000001Z"),
        (datetime(2027, 7, 1, 8, tzinfo=PRAGUE), "2027-07-01T06:00:00Z"),
        # The clock is set back at 3:00: `fold` distinguishes the second 2:30 from the first.
        (datetime(2027, 10, 31, 2, 30, tzinfo=PRAGUE), "2027-10-31T00:30:00Z"),
        (datetime(2027, 10, 31, 2, 30, tzinfo=PRAGUE, fold=1), "2027-10-31T01:30:00Z"),
    ],
    ids=str,
)
def test_times_on_the_wire(moment: datetime, expected: str) -> None:
    assert wire_time(moment) == expected


@given(
    st.datetimes(
        min_value=datetime(2, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
        max_value=datetime(9998, 12, 31),  # noqa: DTZ001
        timezones=st.timezones() | st.just(UTC),
    )
)
def test_no_moment_is_moved(moment: datetime) -> None:
    wire = wire_time(to_utc(moment))
    assert wire.endswith("Z")
    assert datetime.fromisoformat(wire) == moment.astimezone(UTC)
    assert to_utc(wire) == moment.astimezone(UTC)


@given(st.one_of(st.text(max_size=40), st.text(alphabet="0123456789-+:TZ .UTCGMamp/WJan")))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        moment = to_utc(text)
    except ValidationError as error:
        assert error.field == "at"  # noqa: PT017 - either way out is right
    else:
        assert moment.tzinfo is UTC


@pytest.mark.parametrize(
    "window",
    [
        {"start": "08:00"},
        {"end": "20:00"},
        {"days": ["monday"]},
        {"tz": "Europe/Prague"},
        {"days": EVERY_DAY, "start": "00:00", "end": "23:59", "tz": "UTC"},
        {"days": ["sunday", "monday"], "start": "22:00", "end": "06:00"},
    ],
    ids=str,
)
def test_windows_that_are_right(window: dict[str, Any]) -> None:
    assert list(window_problems(window, "delivery_time")) == []


@pytest.mark.parametrize(
    ("window", "field", "text"),
    [
        ({}, "", "is empty"),
        ({"days": []}, ".days", "at least one day"),
        ({"days": "monday"}, ".days", "at least one day"),
        ({"days": ["Monday"]}, ".days", "in English"),
        ({"days": ["mon"]}, ".days", "monday to sunday"),
        ({"days": [1]}, ".days", "monday to sunday"),
        ({"days": [None]}, ".days", "monday to sunday"),
        ({"days": [["monday"]]}, ".days", "monday to sunday"),
        ({"days": ["monday", "monday"]}, ".days", "names a day twice"),
        ({"start": "8:00"}, ".start", "HH:MM"),
        ({"start": "24:00"}, ".start", "HH:MM"),
        ({"start": "08:60"}, ".start", "HH:MM"),
        ({"start": "08:00:00"}, ".start", "HH:MM"),
        ({"start": "08:00\n"}, ".start", "HH:MM"),
        ({"start": "0\u0668:00"}, ".start", "HH:MM"),
        ({"end": "8 pm"}, ".end", "HH:MM"),
        ({"end": ""}, ".end", "HH:MM"),
        ({"end": 800}, ".end", "HH:MM"),
        ({"tz": "Prague"}, ".tz", "IANA"),
        ({"tz": "Europe"}, ".tz", "IANA"),
        ({"tz": "+01:00"}, ".tz", "IANA"),
        ({"tz": ""}, ".tz", "IANA"),
        ({"tz": "../etc/passwd"}, ".tz", "IANA"),
        ({"tz": "/etc/localtime"}, ".tz", "IANA"),
        ({"tz": "Europe/Prague\x00"}, ".tz", "IANA"),
        ({"tz": "\ud800"}, ".tz", "IANA"),
        ({"tz": "x" * 5000}, ".tz", "IANA"),
        ({"tz": 1}, ".tz", "IANA"),
    ],
    ids=ascii,
)
def test_windows_that_are_wrong(window: dict[str, Any], field: str, text: str) -> None:
    [(where, what)] = window_problems(window, "delivery_time")
    assert where == f"delivery_time{field}"
    assert text in what


def test_every_problem_of_a_window_is_told() -> None:
    window = {"days": [], "start": "8", "end": "9", "tz": "Prague"}
    fields = [field for field, _ in window_problems(window, "window")]
    assert fields == ["window.days", "window.start", "window.end", "window.tz"]


def test_a_machine_without_zone_data_refuses_no_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in {"tzdata", *(name for name in sys.modules if name.startswith("tzdata."))}:
        monkeypatch.setitem(sys.modules, name, None)
    tzpath = zoneinfo.TZPATH
    zoneinfo.reset_tzpath([])
    ZoneInfo.clear_cache()
    try:
        assert list(window_problems({"tz": "Europe/Prague"}, "w")) == []
        assert list(window_problems({"tz": "Anywhere/At-All"}, "w")) == []
        assert list(window_problems({"tz": "../etc/passwd"}, "w")) != []
    finally:
        zoneinfo.reset_tzpath(tzpath)
        ZoneInfo.clear_cache()
