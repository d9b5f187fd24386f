"""Check the canonical form of numbers, and that what is no number is refused."""

from __future__ import annotations

import pickle
import re
import sys
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from smsmanager import ConfigurationError, InvalidNumberError, normalise_number
from smsmanager.phone import MAX_DIGITS, MIN_DIGITS, phone_metadata

CANONICAL = "420777123456"
SEPARATORS = " \t-()./\u00a0\u00ad\u2009\u200b\u200e\u202f\u2011\u2013\u2014\u2212\u2060\ufeff"


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (CANONICAL, CANONICAL),
        ("+420777123456", CANONICAL),
        ("+420 777 123 456", CANONICAL),
        ("00420777123456", CANONICAL),
        ("00 420 777 123 456", CANONICAL),
        ("(+420) 777-123-456", CANONICAL),
        ("+420.777.123.456", CANONICAL),
        ("420/777/123456", CANONICAL),
        ("\u202a+420777123456\u202c", CANONICAL),
        ("\ufeff+420\u00a0777\u202f123\u2009456\u200b", CANONICAL),
        ("+420\u2013777\u2014123\u2212456", CANONICAL),
        ("  420777123456\n", CANONICAL),
        # A national number is left to the service, which takes the account's country.
        ("777 123 456", "777123456"),
        ("0777 123 456", "777123456"),
        ("123456", "123456"),
        ("+123456789012345", "123456789012345"),
    ],
)
def test_numbers_as_people_write_them(number: str, expected: str) -> None:
    assert normalise_number(number) == expected


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("", "is not a phone number"),
        ("   ", "is not a phone number"),
        ("+", "is not a phone number"),
        ("()", "is not a phone number"),
        ("hello", "is not a phone number"),
        ("420777abc456", "is not a phone number"),
        ("++420777123456", "is not a phone number"),
        ("420+777123456", "is not a phone number"),
        ("420777123456+", "is not a phone number"),
        ("420777123456,420777123457", "is not a phone number"),
        ("420777123456;ext=5", "is not a phone number"),
        ("tel:+420777123456", "is not a phone number"),
        ("4.20777E+11", "is not a phone number"),
        ("777 123 456 x12", "is not a phone number"),
        # Digits of other scripts: the service would strip them.
        ("\u0664\u0662\u0660777123456", "is not a phone number"),
        ("\uff14\uff12\uff10777123456", "is not a phone number"),
        ("420777\x00123456", "is not a phone number"),
        ("\ud800", "is not a phone number"),
        ("+420 (0) 777 123 456", "trunk prefix"),
        ("+44 ( 0 ) 20 7946 0018", "trunk prefix"),
        ("12345", "has 5 digits"),
        ("0000012345", "has 5 digits"),
        ("000000", "has 0 digits"),
        ("1234567890123456", "has 16 digits"),
        ("420777123456 420777123457", "has 24 digits"),
        ("777123\n456789", "line break"),
        ("123456\r\n654321", "line break"),
        ("123456\u2028654321", "line break"),
        # As a spreadsheet or a data frame writes a number.
        ("420777123456.0", "ends in .0"),
        ("777123456.0", "ends in .0"),
        ("+420777123456.00", "ends in .0"),
        ("420 777 123 456.0", "ends in .0"),
        ("420777123456.0\u200b", "ends in .0"),
    ],
)
def test_what_is_no_number_is_refused(number: str, reason: str) -> None:
    with pytest.raises(InvalidNumberError, match=re.escape(reason)) as caught:
        normalise_number(number)
    assert isinstance(caught.value, ValueError)
    if any(character.isalnum() for character in number):
        assert number not in str(caught.value)
    assert pickle.loads(pickle.dumps(caught.value)).args == caught.value.args  # noqa: S301


@pytest.mark.parametrize(
    ("number", "region", "expected"),
    [
        ("777 123 456", "CZ", CANONICAL),
        ("777123456", "SK", "421777123456"),
        ("0664 1234567", "AT", "436641234567"),
        ("(0664) 1234567", "AT", "436641234567"),
        ("020 7946 0018", "GB", "442079460018"),
        # Italian numbers keep their zero.
        ("06 1234 5678", "IT", "390612345678"),
        # There is no trunk prefix; the service would strip the zero too.
        ("0777 123 456", "CZ", CANONICAL),
        # The country's own international prefix.
        ("011 420 777 123 456", "US", CANONICAL),
        ("+420777123456", "US", CANONICAL),
        ("00420777123456", "US", CANONICAL),
        ("+421 905 123 456", "CZ", "421905123456"),
        # The canonical form of the region's own numbers.
        (CANONICAL, "CZ", CANONICAL),
        ("421905123456", "SK", "421905123456"),
        ("01512 3456789", "DE", "4915123456789"),
        ("08-12 34 56", "SE", "468123456"),
        ("0812-345-678", "ID", "62812345678"),
        ("028 012 345", "XK", "38328012345"),
        # The canonical form of foreign ones, as results hold them.
        (CANONICAL, "US", CANONICAL),
        (CANONICAL, "SK", CANONICAL),
        (CANONICAL, "AT", CANONICAL),
        ("421905123456", "PL", "421905123456"),
        ("421905123456", "CZ", "421905123456"),
        ("491701234567", "CZ", "491701234567"),
        ("48501234567", "CZ", "48501234567"),
    ],
)
def test_default_region_resolves_national_numbers(number: str, region: str, expected: str) -> None:
    assert normalise_number(number, region) == expected
    # What a result holds is sent to again as the same number, and `+` keeps every number right.
    assert normalise_number(expected, region) == expected
    assert normalise_number(f"+{expected}", region) == expected


@pytest.mark.parametrize("number", ["112", "777 12", "1", "0", "01", "99999999999999999999"])
def test_what_cannot_be_dialled_in_the_region_is_refused(number: str) -> None:
    with pytest.raises(InvalidNumberError, match="dialled in CZ"):
        normalise_number(number, "CZ")


@pytest.mark.parametrize("region", ["cz", "XX", "", "CZE", "420"])
def test_unknown_region(region: str) -> None:
    with pytest.raises(ConfigurationError, match="not a known region"):
        normalise_number("777123456", region)


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "phonenumbers", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'smsmanager\[phone\]'") as caught:
        normalise_number("777123456", "CZ")
    assert isinstance(caught.value.__cause__, ImportError)
    with pytest.raises(ConfigurationError, match="phone metadata"):
        phone_metadata("CZ")


def test_without_a_region_the_extra_is_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "phonenumbers", None)
    assert normalise_number("+420 777 123 456") == CANONICAL
    assert normalise_number("777123456") == "777123456"


def test_phone_metadata_is_the_package() -> None:
    assert phone_metadata("CZ").country_code_for_region("CZ") == 420


def as_the_service(number: str) -> str:
    """Strip every non-digit, then leading zeros."""
    return re.sub(r"[^0-9]", "", number).lstrip("0")


def canonical_or_refusal(number: str) -> tuple[str | None, str]:
    try:
        return normalise_number(number), ""
    except InvalidNumberError as error:
        return None, str(error)


@given(st.one_of(st.text(), st.text(alphabet=f"0123456789+{SEPARATORS}x,")))
def test_agrees_with_the_service_or_refuses(number: str) -> None:
    canonical, refusal = canonical_or_refusal(number)
    if canonical is None:
        visible = number.strip(SEPARATORS + "+\n")
        assert len(visible) < 4 or visible not in refusal
        return
    assert canonical == as_the_service(number)
    assert re.fullmatch(r"[1-9][0-9]{5,14}", canonical)
    assert MIN_DIGITS <= len(canonical) <= MAX_DIGITS
    for prefix in ("", "+", "00"):
        assert normalise_number(prefix + canonical) == canonical


@given(
    st.from_regex(r"[1-9][0-9]{5,14}", fullmatch=True),
    st.lists(st.sampled_from(SEPARATORS), max_size=12),
    st.sampled_from(["", "+", "00"]),
    st.randoms(use_true_random=False),
)
def test_separators_make_no_difference(
    digits: str, separators: list[str], prefix: str, random: Random
) -> None:
    pieces = list(prefix + digits)
    for separator in separators:
        pieces.insert(random.randint(0, len(pieces)), separator)
    number = "".join(pieces)
    assume("(0)" not in re.sub(r"\s", "", number))
    assume(not re.search(r"[.][^1-9]*$", number))
    assert normalise_number(number) == digits


@given(st.from_regex(r"[1-9][0-9]{5,14}", fullmatch=True), st.sampled_from(["CZ", "US", "IT"]))
def test_a_number_with_its_country_ignores_the_region(digits: str, region: str) -> None:
    assert normalise_number(f"+{digits}", region) == digits
    assert normalise_number(f"00{digits}", region) == digits
