"""Values of cells in a text: as a spreadsheet shows them, formatted, or refused."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsmanager.campaigns._input.cell_values import Format, UnfitValueError, cell_text, value_text

steady = settings(deadline=None, database=None)
DAY = dt.date(2026, 12, 1)
MOMENT = dt.datetime(2026, 12, 1, 8, 5, 9)  # noqa: DTZ001 - cells have no zone


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("a", "a"),
        (None, ""),
        (12, "12"),
        (12.0, "12"),
        (-0.0, "0"),
        (1.5, "1.5"),
        (59.970000000000006, "59.97"),
        (0.1 + 0.2, "0.3"),
        (1e-07, "0.0000001"),
        (1234567890123.45, "1234567890123.45"),
        (True, "TRUE"),
        (False, "FALSE"),
        (1e300, "1e+300"),
        (DAY, "2026-12-01"),
    ],
)
def test_cells_as_text(cell: Any, text: str) -> None:
    assert cell_text(cell) == text


@given(st.integers(-(10**9), 10**9), st.integers(0, 5))
@steady
def test_a_number_is_sent_as_it_was_typed_into_a_spreadsheet(number: int, places: int) -> None:
    """A spreadsheet calculates in floating point, and shows at most 15 digits."""
    typed = Decimal(number).scaleb(-places)
    for stored in (float(typed), float(typed) * 3 / 3, float(typed) * 1.1 / 1.1):
        assert Decimal(value_text(stored)) == typed
        assert "e" not in value_text(stored).lower()


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (" \xa0 Jana \n", "Jana"),
        ("59.970000000000006", "59.97"),
        ("1.5", "1.5"),
        ("50.0880412", "50.0880412"),
        # Names of things, not of numbers.
        ("E+10", "E+10"),
        ("2E5", "2E5"),
        ("#1", "#1"),
        ("#sale", "#sale"),
        ("# 12!", "# 12!"),
        ("Nan", "Nan"),
        ("None", "None"),
        ("12345678901234567890", "12345678901234567890"),
        ({"a": 1}, ""),
        ([1], ""),
    ],
)
def test_values_of_a_text(cell: Any, text: str) -> None:
    assert value_text(cell) == text


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        *(
            (error, "is an error value of a spreadsheet")
            for error in (
                *("#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!"),
                *(
                    "#HODNOTA!",
                    "#ODKAZ!",
                    "#NÁZEV?",
                    "#ČÍSLO!",
                    "#DĚLENÍ_NULOU!",
                    "#NENÍ_K_DISPOZICI",
                ),
                *("#WERT!", "#BEZUG!", "#NV", "#ARG!", "#N/D", "########", "Err:502"),
            )
        ),
        ("1.23457E+15", "was shortened by a spreadsheet"),
        ("1,23457E+15", "was shortened"),
        (" -5E-07 ", "was shortened"),
        ("1.2e+16", "was shortened"),
        (1.23457e15 * 10, "too many digits"),
        (2**53 + 1, "too many digits"),
        # How a spreadsheet stores 9007199254740993 and 1234567890123456.
        (float(2**53 + 1), "too many digits"),
        (1234567890123450.0, "too many digits"),
        (-1e300, "too many digits"),
        (float("nan"), "too many digits"),
        (float("inf"), "too many digits"),
        ("nan", "missing value"),
        ("NULL", "missing value"),
        ("undefined", "missing value"),
        ("<NA>", "missing value"),
    ],
)
def test_damaged_values_are_refused(cell: Any, reason: str) -> None:
    with pytest.raises(UnfitValueError, match=reason):
        value_text(cell)


@given(st.floats(allow_nan=True, allow_infinity=True))
@steady
def test_a_number_is_sent_with_the_digits_that_are_shown_or_not_at_all(number: float) -> None:
    try:
        text = value_text(number)
    except UnfitValueError:
        assert not abs(number) <= 10**15 - 1
        return
    assert set(text) <= set("-.0123456789")
    assert float(text) == pytest.approx(number, rel=1e-14, abs=0)
    assert len(text.replace(".", "").strip("-0")) <= 16


@pytest.mark.parametrize(
    ("form", "cell", "text"),
    [
        ("%d. %m. %Y", DAY, "01. 12. 2026"),
        ("%-d. %-m. %Y", DAY, "1. 12. 2026"),
        ("%d.%m.%y %H:%M:%S", MOMENT, "01.12.26 08:05:09"),
        ("%-H:%M", dt.time(8, 5), "8:05"),
        ("%-d. %-m.", "2026-12-01", "1. 12."),
        ("%H:%M", "2026-12-01 08:05", "08:05"),
        ("%H:%M", "2026-12-01T08:05:00Z", "08:05"),
        ("%H.%M", "08:05", "08.05"),
        ("%Y-%m-%d", "1. 12. 2026", "2026-12-01"),
        ("%Y-%m-%d", "1.12.2026", "2026-12-01"),
        ("0", 1234.5, "1235"),
        ("0,00", 1234.5, "1234,50"),
        ("0.0", 59.970000000000006, "60.0"),
        ("# ##0,00", 1234567.895, "1 234 567,90"),
        ("#,##0", -1234.4, "-1,234"),
        ("#\xa0##0,00", "1234,5", "1\xa0234,50"),
        ("0,00", "1 234,5", "1234,50"),
        ("0,00", "12", "12,00"),
        ("0,00", 1.005, "1,01"),
        ("0", "", ""),
        ("%d", None, ""),
        ("0", "  ", ""),
    ],
)
def test_formats(form: str, cell: Any, text: str) -> None:
    assert Format(form)(cell) == text


@pytest.mark.parametrize(
    ("form", "cell", "reason"),
    [
        ("%d", "soon", "is not a date or time"),
        ("%d", 45_000, "is not a date or time"),
        ("%d", "12/01/2026", "is not a date or time"),
        ("%d", "2026-13-01", "is not a date or time"),
        ("%d", "31.2.2026", "is not a date or time"),
        ("%H", DAY, "has no hour, which the format %H needs"),
        ("%d", dt.time(8, 5), "has no day"),
        ("0", DAY, "is not a number"),
        ("0", True, "is not a number"),
        ("0", "Jana", "may not be a number"),
        # A thousand, or a fraction?
        ("0", "1,234", "may not be a number"),
        ("0", "1.234", "may not be a number"),
        ("0", "1" * 40, "may not be a number"),
        ("0", "#N/A", "error value"),
        ("%d", "#N/A", "error value"),
    ],
)
def test_values_that_do_not_fit_their_format(form: str, cell: Any, reason: str) -> None:
    with pytest.raises(UnfitValueError, match=reason):
        Format(form)(cell)


@pytest.mark.parametrize("form", ["", "d", "%", "%x", "%d %Q", "0.", "#0", "##0", "0,0,0", ".2f"])
def test_a_text_that_is_not_a_format(form: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(form)}$"):
        Format(form)


@given(st.dates(min_value=dt.date(1, 1, 1)))
@steady
def test_a_date_is_the_same_from_a_cell_and_from_text(day: dt.date) -> None:
    form = Format("%-d. %-m. %Y")
    assert form(day) == form(day.isoformat()) == form(f"{day.day}.{day.month}.{day.year:04}")


@given(st.decimals(-(10**9), 10**9, places=2))
@steady
def test_an_amount_is_the_same_from_a_cell_and_from_text(amount: Decimal) -> None:
    form = Format("# ##0,00")
    written = form(float(amount))
    assert Decimal(written.replace(" ", "").replace(",", ".")) == amount
    for text in (f"{amount:.2f}", f"{amount:.2f}".replace(".", ","), written):
        assert form(text) == written
