"""Numbers from spreadsheets: what is repaired, what is refused, and that nothing is invented."""

from __future__ import annotations

import datetime as dt
from typing import Any

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from smsmanager.campaigns._input.number_repair import NumberReader, repair_number
from smsmanager.errors import ConfigurationError
from smsmanager.phone import (
    CANONICAL,
    WITH_COUNTRY,
    InvalidNumberError,
    is_possible_length,
    normalise_number,
)

NUMBER = "420777123456"

steady = settings(deadline=None, database=None)
canonical_numbers = st.from_regex(r"[1-9][0-9]{9,14}", fullmatch=True)
# Drawn with a length that exists in its country: most numbers of other lengths would be discarded.
possible_numbers = (
    st.sampled_from(
        [
            (str(begin), length)
            for begin in range(100, 1000)
            for length in range(10, 16)
            if length < WITH_COUNTRY or is_possible_length(str(begin).ljust(length, "1"))
        ]
    )
    .flatmap(lambda drawn: st.from_regex(f"{drawn[0]}[0-9]{{{drawn[1] - 3}}}", fullmatch=True))
    .filter(CANONICAL.fullmatch)
)


@pytest.mark.parametrize(
    "cell",
    [
        NUMBER,
        f"+{NUMBER}",
        f"00{NUMBER}",
        "+420 777 123 456",
        "+420\u00a0777\u00a0123\u00a0456",
        "\u202a+420 777 123 456\u202c",
        "+420-777-123-456",
        f"'{NUMBER}",
        f"'+{NUMBER}",
        f"\u2019{NUMBER}",
        f'="{NUMBER}"',
        f'="+{NUMBER}"',
        f"{NUMBER}.0",
        f"{NUMBER}.00",
        f"{NUMBER},0",
        f"+{NUMBER}.0",
        "420\u00a0777\u00a0123\u00a0456,00",
        "420,777,123,456",
        "420,777,123,456.00",
        "4.20777123456E+11",
        "4,20777123456e11",
        f"tel:+{NUMBER}",
        f" {NUMBER} ",
        420777123456,
        420777123456.0,
    ],
)
def test_repaired(cell: Any) -> None:
    assert NumberReader()(cell) == NUMBER


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("4.20777E+11", "shortened by a spreadsheet to 6 digits and E.11"),
        ("4,20777E+11", "others are lost"),
        ("4E+11", "shortened"),
        ("4.2077712345E+11", "shortened by a spreadsheet to 11 digits"),
        ("4.207771234567E+11", "shortened"),
        (" 4.20777e11 ", "shortened"),
        ("", "is missing"),
        ("'", "is missing"),
        (None, "is missing"),
        (True, "TRUE or FALSE"),
        (420777123456.5, "fraction"),
        (4.20777e17, "rounded"),
        (float("inf"), "fraction"),
        (float("nan"), "fraction"),
        (-480, "subtraction"),
        (dt.date(2026, 1, 2), "a date"),
        (dt.datetime(2026, 1, 2, tzinfo=dt.UTC), "a date"),
        ({"number": NUMBER}, "a date or a time"),
        ("#N/A", "error value"),
        ("#REF!", "error value"),
        ("#DIV/0!", "error value"),
        ("12", "has 2 digits"),
        ("no number", "is not a phone number"),
        ("777 123 456\n777 123 457", "line break"),
        ("0777 123 456", "starts with a single 0"),
        ("42077712345", "has 11 digits, as no number of its country does"),
        (4207771234560, "has 13 digits, as no number"),
        ("420 777 123 45", "has 11 digits, as no number"),
    ],
)
def test_refused(cell: Any, reason: str) -> None:
    with pytest.raises(InvalidNumberError, match=reason) as caught:
        NumberReader()(cell)
    assert "777" not in str(caught.value)


@given(canonical_numbers, st.integers(0, 14))
@steady
def test_a_number_in_scientific_notation_is_whole_or_refused(number: str, digits: int) -> None:
    """A number as a spreadsheet shows it is accepted only if no digit is missing."""
    shown = f"{number[0]}.{number[1 : digits + 1]}E+{len(number) - 1}" if digits else number
    if digits in {0, *range(len(number) - 1, 15)}:
        assert repair_number(shown) == number
    else:
        with pytest.raises(InvalidNumberError):
            repair_number(shown)


@given(possible_numbers)
@steady
def test_every_notation_of_a_number_is_that_number(number: str) -> None:
    read = NumberReader()
    grouped = f"{int(number):,}"
    written: list[Any] = [number, f"'{number}", f'="{number}"', grouped]
    written += [int(number), float(int(number)), f"{number}.0", f"\u00a0{number[:3]} {number[3:]}"]
    assert {read(cell) for cell in written} == {number}


@given(st.text(max_size=20) | st.from_regex(r"[-+'=\"0-9eE.,#() ]{1,20}", fullmatch=True))
@steady
def test_any_text_is_a_number_or_refused(text: str) -> None:
    for region in (None, "CZ"):
        try:
            number = NumberReader(region)(text)
        except InvalidNumberError:
            continue
        assert number.isascii()
        assert number.isdecimal()
        assert number[0] != "0"
        assert 6 <= len(number) <= 15


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("777 123 456", NUMBER),
        (777123456, NUMBER),
        (777123456.0, NUMBER),
        ("777123456.0", NUMBER),
        (NUMBER, NUMBER),
        (f"+{NUMBER}", NUMBER),
        ("+421905123456", "421905123456"),
        ("222 333 444", "420222333444"),
    ],
)
def test_with_a_region(cell: Any, number: str) -> None:
    read = NumberReader("CZ")
    assert read(cell) == number
    assert not read.is_national(number)


def test_an_unknown_region_is_refused_before_any_row() -> None:
    with pytest.raises(ConfigurationError, match="not a known region"):
        NumberReader("XX")


def test_what_is_left_to_the_service() -> None:
    read = NumberReader()
    assert read("777 123 456") == "777123456"
    assert read.is_national("777123456")
    assert not read.is_national(NUMBER)


REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)


@given(st.sampled_from(REGIONS), st.data())
@settings(deadline=None, database=None, max_examples=400)
def test_the_quick_answer_is_that_of_the_metadata(region: str, data: st.DataObject) -> None:
    found: Any = phonenumbers.PhoneMetadata.metadata_for_region(region)
    kind = data.draw(st.sampled_from([k for k in (found.mobile, found.fixed_line) if k]))
    digits = list(kind.example_number or "777123456")
    for at in data.draw(st.lists(st.integers(0, len(digits) - 1), max_size=4)):
        digits[at] = data.draw(st.sampled_from("0123456789"))
    prefix = data.draw(st.sampled_from(["", str(found.country_code), "0"]))
    text = prefix + "".join(digits)
    try:
        expected = normalise_number(text, region)
    except InvalidNumberError:
        with pytest.raises(InvalidNumberError):
            NumberReader(region)(text)
    else:
        assert NumberReader(region)(text) == expected


@given(
    st.from_regex(r"(\+|00|0)?(420|421|44|49|39|1)?0?[1-9][0-9]{5,9}", fullmatch=True),
    st.lists(st.tuples(st.integers(0, 14), st.sampled_from(" -/.()\xa0")), max_size=4),
    st.sampled_from([None, "CZ", "SK", "DE", "IT", "US"]),
)
@example("42001000000000", [], "DE")
@example("+4942001000000000", [], "DE")
@steady
def test_what_is_one_number_for_a_file_is_that_number_for_a_send(
    number: str, separators: list[tuple[int, str]], region: str | None
) -> None:
    for at, separator in separators:
        number = f"{number[:at]}{separator}{number[at:]}"
    try:
        found = NumberReader(region)(number)
    except InvalidNumberError:
        return
    assert normalise_number(repair_number(number), region) == found
    # In any other notation, and in the ledger, it stays the same.
    assert normalise_number(found) == found
    assert NumberReader()(found) == found
